"""The sentences of gates: units, per cents, one row, which rows, and hostile values left as they are."""

from typing import Any

import pytest

from mergegate.compare import Measured
from mergegate.gates import sentences
from mergegate.records.verdict import GateResult, Measurement, Outcome


def said(
    outcome: Outcome,
    value: float,
    low: float | None,
    high: float | None,
    bar: float,
    *,
    greater: bool = True,
    unit: str = "",
    **measured: Any,
) -> str:
    fields: dict[str, Any] = {"metric": "roc_auc", "exam": "shared", "at_least": greater, "rows": 26_230}
    result = GateResult(
        id="late/roc_auc/max_regression",
        kind="regression",
        outcome=outcome,
        sentence="",
        value=value,
        low=low,
        high=high,
        bar=bar,
        measured=Measurement(**{**fields, **measured}),
    )
    return sentences.of(result, Measured(26_230), greater_is_better=greater, survives=True, unit=unit)


ON = "on the 26,230 rows that both judged"


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (
            said("pass", 0.002, -0.004, 0.008, -0.01),
            f"no evidence of a difference, and a loss over 0.01 is ruled out, {ON}.",
        ),
        (said("pass", 0.02, 0.01, 0.03, -0.01), f"roc_auc is better than base's, {ON}."),
        (
            said("pass", -0.004, -0.008, -0.001, -0.01),
            f"roc_auc is worse than base's, but a loss over 0.01 is ruled out, {ON}.",
        ),
        (
            said("pass", -0.02, -0.03, -0.01, 0.01, greater=False, metric="log_loss"),
            f"log_loss is better than base's, {ON}.",
        ),
        (
            said("pass", 0.004, 0.001, 0.008, 0.01, greater=False, metric="log_loss"),
            f"log_loss is worse than base's, but a loss over 0.01 is ruled out, {ON}.",
        ),
        (
            said("fail", 2.0, 1.5, 2.5, 1.0, greater=False, metric="mean_cost", unit="EUR"),
            f"mean_cost is worse than base's by at least 1.5 EUR, where at most 1 EUR may be lost, {ON}.",
        ),
        (
            said("fail", -0.05, -0.06, -0.04, -0.02, relative=True),
            f"roc_auc is worse than base's by at least 4 %, where at most 2 % may be lost, {ON}.",
        ),
        (
            said("fail", -0.05, -0.06, -0.04, 0.0),
            f"roc_auc is worse than base's by at least 0.04, where nothing may be lost, {ON}.",
        ),
        (
            said("insufficient", -0.01, -0.03, 0.01, 0.0),
            f"can't tell {ON}: the loss may be up to 0.03, and none may be lost.",
        ),
        (
            said("pass", 0.65, 0.64, 0.66, 0.6, exam="head", rows=1),
            "roc_auc is above 0.6 with its whole interval, on head's 1 row.",
        ),
        (
            said("fail", 0.65, 0.64, 0.66, 0.6, exam="head", at_least=False),
            "roc_auc is above 0.6 with its whole interval, on head's 26,230 rows.",
        ),
        (
            said("insufficient", 0.65, 0.58, 0.72, 0.6, exam="head", needed=123_456),
            "can't tell: roc_auc may be on either side of 0.6, on head's 26,230 rows. "
            "At this value about 130,000 rows would tell.",
        ),
        (
            said("pass", 0.0, 0.0, 0.0, 0.0, method="identical predictions", exam="rescored"),
            "every prediction is the same as base's, "
            "on the 26,230 rows of head that base's model was run on.",
        ),
        (
            said("pass", 0.02, 0.01, 0.03, -0.01, column="`@a`", level="<b>\n[x](y)"),
            f"where `@a` is <b>\n[x](y): roc_auc is better than base's, {ON}.",
        ),
    ],
)
def test_the_number_is_said_in_its_own_terms(told: str, sentence: str) -> None:
    assert told == sentence
