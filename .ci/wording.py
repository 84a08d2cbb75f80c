"""Checks the words of comments and documents against CONTRIBUTING.md: no sentence begins with a clause in place of a
noun, conditions are said with `if`, and things have the names of the field.

Two checks: turns that no line may have, and measures for each 1,000 words of a crate or document. With `--measures` it
prints the measures of every part."""

import collections
import pathlib
import re
import subprocess
import sys

COMMENT = re.compile(r"^\s*(//[/!]?) ?(.*)$")
FENCE = re.compile(r"^\s*```.*?^\s*```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`]*`")
# A recording, and the changes of a version, which name what older versions had.
EXCEPT = {"docs/session.md", "CHANGELOG.md"}

# At the beginning of a doc comment.
HEADS = re.compile(r"(What|Which|Who|Whose|Whoever|Where|Whether) ")
# Anywhere in a line.
TURNS = re.compile(
    r"\bfor who\b|\b[Ww]hoever\b|\bbe it\b|\bsave for\b|\bbut for\b|\bof (?:ours|one's own|its own accord)\b|\bstands? in for\b"
    r"|\bthe bell\b|\bcomes? of it\b|\bfor nobody\b|\bnobody's\b")
# Names that the code had, and words that have another of the field in their place.
OLD = re.compile(
    r"\bTicket\b|\bLease\(|\bthe errand\b|\bthe shelf\b|\b[Nn]oise\b|\bGrowth\b|\bFLOOR\b|\bSHORTEST_PAUSE\b"
    r"|\b[Cc]ooling\b|\bassumed_lifetime\b|\bVerdict\b|\bTokenSources\b|\bput_off\b|\bpatience\b"
    r"|\bwords_of\b|\bbeside the callers?\b")

# The measures for each 1,000 words, and the most or least of each.
MEASURES = {
    "where": (re.compile(r"\bwhere\b", re.I), 1.0),
    "answer": (re.compile(r"\banswer(s|ed)?\b", re.I), 1.0),
    "heads": (re.compile(r"(?:^|[.:!?]\s+)(?:What|Which|Who|Whoever|Where|Whose|Of|By)\s+\w+", re.MULTILINE), 0.5),
}
AT_LEAST = {
    "if": (re.compile(r"\bif\b", re.I), 2.0),
    "returns": (re.compile(r"\breturns?\b", re.I), 2.0),
}


def parts():
    """Each file with its part: a crate, or a document."""
    files = subprocess.run(["git", "ls-files", "*.rs", "*.md"], capture_output=True, text=True, check=True).stdout
    for file in files.split():
        path = pathlib.Path(file)
        if file in EXCEPT or not path.exists():
            continue
        if path.parts[0] == "crates":
            yield "/".join(path.parts[:2]), path
        elif path.suffix == ".md" and path.parts[0] in ("docs", file):
            yield file if path.parent.name != "guide" else "docs/guide", path
        else:
            yield path.parts[0], path


def prose(path):
    """The lines of a file that are prose, with their numbers and, in code, the kind of comment."""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if path.suffix == ".md":
            yield number, "", line
        elif found := COMMENT.match(line):
            yield number, *found.groups()
        else:
            yield number, None, ""


def words(text):
    """Text without its code."""
    return CODE.sub("X", FENCE.sub("", text))


texts, wrong = collections.defaultdict(str), []
for part, path in parts():
    lines = list(prose(path))
    texts[part] += words("\n".join(text for _, kind, text in lines if kind is not None)) + "\n"
    before, last, fenced = None, "", False
    for number, kind, text in lines:
        if kind is None:
            fenced = False
        fenced ^= text.lstrip().startswith("```")
        starts = kind in ("///", "//!") and (before != kind or not last)
        plain = CODE.sub("X", text)
        if not fenced and (starts and HEADS.match(text) or TURNS.search(plain) or OLD.search(plain)):
            wrong.append(f"{path}:{number}: {text.strip()}")
        before, last = kind, text

texts["everything"] = "".join(texts.values())
for part, text in sorted(texts.items()):
    count = len(re.findall(r"\w+", text)) or 1
    found = {name: len(list(rule.finditer(text))) for name, (rule, _) in (MEASURES | AT_LEAST).items()}
    if "--measures" in sys.argv:
        print(f"{part:24} {count:6} words ", *(f"{name} {1000 * n / count:.1f}" for name, n in found.items()))
    for name, (_, most) in MEASURES.items():
        # One is no habit.
        if found[name] > 1 and 1000 * found[name] / count >= most:
            wrong.append(f"{part}: {found[name]} of '{name}' in {count} words, and fewer than {most} in 1,000 are allowed")
    for name, (_, least) in AT_LEAST.items():
        if part == "everything" and 1000 * found[name] / count <= least:
            wrong.append(f"{part}: {found[name]} of '{name}' in {count} words, and more than {least} in 1,000 are due")
print(len(texts) - 1, "parts,", len(wrong), "places to say otherwise")
if wrong:
    sys.exit("\n".join(wrong))
