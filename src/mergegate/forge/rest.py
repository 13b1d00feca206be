"""GitHub's REST API over HTTP: requests bounded in time and bytes, tried again where that helps."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar
from urllib.parse import urlsplit

import httpx
import msgspec

from mergegate import __version__
from mergegate.errors import ForgeError
from mergegate.forge.answer import Answer
from mergegate.forge.names import LOCAL, check_api, check_token, shown
from mergegate.forge.patience import Patience
from mergegate.forge.refusals import refusal

LARGEST_ANSWER = 20 * 2**20
"""Bytes of one answer that are read."""

PER_PAGE = 50
"""Entries asked for at once: fifty comments of the greatest length, escaped, are below LARGEST_ANSWER."""

MOST_PAGES = 400
"""Pages of one list that are read."""

TIMEOUT = httpx.Timeout(connect=10, read=30, write=30, pool=10)

_HEADERS = {
    "Accept": "application/vnd.github+json",
    "X-GitHub-Api-Version": "2022-11-28",
    "User-Agent": f"mergegate/{__version__}",
}
_REDIRECTS = (301, 302, 303, 307, 308)
_MOST_REDIRECTS = 3
_MOST_REMEMBERED = 32
_LARGEST_REMEMBERED = 2**20
# What never reached GitHub, so that even what must not happen twice may be tried again.
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)

_Value = TypeVar("_Value")


class Rest:
    """Speaks to one API with one token, which appears in no message and no representation."""

    def __init__(
        self,
        api_url: str,
        token: str,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.time,
        patience: float = 300.0,
    ) -> None:
        self._base = check_api(api_url)
        self._token = check_token(token)
        self._sleep = sleep
        self._clock = clock
        self._patience = patience
        self._remembered: dict[str, tuple[str, Answer]] = {}
        self._http = httpx.Client(
            headers=_HEADERS | {"Authorization": f"Bearer {token}"}, timeout=TIMEOUT, follow_redirects=False
        )
        # Where an artifact lies the token has no business, so that client never has it.
        self._anonymous = httpx.Client(
            headers={"User-Agent": _HEADERS["User-Agent"]}, timeout=TIMEOUT, follow_redirects=False
        )

    @property
    def host(self) -> str:
        """Whom it speaks to, for sentences."""
        return urlsplit(self._base).netloc

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()
        self._anonymous.close()

    def get(self, path: str, kind: type[_Value], **parameters: str | int) -> _Value:
        """Read one thing as `kind`. Raises ForgeError."""
        return self._parse(self._read(self._url(path, parameters), path), kind, path)

    def pages(self, path: str, kind: type[_Value], **parameters: str | int) -> Iterator[_Value]:
        """Read a list page by page as `kind`, the type of a whole page. Raises ForgeError."""
        url: str | None = self._url(path, {"per_page": PER_PAGE} | parameters)
        for _ in range(MOST_PAGES):
            if url is None:
                return
            answer = self._read(url, path)
            yield self._parse(answer, kind, path)
            url = answer.next_page
            if url is not None and not self._ours(url):
                raise self._strange(path, "names a next page on another host")
        if url is not None:
            raise ForgeError(
                f"GitHub's list {path} has over {MOST_PAGES * PER_PAGE:,} entries",
                hint="close or delete what is no longer needed",
            )

    def send(
        self,
        method: str,
        path: str,
        body: Mapping[str, object],
        kind: type[_Value],
        *,
        done: Callable[[], _Value | None] | None = None,
    ) -> _Value:
        """Change something, and read the answer as `kind`.

        What may have been carried out, though no answer came, is tried again only after `done` looked and
        found nothing; without `done` doing it twice must be as good as once. Raises ForgeError.
        """
        return self._change(method, self._url(path, {}), path, body, kind, done)

    def query(self, query: str, kind: type[_Value]) -> _Value:
        """Ask GraphQL something, once more where that fails: a query changes nothing. Raises ForgeError."""
        base = self._base.removesuffix("/v3") if self._base.endswith("/api/v3") else self._base
        return self._change("POST", f"{base}/graphql", "/graphql", {"query": query}, kind, None)

    def transfer(self, path: str, write: Callable[[httpx.Response], None]) -> None:
        """Have `write` take the bytes that `path` redirects to, asked for without the token.

        `write` begins anew with each try. Raises ForgeError, and what `write` raises.
        """
        patience = self._new_patience()
        while True:
            answer, fault = self._once("GET", self._url(path, {}))
            if answer is not None and answer.status in _REDIRECTS:
                answer, fault = self._fetch(path, answer.headers.get("location", ""), write)
                if answer is None and fault is None:
                    return
            wait = patience.wait(answer, fault)
            if wait is None:
                raise self._explain("GET", path, answer, fault)
            self._sleep(wait)

    def pause(self, seconds: float) -> None:
        """Wait, as before a request that is tried again."""
        self._sleep(seconds)

    def _change(
        self,
        method: str,
        url: str,
        path: str,
        body: Mapping[str, object],
        kind: type[_Value],
        done: Callable[[], _Value | None] | None,
    ) -> _Value:
        patience = self._new_patience()
        content = msgspec.json.encode(body)
        while True:
            answer, fault = self._once(method, url, content=content)
            if answer is not None and answer.status < 300:
                return self._parse(answer, kind, path)
            wait = patience.wait(answer, fault)
            if wait is None:
                raise self._explain(method, path, answer, fault)
            self._sleep(wait)
            if done is not None and _maybe_done(answer, fault):
                found = done()
                if found is not None:
                    return found

    def _fetch(
        self, path: str, target: str, write: Callable[[httpx.Response], None]
    ) -> tuple[Answer | None, httpx.HTTPError | None]:
        """Read a signed address: nothing where that went well, else the answer or why there is none."""
        if not self._safe(target):
            raise self._strange(path, "leads to no address that is safe to read")
        try:
            with self._anonymous.stream("GET", target) as response:
                if response.status_code == 200:
                    write(response)
                    return None, None
                return Answer(status=response.status_code, headers={}, body=b""), None
        except httpx.HTTPError as error:
            return None, error

    def _read(self, url: str, path: str) -> Answer:
        patience = self._new_patience()
        redirects = 0
        etag, known = self._remembered.get(url, ("", None))
        while True:
            headers = {"If-None-Match": etag} if etag else {}
            answer, fault = self._once("GET", url, headers=headers)
            if answer is not None and answer.status == 304 and known is not None:
                return known
            if answer is not None and answer.status == 200:
                self._remember(url, answer)
                return answer
            if answer is not None and answer.status in _REDIRECTS:
                # A renamed repository answers so; a token must not follow to another host.
                target = answer.headers.get("location", "")
                redirects += 1
                if redirects > _MOST_REDIRECTS or not self._ours(target):
                    raise self._strange(path, "leads to another host, or in a circle")
                url, etag, known = target, "", None
                continue
            wait = patience.wait(answer, fault)
            if wait is None:
                raise self._explain("GET", path, answer, fault)
            self._sleep(wait)

    def _once(
        self, method: str, url: str, *, content: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[Answer | None, httpx.HTTPError | None]:
        """One request: its answer, or why there is none."""
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
                            hint="try again later",
                        )
                return Answer(
                    status=response.status_code,
                    headers={name.lower(): value for name, value in response.headers.items()},
                    body=bytes(body),
                ), None
        except httpx.HTTPError as error:
            return None, error

    def _parse(self, answer: Answer, kind: type[_Value], path: str) -> _Value:
        try:
            return msgspec.json.decode(answer.body, type=kind)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            if answer.is_page:
                raise self._strange(path, "is a web page, not data") from error
            raise self._strange(path, f"is not as documented: {shown(str(error))}") from error

    def _strange(self, path: str, what: str) -> ForgeError:
        return ForgeError(
            f"the answer of {self.host} to {shown(path)} {what}",
            hint="look at GITHUB_API_URL; a proxy may stand in between",
        )

    def _explain(
        self, method: str, path: str, answer: Answer | None, fault: httpx.HTTPError | None
    ) -> ForgeError:
        return refusal(method, path, self.host, answer, fault, token=self._token, now=self._clock())

    def _remember(self, url: str, answer: Answer) -> None:
        etag = answer.headers.get("etag", "")
        if etag and len(answer.body) <= _LARGEST_REMEMBERED:
            self._remembered.pop(url, None)
            self._remembered[url] = (etag, answer)
            while len(self._remembered) > _MOST_REMEMBERED:
                del self._remembered[next(iter(self._remembered))]

    def _new_patience(self) -> Patience:
        return Patience(self._patience, self._clock)

    def _url(self, path: str, parameters: Mapping[str, str | int]) -> str:
        query = str(httpx.QueryParams(dict(parameters)))
        return f"{self._base}{path}" + (f"?{query}" if query else "")

    def _ours(self, url: str) -> bool:
        """Whether a URL is one of the API that the token is for."""
        try:
            found, base = urlsplit(url), urlsplit(self._base)
            return (found.scheme, found.netloc) == (base.scheme, base.netloc)
        except ValueError:
            return False

    def _safe(self, url: str) -> bool:
        try:
            found = urlsplit(url)
            same = urlsplit(self._base).scheme == "http" and found.hostname in LOCAL
            return found.hostname is not None and (
                found.scheme == "https" or (same and found.scheme == "http")
            )
        except ValueError:
            return False


def _maybe_done(answer: Answer | None, fault: Exception | None) -> bool:
    """Whether a request may have been carried out although it failed."""
    if answer is not None:
        return answer.status >= 500
    return not isinstance(fault, _NEVER_SENT)
