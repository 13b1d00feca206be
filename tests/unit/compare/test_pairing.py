"""Pairing: the rows that base and head both judged."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from mergegate import predictions
from mergegate.compare import Pairing, pair
from mergegate.records.predictions import Predictions
from mergegate.stats.order import ROW_BITS


def of(ids: list[Any], truth: list[Any] | None = None) -> Predictions:
    values = truth or pa.DictionaryArray.from_arrays(np.zeros(len(ids), np.int8), ["a"])
    return predictions.build(row_id=ids, y_true=values, y_pred=values, task="multiclass")


def shared_ids(base: Predictions, head: Predictions, pairing: Pairing) -> list[tuple[Any, Any]]:
    left = np.array(base.row_id.to_pylist(), object)[pairing.base]
    right = np.array(head.row_id.to_pylist(), object)[pairing.head]
    return list(zip(left, right, strict=True))


def test_shared_new_and_gone_rows_are_counted_in_heads_order() -> None:
    base, head = of(["a", "b", "c", "d"]), of(["x", "d", "b", "y", "z"])
    pairing = pair(base, head)
    assert (pairing.shared, pairing.new, pairing.gone, pairing.problem) == (2, 3, 2, "")
    assert shared_ids(base, head, pairing) == [("d", "d"), ("b", "b")]


def test_equal_ids_in_equal_order_need_no_index() -> None:
    base, head = of([3, 1, 2]), of([3, 1, 2])
    pairing = pair(base, head)
    assert (pairing.shared, pairing.new, pairing.gone) == (3, 0, 0)
    assert pairing.base == pairing.head == slice(None)


ids = st.one_of(st.sets(st.text(max_size=12), min_size=1), st.sets(st.integers(-(2**62), 2**62), min_size=1))


@given(ids, st.randoms(use_true_random=False))
def test_any_two_orders_and_subsets_are_paired_like_sets(all_ids: set[Any], random: Any) -> None:
    pool = sorted(all_ids)
    left = random.sample(pool, random.randint(1, len(pool)))
    right = random.sample(pool, random.randint(1, len(pool)))
    base, head = of(left), of(right)
    pairing = pair(base, head)
    both = [key for key in right if key in set(left)]
    assert shared_ids(base, head, pairing) == [(key, key) for key in both]
    assert (pairing.shared, pairing.new, pairing.gone) == (
        len(both),
        len(right) - len(both),
        len(left) - len(both),
    )


def hashed(predictions: Predictions, keys: list[int]) -> Predictions:
    """The same predictions as if their ids hashed to these keys."""
    words = (np.array(keys, np.uint64) << np.uint64(ROW_BITS)) | np.arange(len(keys), dtype=np.uint64)
    return replace(predictions, row_index=np.sort(words))


@given(ids, st.randoms(use_true_random=False), st.integers(1, 5))
def test_ids_that_share_a_key_are_told_apart(all_ids: set[Any], random: Any, different: int) -> None:
    pool = sorted(all_ids)
    left = random.sample(pool, random.randint(1, len(pool)))
    right = random.sample(pool, random.randint(1, len(pool)))
    # Keys at both ends of what a word can hold.
    keys = {
        key: (2**39 - 1 - place % different // 2, place % different)[place % 2]
        for place, key in enumerate(pool)
    }
    base = hashed(of(left), [keys[key] for key in left])
    head = hashed(of(right), [keys[key] for key in right])
    pairing = pair(base, head)
    assert shared_ids(base, head, pairing) == [(key, key) for key in right if key in set(left)]


def test_two_ids_that_share_a_key_across_the_files_are_not_one_row() -> None:
    base, head = hashed(of(["a", "b"]), [1, 2]), hashed(of(["c", "b"]), [1, 2])
    pairing = pair(base, head)
    assert shared_ids(base, head, pairing) == [("b", "b")]
    assert (pairing.new, pairing.gone) == (1, 1)


@pytest.mark.parametrize("kind", [pa.int64(), pa.string()])
def test_a_shuffle_of_many_rows_is_paired_as_it_was_shuffled(kind: Any) -> None:
    rows = 300_000
    every = np.arange(rows)
    order = np.random.default_rng(1).permutation(rows)
    old = pa.array(range(rows)).cast(kind)
    new = pa.array(order).cast(kind)
    pairing = pair(of(old), of(new))
    assert np.array_equal(every[pairing.base], order)
    assert pairing.head == slice(None)
    fewer = pair(of(old), of(new.slice(0, 250_000)))
    assert np.array_equal(every[fewer.base], order[:250_000])
    more = pair(of(old.slice(0, 250_000)), of(new))
    assert np.array_equal(every[more.base], order[order < 250_000])
    assert np.array_equal(every[more.head], np.flatnonzero(order < 250_000))
    assert (more.shared, more.new, more.gone) == (250_000, 50_000, 0)


def test_ids_of_different_types_share_no_row_and_say_so() -> None:
    pairing = pair(of([1, 2]), of(["1", "2", "3"]))
    assert (pairing.shared, pairing.new, pairing.gone) == (0, 3, 2)
    assert pairing.problem == "row_id holds whole numbers in base and text in head: no row can be shared"


def test_text_ids_of_any_layout_are_the_same_ids() -> None:
    pairing = pair(of(["a", "b"]), of(pa.array(["b", "a"]).dictionary_encode()))
    assert (pairing.shared, pairing.problem) == (2, "")


def test_labels_that_changed_are_found_by_their_text() -> None:
    base = of(["a", "b", "c", "d"], ["x", "y", "y", "old"])
    head = of(["d", "c", "b", "a"], ["new", "z", "y", "x"])
    pairing = pair(base, head)
    assert pairing.labels_changed.tolist() == [True, True, False, False]


def test_changed_numbers_are_changed_labels() -> None:
    def numbers(values: list[float]) -> Predictions:
        return predictions.build(row_id=[1, 2], y_true=values, y_pred=values, task="regression")

    assert pair(numbers([1.0, 2.0]), numbers([1.0, 2.5])).labels_changed.tolist() == [False, True]
