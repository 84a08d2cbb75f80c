"""nginx on free ports of the loopback: prints its URLs, and ends when its standard input does.

    PEER_CERTIFICATE=… PEER_KEY=… PEER_CLIENT_CA=… python3 serve.py http://127.0.0.1:8080

It passes requests on to the URL that is given, over http and, with these texts in PEM, over https, and over
https with a client certificate of that authority: the first line printed has the three URLs.
"""

import ctypes
import os
import signal
import socket
import string
import subprocess
import sys
import tempfile
from pathlib import Path


def main() -> None:
    listeners, down = [listening() for _ in range(3)], nobody()
    ports = [listener.getsockname()[1] for listener in listeners]
    template = string.Template(Path(__file__).with_name("nginx.conf").read_text())
    with tempfile.TemporaryDirectory(prefix="edge-oauth-nginx-") as folder:
        for name in ("CERTIFICATE", "KEY", "CLIENT_CA"):
            Path(folder, name).write_text(os.environ[f"PEER_{name}"])
        conf = Path(folder, "nginx.conf")
        conf.write_text(template.safe_substitute(
            FOLDER=folder,
            HTTP=ports[0],
            HTTPS=ports[1],
            MUTUAL=ports[2],
            DOWN=down.getsockname()[1],
            UPSTREAM=sys.argv[1],
        ))
        # nginx takes over the sockets that this variable names, as it does when it is upgraded.
        inherited = [listener.fileno() for listener in listeners]
        nginx = subprocess.Popen(
            ["nginx", "-p", folder, "-e", "stderr", "-c", conf],
            env={**os.environ, "NGINX": "".join(f"{socket};" for socket in inherited)},
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
            pass_fds=inherited,
            preexec_fn=end_with_parent,
        )
        print(*[f"{scheme}://127.0.0.1:{port}" for scheme, port in zip(("http", "https", "https"), ports)], flush=True)
        sys.stdin.read()
        nginx.terminate()
        nginx.wait()


def listening() -> socket.socket:
    """Connections wait in it until nginx takes them, so nobody has to wait for nginx."""
    return socket.create_server(("127.0.0.1", 0), backlog=511)


def nobody() -> socket.socket:
    """An address that is taken, so that nobody else gets it, and does not listen."""
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    return taken


def end_with_parent() -> None:
    """Should this script be killed, nginx is told to end: prctl(PR_SET_PDEATHSIG), on Linux only."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


if __name__ == "__main__":
    main()
