"""Checks that docs/public-api is what the libraries offer, that they name no foreign crate but those on the lists
here, since a major version of one of these is one of ours too, and that each adapter names whatever its users meet.
`--write` writes docs/public-api anew."""

import difflib
import json
import os
import pathlib
import re
import subprocess
import sys

# It reads the JSON of rustdoc, whose format changes: this one, which this Rust writes.
TOOL = "0.52.0"
FORMAT = 57
FITTING_RUST = "1.95.0"

LIBRARIES = {
    # `bytes` for a body without a copy.
    "edge-oauth-no-io": {"bytes", "http"},
    "edge-oauth-driver": {"edge_oauth_no_io", "http"},
    "experience-edge-api": {"edge_oauth_no_io", "http"},
    "edge-oauth-local": {"http"},
    "edge-oauth-keys": {"edge_oauth_driver", "edge_oauth_no_io", "http"},
    "edge-oauth-store": {"edge_oauth_driver", "edge_oauth_no_io"},
    # The caller's client and connection; `StoreKeys` of edge-oauth-store.
    "edge-oauth-redis": {"edge_oauth_driver", "edge_oauth_no_io", "edge_oauth_store", "redis", "StoreKeys"},
    "edge-oauth-ureq": {"edge_oauth_driver", "edge_oauth_no_io", "http", "ureq"},
    # `rustls` for a client certificate.
    "edge-oauth-reqwest": {
        "edge_oauth_driver", "edge_oauth_no_io", "http", "reqwest", "reqwest_middleware", "rustls",
    },
    # The traits of services and bodies; hyper's client and connection; `rustls` for a caller's own certificates.
    "edge-oauth-tower": {
        "bytes", "edge_oauth_driver", "edge_oauth_no_io", "http", "http_body", "http_body_util", "hyper_rustls",
        "hyper_util", "rustls", "tokio", "tower_layer", "tower_service",
    },
    # The caller's own `fetch`.
    "edge-oauth-fetch": {"edge_oauth_driver", "edge_oauth_no_io", "http", "js_sys"},
    # The first two make up surf; `rustls` for a caller's own certificates.
    "edge-oauth-surf": {
        "http_client", "http_types", "rustls", "edge_oauth_driver", "edge_oauth_no_io", "http", "surf",
    },
}

# Empty on other targets.
TARGETS = {"edge-oauth-fetch": "wasm32-unknown-unknown"}

SNAPSHOTS = pathlib.Path("docs/public-api")
TARGET = pathlib.Path("target/public-api")


def install_tool():
    probe = subprocess.run(["cargo", "public-api", "--version"], capture_output=True, text=True)
    if probe.stdout.strip() != f"cargo-public-api {TOOL}":
        subprocess.run(["cargo", "install", "--locked", "--version", TOOL, "cargo-public-api"], check=True)


def public_api(package):
    target = TARGETS.get(package)
    # By hand, since the tool would take a nightly toolchain.
    subprocess.run(
        ["cargo", "rustdoc", "--quiet", "--locked", "--package", package, "--lib", "--all-features",
         "--target-dir", TARGET, *(["--target", target] if target else []), "--", "-Zunstable-options", "--output-format=json", "--cap-lints=warn"],
        check=True, env=os.environ | {"RUSTC_BOOTSTRAP": "1"},
    )
    described = TARGET / (target or "") / "doc" / (package.replace("-", "_") + ".json")
    check_format(described)
    api = subprocess.run(
        ["cargo", "public-api", "--color=never", "-ss", "--rustdoc-json", described],
        check=True, stdout=subprocess.PIPE, text=True,
    ).stdout
    # The standard library moves things between its crates.
    return re.sub(r"(?<![\w:])(alloc|core)::", "std::", api)


def check_format(described):
    found = json.loads(described.read_text())["format_version"]
    if found != FORMAT:
        sys.exit(
            f"rustdoc writes format {found}, and cargo-public-api {TOOL} reads {FORMAT}. Either take a Rust that "
            f"writes that, such as `RUSTUP_TOOLCHAIN={FITTING_RUST} python3 .ci/public_api.py`, or raise TOOL, FORMAT "
            "and FITTING_RUST in this script.")


def foreign(package, api):
    # The driver has `oauth2_client` twice, for threads and for tasks, so `exports` cannot pass it on. `str` is a type.
    allowed = LIBRARIES[package] | {package.replace("-", "_"), "std", "str", "oauth2_client"}
    for line in api.splitlines():
        # The names that adapters pass on are those of the driver and the core.
        if "edge_oauth_driver::exports::" in line:
            continue
        # A re-export has the name of what it exports, and nothing of where that is from.
        exported = line.rpartition("::")[2:] if line.startswith("pub use ") else ()
        crates = {*re.findall(r"(?<![\w:>])([a-z_]\w*)::", line), *exported}
        if crates - allowed:
            yield f"{package} may not name {', '.join(sorted(crates - allowed))}: {line}"


def unnamed(core, driver):
    """The adapters pass on `exports` of the driver, so that a user needs one dependency."""
    # The last two are in each adapter.
    named = {*re.findall(r"edge_oauth_driver::exports::([A-Z]\w*)", driver), "Builder", "TokenSource"}
    # Bounds, and what an adapter chooses for its users.
    known = named | {"MaybeSend", "MaybeSync", "Runtime", "Threads", "Transport"}
    for line in (core + driver).splitlines():
        types = re.findall(r"edge_oauth_(?:driver|no_io)::(?:[a-z_]\w*::)*([A-Z]\w*)", line)
        if types and types[0] in named and not line.startswith("impl"):
            for name in sorted(set(types) - known):
                yield f"`exports` of the driver has no {name}: {line}"


def main():
    write = sys.argv[1:] == ["--write"]
    if sys.argv[1:] and not write:
        sys.exit("usage: public_api.py [--write]")
    os.chdir(pathlib.Path(__file__).parent.parent)
    install_tool()
    apis, strangers, changes = {}, [], []
    for package in LIBRARIES:
        api, snapshot = public_api(package), SNAPSHOTS / f"{package}.txt"
        apis[package] = api
        print(package, len(api.splitlines()), "items")
        strangers += foreign(package, api)
        if write:
            snapshot.parent.mkdir(exist_ok=True)
            snapshot.write_text(api)
        else:
            before = snapshot.read_text() if snapshot.exists() else ""
            changes += difflib.unified_diff(
                before.splitlines(), api.splitlines(), str(snapshot), "the code", n=0, lineterm="")
    strangers += unnamed(apis["edge-oauth-no-io"], apis["edge-oauth-driver"])
    for line in strangers + changes:
        print(line)
    if changes:
        print("If this is meant, `python3 .ci/public_api.py --write` takes it.")
    sys.exit(bool(strangers or changes))


main()
