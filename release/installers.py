"""Fills the templates of installers in: `release/installers.py [FOLDER]`. The folder, `dist` if none is named, has the
archives, and gets SHA256SUMS, the formula of Homebrew, the manifest of Scoop, and the templates of GitLab and of Azure
Pipelines. An archive that is missing is an error, except with `--partial`, which leaves its checksum out."""

import hashlib
import json
import pathlib
import re
import subprocess
import sys

TEMPLATES = {
    "edge-oauth.rb.in": "edge-oauth.rb",
    "scoop.json.in": "edge-oauth.json",
    "gitlab.yml.in": "gitlab.yml",
    "azure-pipelines.yml.in": "azure-pipelines.yml",
}


def main(folder, is_partial):
    command = ["cargo", "metadata", "--locked", "--no-deps", "--format-version", "1"]
    packages = json.loads(subprocess.check_output(command))["packages"]
    program = next(package for package in packages if package["name"] == "edge-oauth-cli")
    version, repository = program["version"], program["repository"]
    archives = sorted([*folder.glob("*.tar.gz"), *folder.glob("*.zip"), *folder.glob("*.cdx.json")])
    sums = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in archives}
    lines = [f"{digest}  {name}\n" for name, digest in sums.items()]
    (folder / "SHA256SUMS").write_text("".join(lines), newline="\n")

    def digest(match):
        name = f"edge-oauth-{version}-{match[1]}"
        found = sums.get(f"{name}.tar.gz") or sums.get(f"{name}.zip")
        if not found and not is_partial:
            sys.exit(f"there is no archive for {match[1]}")
        return found or "0" * 64

    for template, name in TEMPLATES.items():
        text = (pathlib.Path("release") / template).read_text()
        text = text.replace("@RELEASE@", f"{repository}/releases/download/v{version}")
        text = text.replace("@REPOSITORY@", repository).replace("@VERSION@", version)
        (folder / name).write_text(re.sub(r"@SHA256 (\S+)@", digest, text), newline="\n")


if __name__ == "__main__":
    arguments = [argument for argument in sys.argv[1:] if argument != "--partial"]
    main(pathlib.Path(arguments[0] if arguments else "dist"), "--partial" in sys.argv)
