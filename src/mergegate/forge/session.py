"""One HTTP request at a time, bounded in time and bytes: with the token to the API, without it elsewhere."""

import ssl
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

import httpx

from mergegate import __version__
from mergegate.errors import ForgeError, UsageError
from mergegate.forge.answer import Answer
from mergegate.forge.names import LOCAL

LARGEST_ANSWER = 20 * 2**20
"""Bytes of one answer that are read."""

TIMEOUT = httpx.Timeout(connect=10, read=30, write=30, pool=10)
"""Seconds; GitHub itself gives a request up after ten."""

_HEADERS = {
    "Accept": "application/vnd.github+json",
    "X-GitHub-Api-Version": "2022-11-28",
    "User-Agent": f"mergegate/{__version__}",
}
# The bytes are counted and hashed as they are stored.
_PLAIN = {"User-Agent": _HEADERS["User-Agent"], "Accept-Encoding": "identity"}
# What never reached GitHub, so that even what must not happen twice may be tried again.
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_FAULTS = (httpx.HTTPError, httpx.InvalidURL)

Fault = httpx.HTTPError | httpx.InvalidURL
"""Why there is no answer."""


def _trust(scheme: str) -> ssl.SSLContext:
    """Whom to believe who they are: the usual authorities, whose reading takes time, or none at all.

    Without TLS the API is on this machine, and TLS to wherever it leads is refused.
    """
    return httpx.create_ssl_context() if scheme == "https" else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class Session:
    """Connections to the API at `base`, and to wherever it says that artifacts lie."""

    def __init__(self, base: str, token: str) -> None:
        self._base = urlsplit(base)
        try:
            context = _trust(self._base.scheme)
            headers = _HEADERS | {"Authorization": f"Bearer {token}"}
            self._http = httpx.Client(headers=headers, timeout=TIMEOUT, verify=context)
            # Where an artifact lies the token has no business, so that client never has it.
            self._anonymous = httpx.Client(headers=_PLAIN, timeout=TIMEOUT, verify=context)
        except (OSError, ValueError, ImportError, httpx.InvalidURL) as error:
            raise UsageError(
                f"the proxy or the certificates of the environment can't be used ({type(error).__name__})",
                hint="look at HTTPS_PROXY, ALL_PROXY, SSL_CERT_FILE and SSL_CERT_DIR",
            ) from error

    @property
    def host(self) -> str:
        """Whom it speaks to, for sentences."""
        return self._base.netloc

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()
        self._anonymous.close()

    def ask(
        self, method: str, url: str, *, content: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer | Fault:
        """Send a request with the token: its answer, or why there is none. Raises ForgeError if too large."""
        extra = dict(headers or {})
        if content is not None:
            extra["Content-Type"] = "application/json"
        try:
            with self._http.stream(method, url, content=content, headers=extra) as response:
                body = bytearray()
                for chunk in response.iter_bytes():
                    body += chunk
                    if len(body) > LARGEST_ANSWER:
                        raise ForgeError(
                            f"an answer of {self.host} is over {LARGEST_ANSWER:,} bytes",
                            hint="look at GITHUB_API_URL; a proxy may stand in between",
                            code="github-answer",
                        )
                return Answer(
                    status=response.status_code,
                    headers={name.lower(): value for name, value in response.headers.items()},
                    body=bytes(body),
                )
        except _FAULTS as error:
            return error

    def fetch(self, url: str, write: Callable[[httpx.Response], None]) -> Answer | Fault | None:
        """Have `write` take what is at a signed address; None when it did. Raises what `write` raises."""
        try:
            with self._anonymous.stream("GET", url) as response:
                if response.status_code == 200:
                    write(response)
                    return None
                return Answer(status=response.status_code, headers={}, body=b"")
        except _FAULTS as error:
            return error

    def owns(self, url: str) -> bool:
        """Whether a URL is one of the API that the token is for."""
        try:
            found = urlsplit(url)
        except ValueError:
            return False
        return (found.scheme, found.netloc) == (self._base.scheme, self._base.netloc)

    def may_fetch(self, url: str) -> bool:
        """Whether bytes may be read from a URL: encrypted, unless both ends are on this machine."""
        try:
            found = urlsplit(url)
            local = self._base.hostname in LOCAL and found.hostname in LOCAL
        except ValueError:
            return False
        return bool(found.hostname) and (found.scheme == "https" or (local and found.scheme == "http"))


def maybe_done(sent: Answer | Fault) -> bool:
    """Whether a request may have been carried out although it failed."""
    return sent.status >= 500 if isinstance(sent, Answer) else not isinstance(sent, _NEVER_SENT)
