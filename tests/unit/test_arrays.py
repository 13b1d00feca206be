"""Codes are counted and translated block by block, whatever their type and however many they are."""

import numpy as np
import pytest

from mergegate.arrays import occurrences, recode


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.int32, np.int64])
@pytest.mark.parametrize("rows", [0, 1, 1 << 14, 50_001])
@pytest.mark.parametrize("size", [100, 20_000])
def test_codes_are_counted_and_translated_as_numpy_does_it_at_once(
    dtype: type[np.signedinteger], rows: int, size: int
) -> None:
    codes = np.random.default_rng(rows).integers(0, 100, rows).astype(dtype)
    table = np.arange(size)[::-1].astype(np.int32)
    assert occurrences(codes, size).tolist() == np.bincount(codes, minlength=size).tolist()
    found = recode(codes, table)
    assert found.dtype == np.int32
    assert found.tolist() == table[codes].tolist()


@pytest.mark.parametrize("wrong", [-1, 3, 1 << 30])
def test_a_code_that_stands_for_nothing_is_refused(wrong: int) -> None:
    with pytest.raises(IndexError, match="a code is not among 3 values"):
        occurrences(np.array([0, 1, 2, wrong], np.int32), 3)
