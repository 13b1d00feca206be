"""Columns that training never lacked: where they are missing trees answer, and their graphs otherwise."""

from collections.abc import Iterator

import msgspec
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mergegate.bundle.edges import Edges
from mergegate.bundle.parity import Comparison


def leave_out(compared: Comparison, tried: Edges, X: pd.DataFrame, tolerance: float) -> Comparison:
    """The comparison of edge rows, less those that lack what no training row of X lacked and that differ.

    No answer to such a row was ever learnt. Whoever asks is refused, by the manifest, as if the estimator
    did not take the row. A column that is missing alone where they differ is blamed before others are.
    """
    gaps = {name: _missing(tried.rows[name]) for name in X.columns if not _missing(X[name]).any()}
    while name := next(_differing(compared, tried, gaps, tolerance), None):
        compared = msgspec.structs.replace(compared, accepted=compared.accepted & ~gaps.pop(name))
    return compared


def _differing(
    compared: Comparison, tried: Edges, gaps: dict[str, NDArray[np.bool_]], tolerance: float
) -> Iterator[str]:
    """Columns that are missing in rows that differ, those first that are missing there alone."""
    wrong = compared.wrong(tolerance)
    for alone in (True, False):
        for row in wrong.tolist():
            yield from (
                name for name, gap in gaps.items() if gap[row] and (tried.columns[row] == name or not alone)
            )


def _missing(column: "pd.Series[float]") -> NDArray[np.bool_]:
    """Which cells of a prepared column are missing."""
    return np.asarray(column.isna() | (column == ""), bool)
