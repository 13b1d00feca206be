"""A review to tell a story with: what most of them share, to be changed where the story differs."""

from typing import Any

from mergegate.records.comparison import RowCounts
from mergegate.records.review import (
    SCHEMA,
    ModelReview,
    PolicySource,
    ReportedMetric,
    Review,
    Revision,
)
from mergegate.records.verdict import GateResult, Verdict
from support.changes import DATA, PARAMS, STAGES
from support.measured import CALIBRATION, GATES, METRICS, metric

BASE = Revision(name="main", sha="4f1c0de2" * 5, subject="Train on January to March")
HEAD = Revision(
    name="add-april", sha="b7e15162" * 5, subject="Add April's flights and stop shrinking so hard"
)
POLICY = PolicySource(path="mergegate.yaml", origin="target", revision=BASE, sha256="ab" * 32)


def passed(headline: str) -> Verdict:
    """Nothing blocks."""
    return Verdict(outcome="passed", enforced=True, headline=headline)


def failed(headline: str, *, enforced: bool = True) -> Verdict:
    """Something blocks."""
    return Verdict(outcome="failed", enforced=enforced, headline=headline)


ON = "on the 26,230 rows that both judged"
PASSED = passed(f"head is better than base {ON}; 6 gates hold.")
FAILED = failed(
    "roc_auc is below 0.6 with its whole interval, on head's 28,330 rows. "
    f"Overall, head is worse than base {ON}."
)
SAME = tuple(
    metric(each.name, each.base or 0.0, each.base or 0.0, method="identical predictions", detectable=None)
    for each in METRICS
    if each is not CALIBRATION
)
REPORTED = (
    ReportedMetric(name="train.seconds", base="3.71", head="4.02"),
    ReportedMetric(name="cross_validation.roc_auc.mean", base=None, head="0.6471"),
)


def model(**changes: Any) -> ModelReview:
    """A binary model judged on grown data, with `changes`."""
    fields: dict[str, Any] = {
        "name": "late-arrival",
        "task": "binary",
        "predictions": "reports/predictions.parquet",
        "rows": RowCounts(base=26_230, head=28_330, shared=26_230, new=2_100),
        "finding": "better",
        "metrics": METRICS,
        "reported": REPORTED,
        "locked": True,
    }
    return ModelReview(**{**fields, **changes})


def review(**changes: Any) -> Review:
    """A passed review of a change to params, stages and data, with `changes`."""
    fields: dict[str, Any] = {
        "schema": SCHEMA,
        "mergegate": "0.1.0",
        "strength": "consistent",
        "base": BASE,
        "head": HEAD,
        "policy": POLICY,
        "verdict": PASSED,
        "gates": GATES,
        "models": (model(),),
        "params": PARAMS,
        "stages": STAGES,
        "data": DATA,
    }
    return Review(**{**fields, **changes})


def failing(gate: GateResult, *, verdict: Verdict = FAILED, **changes: Any) -> Review:
    """A review that one gate fails; the others pass."""
    gates = (*(each for each in GATES if each.id != gate.id), gate)
    return review(**{"gates": gates, "verdict": verdict, **changes})
