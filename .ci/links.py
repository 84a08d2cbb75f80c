"""Checks the Markdown: each relative link leads to a file, each anchor to a heading, and each path in backticks exists."""

import glob
import pathlib
import re
import subprocess
import sys
import urllib.parse

HIDDEN = re.compile(r"^```rust[^\n]*\n(?:(?!```).*\n)*?# ", re.MULTILINE)
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]+`")
LINK = re.compile(r"\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)")
HEADING = re.compile(r"^#{1,6} +(.*?) *#*$", re.MULTILINE)
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:")
# docs/performance.md is made of these, so their links lead on from there.
PARTS_OF_DOCS = pathlib.Path("bench/src/text")
ROOTS = ("crates", "docs", "examples", "tests", "vectors", "fuzz", "bench", ".ci", ".github")
# A path, perhaps with `{a,b}` for several.
PATH = re.compile(r"`((?:%s)/[\w./{},*-]+)`" % "|".join(map(re.escape, ROOTS)))


def anchors(path):
    """The anchors that GitHub makes of the headings of a file."""
    found, seen = set(), {}
    for title in HEADING.findall(FENCE.sub("", path.read_text())):
        title = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title).replace("`", "")
        anchor = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        count = seen.get(anchor, 0)
        seen[anchor] = count + 1
        found.add(f"{anchor}-{count}" if count else anchor)
    return found


def alternatives(path):
    """The paths that `a/{b,c}` names."""
    match = re.search(r"\{([^{}]*)\}", path)
    if not match:
        return [path]
    before, after = path[: match.start()], path[match.end() :]
    return [found for part in match[1].split(",") for found in alternatives(before + part.strip() + after)]


def exists(named, folder):
    """Whether a path leads somewhere from the root, from the folder of the file, or in a crate; or is ignored by git.
    NAME and NOUN are any name."""
    pattern = re.sub(r"NAME|NOUN", "*", named)
    places = [pattern, f"{folder}/{pattern}", f"crates/*/{pattern}"]
    return any(glob.glob(place, recursive=True) for place in places) or not subprocess.call(
        ["git", "check-ignore", "--quiet", f"{named}/"]
    )


def wrong(path, text):
    """What is wrong with the links and paths of a file, and with its blocks of Rust."""
    if HIDDEN.search(text):
        yield "a line that rustdoc hides: this page shows it, so write the program as it is"
    text = FENCE.sub("", text)
    folder = pathlib.Path("docs") if PARTS_OF_DOCS in path.parents else path.parent
    for target in LINK.findall(CODE.sub("", text)):
        if SCHEME.match(target):
            continue
        file, _, anchor = urllib.parse.unquote(target).partition("#")
        to = folder / file if file else path
        if not to.exists():
            yield f"{target}: there is no such file"
        elif anchor and to.suffix == ".md" and anchor not in anchors(to):
            yield f"{target}: the file has no such heading"
    for named in PATH.findall(text):
        for one in alternatives(named):
            if not exists(one, folder):
                yield f"`{one}`: there is no such path"


files = subprocess.run(["git", "ls-files", "*.md"], capture_output=True, text=True, check=True).stdout.split()
found = [f"{file}: {error}" for file in files for error in wrong(pathlib.Path(file), pathlib.Path(file).read_text())]
print(len(files), "files of Markdown,", len(found), "links to mend")
if found:
    sys.exit("\n".join(found))
