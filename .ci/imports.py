"""Checks that imports run downward inside each crate: no file imports, over however many steps, a file that imports
it, and no folder does either. Tests at the end of a file may import what they like."""

import pathlib
import re
import sys

# `use crate::...;`, `crate::...` in code, and `mod name;` says which files there are.
PATH = re.compile(r"\bcrate::((?:\w+::)*)(\{|\w+)")
TESTS = re.compile(r"^#\[cfg\(test\)\]\nmod tests \{.*", re.MULTILINE | re.DOTALL)
COMMENT = re.compile(r"//.*")


def modules(src):
    """Each module path of a crate, and its file."""
    found = {}
    for path in sorted(src.rglob("*.rs")):
        parts = path.relative_to(src).with_suffix("").parts
        if parts in (("lib",), ("main",)):
            continue
        if parts[-1] == "mod":
            parts = parts[:-1]
        found[parts] = path
    return found


def tree(text, start):
    """The paths of a use tree from its opening brace on."""
    depth, stack, word, out = 0, [()], "", []
    for c in text[start:]:
        if c == "{":
            stack.append(stack[-1] + tuple(filter(None, word.strip().split("::"))))
            word, depth = "", depth + 1
        elif c in ",}":
            if word.strip():
                out.append(stack[-1] + tuple(filter(None, word.strip().split("::"))))
            word = ""
            if c == "}":
                stack.pop()
                depth -= 1
                if depth == 0:
                    return out
        else:
            word += c
    return out


def imports(text, known):
    """The modules that a file imports from."""
    text = COMMENT.sub("", TESTS.sub("", text))
    for match in PATH.finditer(text):
        head = tuple(filter(None, match[1].split("::")))
        paths = tree(text, match.start(2)) if match[2] == "{" else [(match[2],)]
        for path in paths:
            path = head + path
            while path and path not in known:
                path = path[:-1]
            if path:
                yield path


def circles(graph):
    """The groups of nodes that reach each other."""
    def reach(start):
        seen, todo = set(), [start]
        while todo:
            for node in graph.get(todo.pop(), ()):
                if node not in seen:
                    seen.add(node)
                    todo.append(node)
        return seen

    reached = {node: reach(node) for node in graph}
    found = {frozenset(other for other in reached[node] if node in reached.get(other, ())) for node in graph}
    return sorted(sorted(group) for group in found if len(group) > 1)


def check(crate):
    src = crate / "src"
    known = modules(src)
    files, folders = {}, {}
    for module, path in known.items():
        # A file that only lists its modules imports nothing; its folder is what it stands for.
        targets = {target for target in imports(path.read_text(), known) if target != module}
        files[module] = targets
        folder = module[:1]
        folders.setdefault(folder, set()).update(target[:1] for target in targets if target[:1] != folder)
    for kind, graph in (("files", files), ("folders", folders)):
        for group in circles(graph):
            yield kind + ": " + ", ".join("::".join(node) for node in group)


if __name__ == "__main__":
    wrong = []
    for crate in [*sorted(pathlib.Path("crates").iterdir()), pathlib.Path("examples/axum-service"), pathlib.Path("fuzz")]:
        found = list(check(crate)) if (crate / "src").is_dir() else []
        print(crate.name, len(found), "circles")
        wrong += [f"{crate}: these import each other, {circle}" for circle in sorted(found)]
    if wrong:
        sys.exit("\n".join(wrong))
