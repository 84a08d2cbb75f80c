#!/usr/bin/env bash
# Checks that a release may begin: release/agree.sh TAG ADDRESS. The version of each package is that of the tag, the
# manifests have the address of the repository, and the changelog has a dated heading.
set -euo pipefail
cd "$(dirname "$0")/.."
tag=$1 address=$2

cargo metadata --locked --no-deps --format-version 1 | python3 -c '
import json, sys

tag, address = sys.argv[1:]
for package in json.load(sys.stdin)["packages"]:
    if package["publish"] == []:
        continue
    name, version, repository = package["name"], package["version"], package["repository"]
    if "v" + version != tag:
        sys.exit(f"{name} is {version}, and the tag is {tag}")
    if repository != address:
        sys.exit(f"set `repository` in Cargo.toml to {address}: now it is {repository}")
' "$tag" "$address"
python3 release/changelog.py check "${tag#v}"
