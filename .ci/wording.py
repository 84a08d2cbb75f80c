"""Checks the comments of the libraries for turns that CONTRIBUTING.md rules out: a doc comment begins with a verb or a
noun, not with a question, and conditions are said with `if`."""

import pathlib
import re
import sys

CRATES = ["cli", "no-io", "driver", "edge-api", "ureq", "reqwest", "surf", "tower", "keys", "store", "redis"]
COMMENT = re.compile(r"^\s*(//[/!]?) ?(.*)$")
# At the beginning of a doc comment.
HEADS = re.compile(r"(What|Which|Who|Whose|Whoever|Where|Whether) ")
# Anywhere in a comment.
TURNS = re.compile(r"\bfor who\b|\b[Ww]hoever\b|\bbe it\b|\bsave for\b|\bbut for\b|\bthe bell\b|\bexchange (may|takes|ends)\b")
# Names that the code had, and words that have another of the field in their place.
OLD = re.compile(
    r"\bTicket\b|\bLease\(|\bthe errand\b|\bthe shelf\b|\b[Nn]oise\b|\bGrowth\b|\bFLOOR\b|\bSHORTEST_PAUSE\b"
    r"|\b[Cc]ooling\b|\bassumed_lifetime\b|\b[Aa]nswer\b|\bVerdict\b|\bTokenSources\b|\bput_off\b|\bpatience\b"
    r"|\bwords_of\b|\bbeside the callers?\b")

wrong = []
for crate in CRATES:
    for path in sorted(pathlib.Path("crates", crate, "src").rglob("*.rs")):
        before, last = "", ""
        for number, line in enumerate(path.read_text().splitlines(), 1):
            found = COMMENT.match(line)
            kind, text = found.groups() if found else ("", "")
            starts = kind in ("///", "//!") and (before != kind or not last)
            if starts and HEADS.match(text) or found and (TURNS.search(text) or OLD.search(text)):
                wrong.append(f"{path}:{number}: {text}")
            before, last = kind, text
print(len(wrong), "comments to say otherwise")
if wrong:
    sys.exit("\n".join(wrong))
