"""Checks docs/faults.md against the tests: a comment above one, or the doc of its file, names each row, and
none names another."""

import collections
import json
import pathlib
import re
import subprocess
import sys

PAGE = "docs/faults.md"
ROW = re.compile(r"^\| ([a-z0-9]+(?:-[a-z0-9]+)+) \|", re.MULTILINE)
# Every line of a table but its head: its first cell has to be such a name.
LINE = re.compile(r"^\|(?!-)(?! fault \|).*", re.MULTILINE)
WORDS = re.compile(r"\bfault: ([a-z0-9, -]+)")
COMMENT = re.compile(r"(?:^|\s)//[/!]?(\s.*)")
ALL_TESTS = re.compile(r"(.*/)?tests(/|\.rs$)|crates/conformance/src/cases\b|fuzz/")
MOD_TESTS = re.compile(r"^mod tests \{$.*?^\}$", re.MULTILINE | re.DOTALL)
# What stands directly above a function, and how that begins.
FUNCTION = re.compile(r"((?:^[ \t]*(?://.*|#\[.*\])\n)+)[ \t]*((?:pub(?:\(\w+\))? )?(?:async )?)fn ", re.MULTILINE)
TEST = re.compile(r"^[ \t]*#\[(\w+::)?test\b", re.MULTILINE)
# Here a macro makes the tests, each of a function that its file shows to others.
CASES = re.compile(r"(crates/(conformance/src/cases|interop/tests)|fuzz/src)\b")
FILE_DOC = re.compile(r"^//!.*\n", re.MULTILINE)


def named(text):
    """The rows that comments name."""
    comments = filter(None, map(COMMENT.search, text.splitlines()))
    found = set()
    for comment in comments:
        for words in WORDS.findall(comment[1]):
            found.update(filter(None, map(str.strip, words.split(","))))
    return found


def tests(path):
    """The tests of a file, and what says of which rows they are."""
    text = pathlib.Path(path).read_text()
    if not ALL_TESTS.match(path):
        text = "\n".join(MOD_TESTS.findall(text))
    above = [
        comment for comment, begins in FUNCTION.findall(text)
        if TEST.search(comment) or CASES.match(path) and begins.startswith("pub")
    ]
    return text, "".join(FILE_DOC.findall(text) + above)


page = pathlib.Path(PAGE).read_text()
rows = collections.Counter(ROW.findall(page))
sources = subprocess.run(["git", "ls-files", "*.rs"], check=True, capture_output=True, text=True).stdout.split()
texts = {path: tests(path) for path in sources}
shown = {path: found for path, (_, said) in texts.items() if (found := named(said))}
# A test reads every vector, and the vector names its rows.
for path in map(str, sorted(pathlib.Path("vectors").glob("*s.json"))):
    vectors = json.loads(pathlib.Path(path).read_text())["vectors"]
    shown[path] = {row for vector in vectors for row in vector.get("fault", "").split(", ") if row}
print(len(rows), "rows, named by", len(shown), "files of tests")

wrong = [f"{PAGE}: no name of a row: {line}" for line in LINE.findall(page) if not ROW.match(line)]
wrong += [f"{PAGE} has {row} twice" for row, times in rows.items() if times > 1]
wrong += [f"no test names {row}" for row in rows.keys() - set().union(*shown.values())]
wrong += [
    f"{path} names {row}: no row of {PAGE}" for path, (text, _) in texts.items() for row in named(text) - rows.keys()
]
wrong += [
    f"{path} names {row}: no row of {PAGE}" for path, found in shown.items() if path.endswith(".json")
    for row in found - rows.keys()
]
if wrong:
    sys.exit("\n".join(sorted(wrong)))
