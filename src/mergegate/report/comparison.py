"""The words for base against head: on which rows, by which intervals, and what each difference says."""

from collections.abc import Sequence
from typing import Literal

from mergegate.records.comparison import (
    BundleFacts,
    Finding,
    MetricComparison,
    Paired,
    Rescored,
    RowCounts,
)
from mergegate.records.review import ModelReview, Review
from mergegate.report import judgement, numbers
from mergegate.report.numbers import count, plural
from mergegate.report.script import Script

Layout = Literal["paired", "unpaired", "head"]

FAR = 1e-4
"""From here on base's rescored answers are not its own predictions."""

LEGEND = (
    "Better or worse: the whole interval lies on that side of no change. No evidence: it does not. "
    "Where many metrics are compared, some look better or worse by chance: this table does not allow for "
    "that, a review's gates do."
)
_WORDS: dict[Finding, str] = {
    "better": "better",
    "worse": "worse",
    "no_evidence": "no evidence",
    "insufficient": "can't tell",
}
_FINDING: dict[Finding | Literal["mixed"], str] = {
    "better": "head is better",
    "worse": "head is worse",
    "mixed": "head is better in some metrics and worse in others",
    "no_evidence": "no evidence of a difference",
    "insufficient": "can't tell whether head is better or worse",
}


def finding(model: ModelReview) -> str:
    """Head against base in a few words; empty when nothing was compared."""
    said = "the same predictions as base" if model.identical else _said(model.finding)
    again = _said(model.rescored.finding) if model.rescored else ""
    if not again:
        return said
    elsewhere = f"{again} where base's model was run on head's rows"
    return f"{said} on the rows that both judged; {elsewhere}" if said else elsewhere


def any_worse(review: Review) -> bool:
    """Whether a model is worse than base's in some comparison, even if by less than its gates allow."""
    words = {
        found
        for model in review.models
        for found in (model.finding, model.rescored.finding if model.rescored else None)
    }
    return bool(words & {"worse", "mixed"})


def _said(found: Finding | Literal["mixed"] | None) -> str:
    return _FINDING[found] if found else ""


def layout(rows: RowCounts) -> Layout:
    """Which columns the metrics can fill: a pair on shared rows, each side's own rows, or head alone."""
    if rows.base is None:
        return "head"
    return "paired" if rows.shared else "unpaired"


def rows(counts: RowCounts, names: tuple[str, str] = ("base", "head")) -> str:
    """On which rows the two sides are compared; `names` are our own words for them."""
    base, head = names
    if counts.base is None and counts.head is None:
        return f"Neither {base} nor {head} has predictions that can be read."
    if counts.base is None:
        evaluated = plural(counts.head or 0, "row")
        return f"{_capital(head)} evaluated {evaluated}; {base} has no predictions to compare with."
    if counts.head is None:
        evaluated = plural(counts.base, "row")
        return f"{_capital(base)} evaluated {evaluated}; {head} has no predictions that can be read."
    if not counts.shared:
        return (
            f"{_capital(base)} evaluated {plural(counts.base, 'row')}, {head} {count(counts.head)}, and they "
            "share none: each number is of its side's own rows, and the two can't be compared."
        )
    if counts.new or counts.gone:
        which = f"the {plural(counts.compared, 'row')} that both judged"
    else:
        which = f"the same {plural(counts.compared, 'row')}"
    parts = (
        f"{_number(counts.new)} new in {head}",
        f"{_number(counts.gone)} gone from {base}",
        f"{_number(counts.labels_changed)} left out because the label changed",
    )
    if not (counts.new or counts.gone or counts.labels_changed):
        return f"Compared on {which}: none new, none gone, no label changed."
    return f"Compared on {which}: {', '.join(parts)}."


def setting(model: ModelReview, script: Script) -> str:
    """How the intervals were made: confidence, clusters, weights."""
    clusters = max((metric.clusters or 0 for metric in model.metrics), default=0)
    parts = [f"Intervals hold the true value with {numbers.percent(model.confidence)} confidence"]
    if model.cluster is not None:
        many = f" ({plural(clusters, 'cluster')})" if clusters else ""
        parts.append(f"rows of the same {script.name(model.cluster)}{many} count as depending on each other")
    if model.weight is not None:
        parts.append(f"rows are weighted by {script.name(model.weight)}")
    return "; ".join(parts) + "."


def words(paired: Paired, script: Script) -> str:
    """What the difference says; why it can't be told."""
    why = script.text(paired.problem).rstrip(".") if paired.problem else ""
    if paired.outcome == "insufficient":
        return f"can't tell: {why}" if why else "can't tell"
    if unmoved(paired):
        return "no change"
    if paired.outcome is None:
        return why or ("" if paired.difference is None else "no interval")
    return _WORDS[paired.outcome]


def unmoved(paired: Paired) -> bool:
    """Whether the sides are equal and no sample would tell them apart."""
    return paired.difference == 0 and all(end is None or end == 0 for end in (paired.low, paired.high))


def worded(metrics: Sequence[MetricComparison]) -> bool:
    """Whether there is a word that needs its legend."""
    return any(
        metric.outcome in {"better", "worse", "no_evidence"} and not unmoved(metric) for metric in metrics
    )


def better(metric: MetricComparison) -> str:
    """Which way is the good one, where that is not the usual one."""
    return "" if metric.greater_is_better else "lower is better"


def gated(review: Review, model: ModelReview) -> list[str]:
    """The model's metrics that a gate judged, what blocks first."""
    mine = [gate for gate in judgement.ordered(review.gates) if gate.subject == model.name]
    return list(dict.fromkeys(gate.measured.metric for gate in mine if gate.measured))


def margins(review: Review, model: ModelReview) -> dict[str, tuple[float, float]]:
    """What each metric may lose by its gate, and which loss the gate would have blocked with 80 % power.

    On the rows that both judged, in the metric's own units.
    """
    return {
        gate.measured.metric: (abs(gate.bar), abs(gate.bar) + gate.measured.detectable)
        for gate in review.gates
        if gate.subject == model.name and gate.measured and gate.bar and gate.measured.detectable
        if gate.measured.exam == "shared" and not gate.measured.column and not gate.measured.relative
    }


def placed(model: ModelReview, script: Script) -> str:
    """On which rows the model is compared and, where there are intervals, how they were made."""
    said = rows(model.rows)
    paired = any(metric.outcome for metric in model.metrics)
    if model.rescored and not model.rescored.problem:
        said += f" Base's model was run on {plural(model.rescored.rows, 'row')} of head's too."
        paired = paired or any(metric.outcome for metric in model.rescored.metrics)
    return f"{said} {setting(model, script)}" if paired else said


def title(model: ModelReview) -> str:
    """What the table of metrics is of."""
    if layout(model.rows) == "head":
        return "All metrics, on head's rows"
    if layout(model.rows) == "unpaired":
        return "All metrics, each on its side's own rows"
    shared = f"All metrics, on the {plural(model.rows.compared, 'row')} that both judged"
    return f"{shared}: each side's own predictions" if model.rescored else shared


def rescored(found: Rescored) -> str:
    """Which comparison the rescored one is."""
    left = (
        f"; {count(found.trained_on)} more {'is' if found.trained_on == 1 else 'are'} left out because base "
        "was trained on them"
        if found.trained_on
        else ""
    )
    absent = f"; {count(found.missing)} more are not in head's inputs" if found.missing else ""
    return f"Base's model run on {count(found.rows)} of head's rows{left}{absent}"


def unscored(found: Rescored, script: Script) -> str:
    """Why base's model could not be run on head's rows."""
    return f"Base's model could not be run on head's rows: {script.text(found.problem).rstrip('.')}."


def astray(found: Rescored) -> str:
    """The warning that head's inputs don't give base's own predictions back; empty where they do."""
    if found.furthest is None or found.furthest <= FAR:
        return ""
    far = numbers.bar(_brief(found.furthest))
    return (
        f"On rows that base predicted itself, its model now answers up to {far} "
        "away from those predictions: head's inputs are not the ones that base saw, or they are prepared "
        "differently. Read this comparison with care."
    )


def bundle(facts: BundleFacts, script: Script) -> str:
    """Head's bundle in a sentence: size, and how far its answers are from the predictions."""
    said = [f"Head's bundle is {numbers.size(facts.size)}."] if facts.size is not None else []
    if facts.problem:
        said.append(f"Head's bundle could not be run: {script.text(facts.problem).rstrip('.')}.")
    elif facts.parity is not None:
        far, asked = numbers.bar(_brief(facts.parity)), plural(facts.rows, "row")
        said.append(f"The answers of head's bundle on {asked} lie within {far} of the predictions.")
    return " ".join(said)


def _brief(number: float) -> float:
    """Three digits say how far something is."""
    return float(f"{number:.3g}")


def _number(number: int) -> str:
    return f"{number:,}" if number else "none"


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]
