"""An S3 server of moto's on 127.0.0.1 that keeps every request it gets."""

import threading
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from moto.s3.models import s3_backends
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

ACCOUNT = "123456789012"
"""Whose everything at moto is."""

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_MAX_ATTEMPTS": "1",
}


class S3:
    """A running server; `requests` are (method, path) in the order they came.

    What `refuses` says yes to, by method and path, is answered with 403.
    """

    def __init__(self, requests: list[tuple[str, str]]) -> None:
        self.url = ""
        self.requests = requests
        self.refuses: Callable[[str, str], bool] = lambda method, path: False

    def make_bucket(self, name: str) -> None:
        request = urllib.request.Request(f"{self.url}/{name}", data=b"", method="PUT")
        # The default, a form's type, would have the server take the body for a form.
        request.add_header("Content-Type", "application/octet-stream")
        with urllib.request.urlopen(request, timeout=30):
            self.requests.clear()

    def put(self, path: str, data: bytes) -> None:
        """Store an object, `bucket/key`, whoever may write there."""
        bucket, _, key = path.partition("/")
        s3_backends[ACCOUNT]["aws"].put_object(bucket, key, data)
        self.requests.clear()

    def holds(self, path: str) -> bool:
        """Whether there is an object, `/bucket/key`; whoever may read it."""
        bucket, _, key = path.removeprefix("/").partition("/")
        return key in s3_backends[ACCOUNT]["aws"].buckets[bucket].keys

    def config(self, bucket: str, *, name: str = "store") -> str:
        """The lines of a `.dvc/config` that make the bucket the default remote."""
        return (
            f"[core]\n    remote = {name}\n['remote \"{name}\"']\n"
            f"    url = s3://{bucket}/deep\n    endpointurl = {self.url}\n"
        )


@contextmanager
def serve() -> Iterator[S3]:
    """Run a server on a free port until the end of the block."""
    requests: list[tuple[str, str]] = []
    running = S3(requests)
    application = DomainDispatcherApplication(create_backend_app)

    def record(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        requests.append((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
        if running.refuses(*requests[-1]):
            start_response("403 Forbidden", [("Content-Length", "0")])
            return [b""]
        answer: Iterable[bytes] = application(environ, start_response)
        return answer

    server = make_server("127.0.0.1", 0, record, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        running.url = f"http://127.0.0.1:{server.server_port}"
        yield running
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
