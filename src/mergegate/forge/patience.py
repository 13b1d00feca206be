"""How long to wait before a request is tried again, and when to stop: as GitHub's documentation asks."""

from collections.abc import Callable
from typing import Literal

import httpx

from mergegate.forge.answer import Answer

MOST_TRIES = 6
"""Times that one request is sent."""

MINUTE = 60.0
"""Seconds to wait after a secondary limit that doesn't say for how long."""

UNTRUSTED = "CERTIFICATE_VERIFY_FAILED"
"""What OpenSSL says of a host that is not whom it claims to be."""

_BROKEN = (500, 502, 503, 504)
_HOPELESS = (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.TooManyRedirects, httpx.InvalidURL)

Limit = Literal["primary", "secondary"]


class Patience:
    """What one request may still wait for: `seconds` altogether, over at most MOST_TRIES tries."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._left = seconds
        self._clock = clock
        self._tries = 0

    def wait(self, sent: Answer | Exception) -> float | None:
        """Seconds to wait before the next try; None when it is hopeless, or would take too long."""
        self._tries += 1
        seconds = self._asked(sent) if isinstance(sent, Answer) else self._after(sent)
        if seconds is None or self._tries >= MOST_TRIES or seconds > self._left:
            return None
        self._left -= seconds
        return seconds

    def _asked(self, answer: Answer) -> float | None:
        """What the answer itself asks for."""
        limit = limited(answer)
        told = _number(answer, "retry-after")
        if limit is None and answer.status not in _BROKEN:
            return None
        if told is not None:
            return told
        if limit == "primary":
            reset = _number(answer, "x-ratelimit-reset")
            # A second more, because the clocks are two.
            return MINUTE if reset is None else max(0.0, reset - self._clock()) + 1.0
        return MINUTE * 2 ** (self._tries - 1) if limit == "secondary" else self._backed_off()

    def _after(self, fault: Exception) -> float | None:
        """After a connection that failed."""
        distrusted = UNTRUSTED in str(fault)
        return None if distrusted or isinstance(fault, _HOPELESS) else self._backed_off()

    def _backed_off(self) -> float:
        return float(2 ** (self._tries - 1))


def limited(answer: Answer) -> Limit | None:
    """Which of GitHub's limits an answer tells of: the token's hourly budget, or too much at once."""
    if answer.status not in (403, 429):
        return None
    if answer.headers.get("x-ratelimit-remaining") == "0":
        return "primary"
    spoken = b"secondary rate limit" in answer.body or b"abuse detection" in answer.body
    if answer.status == 429 or spoken or "retry-after" in answer.headers:
        return "secondary"
    return None


def resets_in(answer: Answer, now: float) -> float | None:
    """Seconds until the token's budget is full again, where the answer says it."""
    reset = _number(answer, "x-ratelimit-reset")
    return None if reset is None else max(0.0, reset - now)


def _number(answer: Answer, header: str) -> float | None:
    value = answer.headers.get(header, "")
    return float(value) if value.isascii() and value.isdigit() and len(value) <= 12 else None
