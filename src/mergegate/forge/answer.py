"""One answer of the API, read whole."""

import re
from collections.abc import Mapping

from msgspec import Struct

_NEXT = re.compile(r'<([^<>]*)>\s*;[^<]*\brel="next"')


class Answer(Struct, frozen=True):
    """Status, headers by their lower-case names, and the bytes of the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_page(self) -> bool:
        """Whether a proxy or a broken gateway answered with a page for people."""
        return "html" in self.headers.get("content-type", "") or self.body.lstrip()[:1] == b"<"

    @property
    def next_page(self) -> str | None:
        """The address of a list's next page."""
        found = _NEXT.search(self.headers.get("link", ""))
        return found[1] if found else None
