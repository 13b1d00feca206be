"""The share of rows that changed in some way, as an estimate that a gate can hold a bar against."""

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from mergegate.compare import columns
from mergegate.compare.measured import Measured
from mergegate.compare.metrics import evaluate
from mergegate.compare.sample import EVERY, Sample
from mergegate.compare.sides import Paired
from mergegate.compare.slicing import column_of
from mergegate.records.predictions import Predictions
from mergegate.stats import UndefinedError


def share_of_compared(
    marks: NDArray[np.bool_], paired: Paired, base: Predictions, *, weight: str | None, min_rows: int
) -> Measured:
    """The share of marked rows (n,), with what all of base's rows could tell where too few are left of them.

    `weight` is the column that weighs rows; `min_rows` how many must be left.
    """
    found = estimate_share(marks, paired)
    if found.estimate is None or found.estimate.problem or found.estimate.carried >= min_rows:
        return found
    try:
        weights = None if weight is None else columns.numbers(column_of(base, weight), weight)
    except UndefinedError:
        return found
    alone = estimate_share(np.zeros(base.rows, np.bool_), Paired(EVERY, EVERY, weights, None))
    return replace(found, base_alone=alone.estimate)


def estimate_share(marks: NDArray[np.bool_], paired: Paired) -> Measured:
    """The share of marked rows (n,), weighed and clustered as the comparison was, with its interval."""
    # A share of rows is the accuracy of a model that is right on the marked ones: one method for both.
    ones = np.ones(len(marks), np.int32)
    rows = Predictions(
        task="binary",
        row_id=None,
        row_index=np.empty(0, np.uint64),
        y_true=ones,
        y_pred=marks.astype(np.int32),
        classes=("no", "yes"),
    )
    found = evaluate("accuracy", Sample(rows), weight=paired.weight, cluster=paired.cluster, interval=True)
    return Measured(len(marks), head=found.number, estimate=found.estimate, head_reason=found.reason)
