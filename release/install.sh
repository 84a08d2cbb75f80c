#!/usr/bin/env bash
# Installs the program in a job of GitHub Actions; `action.yml` runs it. The archive has to have the checksum of its
# release, and the attestation of its provenance if `gh` and a token are there.
set -euo pipefail

version=${EDGE_OAUTH_VERSION#v}
# An action that is pinned by a hash installs the version of its sources too.
if [ -z "$version" ]; then
    version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$GITHUB_ACTION_PATH/Cargo.toml" | head -n 1)
fi
if ! [[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+[0-9A-Za-z.-]*$ ]]; then
    echo "::error::'$version' is no version: set the input 'version' to one such as 0.1.0"
    exit 2
fi
releases=${EDGE_OAUTH_RELEASES:-$GITHUB_SERVER_URL/$EDGE_OAUTH_REPOSITORY/releases/download}

archive=tar.gz
case "$(uname -s) $(uname -m)" in
    "Linux x86_64") target=x86_64-unknown-linux-musl ;;
    "Linux aarch64") target=aarch64-unknown-linux-musl ;;
    "Darwin x86_64") target=x86_64-apple-darwin ;;
    "Darwin arm64") target=aarch64-apple-darwin ;;
    MINGW*\ x86_64 | MSYS*\ x86_64) target=x86_64-pc-windows-msvc archive=zip ;;
    *) echo "::error::edge-oauth has no program for $(uname -s) $(uname -m)"; exit 1 ;;
esac
name=edge-oauth-$version-$target

folder=$(mktemp -d "$RUNNER_TEMP/edge-oauth.XXXXXX")
cd "$folder"
for file in "$name.$archive" SHA256SUMS; do
    curl --fail --silent --show-error --location --retry 3 --output "$file" "$releases/v$version/$file"
done
if ! line=$(grep "  $name.$archive\$" SHA256SUMS); then
    echo "::error::SHA256SUMS of the release does not name $name.$archive"
    exit 1
fi
if command -v sha256sum >/dev/null; then
    sha256sum --check - <<<"$line"
else
    shasum -a 256 --check - <<<"$line"
fi
# A mirror has no attestations.
if [ -n "${GH_TOKEN:-}" ] && [ -z "$EDGE_OAUTH_RELEASES" ] && command -v gh >/dev/null; then
    gh attestation verify "$name.$archive" --repo "$EDGE_OAUTH_REPOSITORY"
fi

case $archive in
    zip) unzip -q "$name.zip" ;;
    *) tar -xzf "$name.tar.gz" ;;
esac
path=$folder/$name
command -v cygpath >/dev/null && path=$(cygpath -w "$path")
echo "$path" >>"$GITHUB_PATH"
"$folder/$name/edge-oauth" --version
