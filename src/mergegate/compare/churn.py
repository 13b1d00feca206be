"""The share of rows that changed in some way, as an estimate that a gate can hold a bar against."""

import numpy as np
from numpy.typing import NDArray

from mergegate.compare.measured import Measured
from mergegate.compare.metrics import evaluate
from mergegate.compare.sample import Sample
from mergegate.compare.sides import Paired
from mergegate.records.predictions import Predictions


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
