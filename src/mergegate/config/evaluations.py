"""What a model is judged by: paths, and keys that suit the task."""

from collections.abc import Iterator

from mergegate.config import columns, own_metrics, paths, ranges
from mergegate.config.document import Document
from mergegate.config.policy import Evaluation
from mergegate.config.problem import KeyPath, Problem


def check(evaluation: Evaluation, at: KeyPath, document: Document) -> Iterator[Problem]:
    """Every rule of the section."""
    for key in paths.EVALUATION_PATHS:
        yield from paths.check(getattr(evaluation, key), (*at, key), document)
    if evaluation.positive == "":
        hint = "write it as `y_true` has it"
        yield document.problem((*at, "positive"), "the class is empty", hint)
    if evaluation.task != "binary":
        for key in ("positive", "threshold"):
            if getattr(evaluation, key) is not None:
                message = f"`{key}` is for binary tasks, and this one is {evaluation.task}"
                yield document.problem((*at, key), message, "remove it, or write `task: binary`")
    for key, task in (("top_share", "binary"), ("top_k", "multiclass")):
        if getattr(evaluation, key) is not None and evaluation.task != task:
            message = f"`{key}` is for {task} tasks, and this one is {evaluation.task}"
            yield document.problem((*at, key), message, f"remove it, or write `task: {task}`")
    # Its default says nothing, so whether it was written is asked of the file.
    if evaluation.task != "regression" and (*at, "quantile") in document.lines:
        message = f"`quantile` is for regression, and this task is {evaluation.task}"
        yield document.problem((*at, "quantile"), message, "remove it, or write `task: regression`")
    yield from ranges.PROBABILITY.check(evaluation.threshold, (*at, "threshold"), document)
    yield from ranges.TOP_SHARE.check(evaluation.top_share, (*at, "top_share"), document)
    yield from ranges.TOP_K.check(evaluation.top_k, (*at, "top_k"), document)
    yield from ranges.QUANTILE.check(evaluation.quantile, (*at, "quantile"), document)
    if evaluation.tolerance is not None and evaluation.task != "regression":
        message = f"`tolerance` is for regression, and this task is {evaluation.task}"
        yield document.problem((*at, "tolerance"), message, "remove it, or write `task: regression`")
    yield from ranges.PARITY.check(evaluation.tolerance, (*at, "tolerance"), document)
    for column, band in evaluation.bands.items():
        yield from columns.check(column, "a slice", (*at, "bands", column), document)
        if isinstance(band, int):
            yield from ranges.BINS.check(band, (*at, "bands", column), document)
    yield from columns.check_list(evaluation.segments or (), "a segment", (*at, "segments"), document)
    yield from columns.check(evaluation.cluster, "a cluster", (*at, "cluster"), document)
    yield from columns.check(evaluation.weight, "a weight", (*at, "weight"), document)
    yield from own_metrics.check(evaluation, at, document)
