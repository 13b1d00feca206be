"""Base and head by every metric: on the rows they share, and each on all of its own."""

from collections.abc import Iterable, Mapping

from mergegate.compare.metrics import Value, evaluate, names
from mergegate.compare.pairing import Pairing, pair
from mergegate.compare.sample import Sample
from mergegate.records.comparison import MetricComparison, RowCounts
from mergegate.records.metrics import greater_is_better
from mergegate.records.predictions import Predictions

Values = Mapping[str, Value]

_NO_BASE = "base has no predictions to compare with"
_NO_HEAD = "head has no predictions"
_NONE_SHARED = "base and head have no row_id in common, so there is nothing to compare"


def compare(
    base: Predictions | None,
    head: Predictions | None,
    *,
    metrics: Iterable[str] | None = None,
    also: Iterable[str] = (),
) -> tuple[RowCounts, tuple[MetricComparison, ...]]:
    """Compare two sets of predictions of one task; either may be missing.

    `metrics` are names, by default all of the task; `also` adds some, such as `recall[late]`. Differences are
    of points on the shared rows, each side by its own labels; a note says why a number is missing.
    """
    known = head or base
    if known is None:
        return RowCounts(base=None, head=None), ()
    chosen = tuple(dict.fromkeys((*(names(known.task) if metrics is None else metrics), *also)))
    pairing = pair(base, head) if base and head else None
    base_all, base_shared = _values(base, chosen, pairing, side="base")
    head_all, head_shared = _values(head, chosen, pairing, side="head")
    why = _why_not(base, head, pairing)
    return _counts(base, head, pairing), tuple(
        _comparison(name, (base_shared, head_shared), (base_all, head_all), why) for name in chosen
    )


def _values(
    predictions: Predictions | None, chosen: tuple[str, ...], pairing: Pairing | None, *, side: str
) -> tuple[Values, Values]:
    """Metrics on all rows of one side, and on its shared ones."""
    if predictions is None:
        return {}, {}
    whole = _evaluate(Sample(predictions), chosen, predictions)
    if pairing is None or not pairing.shared:
        return whole, {}
    if pairing.shared == predictions.rows:
        return whole, whole
    rows = pairing.base if side == "base" else pairing.head
    return whole, _evaluate(Sample(predictions, rows), chosen, predictions)


def _evaluate(sample: Sample, chosen: tuple[str, ...], predictions: Predictions) -> Values:
    return {name: evaluate(name, sample, task=predictions.task) for name in chosen}


def _why_not(base: Predictions | None, head: Predictions | None, pairing: Pairing | None) -> str:
    """Why nothing is compared; empty when something is."""
    if pairing is None:
        return _NO_BASE if base is None else _NO_HEAD
    return "" if pairing.shared else pairing.problem or _NONE_SHARED


def _counts(base: Predictions | None, head: Predictions | None, pairing: Pairing | None) -> RowCounts:
    return RowCounts(
        base=base.rows if base else None,
        head=head.rows if head else None,
        shared=pairing.shared if pairing else 0,
        new=pairing.new if pairing else head.rows if head else 0,
        gone=pairing.gone if pairing else base.rows if base else 0,
        labels_changed=int(pairing.labels_changed.sum()) if pairing else 0,
    )


def _comparison(
    name: str, shared: tuple[Values, Values], whole: tuple[Values, Values], why: str
) -> MetricComparison:
    base, head = (values.get(name) for values in shared)
    base_all, head_all = (values.get(name) for values in whole)
    old, new = (value.number if value else None for value in (base, head))
    return MetricComparison(
        name=name,
        greater_is_better=greater_is_better(name),
        base=old,
        head=new,
        difference=new - old if new is not None and old is not None else None,
        base_all=base_all.number if base_all else None,
        head_all=head_all.number if head_all else None,
        note=_note(why, (base, head), (base_all, head_all)),
    )


def _note(
    why: str, shared: tuple[Value | None, Value | None], whole: tuple[Value | None, Value | None]
) -> str:
    """Everything that a reader must know about a missing number, each reason once."""
    parts = [why] if why else []
    for side, value, other in zip(("base", "head"), whole, shared, strict=True):
        if value and value.reason:
            parts.append(f"{side}: {value.reason}")
        elif other and other.reason:
            parts.append(f"{side}, on the shared rows: {other.reason}")
    return "; ".join(parts)
