"""The changelog of a release: `release/changelog.py notes VERSION` prints its section, which is Unreleased as long as no
heading has the version; `release/changelog.py date VERSION DAY` puts a dated heading below Unreleased."""

import pathlib
import re
import sys

FILE = pathlib.Path("CHANGELOG.md")
HEADING = re.compile(r"^## \[(.*?)\](?: - (\d{4}-\d\d-\d\d))?$", re.MULTILINE)


def sections(text):
    """The day and the text of each section by its name."""
    headings = list(HEADING.finditer(text))
    ends = [heading.start() for heading in headings[1:]] + [len(text)]
    return {
        heading[1]: (heading[2], text[heading.end() : end].strip()) for heading, end in zip(headings, ends)
    }


def notes(version):
    found = sections(FILE.read_text())
    _, text = found.get(version) or found["Unreleased"]
    if not text:
        sys.exit(f"the changelog says nothing about {version}")
    print(text)


def date(version, day):
    text = FILE.read_text()
    if version in sections(text):
        sys.exit(f"the changelog has {version} already")
    dated = f"## [Unreleased]\n\n## [{version}] - {day}\n"
    changed = text.replace("## [Unreleased]\n", dated, 1)
    # True until the first release only.
    changed = changed.replace("No version is published yet. *Changed*", "*Changed*")
    FILE.write_text(changed)


def check(version):
    found = sections(FILE.read_text())
    if not found.get(version, (None,))[0]:
        sys.exit(f"the changelog has no dated heading of {version}: run `release/changelog.py date {version} DAY`")


if __name__ == "__main__":
    {"notes": notes, "date": date, "check": check}[sys.argv[1]](*sys.argv[2:])
