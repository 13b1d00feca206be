"""How much of a review a page shows, so that it stays small whatever the review holds."""

import sys
from collections.abc import Callable

import msgspec

MAX_BYTES = 2_000_000


class Bounds(msgspec.Struct, frozen=True):
    """Rows of a table, slices of one metric, metrics in slices, models and datasets that are shown.

    `source` says where all of it stands.
    """

    rows: int
    slices: int
    metrics: int
    models: int
    datasets: int
    source: str = "review.json"

    @property
    def where(self) -> str:
        """Where to find what is left out, as the end of a sentence."""
        return f"see {self.source}"


_ALL = (
    Bounds(rows=100, slices=60, metrics=12, models=8, datasets=8),
    Bounds(rows=40, slices=20, metrics=6, models=4, datasets=4),
    Bounds(rows=15, slices=8, metrics=3, models=2, datasets=2),
    Bounds(rows=4, slices=3, metrics=2, models=1, datasets=1),
)


class TooLargeError(Exception):
    """What is drawn so far fills the page already."""


def fit(draw: Callable[[Bounds, int], str], *, limit: int = MAX_BYTES, source: str = "review.json") -> str:
    """The page with the widest bounds that fit it into `limit` bytes; the last ones always do.

    What draws is told the limit, and may give up by TooLargeError before it is done.
    """
    for bounds in _ALL[:-1]:
        try:
            page = draw(msgspec.structs.replace(bounds, source=source), limit)
        except TooLargeError:
            continue
        if len(page.encode()) <= limit:
            return page
    return draw(msgspec.structs.replace(_ALL[-1], source=source), sys.maxsize)
