"""The order of keys: what a stable argsort gives, however the keys collide in their leading bits."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from mergegate.stats.order import MOST_ROWS, differ, rows_of, same_keys, sort_keys

Keys = NDArray[np.uint64]


def mixed(random: np.random.Generator, n: int) -> Keys:
    """A few rows agree in the leading bits and differ in those below."""
    high = random.integers(0, 2**44, n, dtype=np.uint64) << np.uint64(20)
    twins = random.integers(0, n, n // 50)
    high[twins[: len(twins) // 2]] = high[twins[len(twins) // 2 :][: len(twins) // 2]]
    return high | random.integers(0, 3, n, dtype=np.uint64)


KEYS: dict[str, Callable[[np.random.Generator, int], Keys]] = {
    "any": lambda random, n: random.integers(0, 2**64, n, dtype=np.uint64),
    "few values": lambda random, n: random.integers(0, 9, n, dtype=np.uint64),
    "one value": lambda random, n: np.full(n, 2**64 - 1, np.uint64),
    "fractions": lambda random, n: random.random(n).view(np.uint64),
    "rounded": lambda random, n: np.round(random.random(n), 2).view(np.uint64),
    "of single precision": lambda random, n: (
        random.random(n).astype(np.float32).astype(float).view(np.uint64)
    ),
    "twins in the leading bits": mixed,
    "alike but for the last bits": lambda random, n: np.append(random.integers(0, 99, n - 1), 2**63).astype(
        np.uint64
    ),
}


@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.parametrize("rows", [1, 2, 1_000, 5_000, 200_000])
def test_keys_are_sorted_as_a_stable_argsort_sorts_them(kind: str, rows: int) -> None:
    keys = KEYS[kind](np.random.default_rng(rows), rows)
    before = keys.copy()
    order, another = sort_keys(keys)
    wanted = np.argsort(keys, kind="stable")
    assert (keys == before).all()
    assert (order == wanted).all()
    assert (another == (keys[wanted][1:] != keys[wanted][:-1])).all()


def test_words_differ_where_their_keys_do_whatever_the_row() -> None:
    rows = np.array([3, MOST_ROWS - 1, 0, 7], np.uint64)
    words = (np.array([1, 1, 2, 2**39 - 1], np.uint64) << np.uint64(25)) | rows
    assert differ(words[1:], words[:-1]).tolist() == [False, True, True]
    assert rows_of(words).tolist() == [3, MOST_ROWS - 1, 0, 7]


def test_indexes_of_the_same_keys_are_the_same_however_the_rows_stand() -> None:
    keys = np.arange(5, dtype=np.uint64) << np.uint64(25)
    rows = np.array([4, 2, 0, 1, 3], np.uint64)
    assert same_keys(keys | rows, keys | np.arange(5, dtype=np.uint64))
    assert not same_keys(keys, keys[:4])
    assert not same_keys(keys, keys + np.uint64(MOST_ROWS))
