"""The bundle's manifest: what the model is called, takes and gives. Same inputs, same bytes."""

from typing import Literal

import msgspec

SCHEMA = 1
"""Version of manifest.json."""


class _Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Frozen, keyword-only, strict."""


class InputColumn(_Record, frozen=True, kw_only=True):
    """One input: `number` (float32 in the graph, NaN is missing) or `category` (text, "" is missing).

    `tensor` is its name in the graph, shape (n, 1). `categories` are the values seen in training, sorted,
    `low` and `high` the range seen in training. `missing` and `unseen` say whether the model was fitted to
    take missing values and categories that training did not show; where they are False such a row is refused,
    never guessed at.
    """

    name: str
    kind: Literal["number", "category"]
    tensor: str
    categories: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    missing: bool = False
    unseen: bool = False


class Outputs(_Record, frozen=True, kw_only=True):
    """Tensors of the graph: `prediction` (n,) or (n, 1); `probabilities` (n, k) or None."""

    prediction: str
    probabilities: str | None = None


class BundleFile(_Record, frozen=True, kw_only=True):
    """A file of the bundle: sha256 in hex, size in bytes."""

    path: str
    sha256: str
    size: int


class Manifest(_Record, frozen=True, kw_only=True):
    """manifest.json. `classes` are the labels in the order of the probability columns; empty for regression.

    `labels` says what the labels are outside the manifest, where they are text. `parity` is the tolerance
    within which the graph was proven to equal the fitted estimator, None when nobody did.
    """

    schema: int
    name: str
    task: Literal["binary", "multiclass", "regression"]
    target: str
    inputs: tuple[InputColumn, ...]
    outputs: Outputs
    classes: tuple[str, ...] = ()
    labels: Literal["text", "integer", "boolean", "none"] = "none"
    files: tuple[BundleFile, ...]
    versions: dict[str, str] = {}
    parity: float | None = None
