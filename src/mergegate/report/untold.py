"""What the data could not tell, in words that need no statistics."""

from collections.abc import Mapping, Sequence

from mergegate.records.comparison import MetricComparison
from mergegate.records.review import ModelReview
from mergegate.report import numbers
from mergegate.report.script import Script

TITLE = "What the data could not tell"
ALIKE = "Every compared prediction is the same in base and head: there is no difference to find."
_FOUND = ("better", "worse")
_FIRST = 3
"""Metrics that are spoken of where no gate names any."""


def of_model(
    model: ModelReview,
    gated: Sequence[str],
    script: Script,
    *,
    margins: Mapping[str, tuple[float, float]] | None = None,
) -> list[str]:
    """A sentence for each gated metric, for the noise of training, and for how worn the evaluation set is.

    `margins` are what each metric may lose by its gate, and which loss that would have blocked.
    """
    elsewhere = {metric.name: metric for metric in model.rescored.metrics} if model.rescored else {}
    sentences = []
    if model.identical:
        sentences.append(ALIKE)
    else:
        chosen = _chosen(model.metrics, gated)
        sentences += of_metrics(chosen, script, elsewhere=elsewhere, margins=margins)
    if model.judged:
        again = "version" if model.judged == 1 else "versions"
        sentences.append(
            f"This evaluation set has judged at least {model.judged:,} {again} of the model before: "
            "the more often, the less its numbers are worth."
        )
    return sentences


def of_metrics(
    metrics: Sequence[MetricComparison],
    script: Script,
    *,
    elsewhere: Mapping[str, MetricComparison] | None = None,
    margins: Mapping[str, tuple[float, float]] | None = None,
) -> list[str]:
    """The sentences of these metrics; `elsewhere` are the rescored ones, for where rows are not shared."""
    found = []
    for metric in metrics:
        other = (elsewhere or {}).get(metric.name)
        margin = (margins or {}).get(metric.name)
        found += [_unseen(metric, other, margin, script), _training(metric, script)]
    return [sentence for sentence in found if sentence]


def first(metrics: Sequence[MetricComparison]) -> list[MetricComparison]:
    """Those to speak of where no gate names any: the first that have something to say."""
    return [metric for metric in metrics if metric.detectable is not None][:_FIRST]


def _chosen(metrics: Sequence[MetricComparison], gated: Sequence[str]) -> Sequence[MetricComparison]:
    by_name = {metric.name: metric for metric in metrics}
    return [by_name[name] for name in gated if name in by_name] if gated else first(metrics)


def _unseen(
    metric: MetricComparison,
    other: MetricComparison | None,
    margin: tuple[float, float] | None,
    script: Script,
) -> str:
    """How large a loss would have been found, or blocked beyond its margin; or that nothing could be told."""
    name, where, sample = script.name(metric.name), "", metric
    untold = metric.detectable is None or metric.outcome == "insufficient"
    if untold and other is not None and other.detectable is not None:
        where, sample = ", with base's model run on head's rows,", other
    if sample.outcome == "insufficient":
        why = script.text(sample.problem).rstrip(".") if sample.problem else "the data is not enough"
        return f"{name}: whether it got better or worse can't be told{where.rstrip(',')}: {why}."
    if not sample.detectable:
        return ""
    move = "fall" if metric.greater_is_better else "rise"
    shown = _amount(sample.detectable, metric, script)
    return (
        f"{name}: a {move} of {shown} or more{where} would have been found with 80 % probability"
        f"{_blocked(metric, margin, script)}"
        f"{'' if sample.outcome in _FOUND else '; a smaller one may have gone unseen'}."
    )


def _blocked(metric: MetricComparison, margin: tuple[float, float] | None, script: Script) -> str:
    """From which loss on the gate would have failed; empty without a margin."""
    if margin is None:
        return ""
    allowed, loss = margin
    return (
        f", and one of about {_amount(loss, metric, script)} blocked, as {numbers.bar(allowed)} may be lost"
    )


def _training(metric: MetricComparison, script: Script) -> str:
    """How far training again would move it, beside the luck of the sample."""
    noise = metric.training_noise
    if not noise or metric.trainings < 2:
        return ""
    name = script.name(metric.name)
    sentence = (
        f"{name}: as head reports, training again with another seed moves it by about "
        f"{_amount(noise, metric, script)} (standard deviation of {metric.trainings:,} trainings)"
    )
    if metric.standard_error:
        error = _amount(metric.standard_error, metric, script)
        sentence += f"; the luck of the evaluated rows moves the difference by about {error} (standard error)"
    if metric.difference is None or abs(metric.difference) >= noise:
        return f"{sentence}."
    return f"{sentence}. The difference is smaller than that noise of training."


def _amount(number: float, metric: MetricComparison, script: Script) -> str:
    return numbers.scale((), number, unit=script.unit(metric.unit)).number(number)
