"""What head says of rows that base knows too counts for nothing."""

from typing import Any

import pyarrow as pa
import pytest

from mergegate.compare import columns, overlay
from mergegate.compare.columns import MOST_LEVELS
from mergegate.compare.pairing import Pairing, pair
from mergegate.predictions import build
from mergegate.stats import UndefinedError


def paired(base: list[int], head: list[int]) -> Pairing:
    sides = [
        build(row_id=ids, y_true=["a", "b"] * 10, y_pred=["a", "b"] * 10, task="multiclass")
        if len(ids) == 20
        else build(row_id=ids, y_true=["a"] * len(ids), y_pred=["b"] * len(ids), task="multiclass")
        for ids in (base, head)
    ]
    return pair(*sides)


BASE, HEAD = [1, 2, 3, 4], [4, 9, 2, 8, 1]
"""Row 3 is gone, 9 and 8 are new."""


def told(codes: Any, *rows: str) -> bool:
    """Whether rows are grouped as these letters are."""
    pairs = [(first, second) for first in range(len(rows)) for second in range(first)]
    return all((codes[first] == codes[second]) == (rows[first] == rows[second]) for first, second in pairs)


def test_weights_are_bases_where_it_has_the_row() -> None:
    head, base = pa.array([70, 5, 80, 6, 90]), pa.array([1.5, 2.5, 3.5, 4.5])
    found = overlay.weights(head, base, paired(BASE, HEAD), "w")
    # New rows weigh at most as much as the heaviest of base.
    assert found.tolist() == [4.5, 4.5, 2.5, 4.5, 1.5]
    assert head.to_pylist() == [70, 5, 80, 6, 90]


@pytest.mark.parametrize("dictionary", [False, True])
def test_a_new_row_joins_the_cluster_of_base_that_it_names(dictionary: bool) -> None:
    head, base = pa.array(["x", "b", "y", "z", "v"]), pa.array(["a", "b", "c", "a"])
    if dictionary:
        head, base = head.dictionary_encode(), base.dictionary_encode()
    found = overlay.clusters(head, base, paired(BASE, HEAD), "c")
    assert told(found, "a", "b", "b", "z", "a")


def test_clusters_of_another_type_are_none_of_bases() -> None:
    found = overlay.clusters(
        pa.array(["x", "1", "y", "1", "v"]), pa.array([1, 2, 3, 1]), paired(BASE, HEAD), "c"
    )
    assert told(found, "1", "new", "2", "new", "1")


def test_slices_are_bases_where_it_has_the_row() -> None:
    head = columns.levels(pa.array(["x", "south", "x", "east", "x"]), "region")
    base = columns.levels(pa.array(["north", "south", "west", "north"]), "region")
    found = overlay.levels(head, base, paired(BASE, HEAD), "region")
    assert found.texts == ("east", "north", "south")
    assert [found.texts[code] for code in found.codes] == ["north", "south", "south", "east", "north"]


def test_the_same_rows_in_the_same_order_are_bases_altogether() -> None:
    head = columns.levels(pa.array(["x"] * 4), "region")
    base = columns.levels(pa.array(["b", "a", "b", "c"]), "region")
    found = overlay.levels(head, base, paired(BASE, BASE), "region")
    assert (found.texts, found.codes.tolist()) == (("a", "b", "c"), [1, 0, 1, 2])


def test_too_many_values_together_are_refused() -> None:
    ids = list(range(MOST_LEVELS))
    base = columns.levels(pa.array([f"b{number}" for number in ids]), "region")
    head = columns.levels(pa.array([f"h{number}" for number in ids]), "region")
    later = [*ids[:-1], 1_000]
    assert len(overlay.levels(head, base, paired(ids, later), "region").texts) == MOST_LEVELS
    more = columns.levels(
        pa.array([f"h{number % MOST_LEVELS}" for number in range(MOST_LEVELS + 2)]), "region"
    )
    with pytest.raises(UndefinedError, match="the column region has 202 values, more than 200"):
        overlay.levels(more, base, paired(ids, [*ids, 1_000, 1_001]), "region")
