"""The predictions contract: one Parquet row per evaluated example, written by any pipeline.

`row_id` (unique, stable across revisions), `y_true`, `y_pred`; for classifiers `proba_<class>` per class;
every further column is kept for a policy to name.
"""

from mergegate.predictions.contract import Limits
from mergegate.predictions.reader import read
from mergegate.predictions.tables import read_named
from mergegate.predictions.writer import build, write

__all__ = ["Limits", "build", "read", "read_named", "write"]
