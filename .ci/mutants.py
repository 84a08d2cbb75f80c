"""Changes the code in small ways, and fails if the tests of its package pass with one of these mutants.

    python3 .ci/mutants.py                                            # the core, the driver and the stores: hours
    python3 .ci/mutants.py --package edge-oauth-driver --file 'crates/driver/src/pool/**' --jobs 4
    python3 .ci/mutants.py --package edge-oauth-no-io --shard 0/4
    python3 .ci/mutants.py --in-diff change.diff

`cargo mutants --list` makes the list; it gets the arguments that are not listed below, and `.cargo/mutants.toml`.
cargo-mutants would build each mutant by itself. Here one build of a copy of the tree contains them: the body of a function
becomes a `match` on the environment variable MUTANT, with an arm for each mutant. Arms that do not compile are dropped, by
the lines in the compiler's errors. A mutant of a constant, or of a function that returns `impl Trait`, cannot be an arm,
and has a build of its own.

Each mutant runs with the test programs of the package that reach its function, the quickest first, until a test fails.
Doc tests do not run. A mutant that takes five times as long as the code counts as caught: it loops, or removes a limit
from something expensive. `target/mutants/PACKAGE.txt` lists how each mutant ended.
"""

import argparse
import collections
import concurrent.futures
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

VERSION = "cargo-mutants 27.1.0"
PACKAGES = ["edge-oauth-no-io", "edge-oauth-driver", "edge-oauth-store", "edge-oauth-redis"]
OUT = pathlib.Path(__file__).absolute().parent.parent / "target/mutants"
TREE = OUT / "tree"
# Short sequences and few seeds find a mutant too. Debug builds keep room on the stack for the variables of all arms.
ENVIRONMENT = {"KEEPER_DEPTH": "3", "FLEET_SEEDS": "5", "EDGE_OAUTH_REQUIRE_REDIS": "1", "RUST_MIN_STACK": str(64 << 20)}
# The time of a test program, in times of the run without a mutant and at least in seconds.
LIMIT, SHORTEST_LIMIT = 5, 20

# At the end of lib.rs. REACHED is a file that gets the number of each function that runs.
DISPATCHER = """
mod mutant {
    use std::{env, fs::OpenOptions, io::Write as _, sync::LazyLock, sync::atomic::{AtomicBool, Ordering}};

    static MUTANT: LazyLock<Option<usize>> = LazyLock::new(|| env::var("MUTANT").ok()?.parse().ok());
    static REACHED: LazyLock<Option<String>> = LazyLock::new(|| env::var("REACHED").ok());
    static KNOWN: [AtomicBool; COUNT] = [const { AtomicBool::new(false) }; COUNT];

    pub(crate) fn of(function: usize) -> Option<usize> {
        if let Some(file) = &*REACHED {
            if !KNOWN[function].swap(true, Ordering::Relaxed) {
                let mut file = OpenOptions::new().append(true).create(true).open(file).unwrap();
                file.write_all(format!("{function}\\n").as_bytes()).unwrap();
            }
        }
        *MUTANT
    }
}
"""


def output(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout.decode()


def offsets(text, span):
    """The offsets of a span, which has lines and columns."""
    lines = text.split("\n")
    ends = (span["start"], span["end"])
    return tuple(sum(len(line) + 1 for line in lines[:end["line"] - 1]) + end["column"] - 1 for end in ends)


def signature(text, start, end):
    """A function up to its body, with spaces in place of comments and strings."""
    return re.sub(r'//.*|"(\\.|[^"\\])*"', lambda found: " " * len(found[0]), text[start:end]).split("{")[0]


class Mutant:
    def __init__(self, listed, text):
        self.name, self.file, self.replacement = listed["name"], listed["file"], listed["replacement"]
        self.start, self.end = offsets(text, listed["span"])
        function = listed["function"]
        self.function = function and offsets(text, function["span"])
        returns_impl = function and "impl " in function["return_type"]
        self.is_arm = bool(function) and not returns_impl and "const fn" not in signature(text, *self.function)

    def applied(self, text, start, end):
        """A part of the file, changed."""
        return text[start:self.start] + self.replacement + text[self.end:end]


class Package:
    def __init__(self, name, arguments):
        self.name = name
        packages = json.loads(output("cargo", "metadata", "--locked", "--no-deps", "--format-version", "1"))["packages"]
        manifest = next(package["manifest_path"] for package in packages if package["name"] == name)
        self.folder = pathlib.Path(manifest).parent.relative_to(pathlib.Path.cwd())
        listed = output("cargo", "mutants", "--list", "--json", "--package", name, *arguments)
        files = output("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
        self.files = {file: pathlib.Path(file).read_bytes() for file in files if os.path.isfile(file)}
        self.mutants = [Mutant(mutant, self.files[mutant["file"]].decode()) for mutant in json.loads(listed or "[]")]
        self.arms = [mutant for mutant in self.mutants if mutant.is_arm]
        for number, arm in enumerate(self.arms):
            # A function inside of another one is part of each arm of that.
            outer = [m.function for m in self.arms if m.file == arm.file and m.function[0] <= arm.start < m.function[1]]
            arm.number, arm.function = number, max(outer, key=lambda function: function[1] - function[0])
        self.functions = sorted({(arm.file, arm.function) for arm in self.arms})

    def write(self, arms, alone=None):
        """Writes the copy, with these mutants as arms or one in place. Returns the arm of each line."""
        for old in TREE.rglob("*"):
            if old.is_file() and str(old.relative_to(TREE)) not in self.files:
                old.unlink()
        lines = {}
        for file, data in self.files.items():
            if alone and file == alone.file:
                text = data.decode()
                data = alone.applied(text, 0, len(text)).encode()
            elif any(file == arm.file for arm in arms):
                data = self.with_arms(file, data.decode(), [arm for arm in arms if arm.file == file], lines).encode()
            if arms and file == str(self.folder / "src/lib.rs"):
                data += DISPATCHER.replace("COUNT", str(len(self.functions))).encode()
            # Cargo builds again what is newer.
            if not (TREE / file).exists() or (TREE / file).read_bytes() != data:
                (TREE / file).parent.mkdir(parents=True, exist_ok=True)
                (TREE / file).write_bytes(data)
        return lines

    def with_arms(self, file, text, arms, lines):
        out, at = "", 0
        for function in sorted({arm.function for arm in arms}):
            body = function[0] + len(signature(text, *function))
            out += text[at:body] + "{ match crate::mutant::of(%d) {\n" % self.functions.index((file, function))
            for arm in (arm for arm in arms if arm.function == function):
                first = out.count("\n") + 1
                out += f"Some({arm.number}) => {arm.applied(text, body, function[1])}\n"
                lines.update({(file, line): arm for line in range(first, out.count("\n") + 1)})
            out, at = out + f"_ => {text[body:function[1]]}\n}} }}", function[1]
        return out + text[at:]

    def cargo(self, *arguments):
        """Builds the copy. Returns the errors and the test programs."""
        done = subprocess.run(
            ["cargo", *arguments, "--locked", "-p", self.name, "--message-format", "json", "--target-dir", OUT / "build"],
            cwd=TREE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        messages = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        errors = [m["message"] for m in messages if m["reason"] == "compiler-message" and m["message"]["level"] == "error"]
        if done.returncode and not errors:
            sys.exit(done.stderr)
        tests = [m for m in messages if m["reason"] == "compiler-artifact" and m["profile"]["test"] and m["executable"]]
        return errors if done.returncode else [], {(m["target"]["kind"][0], m["target"]["name"]): m["executable"] for m in tests}

    def build(self):
        """Drops the arms that do not compile. Returns the others and the test programs."""
        arms = self.arms
        for arguments in (("check", "--lib"), ("test", "--no-run")):
            while True:
                lines = self.write(arms)
                errors, programs = self.cargo(*arguments)
                if not errors:
                    break
                wrong = {arm for error in errors for arm in arms_of(error, lines)}
                print(f"{self.name}: {len(wrong)} of {len(arms)} arms do not compile", flush=True)
                if not wrong:
                    sys.exit("".join(error["rendered"] for error in errors))
                arms = [arm for arm in arms if arm not in wrong]
        return arms, programs

    def run(self, program, limit, **variables):
        """Runs a test program until a test fails."""
        environment = {**ENVIRONMENT, **os.environ, **variables, "TMPDIR": str(OUT / "tmp")}
        process = subprocess.Popen(
            [program], cwd=TREE / self.folder, env=environment, start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )
        late = threading.Event()
        timer = threading.Timer(limit, lambda: (late.set(), kill(process)))
        timer.start()
        if not any(line.endswith(b"... FAILED\n") for line in process.stdout):
            process.wait()
        timer.cancel()
        kill(process)
        return "out of time" if late.is_set() else "caught" if process.wait() else "survived"

    def examine(self, jobs):
        """Returns how each mutant ends."""
        arms, programs = self.build()
        reached, seconds, ends = {}, {}, {}
        for name, program in programs.items():
            record = OUT / "tmp/reached"
            record.write_text("")
            began = time.monotonic()
            if self.run(program, 3600, REACHED=str(record)) != "survived":
                sys.exit(f"without a mutant, this fails: cd {TREE / self.folder} && {program}")
            seconds[name], reached[name] = time.monotonic() - began, set(map(int, record.read_text().split()))
            took = f"{seconds[name]:.1f} s, and reaches {len(reached[name])} functions"
            print(f"{self.name}: {' '.join(name)} takes {took}", flush=True)

        quickest = sorted(programs, key=seconds.get)
        limits = {name: max(SHORTEST_LIMIT, LIMIT * seconds[name]) for name in programs}

        def end_of_arm(arm):
            function = self.functions.index((arm.file, arm.function))
            reaching = (name for name in quickest if function in reached[name])
            ends = (self.run(programs[name], limits[name], MUTANT=str(arm.number)) for name in reaching)
            return next((end for end in ends if end != "survived"), "survived")

        def end_alone(mutant):
            self.write([], mutant)
            for kind, name in quickest:
                errors, built = self.cargo("test", "--no-run", "--lib" if kind == "lib" else f"--{kind}={name}")
                if errors:
                    return "does not compile"
                if (end := self.run(built[kind, name], limits[kind, name])) != "survived":
                    return end
            return "survived"

        def note(mutant, end):
            ends[mutant] = end
            print(f"{end}: {mutant.name}", flush=True)

        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            tried = {pool.submit(end_of_arm, arm): arm for arm in arms}
            for one in concurrent.futures.as_completed(tried):
                note(tried[one], one.result())
        for mutant in (mutant for mutant in self.mutants if not mutant.is_arm):
            note(mutant, end_alone(mutant))
        return {mutant: ends.get(mutant, "does not compile") for mutant in self.mutants}


def arms_of(error, lines):
    """The arms that an error of the compiler points to: by its place, or if that is in no arm by its notes."""
    places = [(file, int(line)) for file, line in re.findall(r"(?:-->|:::) (.+?):(\d+):\d+\n", error["rendered"])]
    return {lines[at] for at in places[:1] if at in lines} or {lines[at] for at in places if at in lines}


def kill(process):
    """Ends a test program and its servers."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--package", "-p", action="append", help="by default " + ", ".join(PACKAGES))
    parser.add_argument("--jobs", "-j", type=int, default=os.cpu_count(), help="mutants that run at the same time")
    known, arguments = parser.parse_known_args()
    os.chdir(OUT.parent.parent)
    if subprocess.run(["cargo", "mutants", "--version"], capture_output=True, text=True).stdout.strip() != VERSION:
        subprocess.run(["cargo", "install", "--locked", VERSION.replace(" ", "@")], check=True)
    survivors = 0
    for package in (Package(name, arguments) for name in known.package or PACKAGES):
        if not package.mutants:
            continue
        shutil.rmtree(OUT / "tmp", ignore_errors=True)
        (OUT / "tmp").mkdir(parents=True)
        ends = package.examine(known.jobs)
        (OUT / f"{package.name}.txt").write_text("".join(f"{end}: {mutant.name}\n" for mutant, end in ends.items()))
        counts = collections.Counter(ends.values())
        print(f"{package.name}: {len(ends)} mutants,", ", ".join(f"{counts[end]} {end}" for end in sorted(counts)), flush=True)
        survivors += counts["survived"]
    if survivors:
        sys.exit(f"{survivors} survived")


if __name__ == "__main__":
    main()
