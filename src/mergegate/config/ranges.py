"""The numbers that a policy may hold, each range for the loader, the JSON Schema and the reader alike."""

import math
from collections.abc import Iterator

import msgspec

from mergegate.config.document import Document
from mergegate.config.problem import KeyPath, Problem


class Range(msgspec.Struct, frozen=True):
    """Finite numbers between two limits, which belong to it unless they are `above` or `below`.

    `noun` is what a number outside is not; `hint` what to write instead.
    """

    noun: str
    hint: str
    at_least: float | None = None
    above: float | None = None
    at_most: float | None = None
    below: float | None = None

    def __contains__(self, number: float) -> bool:
        return (
            math.isfinite(number)
            and (self.at_least is None or number >= self.at_least)
            and (self.above is None or number > self.above)
            and (self.at_most is None or number <= self.at_most)
            and (self.below is None or number < self.below)
        )

    @property
    def schema(self) -> dict[str, float]:
        """The limits as JSON Schema says them."""
        limits = {
            "minimum": self.at_least,
            "exclusiveMinimum": self.above,
            "maximum": self.at_most,
            "exclusiveMaximum": self.below,
        }
        return {key: limit for key, limit in limits.items() if limit is not None}

    def check(self, number: float | None, place: KeyPath, document: Document) -> Iterator[Problem]:
        """A problem for a number outside, NaN and infinity included; none for a key that is not there."""
        if number is not None and number not in self:
            yield document.problem(place, f"{number:.12g} is no {self.noun}", self.hint)


BAR = Range("bar", "write a finite number")
MARGIN = Range(
    "margin", "write 0, or how much worse head may be as a positive number, such as 0.01", at_least=0
)
RELATIVE_MARGIN = Range(
    "share of base's value", "write 0 or more and less than 1: 0.02 is 2 %", at_least=0, below=1
)
SHARE = Range("share", "write a number from 0 to 1", at_least=0, at_most=1)
GROWTH = Range("share of base's rows", "write 0 or more: 0.5 is half as many rows again", at_least=0)
STRENGTH = Range("strength", "write a number above 0, up to 1, such as 0.95", above=0, at_most=1)
PSI = Range("population stability index", "write 0 or more, such as 0.25", at_least=0)
CONFIDENCE = Range("confidence", "write a number above 0.5 and below 1, such as 0.95", above=0.5, below=1)
ROWS = Range(
    "number of rows to judge by",
    "write 1 or more: on no row a metric has no value, and on few no interval holds (50 is the default)",
    at_least=1,
)
ROWS_FAILED = Range("number of rows that may fail", "write 0, or how many golden rows may fail", at_least=0)
PROBABILITY = Range("threshold", "write a probability above 0 and below 1", above=0, below=1)
TOP_SHARE = Range("share of the rows", "write a number above 0, up to 0.5, such as 0.1", above=0, at_most=0.5)
BINS = Range("number of bins", "write a whole number from 2 to 20, such as 4", at_least=2, at_most=20)
TOP_K = Range("number of classes", "write a whole number from 2, such as 3", at_least=2, at_most=2_000)
QUANTILE = Range("quantile", "write a number above 0 and below 1, such as 0.9", above=0, below=1)
SIZE = Range("size", "write the most megabytes as a number above 0, such as 50", above=0)
PARITY = Range("distance", "write a number above 0, such as 1.0e-5", above=0)
TOLERANCE = Range("tolerance", "write 0, or a number below 1, such as 1.0e-6", at_least=0, below=1)
DAYS = Range("number of days", "write 1 or more, such as 30", at_least=1)
COST = Range("cost", "write a finite number; below 0 is a gain")
SECONDS = Range("number of seconds", "write a number above 0, up to 3600", above=0, at_most=3600)
