"""A real browser on a page: what it shows, says and asks for. Every host's name leads back to the test."""

import mimetypes
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-features=NetworkTimeServiceQuerying",
    "--disable-sync",
    "--no-first-run",
    "--enable-logging=stderr",
)

Pages = Mapping[str, str] | Mapping[str, bytes]
"""What is served, by its path: HTML, or what the path's ending says."""


@dataclass(frozen=True)
class Visit:
    """The elements that the browser ends up with, its console, and `host/path` of each request."""

    dom: str
    console: tuple[str, ...]
    requests: tuple[str, ...]


def visit(pages: Pages, path: str, *, profile: Path, dark: bool = False, flags: Sequence[str] = ()) -> Visit:
    """Open `path` of `pages` with an empty profile in the folder `profile`."""
    program = next(found for name in PROGRAMS if (found := shutil.which(name)))
    with serve(pages) as (here, requests):
        command = [
            program,
            *QUIET,
            *flags,
            *(["--blink-settings=preferredColorScheme=0"] if dark else []),
            f"--user-data-dir={profile}",
            f"--host-resolver-rules=MAP * {here}",
            "--dump-dom",
            f"http://{here}{path}",
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    console = tuple(line for line in done.stderr.splitlines() if "CONSOLE" in line)
    return Visit(done.stdout, console, tuple(each.removeprefix(here) for each in requests))


@contextmanager
def serve(pages: Pages) -> Iterator[tuple[str, list[str]]]:
    """Serve `pages` by their paths; gives the address, and a list that each `host/path` asked for joins."""
    requests: list[str] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(pages, requests))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}", requests
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(pages: Pages, requests: list[str]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            requests.append(f"{self.headers.get('Host', '')}{self.path}")
            path = self.path.partition("?")[0]
            page = pages.get(path)
            self.send_response(404 if page is None else 200)
            kind = mimetypes.guess_type(path)[0] or "text/html"
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.end_headers()
            self.wfile.write(page if isinstance(page, bytes) else (page or "").encode())

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: the test tells what was asked for."""

    return Handler
