"""Answers that changed: every count by a slow loop, and the rows that tell most."""

import sys
from collections import Counter
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import accuracy_score

from mergegate import predictions
from mergegate.compare import Paired, compare, find_flips, with_inputs
from mergegate.compare.columns import Levels
from mergegate.records.explain import FlipCount, FlipInput, FlipRow, Flips, FlipSlice
from mergegate.records.predictions import Predictions
from mergegate.stats import UndefinedError

EVERY = Paired(slice(None), slice(None), None, None)


def of(truth: list[Any], answer: list[Any], task: Any = "multiclass", **options: Any) -> Predictions:
    given = {"row_id": [f"r{place}" for place in range(len(truth))], "task": task} | options
    return predictions.build(y_true=truth, y_pred=answer, **given)


def flipped(base: Predictions, head: Predictions, **options: Any) -> Flips:
    """The flips on the rows that a comparison pairs."""
    paired = compare(base, head, metrics=()).paired
    assert paired is not None
    return find_flips(base, head, paired, **options)


BASE = of(["a", "a", "b", "b", "b"], ["a", "b", "b", "a", "a"])
HEAD = of(["a", "a", "b", "b", "b"], ["b", "a", "b", "a", "b"])


def test_a_whole_answer() -> None:
    assert flipped(BASE, HEAD) == Flips(
        rows=5,
        changed=3,
        broke=1,
        mended=2,
        p=1.0,
        matrix=(
            FlipCount(truth="a", base="a", head="b", rows=1),
            FlipCount(truth="a", base="b", head="a", rows=1),
            FlipCount(truth="b", base="a", head="a", rows=1),
            FlipCount(truth="b", base="a", head="b", rows=1),
            FlipCount(truth="b", base="b", head="b", rows=1),
        ),
        classes_total=2,
        telling=(
            FlipRow(row_id="r0", truth="a", base="a", head="b"),
            FlipRow(row_id="r1", truth="a", base="b", head="a"),
            FlipRow(row_id="r4", truth="b", base="a", head="b"),
        ),
    )


labels = st.sampled_from(["a", "b", "ü", "אב"])


@given(st.lists(st.tuples(labels, labels, labels), min_size=1, max_size=60))
def test_counts_are_those_of_a_loop_over_rows(rows: list[tuple[str, str, str]]) -> None:
    truth, old, new = (list(column) for column in zip(*rows, strict=True))
    found = find_flips(of(truth, old), of(truth, new), EVERY)
    lost = sum(t == b != h for t, b, h in rows)
    won = sum(b != h == t for t, b, h in rows)
    assert (found.rows, found.changed) == (len(rows), sum(b != h for _, b, h in rows))
    assert (found.broke, found.mended) == (lost, won)
    expected = stats.binomtest(lost, lost + won).pvalue if lost + won else 1.0
    assert found.p == pytest.approx(expected)
    assert {(each.truth, each.base, each.head): each.rows for each in found.matrix} == Counter(rows)
    gained = (accuracy_score(truth, new) - accuracy_score(truth, old)) * len(rows)
    assert won - lost == pytest.approx(gained)


def test_rows_are_found_by_their_id_in_any_order() -> None:
    order = [4, 2, 0, 3, 1]
    names = ["a", "a", "b", "b", "b"], ["b", "a", "b", "a", "b"]
    head = of(*([values[place] for place in order] for values in names), row_id=[f"r{n}" for n in order])
    found, expected = flipped(BASE, head), flipped(BASE, HEAD)
    assert (found.changed, found.broke, found.mended, found.matrix) == (
        expected.changed,
        expected.broke,
        expected.mended,
        expected.matrix,
    )
    assert [row.row_id for row in found.telling] == ["r0", "r4", "r1"]


def test_rows_that_only_one_side_has_or_labels_otherwise_are_no_flips() -> None:
    base = of(["a", "a", "b"], ["a", "a", "b"], row_id=[1, 2, 3])
    head = of(["a", "b", "b"], ["b", "a", "a"], row_id=[1, 2, 4])
    found = flipped(base, head)
    assert (found.rows, found.changed, [row.row_id for row in found.telling]) == (1, 1, ["1"])


def test_a_class_that_only_one_side_knows_is_a_change_like_any_other() -> None:
    base = of(["a", "c"], ["a", "c"], probabilities={"a": [0.9, 0.0], "c": [0.1, 1.0]})
    head = of(["a", "c"], ["b", "c"], probabilities={"a": [0.2, 0.3], "b": [0.8, 0.0], "c": [0.0, 0.7]})
    found = find_flips(base, head, EVERY)
    assert (found.changed, found.broke, found.classes_total) == (1, 1, 3)
    (row,) = found.telling
    assert (row.base, row.head, row.base_score, row.head_score) == ("a", "b", 0.9, 0.2)
    assert row.move == pytest.approx(0.7)


def test_nothing_changed() -> None:
    found = find_flips(BASE, BASE, EVERY)
    assert (found.changed, found.share, found.p, found.telling) == (0, 0.0, 1.0, ())


def test_the_rows_that_broke_by_the_largest_loss_come_first() -> None:
    rows = 6_000
    random = np.random.default_rng(0)
    truth = random.random(rows) < 0.5
    # All but 1,000 rows flip: 5,000 of them.
    old, new = random.random(rows), random.random(rows)
    old[:5_000], new[:5_000] = 0.5 + old[:5_000] / 2, new[:5_000] / 2
    new[5_000:] = old[5_000:]

    def side(positive: Any) -> Predictions:
        return of(
            truth.tolist(),
            (positive > 0.5).tolist(),
            "binary",
            probabilities={True: positive, False: 1 - positive},
        )

    found = find_flips(side(old), side(new), EVERY)
    assert found.changed == 5_000
    moves = np.where(truth, old - new, new - old)
    broke = [place for place in np.argsort(-moves, kind="stable") if truth[place] and place < 5_000]
    mended = [place for place in np.argsort(moves, kind="stable") if not truth[place] and place < 5_000]
    assert [row.row_id for row in found.telling] == [f"r{n}" for n in (*broke[:14], *mended[:6])]
    assert found.telling[0].move == pytest.approx(moves[broke[0]])
    assert found.telling[0].base_score == pytest.approx(old[broke[0]])
    assert found.telling[-1].move == pytest.approx(moves[mended[5]])
    assert found.telling[-1].head_score == pytest.approx(1 - new[mended[5]])


def test_what_one_kind_of_change_leaves_goes_to_the_next() -> None:
    truth = ["a"] * 90
    old = ["a"] * 3 + ["b"] * 87
    new = ["b"] * 3 + ["a"] * 40 + ["c"] * 47
    kinds = [(row.base, row.head) for row in find_flips(of(truth, old), of(truth, new), EVERY).telling]
    assert kinds == [("a", "b")] * 3 + [("b", "a")] * 15 + [("b", "c")] * 2


def test_only_the_twenty_classes_with_the_most_rows_stand_in_the_matrix() -> None:
    truth = [f"c{number:02d}" for number in range(30) for _ in range(number + 1)]
    found = find_flips(of(truth, truth), of(truth, [*truth[1:], truth[0]]), EVERY)
    assert found.classes_total == 30
    assert {each.truth for each in found.matrix} == {f"c{number}" for number in range(10, 30)}
    assert {each.head for each in found.matrix} <= {f"c{number}" for number in range(10, 30)}
    assert sum(each.rows for each in found.matrix) == sum(range(11, 31)) - 1


def test_slices_come_with_the_most_rows_lost_first() -> None:
    columns = {"origin": ["JFK", "JFK", "EWR", "EWR", None], "hour": [1.0, 2.0, 3.0, 4.0, float("nan")]}
    base = of(["a"] * 5, ["a", "a", "b", "a", "b"], columns={"origin": columns["origin"]})
    head = of(["a"] * 5, ["b", "b", "a", "a", "c"], columns=columns)
    found = find_flips(base, head, EVERY, slices=["origin", "nowhere", "origin"])
    assert found.slices == (
        FlipSlice(column="origin", level="JFK", rows=2, changed=2, broke=2, mended=0),
        FlipSlice(column="origin", level="(missing)", rows=1, changed=1, broke=0, mended=0),
        FlipSlice(column="origin", level="EWR", rows=2, changed=1, broke=0, mended=1),
    )
    levels = Levels(np.array([0, 0, 1, 1, 1], np.uint8), ("early", "late"))
    banded = find_flips(base, head, EVERY, slices={"time": levels})
    assert [(each.level, each.rows, each.broke) for each in banded.slices] == [
        ("early", 2, 2),
        ("late", 3, 0),
    ]


def test_slices_are_at_most_two_hundred_and_those_of_too_many_values_none() -> None:
    rows = 3_000
    columns = {f"c{n}": [f"v{row % 150}" for row in range(rows)] for n in range(2)}
    columns["id"] = [f"v{row}" for row in range(rows)]
    base = of(["a"] * rows, ["a"] * rows, columns=columns)
    head = of(["a"] * rows, ["b"] * 40 + ["a"] * (rows - 40))
    found = find_flips(base, head, EVERY, slices=list(columns))
    assert len(found.slices) == 200
    assert {each.column for each in found.slices} == {"c0", "c1"}
    assert [each.broke for each in found.slices[:81]] == [1] * 80 + [0]


def test_ids_and_labels_are_text_of_bounded_length_in_any_script() -> None:
    ids = ["\u202eלילה🛫", "x" * 1_000, "a|b`<i>"]
    base = of(["a" * 150] * 3, ["a" * 150] * 3, row_id=ids)
    head = of(["a" * 150] * 3, ["b"] * 3, row_id=ids)
    rows = find_flips(base, head, EVERY).telling
    assert [row.row_id for row in rows] == ids
    assert rows[0].truth == "a" * 99 + "…"


def test_inputs_are_added_by_row_id_with_the_reason_for_those_that_lack() -> None:
    flips = find_flips(BASE, HEAD, EVERY)
    inputs = (FlipInput(name="hour", value="18"), FlipInput(name="name", value=None, hidden=True))
    found = with_inputs(flips, {"r0": inputs, "other": ()}, "the inputs lack 2 rows")
    assert [row.inputs for row in found.telling] == [inputs, (), ()]
    assert found.without_inputs == "the inputs lack 2 rows"
    assert with_inputs(found, {}, "").telling == found.telling


@given(
    st.lists(st.tuples(*[st.integers(-20, 20).map(float)] * 3), min_size=1, max_size=60),
    st.sampled_from([0.0, 0.5, 3.0, 10.0]),
)
def test_numbers_flip_where_they_move_by_more_than_the_tolerance(
    rows: list[tuple[float, float, float]], tolerance: float
) -> None:
    truth, old, new = (list(column) for column in zip(*rows, strict=True))
    found = find_flips(of(truth, old, "regression"), of(truth, new, "regression"), EVERY, tolerance=tolerance)
    worse = [abs(h - t) - abs(b - t) for t, b, h in rows]
    lost, won = sum(each > tolerance for each in worse), sum(each < -tolerance for each in worse)
    assert found.changed == sum(abs(h - b) > tolerance for _, b, h in rows)
    assert (found.broke, found.mended, found.tolerance) == (lost, won, tolerance)
    assert found.p == pytest.approx(stats.binomtest(lost, lost + won).pvalue if lost + won else 1.0)
    assert (found.matrix, found.classes_total) == ((), 0)


def test_numbers_that_moved_furthest_from_the_truth_come_first() -> None:
    truth = [10.0] * 4
    base = of(truth, [11.0, 10.0, 18.0, 12.0], "regression")
    head = of(truth, [11.5, 19.109375, 10.0, 8.0], "regression")
    found = find_flips(base, head, EVERY, tolerance=1.0)
    assert found.telling == (
        FlipRow(
            row_id="r1", truth="10", base="10", head="19.1094", base_score=0.0,
            head_score=9.109375, move=9.109375,
        ),
        FlipRow(row_id="r2", truth="10", base="18", head="10", base_score=8.0, head_score=0.0, move=-8.0),
        FlipRow(row_id="r3", truth="10", base="12", head="8", base_score=2.0, head_score=2.0, move=0.0),
    )  # fmt: skip


def test_by_default_a_tenth_of_the_median_error_is_tolerated() -> None:
    base = of([0.0, 0.0, 0.0], [1.0, 2.0, 30.0], "regression")
    head = of([0.0, 0.0, 0.0], [1.2, 2.3, 30.1], "regression")
    found = find_flips(base, head, EVERY)
    assert (found.tolerance, found.changed, found.broke) == (0.2, 1, 1)


def test_a_perfect_base_tolerates_no_move() -> None:
    base, head = of([1.0, 2.0], [1.0, 2.0], "regression"), of([1.0, 2.0], [1.0, 2.5], "regression")
    found = find_flips(base, head, EVERY)
    assert (found.tolerance, found.changed) == (0.0, 1)


def test_numbers_near_the_largest_there_are_do_not_overflow() -> None:
    base, head = of([1e308], [-1e308], "regression"), of([1e308], [1e308], "regression")
    (row,) = find_flips(base, head, EVERY, tolerance=1.0).telling
    assert (row.base_score, row.head_score) == (sys.float_info.max, 0.0)
    assert row.move == -sys.float_info.max


@pytest.mark.parametrize("tolerance", [-1.0, float("nan"), float("inf")])
def test_a_tolerance_that_is_none_is_refused(tolerance: float) -> None:
    side = of([1.0], [1.0], "regression")
    with pytest.raises(UndefinedError, match="a tolerance is a number of at least 0"):
        find_flips(side, side, EVERY, tolerance=tolerance)


def test_files_of_other_classes_are_refused() -> None:
    base, head = of(["a"], ["b"], "binary", positive="b"), of(["a"], ["c"], "binary", positive="c")
    with pytest.raises(UndefinedError, match="the two files do not hold the same two classes"):
        find_flips(base, head, EVERY)


def test_a_column_of_a_sliced_array_is_read_where_it_starts() -> None:
    column = pa.chunked_array([pa.array(["x", "u", "v"]).slice(1), pa.array(["u", "u", "v"])])
    base = of(["a"] * 5, ["a"] * 5, columns={"c": column})
    head = of(["a"] * 5, ["b", "a", "a", "a", "b"])
    found = find_flips(base, head, EVERY, slices=["c"])
    assert [(each.level, each.rows, each.broke) for each in found.slices] == [("u", 3, 1), ("v", 2, 1)]
