"""Checks docs/faults.md against the tests: a comment of one names each row, and none names another."""

import collections
import pathlib
import re
import subprocess
import sys

PAGE = "docs/faults.md"
ROW = re.compile(r"^\| ([BCLPSTX]\d{1,2}) \|", re.MULTILINE)
NAME = re.compile(r"\b[BCDLPSTX]\d{1,2}\b")
COMMENT = re.compile(r"(?:^|\s)//[/!]?(\s.*)")
ALL_TESTS = re.compile(r"(.*/)?tests/|crates/conformance/src/(cases|api)\b|crates/fuzz/")
MOD_TESTS = re.compile(r"^mod tests \{$.*?^\}$", re.MULTILINE | re.DOTALL)


def named(path):
    """The rows that the comments of a file's tests name."""
    text = pathlib.Path(path).read_text()
    if not ALL_TESTS.match(path):
        text = "\n".join(MOD_TESTS.findall(text))
    comments = filter(None, map(COMMENT.search, text.splitlines()))
    return {name for comment in comments for name in NAME.findall(comment[1])}


rows = collections.Counter(ROW.findall(pathlib.Path(PAGE).read_text()))
sources = subprocess.run(["git", "ls-files", "*.rs"], check=True, capture_output=True, text=True).stdout.split()
names = {path: found for path in sources if (found := named(path))}
print(len(rows), "rows, named by", len(names), "files of tests")

wrong = [f"{PAGE} has {row} twice" for row, times in rows.items() if times > 1]
wrong += [f"no test names {row}" for row in rows.keys() - set().union(*names.values())]
wrong += [f"{path} names {row}: no row of {PAGE}" for path, found in names.items() for row in found - rows.keys()]
if wrong:
    sys.exit("\n".join(sorted(wrong)))
