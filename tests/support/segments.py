"""How often the weak-segment search names a segment where there is none, and where there is one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mergegate import predictions
from mergegate.arrays import to_arrow
from mergegate.compare import Paired, search_segments
from mergegate.records.explain import SegmentSearch
from mergegate.records.predictions import Predictions

Floats = NDArray[np.floating[Any]]
Marks = NDArray[np.bool_]
Draw = Callable[[np.random.Generator, int, Marks], tuple["Side", "Side"]]
"""Base's and head's answers on so many rows; the marked ones are where head is made worse."""

SIZES = (3, 16, 7, 12, 4, 5, 3, 2)
"""Values of eight columns, 52 in all."""
PLANTED = ("c3", "0")
"""The level that holds a tenth of the rows."""
EVERY = slice(None)


@dataclass(frozen=True)
class Side:
    """A model's answers; of a classifier where it gives the probability of the truth."""

    y_true: Floats
    y_pred: Floats
    positive: Floats | None = None


@dataclass(frozen=True)
class Counts:
    """Over some draws: how often anything was found, how often the planted level, and how often nothing else.

    `shown` counts all segments.
    """

    draws: int
    any: int = 0
    planted: int = 0
    alone: int = 0
    shown: int = 0


def count(
    draw: Draw,
    *,
    draws: int,
    seed: tuple[int, ...],
    rows: int,
    planted: bool,
    clusters: int = 0,
    weighted: bool = False,
    columns: int = len(SIZES),
) -> Counts:
    """Draw, search the first of the columns, at least four, and count."""
    random = np.random.default_rng(seed)
    found = [
        _search(draw, random, rows, SIZES[:columns], planted=planted, clusters=clusters, weighted=weighted)
        for _ in range(draws)
    ]
    named = [
        [tuple((part.column, part.level) for part in each.conditions) for each in one.found] for one in found
    ]
    return Counts(
        draws,
        any=sum(bool(each) for each in named),
        planted=sum((PLANTED,) in each for each in named),
        alone=sum(each == [(PLANTED,)] for each in named),
        shown=sum(one.found_total for one in found),
    )


def _search(
    draw: Draw,
    random: np.random.Generator,
    rows: int,
    sizes: tuple[int, ...],
    *,
    planted: bool,
    clusters: int,
    weighted: bool,
) -> SegmentSearch:
    cluster = random.integers(0, clusters, rows) if clusters else None
    codes = {f"c{place}": random.integers(0, size, rows) for place, size in enumerate(sizes)}
    # What a customer or a day is, its rows are too; the planted level is a tenth of them.
    codes["c3"] = np.where(random.random(rows) < 0.1, 0, random.integers(1, SIZES[3], rows))
    if cluster is not None:
        codes["c1"] = random.integers(0, SIZES[1], clusters)[cluster]
        codes["c3"] = np.where(random.random(clusters) < 0.1, 0, random.integers(1, 4, clusters))[cluster]
    marks = (codes["c3"] == 0) & planted
    shared = None if cluster is None else random.normal(size=clusters)[cluster]
    base, head = draw(random, rows, marks)
    if shared is not None:
        head = _moved(head, shared)
    weight = random.integers(1, 6, rows).astype(np.float64) if weighted else None
    old, new = (_built(side) for side in (base, head))
    paired = Paired(EVERY, EVERY, weight, cluster)
    texts = {name: [str(code) for code in range(max(SIZES))] for name in codes}
    extra = {
        name: pa.DictionaryArray.from_arrays(to_arrow(own.astype(np.int32)), pa.array(texts[name]))
        for name, own in codes.items()
    }
    return search_segments(old, new, paired, columns=(), extra=extra)


def _moved(side: Side, shared: Floats) -> Side:
    """Head's answers with an effect that the rows of a cluster share."""
    if side.positive is None:
        return Side(side.y_true, side.y_pred + 0.5 * shared)
    odds = np.log(side.positive / (1 - side.positive)) + 0.3 * shared
    return Side(side.y_true, side.y_pred, 1 / (1 + np.exp(-odds)))


def _built(side: Side) -> Predictions:
    rows = np.arange(len(side.y_true))
    if side.positive is not None:
        return predictions.build(
            row_id=rows, y_true=side.y_true > 0, y_pred=side.positive > 0.5, task="binary",
            probabilities={True: side.positive, False: 1 - side.positive},
        )  # fmt: skip
    if set(np.unique(side.y_true)) <= {0.0, 1.0}:
        return predictions.build(row_id=rows, y_true=side.y_true > 0, y_pred=side.y_pred > 0, task="binary")
    return predictions.build(row_id=rows, y_true=side.y_true, y_pred=side.y_pred, task="regression")


def decisions(discordance: float, *, drift: float = 0.0, loss: float = 0.1, instead: bool = False) -> Draw:
    """Classes alone: four of five right in base, `discordance` of the rows decided otherwise by head.

    Of all rows head loses `drift`, of the marked ones `loss` more: further rows, or `instead` of as many won.
    """

    def draw(random: np.random.Generator, rows: int, marks: Marks) -> tuple[Side, Side]:
        true, right = random.random(rows) < 0.4, random.random(rows) < 0.8
        moved = loss / 2 * marks if instead else 0.0
        lost = (discordance + drift) / 2 + loss * marks - moved
        won = (discordance - drift) / 2 - moved
        chance = np.where(right, lost / 0.8, won / 0.2)
        head = right ^ (random.random(rows) < chance)
        sides = (Side(true * 1.0, (true == own) * 1.0) for own in (right, head))
        return next(sides), next(sides)

    return draw


def probabilities(noise: float, *, sharp: float = 1.0, loss: float = 1.0) -> Draw:
    """Probabilities that differ by some noise on the logit scale; `sharp` above 1 are overconfident.

    The marked rows are moved by `loss` more noise.
    """

    def draw(random: np.random.Generator, rows: int, marks: Marks) -> tuple[Side, Side]:
        signal = random.normal(size=rows) * 1.5 - 1
        true = random.random(rows) < 1 / (1 + np.exp(-signal))
        odds = [
            sharp * (signal + noise * random.normal(size=rows)),
            sharp * (signal + noise * random.normal(size=rows) + loss * marks * random.normal(size=rows)),
        ]
        base, head = (1 / (1 + np.exp(-each)) for each in odds)
        return Side(true * 1.0, true * 1.0, base), Side(true * 1.0, true * 1.0, head)

    return draw


def mended_outliers(share: float) -> Draw:
    """Probabilities where base was badly wrong of a few rows, and head mends these: rare large gains."""

    def draw(random: np.random.Generator, rows: int, marks: Marks) -> tuple[Side, Side]:
        base, head = probabilities(0.1, loss=0.0)(random, rows, marks)
        assert base.positive is not None
        bad = np.where(base.y_true > 0, 1e-12, 1 - 1e-12)
        positive = np.where(random.random(rows) < share, bad, base.positive)
        return Side(base.y_true, base.y_pred, positive), head

    return draw


def numbers(freedom: float, *, loss: float = 1.0) -> Draw:
    """Numbers with errors of Student's t; the marked rows' are `loss` larger."""

    def draw(random: np.random.Generator, rows: int, marks: Marks) -> tuple[Side, Side]:
        true = random.normal(size=rows) * 10
        common = random.standard_t(freedom, rows)
        base, head = (true + common + 0.5 * random.standard_t(freedom, rows) for _ in range(2))
        return Side(true, base), Side(true, head + loss * marks * random.normal(size=rows))

    return draw
