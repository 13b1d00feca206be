"""A model's inputs, from the data frame it was fitted on."""

from typing import Any

import numpy as np
import pandas as pd

from mergegate.bundle import columns
from mergegate.errors import UsageError
from mergegate.records.manifest import InputColumn

MAX_CATEGORIES = 10_000
"""Values of one column that a manifest lists; a column with more is an identifier, not a category."""

MAX_EXACT_INTEGER = 2**24
"""float32 holds every integer up to here."""


def prepare(X: pd.DataFrame) -> pd.DataFrame:
    """The data frame as the graph will see it: numbers as float32, text with "" for missing.

    Fit the estimator on this, so that what is served is what was fitted. Numbers and booleans become float32,
    text and categoricals become text. Raises UsageError for dates, infinities, integers that float32 would
    round, and columns whose name is not text.
    """
    prepared = {}
    for name in X.columns:
        if not isinstance(name, str) or not name:
            raise UsageError(f"the column {name!r} has no name", hint="give every column a text name")
        prepared[name] = _prepare(X[name], name)
    return pd.DataFrame(prepared, index=X.index)


def _prepare(column: Any, name: str) -> Any:
    if pd.api.types.is_bool_dtype(column.dtype) or pd.api.types.is_numeric_dtype(column.dtype):
        if pd.api.types.is_integer_dtype(column.dtype) and len(column.dropna()):
            largest = max(abs(int(column.min())), abs(int(column.max())))
            if largest > MAX_EXACT_INTEGER:
                raise UsageError(
                    f"`{name}` has the integer {largest:,}, which float32 would round",
                    hint="make an identifier text, or scale the number before the model",
                )
        return columns.to_float32(column.to_numpy(), name)
    if pd.api.types.is_datetime64_any_dtype(column.dtype) or pd.api.types.is_timedelta64_dtype(column.dtype):
        raise UsageError(
            f"`{name}` is a date or duration, which no model takes", hint="derive numbers or text from it"
        )
    return columns.to_text(column.to_numpy(dtype=object))


def describe(X: pd.DataFrame) -> tuple[InputColumn, ...]:
    """The signature of a prepared data frame, one InputColumn per column in its order.

    `tensor`, `missing` and `unseen` are set later, when the graph and the fitted estimator are known. Raises
    UsageError for a column of text with more than MAX_CATEGORIES values and one that was not prepared.
    """
    return tuple(_describe(X[name].to_numpy(), str(name)) for name in X.columns)


def _describe(values: Any, name: str) -> InputColumn:
    if values.dtype == np.float32:
        known = values[~np.isnan(values)]
        low, high = (float(known.min()), float(known.max())) if len(known) else (None, None)
        return InputColumn(name=name, kind="number", tensor=name, low=low, high=high)
    categories = sorted(set(values.tolist()) - {""})
    if len(categories) > MAX_CATEGORIES:
        raise UsageError(
            f"`{name}` has {len(categories):,} different values; at most {MAX_CATEGORIES:,} are a category",
            hint="leave the column out of the model, or group its values before training",
        )
    return InputColumn(name=name, kind="category", tensor=name, categories=tuple(categories))
