"""The weak-segment search: where head lost more than it did elsewhere, in as few words as tell it."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from mergegate.compare.bands import Banded, Skipped
from mergegate.compare.candidates import MOST_CROSSED, Among, Candidate, Places, Search, Tried
from mergegate.compare.losses import Measure, change_of_loss, measure_of
from mergegate.compare.measured import finite
from mergegate.compare.paired_columns import cut_paired
from mergegate.compare.sides import Paired
from mergegate.records.explain import Condition, Segment, SegmentSearch
from mergegate.records.predictions import Predictions
from mergegate.stats import Design, UndefinedError, adjusted
from mergegate.stats.distributions import normal_quantile
from mergegate.stats.influence import cluster_problem

Found = tuple[Candidate, float]
Marks = NDArray[np.bool_]

MOST_SHOWN = 10
MOST_JUDGED = 100
"""Segments, the strongest, that are looked at one beside the other."""


def search_segments(
    base: Predictions,
    head: Predictions,
    paired: Paired,
    *,
    columns: Sequence[str] | None = None,
    extra: Mapping[str, Any] | None = None,
    min_rows: int = 50,
    confidence: float = 0.95,
    measure: Measure | None = None,
) -> SegmentSearch:
    """Search every level of each column, and every pair of two columns' levels, for what head made worse.

    `columns` of the files, by default all; `extra` are further ones, Arrow arrays aligned with the compared
    rows, in place of a file's of the same name. Each segment's change of loss is held against that of all
    other rows, one-sided, by `stats.discordance`. Holm's correction over all that were tried leaves a false
    find to at most 1 - confidence of the searches, half of it to single levels and half to pairs. What
    another segment tells already is not shown.
    """
    measure = measure or measure_of(base, head)
    told = SegmentSearch(measure=measure, min_rows=min_rows)
    try:
        change = change_of_loss(base, head, paired, measure)
        design = Design(len(change), weight=paired.weight, cluster=paired.cluster)
        if problem := cluster_problem(design):
            raise UndefinedError(problem)
    except UndefinedError as error:
        return replace(told, problem=str(error))
    cut, skipped = _cut(base, head, paired, columns, extra or {}, len(change))
    if not cut:
        problem = "no column has levels to search" if skipped else "there are no columns to search"
        return replace(told, skipped=tuple(skipped), problem=problem)
    skipped += [f"{each.band.column} is searched alone, not in pairs" for each in cut[MOST_CROSSED:]]
    search = Search(
        change,
        design,
        [each.levels for each in cut],
        decisions=measure == "zero_one_loss",
        min_rows=min_rows,
        level=1 - confidence,
    )
    alone, pairs = search.look()
    found = _distinct(search, _standing(alone, pairs, search.level))
    shown = sorted(found, key=lambda each: -each[0].loss)[:MOST_SHOWN]
    return replace(
        told,
        tried=alone[0] + pairs[0],
        found=tuple(_segment(search, cut, *each, confidence) for each in shown),
        found_total=len(found),
        bands=tuple(each.band for each in cut),
        skipped=tuple(skipped),
    )


def _cut(
    base: Predictions,
    head: Predictions,
    paired: Paired,
    columns: Sequence[str] | None,
    extra: Mapping[str, Any],
    rows: int,
) -> tuple[list[Banded], list[str]]:
    """The columns' levels on the compared rows, and which columns are skipped and why."""
    names = columns if columns is not None else (*base.columns, *head.columns)
    cut, skipped = [], []
    for name in dict.fromkeys((*names, *extra)):
        found = cut_paired(base, head, paired, name, extra)
        if isinstance(found, Skipped):
            skipped.append(str(found))
        elif len(found.levels.codes) != rows:
            skipped.append(f"{name} has {len(found.levels.codes):,} rows, not the {rows:,} compared")
        else:
            cut.append(found)
    return cut, skipped


def _standing(alone: Tried, pairs: Tried, level: float) -> list[Found]:
    """Those that stand among all that were tried, the strongest first, with corrected p-values.

    Half of the level is for single levels, which are few, and half for pairs: a loss that a single level
    tells is not hidden by the many pairs there are.
    """
    families = [each for each in (alone, pairs) if each[0]]
    stands = [found for each in families for found in _holm(*each, len(families), level)]
    return sorted(stands, key=lambda each: (-each[0].strength, len(each[0].places), each[0].places))


def _holm(tried: int, candidates: Sequence[Candidate], families: int, level: float) -> list[Found]:
    """Those of a family that stand (Holm 1979), where as many families share the level."""
    # What is no candidate has a p-value above the level, and so comes after all that may stand: none of these
    # meets a milder level than the last of them would.
    reach = -normal_quantile(level / families / (tried - len(candidates) + 1))
    likely = [each for each in candidates if each.strength >= reach]
    p_values = [each.p_value() for each in likely] + [1.0] * (tried - len(likely))
    corrected = [min(1.0, families * p) for p in adjusted(p_values)]
    return [(each, p) for each, p in zip(likely, corrected, strict=False) if p <= level]


def _distinct(search: Search, found: Sequence[Found]) -> list[Found]:
    """Those that no other tells already: the shortest sentence wins.

    A pair must have lost more than what else there is of each of its levels that stands by itself; and any
    segment, without the rows of stronger ones that are no level of it, more than what these leave.
    """
    # The best of as many parts of a segment loses more than the others even where none is worse.
    level = search.level / max(search.levels, len(found))
    singles = {each.places for each, _ in found if each.single}

    @lru_cache(maxsize=3)  # each holds a copy of its rows
    def ground(within: Places, without: tuple[Places, ...]) -> Among:
        marks = search.marks(within)
        for places in without:
            marks &= ~search.marks(places)
        return search.among(marks)

    kept: list[Found] = []
    for candidate, p in found[:MOST_JUDGED]:
        own = () if candidate.single else candidate.places
        levels: list[Places] = [(place,) for place in own if (place,) in singles]
        without = tuple(each.places for each, _ in kept if each.places not in levels)
        within = levels or ([()] if without else [])
        marks = search.marks(candidate.places)
        if all(ground(places, without).test(marks) <= level for places in within):
            kept.append((candidate, p))
    return kept


def _segment(search: Search, cut: Sequence[Banded], found: Candidate, p: float, confidence: float) -> Segment:
    limits = found.interval(confidence)
    return Segment(
        conditions=tuple(
            Condition(column=cut[column].band.column, level=cut[column].levels.texts[code])
            for column, code in found.places
        ),
        rows=int(np.count_nonzero(search.marks(found.places))),
        loss=found.loss,
        rest=found.rest,
        excess=found.excess,
        low=finite(limits.low),
        high=finite(limits.high),
        p_adjusted=p,
    )
