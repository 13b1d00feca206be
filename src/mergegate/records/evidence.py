"""What evidence says of itself: who wrote it, and in which form."""

from mergegate.records.record import Record

SCHEMA = 1
"""Version of the evidence's form; raised when a reader of the old one would misread the new."""

MANIFEST = "evidence.json"


class Manifest(Record, frozen=True, kw_only=True):
    """The file MANIFEST, which all evidence has: even that of a review which opened no DVC object."""

    schema: int
    mergegate: str
