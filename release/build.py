"""Builds the program for a target and packs it: `release/build.py TARGET [FOLDER]`. The folder, `dist` if none is named,
gets the archive and the SBOM. Needs cargo-auditable, and a system that can run what it builds. Two builds of one commit
with one toolchain give the same bytes, whatever the folder of the sources is."""

import gzip
import io
import os
import pathlib
import subprocess
import sys
import tarfile
import time
import zipfile

from crates import PROGRAM, graph

COMPLETIONS = {
    "bash": "edge-oauth.bash",
    "elvish": "edge-oauth.elv",
    "fish": "edge-oauth.fish",
    "powershell": "_edge-oauth.ps1",
    "zsh": "_edge-oauth",
}


def environment():
    """Without the folders of this machine in the program, and with the time of the commit for all that has one."""
    env = dict(os.environ)
    if not env.get("SOURCE_DATE_EPOCH"):
        env["SOURCE_DATE_EPOCH"] = subprocess.check_output(["git", "log", "-1", "--format=%ct"], text=True).strip()
    cargo_home = env.get("CARGO_HOME") or pathlib.Path.home() / ".cargo"
    flags = [f"--remap-path-prefix={cargo_home}=/cargo", f"--remap-path-prefix={os.getcwd()}=/edge-oauth"]
    if "windows-msvc" in sys.argv[1]:
        # No DLL of the C runtime is needed, and the linker writes no time.
        flags += ["-Ctarget-feature=+crt-static", "-Clink-arg=/Brepro"]
    env["CARGO_ENCODED_RUSTFLAGS"] = "\x1f".join(flags)
    env["CARGO_INCREMENTAL"] = "0"
    return env


def build(target, env):
    command = ["cargo", "auditable", "build", "--release", "--locked", "--package", PROGRAM, "--target", target]
    subprocess.run(command, env=env, check=True)
    folder = pathlib.Path(env.get("CARGO_TARGET_DIR") or "target")
    return folder / target / "release" / ("edge-oauth.exe" if "windows" in target else "edge-oauth")


def contents(program, target):
    """The files of an archive: path, bytes, and whether the file can be run."""
    def output(*command):
        return subprocess.check_output(command)

    yield program.name, program.read_bytes(), True
    yield "man/edge-oauth.1", output(program, "man"), False
    for shell, name in COMPLETIONS.items():
        yield f"completions/{name}", output(program, "completions", shell), False
    for name in ["LICENSE-APACHE", "LICENSE-MIT", "CHANGELOG.md"]:
        yield name, pathlib.Path(name).read_bytes(), False
    yield "README.md", pathlib.Path("crates/cli/README.md").read_bytes(), False
    licences = output(sys.executable, "release/crates.py", "licences", target)
    yield "LICENSES-OF-DEPENDENCIES.txt", licences, False


def write_tar(path, name, files, epoch):
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for file, data, is_program in files:
            entry = tarfile.TarInfo(f"{name}/{file}")
            entry.size, entry.mtime, entry.mode = len(data), epoch, 0o755 if is_program else 0o644
            archive.addfile(entry, io.BytesIO(data))
    path.write_bytes(gzip.compress(raw.getvalue(), mtime=0))


def write_zip(path, name, files, epoch):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file, data, _ in files:
            archive.writestr(zipfile.ZipInfo(f"{name}/{file}", time.gmtime(epoch)[:6]), data, zipfile.ZIP_DEFLATED)


def main(target, out):
    env = environment()
    epoch = int(env["SOURCE_DATE_EPOCH"])
    program = build(target, env)
    packages, _, root = graph(target)
    name = f'edge-oauth-{packages[root]["version"]}-{target}'
    out.mkdir(parents=True, exist_ok=True)
    files = sorted(contents(program, target))
    if "windows" in target:
        write_zip(out / f"{name}.zip", name, files, epoch)
    else:
        write_tar(out / f"{name}.tar.gz", name, files, epoch)
    sbom = subprocess.check_output([sys.executable, "release/crates.py", "sbom", target], env=env)
    (out / f"{name}.cdx.json").write_bytes(sbom)


if __name__ == "__main__":
    main(sys.argv[1], pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else "dist"))
