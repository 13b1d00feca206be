"""The team's own functions, called on both sides and turned into what every other metric is."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mergegate.compare import Comparison, Key, Measured, Paired
from mergegate.compare.columns import groups, numbers
from mergegate.compare.measured import finite, paired_fields
from mergegate.config.policy import MetricGate, Model, OwnFunction, Policy
from mergegate.flows import functions
from mergegate.flows.evidence import Reading
from mergegate.flows.functions import OwnResult, Part
from mergegate.records.comparison import MetricComparison
from mergegate.records.predictions import Predictions
from mergegate.stats import Estimate, UndefinedError
from mergegate.stats.design import ENOUGH_CLUSTERS

EVERY = slice(None)

Found = tuple[tuple[MetricComparison, ...], dict[Key, Measured]]


def measure_functions(
    policy: Policy,
    model: Model,
    base: Reading,
    head: Reading,
    old: Predictions | None,
    new: Predictions | None,
    found: Comparison,
    *,
    refused: str = "",
) -> Found:
    """Each function of the policy, as base has it, on the rows compared and on all rows of each side.

    `refused` is why none of them may be called.
    """
    gates = {gate.name: gate for gate in model.gates.metrics}
    records: list[MetricComparison] = []
    evidence: dict[Key, Measured] = {}
    for own in model.evaluation.functions:
        paired, whole_base, whole_head = (
            [OwnResult(problem=refused)] * 3 if refused else _call(model, own, base, head, old, new, found)
        )
        measured = _measured(found.rows.compared, paired)
        if found.paired is not None:
            evidence[Key(own.name, "shared")] = measured
        gate = gates.get(own.name)
        if gate and (gate.min is not None or gate.max is not None) and new is not None:
            evidence[Key(own.name, "head")] = _alone(new.rows, whole_head)
        records.append(_record(policy, own, gate, measured, whole_base, whole_head))
    return tuple(records), evidence


def _call(
    model: Model,
    own: OwnFunction,
    base: Reading,
    head: Reading,
    old: Predictions | None,
    new: Predictions | None,
    found: Comparison,
) -> Sequence[OwnResult]:
    """The function's results: paired, on all of base's rows, on all of head's."""
    rows = found.paired
    try:
        parts = [
            Part(rows.base, rows.head, rows.weight, rows.cluster) if rows else Part(),
            Part(base=EVERY, weight=_weight(model, old), estimated=False) if old else Part(),
            Part(head=EVERY, weight=_as_base(_weight(model, new), rows), cluster=_cluster(model, new))
            if new
            else Part(),
        ]
    except UndefinedError as error:
        return [OwnResult(problem=str(error))] * 3
    return functions.run(own, base, head, old, new, parts)


def _weight(model: Model, side: Predictions | None) -> NDArray[np.float64] | None:
    name = model.evaluation.weight
    return None if name is None or side is None else numbers(_column(side, name), name)


def _as_base(weight: NDArray[np.float64] | None, rows: Paired | None) -> NDArray[np.float64] | None:
    """Head's weights (n,), as base has them on the rows compared: no change chooses how it is weighed."""
    if weight is None or rows is None or rows.weight is None:
        return weight
    weight = weight.copy()
    weight[rows.head] = rows.weight
    return weight


def _cluster(model: Model, side: Predictions | None) -> NDArray[np.int64] | None:
    name = model.evaluation.cluster
    return None if name is None or side is None else groups(_column(side, name), name)


def _column(side: Predictions, name: str) -> Any:
    if name not in side.columns:
        raise UndefinedError(f"the file has no column {name}")
    return side.columns[name]


def _measured(rows: int, result: OwnResult) -> Measured:
    """The paired result as gates judge it; a function that only head has is base's lack."""
    estimate = result.difference
    if estimate is not None and estimate.problem and not _few_clusters(estimate):
        # Head's answers, or how many rows it has, decide whether the function can be resampled.
        return Measured(rows, base=result.base, head=result.head, problem=estimate.problem)
    return Measured(
        rows,
        base=result.base,
        head=result.head,
        estimate=estimate,
        base_reason=result.problem if result.skipped else "",
        problem="" if result.skipped else result.problem,
    )


def _few_clusters(estimate: Estimate) -> bool:
    return estimate.clusters is not None and estimate.clusters < ENOUGH_CLUSTERS


def _alone(rows: int, result: OwnResult) -> Measured:
    return Measured(
        rows,
        head=result.head,
        estimate=result.own,
        base_reason=result.problem if result.skipped else "",
        problem="" if result.skipped else result.problem,
    )


def _record(
    policy: Policy,
    own: OwnFunction,
    gate: MetricGate | None,
    measured: Measured,
    base: OwnResult,
    head: OwnResult,
) -> MetricComparison:
    limits = head.own.interval(policy.confidence) if head.own and not head.own.problem else None
    reasons = (measured.problem or measured.base_reason, head.problem, base.problem)
    return MetricComparison(
        name=own.name,
        greater_is_better=own.greater_is_better,
        base_all=base.base,
        head_all=head.head,
        head_low=finite(limits.low) if limits else None,
        head_high=finite(limits.high) if limits else None,
        note=next(filter(None, reasons), ""),
        **paired_fields(
            measured,
            greater_is_better=own.greater_is_better,
            confidence=policy.confidence,
            min_rows=policy.min_rows if gate is None or gate.min_rows is None else gate.min_rows,
        ),
    )
