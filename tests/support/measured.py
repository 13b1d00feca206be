"""Metrics with their intervals and the gates that judge them, as the reference model would give them."""

from typing import Any

from mergegate.records.comparison import MetricComparison, SliceComparison
from mergegate.records.verdict import GateResult, Measurement

MODEL = "late-arrival"


def metric(name: str, base: float, head: float, error: float = 0.0, **changes: Any) -> MetricComparison:
    """A metric with the interval that its standard error gives, called by it; `changes` are made last."""
    greater = name not in {"log_loss", "mean_cost", "root_mean_squared_error", "expected_calibration_error"}
    fields: dict[str, Any] = {
        "name": name,
        "greater_is_better": greater,
        "base_all": base,
        "head_all": head,
        **paired(base, head, error, greater=greater),
    }
    return MetricComparison(**{**fields, **changes})


def part(level: str, rows: int, base: float, head: float, error: float, **changes: Any) -> SliceComparison:
    """The metric where origin, or another column, has this level."""
    fields: dict[str, Any] = {
        "column": "origin",
        "level": level,
        "rows": rows,
        "min_rows": 50,
        **paired(base, head, error, greater=True),
    }
    return SliceComparison(**{**fields, **changes})


def paired(base: float, head: float, error: float, *, greater: bool) -> dict[str, Any]:
    """Both sides, and their difference with its 95 % interval by the normal distribution."""
    difference = round(head - base, 9)
    low, high = difference - 1.96 * error, difference + 1.96 * error
    gain = (low > 0) - (high < 0) if greater else (high < 0) - (low > 0)
    return {
        "base": base,
        "head": head,
        "difference": difference,
        "low": low,
        "high": high,
        "outcome": {1: "better", 0: "no_evidence", -1: "worse"}[gain],
        "standard_error": error,
        "detectable": 2.8 * error,
    }


def untold(problem: str, base: float, head: float, **more: Any) -> dict[str, Any]:
    """Both sides, of which the sample can't tell the difference."""
    return {
        "base": base,
        "head": head,
        "difference": round(head - base, 9),
        "low": None,
        "high": None,
        "outcome": "insufficient",
        "standard_error": None,
        "detectable": None,
        "problem": problem,
        **more,
    }


RANKED: dict[str, Any] = {"carried": 6_231.0, "method": "DeLong, t"}
ROC = metric("roc_auc", 0.643123, 0.648219, 0.001986, head_all=0.650233, **RANKED)
AP = metric(
    "average_precision",
    0.390517,
    0.393301,
    0.003104,
    head_all=0.394,
    carried=6_231.0,
    method="influence function, t",
)
LOSS = metric("log_loss", 0.628004, 0.617951, 0.001097, head_all=0.618711, carried=26_230.0, method="t")
RECALL = metric(
    "recall[late]",
    0.2111,
    0.21109,
    0.002307,
    head_all=0.2113,
    carried=6_231.0,
    discordant=214,
    method="delta on joint cells",
    note="at the threshold 0.5",
)
CALIBRATION = metric(
    "expected_calibration_error",
    0.0312,
    0.0298,
    low=None,
    high=None,
    outcome=None,
    standard_error=None,
    detectable=None,
    problem="shown without an interval: no known method covers it",
)
METRICS = (ROC, AP, LOSS, RECALL, CALIBRATION)


def measured(of: MetricComparison, exam: Any = "shared", **changes: Any) -> Measurement:
    """How a gate had the number of this metric."""
    fields: dict[str, Any] = {
        "metric": of.name,
        "exam": exam,
        "at_least": of.greater_is_better,
        "rows": 26_230,
        "min_rows": 50,
        "base": of.base,
        "head": of.head,
        "standard_error": of.standard_error,
        "carried": of.carried,
        "method": of.method,
        "detectable": of.detectable,
    }
    return Measurement(**{**fields, **changes})


def bar(of: MetricComparison, side: str, at: float, sentence: str, **changes: Any) -> GateResult:
    """A `min` or `max` gate on all of head's rows, passed unless `changes` say otherwise."""
    value = of.head_all or 0.0
    fields: dict[str, Any] = {
        "id": f"{MODEL}/{of.name}/{side}",
        "kind": "metric",
        "outcome": "pass",
        "sentence": sentence,
        "subject": MODEL,
        "value": value,
        "low": value - 0.0081,
        "high": value + 0.0081,
        "bar": at,
        "measured": measured(of, "head", standard_error=0.0041),
    }
    return GateResult(**{**fields, **changes})


def regression(of: MetricComparison, at: float, sentence: str, **changes: Any) -> GateResult:
    """A `max_regression` gate on the shared rows, passed unless `changes` say otherwise."""
    fields: dict[str, Any] = {
        "id": f"{MODEL}/{of.name}/max_regression",
        "kind": "regression",
        "outcome": "pass",
        "sentence": sentence,
        "subject": MODEL,
        "value": of.difference,
        "low": of.low,
        "high": of.high,
        "bar": at,
        "measured": measured(of),
    }
    return GateResult(**{**fields, **changes})


ROC_BAR = bar(ROC, "min", 0.6, "roc_auc is above 0.6 with its whole interval, on head's 28,330 rows.")
ROC_KEPT = regression(
    ROC,
    -0.01,
    "roc_auc is better than base's, on the 26,230 rows that both judged.",
)
LOSS_BAR = bar(LOSS, "max", 0.65, "log_loss is below 0.65 with its whole interval, on head's 28,330 rows.")
ROWS_GONE = GateResult(
    id=f"{MODEL}/evaluation/rows_gone",
    kind="evaluation",
    outcome="pass",
    sentence="none of base's 26,230 rows is gone from head.",
    subject=MODEL,
    value=0.0,
    bar=0.0,
)
CONTRACT = GateResult(
    id=f"{MODEL}/predictions/contract",
    kind="contract",
    outcome="pass",
    sentence="head's reports/predictions.parquet meets its contract.",
    subject=MODEL,
)
CHAIN = GateResult(
    id="lock/chain",
    kind="lock",
    outcome="pass",
    sentence="what head's dvc.lock says hangs together.",
)
GATES = (ROC_BAR, ROC_KEPT, LOSS_BAR, ROWS_GONE, CONTRACT, CHAIN)
FALLEN_ROC = metric("roc_auc", 0.643123, 0.591207, 0.002214, head_all=0.593144, **RANKED)
LOW_ROC = bar(
    FALLEN_ROC,
    "min",
    0.6,
    "roc_auc is below 0.6 with its whole interval, on head's 28,330 rows.",
    outcome="fail",
    value=0.593144,
    low=0.586903,
    high=0.599385,
    mend="dvc exp run -S train.arguments.C=1.0",
)
