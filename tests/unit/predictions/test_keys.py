"""Keys of row ids: equal ids, equal keys."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from mergegate.predictions.keys import check_unique, row_keys


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


def test_ids_that_share_a_key_but_differ_are_no_duplicates() -> None:
    ids = pa.array(["a", "b", "c"], pa.large_string())
    check_unique(ids, np.array([5, 5, 5], np.uint64))
