"""Training distributions for drift: what reference.json holds."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mergegate.bundle.session import Predicted
from mergegate.records import reference
from mergegate.records.manifest import InputColumn, Manifest
from mergegate.records.reference import Categories, Numbers, Reference

BINS = 20
"""At most: each holds about the same share of the training rows."""

MAX_CATEGORIES = 100
"""Values counted one by one; the rest are counted together."""

PROBABILITY_EDGES = tuple(step / BINS for step in range(1, BINS))


def describe(X: pd.DataFrame, predicted: Predicted, manifest: Manifest) -> Reference:
    """Distributions of the prepared training rows and of what the bundle predicts for them."""
    inputs = {column.name: _column(X[column.name].to_numpy(), column) for column in manifest.inputs}
    if manifest.task == "regression":
        values = numbers(predicted.y_pred, quantiles(predicted.y_pred))
        return Reference(schema=reference.SCHEMA, rows=len(X), inputs=inputs, values=values)
    probabilities = predicted.probabilities
    return Reference(
        schema=reference.SCHEMA,
        rows=len(X),
        inputs=inputs,
        labels=categories([str(label) for label in predicted.y_pred.tolist()]),
        probabilities={}
        if probabilities is None
        else {
            label: numbers(probabilities[:, index], PROBABILITY_EDGES)
            for index, label in enumerate(manifest.classes)
        },
    )


def _column(values: NDArray[Any], column: InputColumn) -> Numbers | Categories:
    if column.kind == "number":
        return numbers(values, quantiles(values))
    return categories(values.tolist())


def quantiles(values: NDArray[Any]) -> tuple[float, ...]:
    """Inner edges of BINS bins of equal share, ascending and different; none for a column without numbers."""
    known = values[~np.isnan(values)]
    if not len(known):
        return ()
    inner = np.quantile(known, np.linspace(0, 1, BINS + 1)[1:-1], method="inverted_cdf")
    return tuple(float(edge) for edge in np.unique(inner))


def numbers(values: NDArray[Any], edges: tuple[float, ...]) -> Numbers:
    """Counts of `values` (n,) between `edges`."""
    known = values[~np.isnan(values)]
    places = np.searchsorted(np.asarray(edges, dtype=np.float64), known.astype(np.float64), side="right")
    counts = np.bincount(places, minlength=len(edges) + 1)
    return Numbers(edges=edges, counts=tuple(counts.tolist()), missing=len(values) - len(known))


def categories(values: list[str]) -> Categories:
    """Counts of text, commonest first."""
    texts, counts = np.unique(np.asarray(values, dtype=object), return_counts=True)
    counted = sorted(zip(counts.tolist(), texts.tolist(), strict=True), key=lambda pair: (-pair[0], pair[1]))
    kept = [(count, text) for count, text in counted if text][:MAX_CATEGORIES]
    missing = sum(count for count, text in counted if not text)
    return Categories(
        counts={text: count for count, text in kept},
        other=len(values) - missing - sum(count for count, _ in kept),
        missing=missing,
    )
