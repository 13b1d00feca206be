"""What charts draw: curves of each model in few points, and its confusion matrix beside the other's."""

import heapq
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mergegate import stats
from mergegate.compare.sample import Sample, joint_classes
from mergegate.compare.sides import Paired
from mergegate.records.explain import Confusion, Curves, Point, Reliability
from mergegate.records.predictions import Predictions
from mergegate.stats import Design, UndefinedError
from mergegate.stats.design import Floats, summed
from mergegate.stats.distributions import normal_quantile

POINTS = 200
"""Points of one curve."""
CLASSES = 20
"""Classes of a confusion matrix."""
BINS = 10
_COLUMNS = 512
"""Strips that a curve of many points is first thinned in: each keeps its first, last, lowest and highest."""


def pick_class(base: Sample, head: Sample) -> int:
    """The code of the class that is held against all others in the charts; two samples of the same rows.

    Binary: the positive one. Multiclass: the class that the most rows were given, or lost, in the change; the
    one with the most rows where no answer changed. One class that moved says more than a mean over all.
    """
    if head.task != "multiclass":
        return head.positive if head.task == "binary" else 0
    changed = base.y_pred != head.y_pred
    moved = np.concatenate([base.y_pred[changed], head.y_pred[changed]]) if changed.any() else head.y_true
    return int(np.bincount(moved).argmax())


def draw_curves(
    sample: Sample,
    side: Literal["base", "head"],
    *,
    positive: int,
    design: Design | None = None,
    confidence: float = 0.95,
) -> Curves:
    """The curves of one side, for the class `positive` against the others; of regression its errors.

    Each has at most 200 points, exact ones of the full curve, both ends among them; a line through them stays
    within 0.005 of it, in x and in y. Empty are the curves that need probabilities, or rows of both kinds,
    where these are not there. `design` weighs the rows; `confidence` is of Wilson's intervals in ten bins of
    equal size.
    """
    design = Design(sample.rows) if design is None else design
    if sample.task == "regression":
        return Curves(side=side, rows=sample.rows, errors=_errors(sample, design))
    label = sample.classes[positive]
    if not sample.has_probabilities:
        return Curves(side=side, positive=label, rows=sample.rows)
    roc, precision_recall = _along(sample, positive, design)
    calibration = _calibration(sample, positive, design, confidence)
    return Curves(
        side=side,
        positive=label,
        rows=sample.rows,
        roc=roc,
        precision_recall=precision_recall,
        calibration=calibration,
    )


def count_confusion(base: Predictions, head: Predictions, paired: Paired) -> tuple[Confusion, ...]:
    """Cells truth × answer of both sides on the compared rows, those without a row left out.

    Of the 20 classes that are true the most often; rows of the others, or given to one, are not counted.
    """
    if head.task == "regression":
        return ()
    classes = joint_classes(base, head)
    old, new = Sample(base, paired.base, classes=classes), Sample(head, paired.head, classes=classes)
    shown, place = _most_frequent(new)
    many = len(shown)
    cells = []
    for sample in (old, new):
        # One more for what is not shown.
        code = place.take(new.y_true) * np.int32(many + 1) + place.take(sample.y_pred)
        counts = np.bincount(code, minlength=(many + 1) ** 2).reshape(many + 1, many + 1)
        cells.append(counts[:many, :many])
    return tuple(
        Confusion(
            truth=classes[shown[row]],
            answer=classes[shown[column]],
            base=int(cells[0][row, column]),
            head=int(cells[1][row, column]),
        )
        for row, column in np.argwhere(cells[0] + cells[1])
    )


def _most_frequent(sample: Sample) -> tuple[list[int], NDArray[np.int32]]:
    """Codes of the classes that are shown, in their order, and each class's (k,) place among them."""
    rows = np.bincount(sample.y_true, minlength=len(sample.classes))
    shown = sorted(np.argsort(-rows, kind="stable")[:CLASSES].tolist())
    place = np.full(len(rows), len(shown), np.int32)
    place[shown] = np.arange(len(shown), dtype=np.int32)
    return shown, place


def _along(sample: Sample, positive: int, design: Design) -> tuple[tuple[Point, ...], tuple[Point, ...]]:
    """ROC, and precision by recall; both empty where one kind of rows is missing."""
    try:
        curve = sample.curve(positive, design)
    except UndefinedError:
        return (), ()
    hits, alarms = map(
        np.concatenate, zip(*((block.hits, block.alarms) for block in curve.blocks()), strict=True)
    )
    found = hits + alarms
    # Where the highest scores weigh nothing, nothing was called wrongly yet.
    precision = np.divide(hits, found, out=np.ones_like(hits), where=found > 0)
    del found
    hits /= hits[-1]
    alarms /= alarms[-1]
    return _points(np.append(0.0, alarms), np.append(0.0, hits)), _points(
        np.append(0.0, hits), np.append(1.0, precision)
    )


def _calibration(sample: Sample, positive: int, design: Design, confidence: float) -> tuple[Reliability, ...]:
    """Mean probability and observed share in bins of equal size, by rising probability."""
    probability, weight = sample.probability(positive), design.weight
    code = stats.equal_bins(probability, sample.ranking(positive), BINS)
    bins = int(code.max()) + 1
    rows, true = np.bincount(code, minlength=bins), sample.y_true == positive
    total = summed(code, weight, bins)
    predicted = summed(code, probability if weight is None else probability * weight, bins)
    observed = summed(code, true.astype(np.float64) if weight is None else true * weight, bins)
    # Effective rows carry Wilson's interval to weighted shares (Korn & Graubard 1998).
    squares = total if weight is None else summed(code, weight**2, bins)
    kept = total > 0
    predicted, observed = predicted[kept] / total[kept], observed[kept] / total[kept]
    low, high = _wilson(observed, total[kept] ** 2 / squares[kept], confidence)
    columns = (each.tolist() for each in (predicted, observed, low, high, rows[kept]))
    return tuple(
        Reliability(predicted=mean, observed=share, low=below, high=above, rows=many)
        for mean, share, below, above, many in zip(*columns, strict=True)
    )


def _wilson(share: Floats, rows: Floats, confidence: float) -> tuple[Floats, Floats]:
    """Wilson's (1927) limits of shares (b,) of so many rows (b,)."""
    square = normal_quantile((1 + confidence) / 2) ** 2
    middle = share + square / (2 * rows)
    spread = np.sqrt(square * (share * (1 - share) / rows + square / (4 * rows**2)))
    low, high = ((middle + sign * spread) / (1 + square / rows) for sign in (-1, 1))
    return np.minimum(np.clip(low, 0.0, 1.0), share), np.maximum(np.clip(high, 0.0, 1.0), share)


def _errors(sample: Sample, design: Design) -> tuple[Point, ...]:
    """Absolute error → share of the rows up to it, at 200 shares of even distance."""
    error = np.abs(sample.y_true - sample.y_pred)
    if design.weight is None:
        error.sort()
        share = np.arange(1, len(error) + 1) / len(error)
    else:
        order = np.argsort(error)
        error, weight = error[order], np.cumsum(design.weight[order])
        share = weight / weight[-1]
    wanted = np.searchsorted(share, np.linspace(0.0, 1.0, POINTS)).clip(max=len(error) - 1)
    # Of equal errors the last: all rows up to it.
    last = np.unique(np.searchsorted(error, error[wanted], side="right") - 1)
    return tuple(map(_point, error[last].tolist(), share[last].tolist()))


def _points(x: Floats, y: Floats) -> tuple[Point, ...]:
    """The points (n,) that stand for all of a curve; `x` never falls, and both lie in 0 … 1."""
    if len(x) > _COLUMNS:
        places = _thin(x, y)
        x, y = x[places], y[places]
    kept = _bends(x, y, POINTS)
    return tuple(map(_point, x[kept].tolist(), y[kept].tolist()))


def _point(x: float, y: float) -> Point:
    return Point(x=x, y=y)


def _thin(x: Floats, y: Floats) -> NDArray[np.int64]:
    """Places of the first, last, lowest and highest point in each of many strips of x."""
    starts = np.unique(np.searchsorted(x, np.arange(1, _COLUMNS) / _COLUMNS))
    ends = [0, *starts.tolist(), len(x)]
    kept = set[int]()
    for start, end in pairwise(ends):
        if start < end:
            strip = y[start:end]
            kept |= {start, end - 1, start + int(strip.argmin()), start + int(strip.argmax())}
    return np.array(sorted(kept))


def _bends(x: Floats, y: Floats, most: int) -> list[int]:
    """Places of at most so many points: always the one that lies farthest from the line so far."""
    kept = [0, len(x) - 1] if len(x) > 1 else [0]
    open_ = [_farthest(x, y, 0, len(x) - 1)]
    while open_ and len(kept) < most:
        distance, place, start, end = heapq.heappop(open_)
        if not distance:
            break
        kept.append(place)
        heapq.heappush(open_, _farthest(x, y, start, place))
        heapq.heappush(open_, _farthest(x, y, place, end))
    return sorted(kept)


def _farthest(x: Floats, y: Floats, start: int, end: int) -> tuple[float, int, int, int]:
    """The point between two places with the largest distance, negative here, from the line between them.

    A distance is the larger one of those in x and in y. The square around a point meets the line exactly if
    they overlap along both axes and across the line.
    """
    if end - start < 2:
        return 0.0, start, start, end
    left, right, below, above = x[start], x[end], min(y[start], y[end]), max(y[start], y[end])
    inner = slice(start + 1, end)
    own, height = x[inner], y[inner]
    distance = np.maximum(below - height, height - above)
    wide, high = right - left, y[end] - y[start]
    if reach := wide + abs(high):
        np.maximum(distance, np.abs((own - left) * high - (height - y[start]) * wide) / reach, out=distance)
    place = int(distance.argmax())
    return -max(float(distance[place]), 0.0), start + 1 + place, start, end
