"""What a policy asks of a comparison: which metrics, with which bars, in which slices, weighed how."""

from mergegate.compare import Ask, GapAsk, Options, Setting
from mergegate.config.policy import Evaluation, MetricGate, Model, Policy


def asks(policy: Policy, model: Model) -> tuple[Ask, ...]:
    """One question for each metric that has a gate, but those of the team's functions."""
    functions = {own.name for own in model.evaluation.functions}
    return tuple(_ask(policy, gate) for gate in model.gates.metrics if gate.name not in functions)


def _ask(policy: Policy, gate: MetricGate) -> Ask:
    return Ask(
        name=gate.name,
        bars=gate.min is not None or gate.max is not None,
        relative=gate.max_relative_regression or 0.0,
        slices=gate.slices,
        min_rows=policy.min_rows if gate.min_rows is None else gate.min_rows,
    )


def gap_asks(policy: Policy, model: Model) -> tuple[GapAsk, ...]:
    """One question for each gap that has a gate."""
    return tuple(
        GapAsk(gap.metric, gap.column, policy.min_rows if gap.min_rows is None else gap.min_rows)
        for gap in model.gates.gaps
    )


def setting(policy: Policy, evaluation: Evaluation) -> Setting:
    """How rows are weighed and clustered, and the team's own metrics."""
    matrix = evaluation.cost_matrix
    return Setting(
        options=Options(
            costs=matrix.costs if matrix else {},
            unit=matrix.unit if matrix else "",
            losses={loss.name: (loss.column, loss.greater_is_better) for loss in evaluation.losses},
            quantile=evaluation.quantile,
            top_share=evaluation.top_share,
            top_k=evaluation.top_k,
        ),
        weight=evaluation.weight,
        cluster=evaluation.cluster,
        confidence=policy.confidence,
        min_rows=policy.min_rows,
        bands=evaluation.bands,
    )
