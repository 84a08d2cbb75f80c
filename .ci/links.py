"""Checks the Markdown: each relative link leads to a file, each anchor to a heading, and each path in backticks exists. So
does each package, test and example that a command of cargo names."""

import glob
import json
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
# A command of cargo in a span or a line of code.
COMMAND = re.compile(r"cargo (?:test|run)\b[^`|#]*")
PACKAGE = re.compile(r"(?:-p|--package)\s+([\w-]+)")
TARGET = re.compile(r"--(test|example|bin)\s+(\w+)")
METADATA = ["cargo", "metadata", "--locked", "--no-deps", "--format-version", "1"]


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


def packages():
    """The targets of each package of the workspace, such as `("test", "cache")`."""
    found = json.loads(subprocess.run(METADATA, capture_output=True, check=True).stdout)["packages"]
    return {one["name"]: {(kind, t["name"]) for t in one["targets"] for kind in t["kind"]} for one in found}


def unknown(text):
    """The packages and targets of commands that do not exist."""
    for line in re.sub(r"\\\n|(?<=\S)\n(?=--)", " ", text).splitlines():
        for command in COMMAND.findall(line):
            if "manifest-path" in command:
                continue
            of = PACKAGE.search(command)
            package = of[1] if of else "edge-oauth"
            if package not in PACKAGES and package != "CRATE":
                yield f"`{command.strip()}`: there is no such package"
            for kind, name in TARGET.findall(command):
                if name.isupper() or (kind, name) in PACKAGES.get(package, {(kind, name)}):
                    continue
                yield f"`{command.strip()}`: there is no such {kind}"


PACKAGES = packages()


def wrong(path, text):
    """What is wrong with the links and paths of a file, and with its blocks of Rust."""
    if HIDDEN.search(text):
        yield "a line that rustdoc hides: this page shows it, so write the program as it is"
    yield from unknown(text)
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
