"""Checks the SBOM of an archive, `.ci/release_sbom.py ARCHIVE-WITHOUT-EXTENSION TARGET`: each crate that Cargo compiles into
the program is in the SBOM, with the checksum of the lock file, and in the list that cargo-auditable wrote into it."""

import json
import pathlib
import subprocess
import sys
import tarfile
import zlib

base, target = sys.argv[1:]
sbom = json.loads(pathlib.Path(base + ".cdx.json").read_text())
assert (sbom["bomFormat"], sbom["specVersion"]) == ("CycloneDX", "1.6")
components = [sbom["metadata"]["component"], *sbom["components"]]
listed = {(component["name"], component["version"]): component for component in components}
assert len(listed) == len(components), "a crate is listed twice"

command = ["cargo", "tree", "--locked", "--package", "edge-oauth-cli", "--target", target, "--prefix", "none", "--format",
           "{p}"]
lines = subprocess.check_output([*command, "--edges", "normal,no-proc-macro"], text=True).splitlines()
compiled = {(name, version.removeprefix("v")) for name, version, *_ in (line.split() for line in lines if line)}
required = {crate for crate, component in listed.items() if component["scope"] == "required"}
assert compiled == required, compiled ^ required

# The section has no name in the file's text, but zlib's header: the list is found by what it unpacks to.
with tarfile.open(base + ".tar.gz") as archive:
    program = archive.extractfile(f"{pathlib.Path(base).name}/edge-oauth").read()


def embedded():
    at = program.find(b"\x78")
    while at >= 0:
        try:
            text = zlib.decompressobj().decompress(program[at:], 1 << 20)
            if text.startswith(b'{"packages"'):
                return json.loads(text)["packages"]
        except zlib.error:
            pass
        at = program.find(b"\x78", at + 1)
    sys.exit("the program has no list of its crates: cargo-auditable did not write it")


# cargo-auditable lists what the features of the whole workspace need: more than was compiled.
inside = {(package["name"], package["version"]) for package in embedded()}
assert required <= inside, required - inside

for component in sbom["components"]:
    is_own = component["name"].startswith("edge-oauth") or component["name"] == "experience-edge-api"
    assert is_own or component["hashes"], component
print(f"the SBOM lists {len(required)} crates of the program and {len(listed) - len(required)} of its build;",
      f"{len(inside)} are listed in the program")
