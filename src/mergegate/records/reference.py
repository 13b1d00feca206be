"""What training data looked like, for drift: reference.json of a bundle. Counts only, no row."""

import msgspec

SCHEMA = 1
"""Version of reference.json."""


class _Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Frozen, keyword-only, strict."""


class Numbers(_Record, frozen=True, kw_only=True, tag_field="kind", tag="number"):
    """A numeric column: `edges` (k,) ascending, `counts` (k + 1,) of values below, between, from the last on.

    A value equal to an edge counts above it. `missing` rows are in no bin.
    """

    edges: tuple[float, ...]
    counts: tuple[int, ...]
    missing: int = 0


class Categories(_Record, frozen=True, kw_only=True, tag_field="kind", tag="category"):
    """A text column: rows per value for the commonest ones, `other` the rest, `missing` empty text."""

    counts: dict[str, int]
    other: int = 0
    missing: int = 0


class Reference(_Record, frozen=True, kw_only=True):
    """reference.json: `rows` training rows, their inputs by column and what the model answers for them.

    `labels` counts the predicted classes and `probabilities` has one distribution per class; `values` is
    regression's.
    """

    schema: int
    rows: int
    inputs: dict[str, Numbers | Categories]
    labels: Categories | None = None
    probabilities: dict[str, Numbers] = {}
    values: Numbers | None = None
