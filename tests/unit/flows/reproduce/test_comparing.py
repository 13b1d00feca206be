"""Two predictions files within the tolerance must give the same metrics too."""

import io

import pyarrow as pa
import pyarrow.parquet as pq

from mergegate.config.policy import Evaluation
from mergegate.flows.reproduce.comparing import compare_predictions

EVALUATION = Evaluation(task="binary", positive="yes", predictions="p.parquet")
ROWS = 200


def parquet(scores: list[float]) -> bytes:
    """Predictions of every second row's being late."""
    columns = {
        "row_id": list(range(ROWS)),
        "y_true": ["yes" if i % 2 else "no" for i in range(ROWS)],
        "y_pred": ["no"] * ROWS,
        "proba_yes": scores,
        "proba_no": [1 - score for score in scores],
    }
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def test_ties_that_are_broken_in_favour_of_the_truth_are_no_rounding() -> None:
    told = [0.25 + (1e-8 if i % 2 else 0.0) for i in range(ROWS)]
    apart = compare_predictions("p.parquet", EVALUATION, parquet(told), parquet([0.25] * ROWS), 1e-6)
    assert not apart.within
    assert apart.message == (
        "the numbers are within the tolerance, and the metrics are not: roc_auc 0.5 where dvc.lock's has 1"
    )
    assert apart.columns == ("roc_auc", "average_precision")


def test_a_certain_mistake_made_less_certain_is_no_rounding() -> None:
    told, run = ([size] * ROWS for size in (9e-7, 1e-15))
    apart = compare_predictions("p.parquet", EVALUATION, parquet(told), parquet(run), 1e-6)
    assert (apart.within, apart.columns) == (False, ("log_loss",))


def test_rounding_that_no_metric_shows_is_let_pass() -> None:
    scores = [0.1 + i / 1_000 for i in range(ROWS)]
    near = [score + 1e-9 for score in scores]
    apart = compare_predictions("p.parquet", EVALUATION, parquet(near), parquet(scores), 1e-6)
    assert (apart.kind, apart.within) == ("numbers", True)
    assert apart.largest is not None
    assert 0 < apart.largest < 2e-9


def test_a_threshold_of_the_policy_decides_on_both_sides() -> None:
    evaluation = Evaluation(task="binary", positive="yes", predictions="p.parquet", threshold=0.25)
    told, run = [0.25] * ROWS, [0.25 - 1e-9] * ROWS
    apart = compare_predictions("p.parquet", evaluation, parquet(told), parquet(run), 1e-6)
    assert (apart.kind, apart.within, apart.rows) == ("classes", False, ROWS)
