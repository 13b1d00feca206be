"""Gates judged on real comparisons of synthetic models, as a review would judge them."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal

import numpy as np

from mergegate import compare, predictions
from mergegate.compare import Comparison, Evidence
from mergegate.config.policy import Evaluation, Gates, MetricGate, Model, Policy, Waiver
from mergegate.flows.questions import asks, setting
from mergegate.gates import judge
from mergegate.gates.verdict import Judgement
from mergegate.records.comparison import Rescored
from mergegate.records.predictions import Predictions
from mergegate.records.review import ModelReview
from mergegate.records.verdict import GateResult

TODAY = date(2026, 7, 1)
ROWS = 4_000


def scored(seed: int, skill: float, rows: Any = ROWS, **columns: Any) -> Predictions:
    """A classifier of the same examples whatever the seed; its scores follow the truth by its skill.

    `rows`: how many, or which of them.
    """
    which = np.arange(rows) if isinstance(rows, int) else np.asarray(rows)
    world, own = np.random.default_rng(0), np.random.default_rng(seed)
    truth = (world.random(ROWS) < 0.3).astype(int)
    hard, noise = world.normal(size=ROWS), own.normal(size=ROWS)
    score = (1 / (1 + np.exp(1 - skill * truth - hard - 0.3 * noise)))[which]
    return predictions.build(
        row_id=which,
        y_true=truth[which],
        y_pred=(score > 0.5).astype(int),
        task="binary",
        probabilities={0: 1 - score, 1: score},
        columns={name: np.asarray(column)[which] for name, column in columns.items()},
    )


def policy(
    *gates: MetricGate,
    evaluation: Evaluation | None = None,
    waivers: tuple[Waiver, ...] = (),
    on_insufficient: Literal["warn", "fail"] = "warn",
    **settings: Any,
) -> Policy:
    """A policy of one model, `late`."""
    evaluation = evaluation or Evaluation(task="binary", predictions="p.parquet")
    model = Model(evaluation=evaluation, gates=Gates(metrics=gates))
    return Policy(
        version=1, models={"late": model}, waivers=waivers, on_insufficient=on_insufficient, **settings
    )


def reviewed(
    asked: Policy, base: Predictions | None, head: Predictions | None, again: Predictions | None = None
) -> tuple[ModelReview, Evidence]:
    """The model reviewed; `again` are base's answers on head's rows."""
    model = asked.models["late"]
    found = _compare(asked, base, head)
    rescored = _compare(asked, again, head, exam="rescored") if again else None
    review = ModelReview(
        name="late",
        task="binary",
        predictions="p.parquet",
        rows=found.rows,
        finding=found.finding,
        identical=found.identical,
        metrics=found.metrics,
        rescored=Rescored(rows=rescored.rows.compared, finding=rescored.finding, metrics=rescored.metrics)
        if rescored
        else None,
        cluster=model.evaluation.cluster,
    )
    return review, {**found.evidence, **(rescored.evidence if rescored else {})}


def _compare(
    asked: Policy,
    base: Predictions | None,
    head: Predictions | None,
    exam: Literal["shared", "rescored"] = "shared",
) -> Comparison:
    model = asked.models["late"]
    return compare.compare(
        base, head, asks=asks(asked, model), setting=setting(asked, model.evaluation), exam=exam
    )


def judgement(
    asked: Policy, base: Predictions | None, head: Predictions | None, again: Predictions | None = None
) -> Judgement:
    """Everything that the gates say."""
    review, evidence = reviewed(asked, base, head, again)
    return judge(asked, (review,), (), evidence={"late": evidence}, today=TODAY)


def results(
    asked: Policy, base: Predictions | None, head: Predictions | None, again: Predictions | None = None
) -> dict[str, GateResult]:
    """The gates on metrics by id, which are unique."""
    found = judgement(asked, base, head, again).gates
    assert len({gate.id for gate in found}) == len(found)
    return {gate.id: gate for gate in found if gate.kind in ("metric", "regression")}


def outcomes(found: dict[str, GateResult]) -> dict[str, str]:
    """Gate → outcome."""
    return {name: gate.outcome for name, gate in found.items()}


def words(gates: Sequence[GateResult]) -> list[tuple[str, str]]:
    """Id and outcome in the table's order."""
    return [(gate.id, gate.outcome) for gate in gates]
