"""GitHub's REST API: what is asked, tried again where that helps, and read as what it is documented to be."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

import httpx
import msgspec

from mergegate.errors import ForgeError
from mergegate.forge.answer import Answer
from mergegate.forge.names import check_api, check_token, shown
from mergegate.forge.patience import Patience
from mergegate.forge.refusals import refusal
from mergegate.forge.session import Fault, Session, maybe_done

PER_PAGE = 50
"""Entries asked for at once: fifty comments of the greatest length, escaped, still are one bounded answer."""

MOST_PAGES = 400
"""Pages of one list that are read."""

_REDIRECTS = (301, 302, 303, 307, 308)
_MOST_REDIRECTS = 3
_MOST_REMEMBERED = 32
_LARGEST_REMEMBERED = 2**20

_Value = TypeVar("_Value")


class Rest:
    """Speaks to one API with one token, which appears in no message and no representation.

    `asked` counts the requests that read; after `most` of them it refuses to ask for more.
    """

    def __init__(
        self,
        api_url: str,
        token: str,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.time,
        patience: float = 300.0,
        most: int | None = None,
    ) -> None:
        self.asked = 0
        self._most = most
        self._base = check_api(api_url)
        self._token = check_token(token)
        self._sleep = sleep
        self._clock = clock
        self._patience = patience
        self._remembered: dict[str, Answer] = {}
        self._session = Session(self._base, self._token)

    @property
    def host(self) -> str:
        """Whom it speaks to, for sentences."""
        return self._session.host

    def close(self) -> None:
        """Give the connections back."""
        self._session.close()

    def pause(self, seconds: float) -> None:
        """Wait, as before a request that is tried again."""
        self._sleep(seconds)

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
            if url is not None and not self._session.owns(url):
                raise self._strange(path, "names a next page on another host")
        if url is not None:
            raise ForgeError(
                f"GitHub's list {shown(path)} has over {MOST_PAGES * PER_PAGE:,} entries",
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
        """Ask GraphQL something that changes nothing. Raises ForgeError."""
        # An Enterprise has REST at /api/v3, and GraphQL beside it.
        base = self._base.removesuffix("/v3") if self._base.endswith("/api/v3") else self._base
        return self._change("POST", f"{base}/graphql", "/graphql", {"query": query}, kind, None)

    def transfer(self, path: str, write: Callable[[httpx.Response], None]) -> None:
        """Have `write` take the bytes that `path` redirects to, asked for without the token.

        `write` begins anew with each try. Raises ForgeError, and what `write` raises.
        """
        patience = self._new_patience()
        while True:
            sent: Answer | Fault | None = self._session.ask("GET", self._url(path, {}))
            if isinstance(sent, Answer) and sent.status in _REDIRECTS:
                target = sent.headers.get("location", "")
                if not self._session.may_fetch(target):
                    raise self._strange(path, "leads to no address that is safe to read")
                sent = self._session.fetch(target, write)
            if sent is None:
                return
            self._wait_or_give_up(patience, "GET", path, sent)

    def _read(self, url: str, path: str) -> Answer:
        patience = self._new_patience()
        redirects = 0
        known = self._remembered.get(url)
        while True:
            # What is as it was costs nothing of the token's budget.
            headers = {} if known is None else {"If-None-Match": known.headers["etag"]}
            self._count(path)
            sent = self._session.ask("GET", url, headers=headers)
            if isinstance(sent, Answer):
                if sent.status == 304 and known is not None:
                    return known
                if sent.status == 200:
                    self._remember(url, sent)
                    return sent
                if sent.status in _REDIRECTS:
                    # A renamed repository answers so; the token must not follow to another host.
                    url, known, redirects = sent.headers.get("location", ""), None, redirects + 1
                    if redirects > _MOST_REDIRECTS or not self._session.owns(url):
                        raise self._strange(path, "leads to another host, or in a circle")
                    continue
            self._wait_or_give_up(patience, "GET", path, sent)

    def _count(self, path: str) -> None:
        if self._most is not None and self.asked >= self._most:
            raise ForgeError(
                f"{shown(path)} was not asked for: {self.asked:,} requests are enough for one command",
                hint="look at it by hand",
            )
        self.asked += 1

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
        doubtful = False
        while True:
            sent = self._session.ask(method, url, content=content)
            if isinstance(sent, Answer) and sent.status < 300:
                return self._parse(sent, kind, path)
            doubtful = doubtful or maybe_done(sent)
            wait = patience.wait(sent)
            self._sleep(wait or 0.0)
            # Also before giving up: what was carried out at first is refused as a repetition.
            found = done() if done is not None and doubtful else None
            if found is not None:
                return found
            if wait is None:
                raise self._explain(method, path, sent)

    def _wait_or_give_up(self, patience: Patience, method: str, path: str, sent: Answer | Fault) -> None:
        wait = patience.wait(sent)
        if wait is None:
            raise self._explain(method, path, sent)
        self._sleep(wait)

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
            code="github-answer",
        )

    def _explain(self, method: str, path: str, sent: Answer | Fault) -> ForgeError:
        return refusal(method, path, self.host, sent, token=self._token, now=self._clock())

    def _remember(self, url: str, answer: Answer) -> None:
        if answer.headers.get("etag") and len(answer.body) <= _LARGEST_REMEMBERED:
            self._remembered.pop(url, None)
            self._remembered[url] = answer
            while len(self._remembered) > _MOST_REMEMBERED:
                del self._remembered[next(iter(self._remembered))]

    def _new_patience(self) -> Patience:
        return Patience(self._patience, self._clock)

    def _url(self, path: str, parameters: Mapping[str, str | int]) -> str:
        query = str(httpx.QueryParams(dict(parameters)))
        return f"{self._base}{path}" + (f"?{query}" if query else "")
