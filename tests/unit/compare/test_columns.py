"""Slice columns: what rows have, by the values that occur."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from mergegate.compare.columns import levels


@given(st.lists(st.sampled_from(["10", "9", "b", "a", None]), min_size=1))
def test_the_levels_of_some_rows_are_picked_as_if_read_from_them_alone(
    values: list[str | None],
) -> None:
    column = pa.chunked_array([pa.array(values, pa.string())])
    rows = np.array([n for n in range(len(values)) if n % 2 == 0])
    picked, alone = levels(column, "c").pick(rows), levels(column.take(pa.array(rows)), "c")
    assert picked.texts == alone.texts
    assert picked.codes.tolist() == alone.codes.tolist()


def test_values_are_sorted_as_people_sort_and_empty_ones_are_a_level() -> None:
    found = levels(pa.chunked_array([pa.array(["b", "10", None, "9", "a"])]), "c")
    assert found.texts == ("9", "10", "(missing)", "a", "b")
    assert found.codes.tolist() == [4, 1, 2, 0, 3]
    assert found.codes.dtype == np.uint8
