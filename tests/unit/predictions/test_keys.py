"""Keys of row ids: equal ids, equal keys."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mergegate.predictions.contract import BreachError
from mergegate.predictions.keys import check_unique, index_rows, row_keys
from mergegate.stats.order import ROW_BITS, differ, rows_of


@given(st.lists(st.text(max_size=40), min_size=1, max_size=60), st.randoms())
def test_a_text_has_the_same_key_wherever_it_stands(texts: list[str], random: object) -> None:
    ids = pa.array(texts, pa.large_string())
    keys = row_keys(ids)
    alone = [int(row_keys(pa.array([text], pa.large_string()))[0]) for text in texts]
    assert keys.tolist() == alone
    assert row_keys(ids.slice(1)).tolist() == alone[1:]


@given(st.sets(st.binary(max_size=40), min_size=1, max_size=200))
def test_different_texts_have_different_keys(texts: set[bytes]) -> None:
    ids = pa.array(list(texts), pa.large_binary()).view(pa.large_string())
    assert len(set(row_keys(ids).tolist())) == len(texts)


def test_a_million_ids_that_differ_in_a_digit_have_no_key_in_common() -> None:
    ids = pa.array([f"2013-04-{i}-EWR" for i in range(1_000_000)], pa.large_string())
    assert len(np.unique(row_keys(ids))) == 1_000_000


def test_whole_numbers_have_keys_of_their_own_whatever_their_slice() -> None:
    numbers = pa.array([0, 1, -1, 2**63 - 1, -(2**63), *range(2, 70_000)])
    keys = row_keys(numbers)
    assert len(np.unique(keys)) == len(numbers)
    assert row_keys(numbers.slice(3)).tolist() == keys[3:].tolist()


@pytest.mark.parametrize("kind", ["text", "numbers"])
def test_an_index_has_every_row_by_rising_key(kind: str) -> None:
    numbers = pa.array(range(100_000, 0, -1))
    ids = numbers if kind == "numbers" else numbers.cast(pa.large_string())
    index = index_rows(ids)
    assert (index[1:] > index[:-1]).all()
    assert not (~differ(index[1:], index[:-1])).sum() > 3
    rows = rows_of(index.copy())
    assert (np.sort(rows) == np.arange(100_000)).all()
    assert (index >> np.uint64(ROW_BITS)).tolist() == (row_keys(ids)[rows] >> np.uint64(ROW_BITS)).tolist()


def test_ids_that_share_a_key_but_differ_are_no_duplicates() -> None:
    ids = pa.array(["a", "b", "c"], pa.large_string())
    check_unique(ids, np.array([0, 1, 2], np.uint64))


@pytest.mark.parametrize("kind", [pa.int64(), pa.large_string()])
def test_ids_that_stand_twice_are_told_in_their_order_even_where_others_share_their_key(kind: Any) -> None:
    ids = pa.array([7, 5, 6, 5, 8, 7, 7]).cast(kind)
    shown = "“7”, “5”" if kind == pa.large_string() else "7, 5"
    said = f"has 2 row_id that stand in more than one row, first {shown}"
    for index in (index_rows(ids), np.arange(7, dtype=np.uint64)):
        with pytest.raises(BreachError) as caught:
            check_unique(ids, index)
        assert caught.value.message == said
