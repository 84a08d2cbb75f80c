"""Runs the vectors through other OAuth 2.0 libraries, each over its own HTTP client against a server on the loopback, and
writes what they do to vectors/OTHERS.md. `bash vectors/others/run` installs the libraries first."""

import base64
import collections
import http.client
import itertools
import json
import pathlib
import socketserver
import subprocess
import sys
import threading
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
VECTORS = HERE.parent
# A test key: that of RFC 7515, A.3.
KEY = {
    "kty": "EC",
    "crv": "P-256",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    "d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
}
TYPES = [None, "application/json", "application/problem+json", "application/octet-stream", "text/html", "text/plain", ""]


class Server(socketserver.ThreadingTCPServer):
    """Gives each path the response that it was told to give, byte by byte, and keeps the requests."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.responses = {}
        self.requests = collections.defaultdict(list)
        # Paths whose responses wait until so many requests have come, or until the callers cannot come any more.
        self.together = {}
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def url(self, path):
        return f"http://127.0.0.1:{self.server_address[1]}{path}"


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        line = self.rfile.readline().decode().split()
        if len(line) != 3:
            return
        headers = http.client.parse_headers(self.rfile)
        body = self.rfile.read(int(headers.get("content-length") or 0))
        self.server.requests[line[1]].append((headers, body))
        together = self.server.together.get(line[1])
        if together:
            # Callers that share a request never make the others: then the first ones wait in vain for them.
            try:
                together.wait(0.3)
            except threading.BrokenBarrierError:
                pass
        self.wfile.write(self.server.responses[line[1]])


def listed(value):
    return [] if value is None else value if isinstance(value, list) else [value]


def responses(vector, server):
    """Each combination of statuses, content types and bodies that HTTP can carry: no body follows some statuses."""
    bodies = [body.encode() for body in listed(vector.get("body"))]
    bodies += [bytes.fromhex(digits) for digits in listed(vector.get("body_hex"))]
    types = TYPES if vector.get("any_content_type") else [None]
    for status, kind, body in itertools.product(listed(vector["status"]), types, bodies):
        if not 200 <= status <= 599 or status in (204, 205, 304):
            continue
        head = [f"HTTP/1.1 {status} Vector"]
        for name, values in vector.get("headers", {}).items():
            for value in listed(values):
                if name == "location":
                    value = server.url("/elsewhere")
                head.append(f"{name}: {value}")
        if kind is None and not vector.get("any_content_type") and body.lstrip().startswith((b"{", b"[")):
            # Unless the vector is about the type, it is that of the body.
            kind = "application/json" if "content-type" not in vector.get("headers", {}) else None
        if kind is not None:
            head.append(f"content-type: {kind}")
        head += [f"content-length: {len(body)}", "connection: close", "", ""]
        yield "\r\n".join(head).encode("utf-8") + body


class Library:
    """A program that makes one call for each line of its standard input, and answers with a line."""

    def __init__(self, name, command):
        self.name = name
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.version = json.loads(self.process.stdout.readline())["version"]

    def ask(self, **call):
        self.process.stdin.write(json.dumps(call) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"{self.name} ended")
        return json.loads(line)


def token_response(library, server, vector, path):
    """How the library differs from the vector, in a few words, or None."""
    found = []
    for index, response in enumerate(responses(vector, server)):
        here = f"{path}/{index}"
        server.responses[here] = response
        read = library.ask(
            do="token", url=server.url(here), auth="client_secret_post", client_id="id", client_secret="s3cret-of-ours"
        )
        elsewhere = server.requests.pop("/elsewhere", None)
        if elsewhere:
            is_told = any(b"s3cret-of-ours" in body for _, body in elsewhere)
            found.append("sends the secret to the redirect's target" if is_told else "follows the redirect")
        elif vector["verdict"] == "token":
            found.append(of_token(read, vector["token"]))
        elif "token" in read:
            found.append("takes a token from it")
        elif read.get("code", "") != vector["error"].get("code", read.get("code", "")):
            found.append("error without its code")
        else:
            found.append(None)
    return worst(found)


def of_token(read, token):
    if "token" not in read:
        return "no token"
    if read["token"] != token["access_token"]:
        return "another token"
    # Some keep the end in place of the lifetime.
    lifetime, expected = read.get("expires_in"), token.get("expires_in")
    if isinstance(lifetime, (bool, str)):
        return "lifetime not read"
    if (lifetime is None) != (expected is None) or (lifetime is not None and abs(lifetime - expected) > 1):
        return f"{seconds(lifetime)}, not {seconds(expected)}"
    return None


def seconds(lifetime):
    return "no lifetime" if lifetime is None else f"{lifetime:.3g} s" if lifetime > 1e9 else f"{lifetime:.0f} s"


def worst(found):
    if not found:
        return "-"
    differing = [words for words in found if words]
    if not differing:
        return None
    counts = collections.Counter(differing)
    leaks = [words for words in counts if words.startswith("sends the secret")]
    words = leaks[0] if leaks else counts.most_common(1)[0][0]
    return words if counts[words] == len(found) else f"{words} ({counts[words]} of {len(found)})"


def token_request(library, server, vector, path):
    client, expected = vector["client"], vector["request"]
    if client.get("body_format") == "json" or "tenant" in client or "resources" in client:
        return "-"
    server.responses[path] = TOKEN
    read = library.ask(
        do="token",
        url=server.url(path),
        auth=client.get("auth", "client_secret_post"),
        basic_encoding=client.get("basic_encoding"),
        client_id=client["client_id"],
        client_secret=client["client_secret"],
        scope=client.get("scope"),
        params=client.get("params", {}) | ({"audience": client["audience"]} if "audience" in client else {}),
    )
    if not server.requests[path]:
        return f"no request: {read.get('error', '')}"
    headers, body = server.requests[path][0]
    if basic(headers.get("authorization")) != basic(expected["headers"].get("authorization")):
        return "another Authorization"
    sent = sorted(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True))
    if sent != sorted(urllib.parse.parse_qsl(expected["body"], keep_blank_values=True)):
        return "other parameters"
    return None


def basic(authorization):
    """The id and the secret as a server finds them: most decode a form, which reads both encodings of a space."""
    if authorization is None:
        return None
    pair = base64.b64decode(authorization.removeprefix("Basic ")).decode()
    return [urllib.parse.unquote_plus(part) for part in pair.split(":", 1)]


TOKEN = (
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: 64\r\n\r\n"
    + b'{"access_token":"t0ken","token_type":"Bearer","expires_in":3600}'
)


def assertion(library, server, vector, path):
    client, ids = vector["client"], set()
    for index in range(2):
        here = f"{path}/{index}"
        server.responses[here] = TOKEN
        read = library.ask(
            do="token",
            url=server.url(here),
            auth="private_key_jwt",
            client_id=client["client_id"],
            key=KEY,
            key_id=client.get("key_id"),
        )
        if read.get("unsupported"):
            return "-"
        if not server.requests[here]:
            return f"no request: {read.get('error', '')}"
        sent = dict(urllib.parse.parse_qsl(server.requests[here][0][1].decode()))
        header, claims = (decoded(part) for part in sent["client_assertion"].split(".")[:2])
        for name, value in vector["header"].items():
            if header.get(name) != value:
                return f"`{name}` is {header.get(name)}"
        for name, value in vector["claims"].items():
            if claims.get(name) != value:
                return f"`{name}` is {claims.get(name)}"
        for name in vector["required"]:
            if name not in claims:
                return f"no `{name}`"
        if "lifetime_at_most" in vector and claims["exp"] - claims["iat"] > vector["lifetime_at_most"]:
            return f"lasts {claims['exp'] - claims['iat']} s"
        if vector.get("single_audience") and not isinstance(claims["aud"], str):
            return f"`aud` is a list of {len(claims['aud'])}"
        if "jti" in vector["required"] and claims["jti"] in ids:
            return "one `jti` twice"
        ids.add(claims.get("jti"))
    return None


def decoded(part):
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def calls(library, server, vector, path):
    server.responses[path] = next(responses(vector, server))
    if vector.get("at_once"):
        server.together[path] = threading.Barrier(vector["calls"])
    read = library.ask(
        do="calls",
        url=server.url(path),
        auth="client_secret_post",
        client_id="id",
        client_secret="s3cret",
        calls=vector["calls"],
        at_once=vector.get("at_once", False),
    )
    if read.get("unsupported"):
        return "-"
    made = len(server.requests[path])
    return None if made == vector["requests"] else f"{made} requests"


def challenge(library, server, vector, path):
    # The others read the header only.
    has_header = vector.get("headers", {}).get("www-authenticate")
    if "standard" not in vector.get("provider", ["standard"]) or not has_header or vector["status"] not in (401, 403):
        return "-"
    found = []
    for index, response in enumerate(responses(vector, server)):
        here = f"{path}/{index}"
        server.responses[here] = response
        read = library.ask(do="challenge", url=server.url(here))
        if read.get("unsupported"):
            return "-"
        found.append(None if read["challenge"] == vector["verdict"] else read["challenge"])
    return worst(found)


FILES = [
    ("token-requests", "Token requests", token_request),
    ("token-responses", "Token responses", token_response),
    ("token-errors", "Errors of a token endpoint", token_response),
    ("challenges", "Challenges of an API", challenge),
    ("assertions", "Assertions", assertion),
    ("calls", "Calls", calls),
]


def main(programs):
    server = Server()
    server.responses["/elsewhere"] = TOKEN
    libraries = [Library(name, command) for name, command in programs]
    sections, totals = [], []
    for file, title, run in FILES:
        vectors = json.loads((VECTORS / f"{file}.json").read_text())["vectors"]
        cells = {}
        for library in libraries:
            for vector in vectors:
                cells[vector["name"], library.name] = run(library, server, vector, f"/{library.name}/{vector['name']}")
        names = [library.name for library in libraries]
        # As few differences as no library has are no news.
        rows = [vector for vector in vectors if any(cells[vector["name"], name] not in (None, "-") for name in names)]
        ours = [cells[vector["name"], names[0]] for vector in vectors]
        assert all(cell in (None, "-") for cell in ours), [pair for pair in zip(vectors, ours) if pair[1] not in (None, "-")]
        counts = []
        for name in names:
            tried = [cells[vector["name"], name] for vector in vectors if cells[vector["name"], name] != "-"]
            counts.append(f"{sum(cell is None for cell in tried)} of {len(tried)}" if tried else "-")
        totals.append(f"| [{title}](#{title.lower().replace(' ', '-')}) | " + " | ".join(counts) + " |")
        section = [f"## {title}", ""]
        if rows:
            section += [f"| vector | rule | {' | '.join(names[1:])} |", "|---" * (len(names) + 1) + "|"]
        for vector in rows:
            verdicts = [cells[vector["name"], name] or "as the vector" for name in names[1:]]
            rule = f"{vector['reason']} ({vector['rfc']})".replace("|", "\\|")
            section.append(f"| `{vector['name']}` | {rule} | {' | '.join(verdicts)} |")
        sections += [*section, ""] if rows else []
    versions = "\n".join(f"- {library.name} {library.version}" for library in libraries)
    head = (HERE / "head.md").read_text().replace("VERSIONS", versions).rstrip() + "\n"
    table = [f"| vectors | {' | '.join(library.name for library in libraries)} |", "|---" * (len(libraries) + 1) + "|", *totals]
    (VECTORS / "OTHERS.md").write_text("\n".join([head, *table, "", *sections]).rstrip() + "\n")


if __name__ == "__main__":
    main([(words[0], words[1:]) for words in (argument.split() for argument in sys.argv[1:])])
