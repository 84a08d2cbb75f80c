"""Checks that the core stays small and without IO: at most 20 crates, all of them on this list."""

import subprocess
import sys

ALLOWED = {
    "base64", "bytes", "edge-oauth-no-io", "form_urlencoded", "http", "httpdate", "itoa", "memchr",
    "percent-encoding", "ryu", "serde", "serde_core", "serde_json", "serde_urlencoded", "zeroize", "zmij",
}

tree = "cargo tree --locked -p edge-oauth-no-io -e normal --prefix none --no-dedupe"
lines = subprocess.run(tree.split(), check=True, capture_output=True, text=True).stdout.splitlines()
crates = {line.split()[0] for line in lines if line}
print(len(crates), "crates:", *sorted(crates))
if len(crates) > 20 or not crates <= ALLOWED:
    sys.exit(f"not agreed on: {sorted(crates - ALLOWED)}")
