"""The bundle's manifest: what the model is called, takes and gives. Same inputs, same bytes."""

from typing import Literal

import msgspec

SCHEMA = 1
"""Version of manifest.json."""


class _Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Frozen, keyword-only, strict."""


class InputColumn(_Record):
    """One input of the model: `number` (float32 in the graph, NaN is missing) or `category` (text, "" is missing).

    `categories` are the values seen in training, `low` and `high` the range seen in training.
    """

    name: str
    kind: Literal["number", "category"]
    categories: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    missing: bool = False


class BundleFile(_Record):
    """A file of the bundle: sha256 in hex, size in bytes."""

    path: str
    sha256: str
    size: int


class Manifest(_Record):
    """manifest.json. `classes` are the labels in the order of the probability columns; empty for regression."""

    schema: int
    name: str
    task: Literal["binary", "multiclass", "regression"]
    target: str
    inputs: tuple[InputColumn, ...]
    classes: tuple[str, ...] = ()
    files: tuple[BundleFile, ...]
    versions: dict[str, str] = {}
    parity: float | None = None
