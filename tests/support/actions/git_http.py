"""git over HTTP, as GitHub serves it: anonymous readers of a public repository, and tokens that may read."""

import base64
import os
import subprocess
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit


class GitServer:
    """Serves the bare repositories below a folder.

    `may(token, level)` says whether a token may read or write; `pushed` is called after a push.
    `requests` are (path, token) in the order they came.
    """

    def __init__(self, folder: Path, may: Callable[[str, str], bool], pushed: Callable[[], None]) -> None:
        self.requests: list[tuple[str, str]] = []
        self.public = True

        class Handler(_Handler):
            root = folder
            allows = staticmethod(self._allows)
            told = staticmethod(pushed)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._may = may
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _allows(self, path: str, query: str, header: str) -> bool:
        token = ""
        if header:
            secret = base64.b64decode(header.partition(" ")[2]).decode()
            token = secret.partition(":")[2]
        self.requests.append((path, token))
        writes = "git-receive-pack" in path or "git-receive-pack" in query
        return self._may(token, "write" if writes else "read") if token else self.public and not writes


class _Handler(BaseHTTPRequestHandler):
    root: Path
    allows: Callable[[str, str, str], bool]
    told: Callable[[], None]

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the log is `requests`."""

    def do_GET(self) -> None:
        self._serve(b"")

    def do_POST(self) -> None:
        self._serve(self._read())

    def _read(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _serve(self, body: bytes) -> None:
        parts = urlsplit(self.path)
        if not type(self).allows(parts.path, parts.query, self.headers.get("Authorization", "")):
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="GitHub"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        # GitHub takes a name with and without its suffix.
        owner, _, rest = parts.path.lstrip("/").partition("/")
        name, _, rest = rest.partition("/")
        done = subprocess.run(
            ["git", "http-backend"],
            input=body,
            env={
                "PATH": os.defpath,
                "GIT_PROJECT_ROOT": str(self.root),
                "GIT_HTTP_EXPORT_ALL": "1",
                # Whoever comes as far as here may write.
                "REMOTE_USER": "token",
                "PATH_INFO": f"/{owner}/{name.removesuffix('.git')}/{rest}",
                "QUERY_STRING": parts.query,
                "REQUEST_METHOD": self.command,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            },
            capture_output=True,
            check=False,
            timeout=60,
        )
        if rest.endswith("git-receive-pack"):
            type(self).told()
        head, _, answer = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().splitlines() if ": " in line)
        self.send_response(int(headers.pop("Status", "200").split()[0]))
        for field, value in headers.items():
            self.send_header(field, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)
