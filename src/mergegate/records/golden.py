"""What `mergegate golden … --json` prints."""

from mergegate.records.explain import FlipInput, Golden
from mergegate.records.record import Record

SCHEMA = 1
"""Raised when a reader of the old form would misread the new."""


class CheckedModel(Record, frozen=True, kw_only=True):
    """A model's golden rows, judged; `passed` when no more than `max_failed` fail."""

    name: str
    passed: bool
    max_failed: int
    golden: Golden


class GoldenCheck(Record, frozen=True, kw_only=True):
    """The golden rows of the workspace, model by model."""

    schema: int = SCHEMA
    passed: bool
    models: tuple[CheckedModel, ...]


class GoldenAdded(Record, frozen=True, kw_only=True):
    """A row of the evaluation inputs, now a golden row of `model`; `added` is False where it was one before.

    `source` is the file that its inputs came from. `notes` are sentences for people.
    """

    schema: int = SCHEMA
    added: bool
    file: str
    model: str
    name: str
    expected: str | None
    tolerance: float | None = None
    min_probability: float | None = None
    not_worse: bool = False
    reason: str
    author: str
    inputs: tuple[FlipInput, ...]
    source: str
    notes: tuple[str, ...] = ()
