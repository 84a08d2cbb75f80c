"""Writes the vectors of token responses as seeds for libFuzzer, in the form that the target `token_response` reads:
`fuzz_seeds.py FOLDER`."""

import json
import pathlib
import sys


def first(value):
    return value[0] if isinstance(value, list) else value


folder = pathlib.Path(sys.argv[1])
for file in ["token-responses.json", "token-errors.json"]:
    for vector in json.loads(pathlib.Path("vectors", file).read_text())["vectors"]:
        lines = [str(first(vector["status"]))]
        lines += [f"{name}: {first(value)}" for name, value in vector.get("headers", {}).items()]
        body = bytes.fromhex(first(vector["body_hex"])) if "body_hex" in vector else first(vector["body"]).encode()
        (folder / vector["name"]).write_bytes("".join(line + "\n" for line in [*lines, ""]).encode() + body)
