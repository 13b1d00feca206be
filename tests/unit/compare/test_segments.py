"""The weak-segment search: the tests of a slow loop, and no more sentences than tell it."""

from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray
from scipy import stats

from mergegate import predictions
from mergegate.compare import Paired, compare, search_segments
from mergegate.compare.candidates import MOST_CROSSED
from mergegate.records.explain import Band, Condition, Segment, SegmentSearch
from mergegate.records.predictions import Predictions
from mergegate.stats import adjusted

Floats = NDArray[np.float64]
Marks = NDArray[np.bool_]

EVERY = Paired(slice(None), slice(None), None, None)
ROWS = 4_000
RANDOM = np.random.default_rng(7)
CARRIER = np.array(["AA", "B6", "EV", "UA"])[RANDOM.integers(0, 4, ROWS)]
HOUR = RANDOM.integers(0, 24, ROWS)
ORIGIN = np.array(["EWR", "JFK", "LGA"])[RANDOM.integers(0, 3, ROWS)]
COLUMNS: dict[str, Any] = {"carrier": CARRIER.tolist(), "hour": HOUR, "origin": ORIGIN.tolist()}
SIGNAL = RANDOM.normal(size=ROWS)
TRUE = RANDOM.random(ROWS) < 1 / (1 + np.exp(-3 * SIGNAL))
EVENING = (CARRIER == "EV") & (HOUR >= 18)


def classifier(seed: int, worse: NDArray[Any] | None = None, *, probabilities: bool = True) -> Predictions:
    """A classifier that knows the signal but for some noise, of which the worse rows have much."""
    random = np.random.default_rng(seed)
    noise = 0.2 * random.normal(size=ROWS)
    if worse is not None:
        noise = noise + 1.5 * worse * random.normal(size=ROWS)
    late = 1 / (1 + np.exp(-SIGNAL - noise))
    return predictions.build(
        row_id=np.arange(ROWS), y_true=TRUE, y_pred=late > 0.5, task="binary", columns=COLUMNS,
        probabilities={True: late, False: 1 - late} if probabilities else None,
    )  # fmt: skip


def regression(seed: int, worse: NDArray[Any] | None = None) -> Predictions:
    random = np.random.default_rng(seed)
    spread = 1.0 + (0 if worse is None else worse)
    return predictions.build(
        row_id=np.arange(ROWS), y_true=SIGNAL, y_pred=SIGNAL + spread * random.normal(size=ROWS),
        task="regression", columns=COLUMNS,
    )  # fmt: skip


def said(search: SegmentSearch) -> list[tuple[tuple[str, str], ...]]:
    return [tuple((part.column, part.level) for part in each.conditions) for each in search.found]


BASE = classifier(1)


def test_the_rows_that_lost_are_named_by_as_many_conditions_as_it_takes() -> None:
    evening = search_segments(BASE, classifier(2, EVENING), EVERY)
    assert said(evening) == [(("carrier", "EV"), ("hour", "18 to 23"))]
    carrier = search_segments(BASE, classifier(2, CARRIER == "EV"), EVERY)
    assert said(carrier) == [(("carrier", "EV"),)]
    assert said(search_segments(BASE, classifier(2), EVERY)) == []


def test_two_segments_apart_are_both_named_the_larger_loss_first() -> None:
    base, worse = regression(1), (CARRIER == "EV") + 2.0 * (ORIGIN == "LGA")
    found = search_segments(base, regression(2, worse), EVERY)
    assert said(found)[-1] == (("carrier", "EV"),)
    assert (("origin", "LGA"),) in said(found)
    losses = [each.loss for each in found.found]
    assert losses == sorted(losses, reverse=True)


def test_a_pair_that_lost_more_than_its_level_is_named_beside_it() -> None:
    worse = (CARRIER == "EV") * 0.8 + EVENING * 4.0
    found = search_segments(regression(1), regression(2, worse), EVERY)
    assert said(found) == [(("carrier", "EV"), ("hour", "18 to 23")), (("carrier", "EV"),)]


def slow(change: Floats, marks: Marks) -> float:
    """The p-value that head lost more on the marked rows than on the others."""
    own, rest = change[marks], change[~marks]
    p = max(
        float(stats.ttest_ind(own, rest, equal_var=equal, alternative="greater").pvalue)
        for equal in (False, True)
    )
    if set(np.unique(change)) <= {-1.0, 0.0, 1.0}:
        lost, won = int((own > 0).sum()), int((own < 0).sum())
        if not lost + won:
            return 1.0
        chance = min(max((1 + rest.mean() * len(own) / (lost + won)) / 2, 0), 1)
        p = max(p, float(stats.binomtest(lost, lost + won, chance, alternative="greater").pvalue))
    return p


def slow_levels() -> dict[str, list[tuple[str, Marks]]]:
    bands = ("0 to 5", "6 to 11", "12 to 17", "18 to 23")
    return {
        "carrier": [(str(name), name == CARRIER) for name in np.unique(CARRIER)],
        "hour": [(band, place == HOUR // 6) for place, band in enumerate(bands)],
        "origin": [(str(name), name == ORIGIN) for name in np.unique(ORIGIN)],
    }


@pytest.mark.parametrize("measure", ["log_loss", "zero_one_loss"])
def test_what_is_found_has_the_numbers_of_a_loop_over_all_segments(measure: Any) -> None:
    head = classifier(2, EVENING * 8)
    found = search_segments(BASE, head, EVERY, measure=measure, min_rows=40)
    old, new = (side.probabilities for side in (BASE, head))
    assert old is not None
    assert new is not None
    place = np.arange(ROWS), BASE.y_true
    change: Floats = (
        np.log(old[place]) - np.log(new[place])
        if measure == "log_loss"
        else (head.y_pred != head.y_true) - 1.0 * (BASE.y_pred != BASE.y_true)
    )
    levels = slow_levels()
    alone = [((name, text), marks) for name, own in levels.items() for text, marks in own]
    pairs = [
        ((one, a, other, b), first & second)
        for one, other in combinations(levels, 2)
        for a, first in levels[one]
        for b, second in levels[other]
    ]
    assert found.tried == len(alone) + len(pairs) == 11 + 16 + 12 + 12
    p_values = adjusted([slow(change, marks) for _, marks in pairs])
    names = [name for name, _ in pairs]
    place_of = names.index(("carrier", "EV", "hour", "18 to 23"))
    (segment,) = found.found
    welch = stats.ttest_ind(change[EVENING], change[~EVENING], equal_var=False).confidence_interval(0.95)
    student = stats.ttest_ind(change[EVENING], change[~EVENING]).confidence_interval(0.95)
    assert segment.p_adjusted == pytest.approx(2 * p_values[place_of], rel=1e-6)
    assert segment.rows == int(EVENING.sum())
    assert segment.loss == pytest.approx(change[EVENING].mean())
    assert segment.rest == pytest.approx(change[~EVENING].mean())
    assert segment.excess == pytest.approx(segment.loss - segment.rest)
    assert segment.low == pytest.approx(min(welch.low, student.low), rel=1e-6)
    assert segment.high == pytest.approx(max(welch.high, student.high), rel=1e-6)


def test_a_whole_answer() -> None:
    base, head = regression(1), regression(2, EVENING * 2.0)
    columns = ["carrier", "hour", "id", "one", "nowhere"]
    extra = {"id": pa.array([f"r{n}" for n in range(ROWS)]), "one": pa.array(["x"] * ROWS)}
    found = search_segments(base, head, EVERY, columns=columns, extra=extra, min_rows=60)
    (segment,) = found.found
    assert found == SegmentSearch(
        measure="mean_absolute_error",
        tried=4 + 4 + 16,
        min_rows=60,
        found=(
            Segment(
                conditions=(
                    Condition(column="carrier", level="EV"),
                    Condition(column="hour", level="18 to 23"),
                ),
                rows=int(EVENING.sum()),
                loss=segment.loss,
                rest=segment.rest,
                excess=segment.excess,
                low=segment.low,
                high=segment.high,
                p_adjusted=segment.p_adjusted,
            ),
        ),
        found_total=1,
        bands=(
            Band(column="carrier", kind="values"),
            Band(column="hour", kind="bins", edges=("6", "12", "18")),
        ),
        skipped=("id has more than 200 values", "one has one value, x", "nowhere is in neither file"),
    )


def test_squared_errors_may_be_asked_for() -> None:
    base, head = regression(1), regression(2, (CARRIER == "EV") * 2.0)
    change = np.square(head.y_pred - SIGNAL) - np.square(base.y_pred - SIGNAL)
    found = search_segments(base, head, EVERY, measure="mean_squared_error")
    assert said(found) == [(("carrier", "EV"),)]
    assert found.found[0].loss == pytest.approx(change[CARRIER == "EV"].mean())


def test_without_probabilities_on_both_sides_right_and_wrong_are_searched() -> None:
    head = classifier(2, CARRIER == "EV", probabilities=False)
    found = search_segments(BASE, head, EVERY)
    assert (found.measure, said(found)) == ("zero_one_loss", [(("carrier", "EV"),)])


def test_shuffled_rows_and_a_missing_value_change_nothing() -> None:
    order = np.random.default_rng(0).permutation(ROWS)
    head = classifier(2, EVENING)
    assert head.probabilities is not None
    texts = [None if place == 0 else name for place, name in enumerate(COLUMNS["carrier"])]
    shuffled = predictions.build(
        row_id=order, y_true=TRUE[order], y_pred=(head.y_pred == 1)[order], task="binary",
        probabilities={True: head.probabilities[order, 1], False: head.probabilities[order, 0]},
        columns={"origin": ORIGIN[order].tolist(), "carrier": [texts[place] for place in order]},
    )  # fmt: skip
    base = predictions.build(
        row_id=np.arange(ROWS), y_true=TRUE, y_pred=BASE.y_pred == 1, task="binary", columns={"hour": HOUR},
        probabilities={True: BASE.probabilities[:, 1], False: BASE.probabilities[:, 0]},  # type: ignore[index]
    )  # fmt: skip
    paired = compare(base, shuffled, metrics=()).paired
    assert paired is not None
    found = search_segments(base, shuffled, paired, columns=["carrier", "hour", "origin"])
    expected = search_segments(BASE, head, EVERY)
    assert said(found) == said(expected)
    assert abs(found.found[0].rows - expected.found[0].rows) <= 1
    assert found.found[0].loss == pytest.approx(expected.found[0].loss, abs=1e-2)


def test_a_segment_that_only_gained_less_is_none() -> None:
    noisy, clean = regression(1, np.ones(ROWS, np.bool_) * 3.0), regression(2, (CARRIER == "EV") * 1.5)
    found = search_segments(noisy, clean, EVERY)
    assert (said(found), found.problem) == ([], "")


def test_the_same_rows_by_another_name_are_said_once() -> None:
    extra = {"airline": pa.array([f"airline {name}" for name in CARRIER])}
    found = search_segments(BASE, classifier(2, CARRIER == "EV"), EVERY, extra=extra)
    assert said(found) == [(("carrier", "EV"),)]
    # Two columns that go together, one of them not quite.
    late = np.where(np.random.default_rng(0).random(ROWS) < 0.05, 12, HOUR)
    extra = {"part": pa.array([f"part {hour // 6}" for hour in late])}
    for worse in (EVENING, (CARRIER == "EV") * 0.5 + EVENING * 3.0):
        found = search_segments(regression(1), regression(2, worse * 1.5), EVERY, extra=extra)
        assert said(found)[0] == (("carrier", "EV"), ("hour", "18 to 23"))
        assert said(found)[1:] in ([], [(("carrier", "EV"),)])


def test_at_most_ten_are_shown_and_all_are_counted() -> None:
    random = np.random.default_rng(0)
    cells = random.integers(0, 40, ROWS * 5)
    base, head = random.normal(size=(2, ROWS * 5))
    head = np.where(cells < 12, head * 8, base)
    old, new = (
        predictions.build(row_id=np.arange(ROWS * 5), y_true=0.0 * base, y_pred=answer, task="regression")
        for answer in (base, head)
    )
    found = search_segments(old, new, EVERY, extra={"cell": pa.array([f"c{cell:02d}" for cell in cells])})
    assert (len(found.found), found.found_total) == (10, 12)
    assert {each.conditions[0].level for each in found.found} <= {f"c{cell:02d}" for cell in range(12)}


def test_clusters_are_allowed_for() -> None:
    random = np.random.default_rng(0)
    cluster = random.integers(0, 60, ROWS)
    shared = random.normal(size=60)[cluster]
    group = (cluster % 4).astype(str)
    base = regression(1)
    head = predictions.build(
        row_id=np.arange(ROWS), y_true=SIGNAL, y_pred=base.y_pred + 3 * shared, task="regression"
    )
    extra = {"group": pa.array(group.tolist())}
    alone = search_segments(base, head, EVERY, columns=(), extra=extra)
    assert alone.found_total > 0
    paired = Paired(slice(None), slice(None), None, cluster)
    allowed = search_segments(base, head, paired, columns=(), extra=extra)
    assert (allowed.tried, allowed.found_total) == (4, 0)


def test_weights_count_and_rows_without_any_do_not() -> None:
    head = classifier(2, EVENING)
    weight = np.where(CARRIER == "EV", 0.0, 1.0)
    found = search_segments(BASE, head, Paired(slice(None), slice(None), weight, None))
    assert (said(found), found.problem) == ([], "")
    weight = np.where(ORIGIN == "JFK", 2.0, 1.0)
    weighted = search_segments(BASE, head, Paired(slice(None), slice(None), weight, None))
    assert said(weighted) == [(("carrier", "EV"), ("hour", "18 to 23"))]
    assert weighted.found[0].loss != search_segments(BASE, head, EVERY).found[0].loss
    same = search_segments(BASE, head, Paired(slice(None), slice(None), np.full(ROWS, 3.0), None))
    plain = search_segments(BASE, head, EVERY)
    assert same.found[0].p_adjusted == pytest.approx(plain.found[0].p_adjusted, rel=1e-9)


@pytest.mark.parametrize(
    ("weight", "cluster", "problem"),
    [
        (np.zeros(ROWS), None, "every weight is 0"),
        (np.full(ROWS, np.nan), None, "a weight is negative, NaN or infinite"),
        (None, np.zeros(ROWS, np.int64), "the rows come from 1 cluster, and an interval needs 30"),
    ],
    ids=["weights of nought", "no weights", "one cluster"],
)
def test_weights_and_clusters_that_can_not_be_used_are_a_problem(
    weight: Any, cluster: Any, problem: str
) -> None:
    found = search_segments(BASE, BASE, Paired(slice(None), slice(None), weight, cluster))
    assert found == SegmentSearch(measure="log_loss", min_rows=50, problem=problem)


def test_without_columns_or_levels_there_is_a_problem() -> None:
    assert search_segments(BASE, BASE, EVERY, columns=()).problem == "there are no columns to search"
    found = search_segments(BASE, BASE, EVERY, columns=(), extra={"empty": pa.nulls(ROWS)})
    assert (found.problem, found.skipped) == (
        "no column has levels to search",
        ("empty is empty in every row",),
    )


def test_a_further_column_of_other_rows_is_skipped() -> None:
    extra = {"short": pa.array([1, 2, 3]), "side": pa.array((CARRIER == "EV").tolist())}
    found = search_segments(BASE, classifier(2, CARRIER == "EV"), EVERY, columns=(), extra=extra)
    assert found.skipped == ("short has 3 rows, not the 4,000 compared",)
    assert said(found) == [(("side", "True"),)]


@pytest.mark.parametrize(
    ("measure", "problem"),
    [
        ("mean_squared_error", "mean_squared_error is no loss of a binary task"),
        ("mean_absolute_error", "mean_absolute_error is no loss of a binary task"),
    ],
)
def test_a_loss_of_another_task_is_a_problem(measure: Any, problem: str) -> None:
    assert search_segments(BASE, BASE, EVERY, measure=measure).problem == problem


def test_errors_too_large_to_square_are_a_problem() -> None:
    side = predictions.build(row_id=[1, 2], y_true=[1e200, 0.0], y_pred=[-1e200, 0.0], task="regression")
    found = search_segments(side, side, EVERY, measure="mean_squared_error")
    assert found.problem == "the numbers are too large to compute with"


def test_constant_answers_and_a_single_class_find_nothing() -> None:
    ones = predictions.build(
        row_id=np.arange(ROWS), y_true=np.ones(ROWS, np.int64), y_pred=np.ones(ROWS, np.int64), task="binary",
        columns=COLUMNS,
    )  # fmt: skip
    for base, head in ((BASE, BASE), (ones, ones)):
        found = search_segments(base, head, EVERY)
        assert (found.tried, found.found, found.problem) == (51, (), "")


def test_few_rows_are_not_tried() -> None:
    rows = slice(0, 60)
    paired = Paired(np.arange(60), np.arange(60), None, None)
    assert len(TRUE[rows]) == 60
    found = search_segments(BASE, classifier(2, EVENING), paired)
    assert (found.tried, found.found, found.problem) == (0, (), "")


def test_columns_beyond_the_twenty_fourth_are_searched_alone() -> None:
    random = np.random.default_rng(0)
    extra = {f"c{n}": pa.array(random.integers(0, 2, ROWS)) for n in range(MOST_CROSSED)}
    extra["late"] = pa.array((CARRIER == "EV").tolist())
    found = search_segments(BASE, classifier(2, CARRIER == "EV"), EVERY, columns=(), extra=extra)
    assert said(found) == [(("late", "True"),)]
    assert found.skipped == ("late is searched alone, not in pairs",)
    assert found.tried == 2 * (MOST_CROSSED + 1) + 4 * (MOST_CROSSED * (MOST_CROSSED - 1) // 2)
