"""The crates of the program, from the lock file: `release/crates.py sbom|licences TARGET` prints a CycloneDX 1.6 document
or the licence texts of the crates in the binary. Both are the same for the same commit."""

import json
import os
import pathlib
import re
import subprocess
import sys
import urllib.parse
import uuid

PROGRAM = "edge-oauth-cli"


def graph(target):
    """The packages by id, the ids that each depends on by kind, and the id of the program."""
    command = ["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", target]
    data = json.loads(subprocess.check_output(command))
    packages = {package["id"]: package for package in data["packages"]}
    needs = {}
    for node in data["resolve"]["nodes"]:
        kinds = {"normal": set(), "build": set()}
        for dep in node["deps"]:
            for kind in dep["dep_kinds"]:
                if kind["kind"] != "dev":
                    kinds[kind["kind"] or "normal"].add(dep["pkg"])
        needs[node["id"]] = kinds
    # The program is resolved alone: the workspace may turn on features that it does not have.
    root = next(id for id, package in packages.items() if package["name"] == PROGRAM)
    command = ["cargo", "tree", "--locked", "--package", PROGRAM, "--target", target, "--edges", "normal,build",
               "--prefix", "none", "--format", "{p}"]
    lines = subprocess.check_output(command, text=True).splitlines()
    shipped = {tuple(line.split()[:2]) for line in lines}
    named = {id: (package["name"], "v" + package["version"]) for id, package in packages.items()}
    return {id: packages[id] for id in packages if named[id] in shipped}, needs, root


def reached(packages, needs, root, kinds):
    """The ids that the program needs over dependencies of these kinds, itself included. A procedural macro runs in the
    compiler, and so is of the build."""
    found, todo = set(), [root]
    while todo:
        id = todo.pop()
        is_macro = any("proc-macro" in target["kind"] for target in packages[id]["targets"])
        if id in found or is_macro and kinds == ["normal"]:
            continue
        found.add(id)
        todo += [dep for kind in kinds for dep in needs[id][kind] if dep in packages]
    return found


def checksums():
    """The SHA-256 of each package of the registry, by name and version."""
    text = pathlib.Path("Cargo.lock").read_text()
    entry = re.compile(r'name = "(.*)"\nversion = "(.*)"\nsource = .*\nchecksum = "(.*)"')
    return {(name, version): checksum for name, version, checksum in entry.findall(text)}


def sbom(target):
    packages, needs, root = graph(target)
    everything = reached(packages, needs, root, ["normal", "build"])
    shipped = reached(packages, needs, root, ["normal"])
    sums = checksums()

    def reference(id):
        package = packages[id]
        return f'pkg:cargo/{package["name"]}@{urllib.parse.quote(package["version"])}'

    def component(id):
        package = packages[id]
        entry = {
            "type": "application" if id == root else "library",
            "bom-ref": reference(id),
            "name": package["name"],
            "version": package["version"],
            "purl": reference(id),
            # `/` is an old spelling of OR.
            "licenses": [{"expression": (package["license"] or "").replace("/", " OR ").replace("  ", " ")}],
            "scope": "required" if id in shipped else "excluded",
        }
        checksum = sums.get((package["name"], package["version"]))
        if checksum:
            entry["hashes"] = [{"alg": "SHA-256", "content": checksum}]
        return entry

    order = sorted(everything, key=reference)
    dependencies = [
        {
            "ref": reference(id),
            "dependsOn": sorted({reference(dep) for kind in needs[id].values() for dep in kind if dep in everything}),
        }
        for id in order
    ]
    name = f'{packages[root]["version"]} {target} {os.environ.get("SOURCE_DATE_EPOCH", "")} {sorted(sums.items())}'
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, name)}",
        "version": 1,
        "metadata": {"component": component(root), "properties": [{"name": "target", "value": target}]},
        "components": [component(id) for id in order if id != root],
        "dependencies": dependencies,
    }
    print(json.dumps(document, indent=2))


def licences(target):
    packages, needs, root = graph(target)
    shipped = reached(packages, needs, root, ["normal"])
    texts = {}
    for id in sorted(shipped):
        package = packages[id]
        folder = pathlib.Path(package["manifest_path"]).parent
        names = re.compile(r"(licen[sc]e|copying|notice|copyright|unlicense)", re.IGNORECASE)
        files = sorted(path for path in folder.iterdir() if path.is_file() and names.match(path.name))
        title = f'{package["name"]} {package["version"]} ({package["license"]})'
        for file in files:
            text = file.read_text(errors="replace").replace("\r\n", "\n").strip()
            texts.setdefault(text, set()).add(title)
        if not files:
            texts.setdefault(f'No file in the package; by its manifest: {package["license"]}.', set()).add(title)
    for text, titles in sorted(texts.items(), key=lambda item: sorted(item[1])):
        print("=" * 100, *sorted(titles), "-" * 100, text, "", sep="\n")


if __name__ == "__main__":
    {"sbom": sbom, "licences": licences}[sys.argv[1]](sys.argv[2])
