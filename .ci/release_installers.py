"""Tries the installers of a release, `.ci/release_installers.py FOLDER VERSION TARGET`, against a local Experience Edge: the
steps of `action.yml` and the scripts of both templates run as their files have them, and get a token or clear the cache."""

import functools
import hashlib
import http.server
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import urllib.parse

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent


class Releases(http.server.SimpleHTTPRequestHandler):
    """The archives, below the path that a release has, and ID tokens as GitHub gives them."""

    assertion = None

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        if url.path == "/id-token":
            asked = urllib.parse.parse_qs(url.query)
            if self.headers["Authorization"] != "Bearer of-the-job" or asked["audience"] != ["the-audience"]:
                return self.send_error(401)
            body = json.dumps({"count": 1, "value": Releases.assertion}).encode()
            self.send_response(200)
            self.end_headers()
            return self.wfile.write(body)
        return super().do_GET()

    def log_message(self, *_):
        pass


def evaluated(text, context):
    """The few expressions that `action.yml` has: names, joined by `||`."""
    def value(match):
        return next((context[name] for name in match[1].split(" || ") if context[name]), "")

    return re.sub(r"\$\{\{ (.*?) \}\}", value, str(text))


def run(script, env, shell="bash", **more):
    words = [shell, "-e", "-o", "pipefail", "-c", script] if shell == "bash" else [shell, "-e", "-c", script]
    done = subprocess.run(words, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **more)
    return done.returncode, done.stdout


def succeeds(script, env, shell="bash"):
    status, output = run(script, env, shell)
    assert status == 0, output
    return output


def action(address, env, temp, edge):
    """Runs the steps of `action.yml`. Returns the token, which is an output."""
    read = yaml.safe_load((ROOT / "action.yml").read_text())
    inputs = {
        "version": "",
        "releases": f"{address}/releases/download",
        "audience": "the-audience",
        "arguments": f'--endpoint={edge["SITECORE_AUTH_URL"]}\n--audience={edge["SITECORE_AUDIENCE"]}\n--client-id=local-client',
    }
    assert inputs.keys() == read["inputs"].keys()
    context = {f"inputs.{name}": value for name, value in inputs.items()}
    context |= {"github.token": "", "github.action_repository": "owner/name"}
    env = env | {
        "GITHUB_ACTION_PATH": str(ROOT),
        "GITHUB_PATH": str(temp / "path"),
        "GITHUB_OUTPUT": str(temp / "output"),
        "RUNNER_TEMP": str(temp),
        "ACTIONS_ID_TOKEN_REQUEST_URL": f"{address}/id-token?api-version=2.0",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "of-the-job",
    }
    (temp / "path").touch()
    (temp / "output").touch()
    for step in read["runs"]["steps"]:
        own = {name: evaluated(text, context) for name, text in step["env"].items()}
        added = (temp / "path").read_text().split()
        output = succeeds(step["run"], env | own | {"PATH": ":".join([*added, env["PATH"]])})
        assert Releases.assertion not in output
    token = re.search(r"^token=(ey.+)$", (temp / "output").read_text(), re.MULTILINE)[1]
    without_mask = output.replace(f"::add-mask::{token}", "")
    assert "::add-mask::" + token in output and token not in without_mask
    assert not list(temp.glob("*/assertion")), "the ID token is left behind"
    return token


def refuses_another_archive(address, version, env, temp):
    env = env | {
        "EDGE_OAUTH_VERSION": version,
        "EDGE_OAUTH_RELEASES": f"{address}/changed",
        "RUNNER_TEMP": str(temp),
        "GITHUB_PATH": str(temp / "path"),
    }
    status, output = run(f"bash {ROOT}/release/install.sh", env)
    assert status != 0 and "FAILED" in output, output


def gitlab(folder, address, version, env, edge, edge_of_key):
    read = yaml.safe_load((folder / "gitlab.yml").read_text())
    install = "\n".join(read[".edge-oauth"]["before_script"])
    env = env | read[".edge-oauth"]["variables"] | {"EDGE_OAUTH_RELEASE": f"{address}/releases/download/v{version}"}
    for shell in ["sh", "bash"]:
        succeeds(f"{install}\nedge-oauth admin cache clear", env | edge, shell)
    job = read[".edge-oauth-assertion"]
    (name,) = job["id_tokens"]
    env = env | job["variables"] | edge_of_key | {name: Releases.assertion}
    assert "\ney" in succeeds(f"{install}\nedge-oauth token --no-cache", env, "sh")
    status, output = run(install.replace("sum=", "sum=0"), env)
    assert status != 0 and "edge-oauth:" not in output


def azure(folder, address, version, env, temp, edge):
    read = yaml.safe_load((folder / "azure-pipelines.yml").read_text())
    (step,) = read["steps"]
    context = {"parameters.release": f"{address}/releases/download/v{version}"}
    own = {name: evaluated(text, context) for name, text in step["env"].items()}
    output = succeeds(step["bash"], env | own | {"AGENT_TEMPDIRECTORY": str(temp)})
    added = re.search(r"^##vso\[task\.prependpath\](.+)$", output, re.MULTILINE)[1]
    succeeds("edge-oauth admin cache clear", env | edge | {"PATH": f'{added}:{env["PATH"]}'})


def manifests(folder, version, target):
    """The manifests name files that a release has, by the right checksums."""
    archive = folder / f"edge-oauth-{version}-{target}.tar.gz"
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    formula = (folder / "edge-oauth.rb").read_text()
    named = re.findall(r'url ".*/(edge-oauth-.*)"\n +sha256 "(.*)"', formula)
    assert len(named) == 4 and (archive.name, digest) in named
    scoop = json.loads((folder / "edge-oauth.json").read_text())
    assert scoop["architecture"]["64bit"]["url"].endswith(f"/v{version}/edge-oauth-{version}-x86_64-pc-windows-msvc.zip")
    for name in ["edge-oauth.rb", "edge-oauth.json", "gitlab.yml", "azure-pipelines.yml"]:
        assert not re.search(r"@[A-Z]+", (folder / name).read_text()), name

    command = ["cargo", "metadata", "--locked", "--no-deps", "--format-version", "1"]
    packages = json.loads(subprocess.check_output(command, cwd=ROOT))["packages"]
    binstall = next(p for p in packages if p["name"] == "edge-oauth-cli")["metadata"]["binstall"]
    path = binstall["pkg-url"].replace("{ version }", version).replace("{ target }", target)
    assert path == f"{{ repo }}/releases/download/v{version}/{archive.name}"
    windows = binstall["overrides"]["x86_64-pc-windows-msvc"]["pkg-url"].replace("{ version }", version)
    assert windows.replace("{ target }", "x86_64-pc-windows-msvc").endswith(scoop["architecture"]["64bit"]["url"][-40:])


def main(folder, version, target):
    manifests(folder, version, target)
    with tempfile.TemporaryDirectory() as temp:
        temp = pathlib.Path(temp)
        subprocess.run(["tar", "-xzf", folder / f"edge-oauth-{version}-{target}.tar.gz", "-C", temp], check=True)
        program = temp / f"edge-oauth-{version}-{target}" / "edge-oauth"
        key = temp / "key.pem"
        subprocess.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key],
                       check=True, stderr=subprocess.DEVNULL)
        key.chmod(0o600)
        (temp / "home").mkdir()
        env = {"PATH": os.environ["PATH"], "HOME": str(temp / "home")}

        def serve(*arguments):
            server = subprocess.Popen([program, "serve", "-o", "json", *arguments], env=env, stdout=subprocess.PIPE,
                                      stderr=subprocess.DEVNULL, text=True)
            lines = iter(server.stdout.readline, "}\n")
            variables = json.loads("".join(lines) + "}")
            return server, {name: value for name, value in variables.items() if name.startswith("SITECORE")}

        releases = temp / "releases/download"
        releases.mkdir(parents=True)
        (releases / f"v{version}").symlink_to(folder)
        changed = temp / "changed" / f"v{version}"
        changed.mkdir(parents=True)
        (changed / "SHA256SUMS").write_bytes((folder / "SHA256SUMS").read_bytes())
        (changed / f"edge-oauth-{version}-{target}.tar.gz").write_bytes(b"another archive")
        files = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Releases, directory=temp))
        threading.Thread(target=files.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{files.server_port}"
        with_secret, edge = serve()
        with_key, edge_of_key = serve("--client-key", str(key))
        try:
            words = [program, "request", "-o", "http", "--show-secret", "--key-file", key]

            def new_assertion():
                request = subprocess.check_output(words, env=env | edge_of_key, text=True)
                Releases.assertion = re.search(r"client_assertion=([A-Za-z0-9._-]+)", request)[1]

            new_assertion()
            refuses_another_archive(address, version, env, temp)
            assert action(address, env, temp, edge_of_key).startswith("ey")
            azure(folder, address, version, env, temp, edge)
            new_assertion()
            gitlab(folder, address, version, env, edge, edge_of_key)
        finally:
            for server in [with_secret, with_key]:
                server.terminate()
                server.wait()
            files.shutdown()
    print("the action and both templates got their tokens; a changed archive was refused")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]).resolve(), *sys.argv[2:])
