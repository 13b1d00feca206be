"""Slice columns: what rows have, by the values that occur."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mergegate.compare.columns import levels
from mergegate.stats import UndefinedError


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


@pytest.mark.parametrize(
    "column",
    [
        pa.Array.from_buffers(pa.string(), 2, pa.array([b"\xff", b"a"]).buffers()),
        pa.array([1, 2], pa.timestamp("us", "Nowhere/City")),
        pa.array([2**62, 1], pa.timestamp("us")),
        pa.array([2**30, 1], pa.date32()),
        pa.array([2**62, 1], pa.duration("s")),
    ],
    ids=lambda column: str(column.type),
)
def test_a_value_that_python_can_not_hold_is_a_reason(column: Any) -> None:
    with pytest.raises(UndefinedError, match="the column when holds a value that can't be read: "):
        levels(column, "when")


def test_minus_nought_is_nought() -> None:
    found = levels(pa.array([0.0, -0.0, 1.5]), "x")
    assert (found.texts, found.codes.tolist()) == (("0.0", "1.5"), [0, 0, 1])
