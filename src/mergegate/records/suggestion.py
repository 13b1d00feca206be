"""Bars that a policy could set, as data: each with the reason for it."""

from mergegate.records.record import Record

SCHEMA = 1
"""Version of the suggestions as JSON."""


class SuggestedGate(Record, frozen=True, kw_only=True):
    """One metric gate; `reasons` says of each key, by its name, why it has this value."""

    name: str
    min: float | None = None
    max: float | None = None
    max_regression: float | None = None
    min_rows: int | None = None
    slices: tuple[str, ...] = ()
    reasons: dict[str, str]


class SuggestedModel(Record, frozen=True, kw_only=True):
    """The gates of one model. `rows` are base's; `notes` say what could not be suggested, and why."""

    name: str
    rows: int | None
    gates: tuple[SuggestedGate, ...] = ()
    notes: tuple[str, ...] = ()


class Suggestions(Record, frozen=True, kw_only=True):
    """Bars from what base has; `policy` is the file that would hold them."""

    schema: int = SCHEMA
    base: str
    head: str
    policy: str
    models: tuple[SuggestedModel, ...] = ()
