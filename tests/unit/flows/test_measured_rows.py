"""The rows that two bundles are measured on."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from mergegate import predictions
from mergegate.arrays import to_arrow, to_texts
from mergegate.flows.surroundings import rows
from mergegate.flows.surroundings.rows import ROWS, sample
from mergegate.records.predictions import Predictions


def held(start: int, count: int, *, texts: bool = False, task: Any = "binary") -> Predictions:
    """Predictions of rows `start` and on; every third is late."""
    ids = np.arange(start, start + count)
    late = ids % 3 == 0
    labels = np.where(late, "late", "on_time").tolist()
    truth = to_texts(labels) if task == "binary" else to_arrow(ids.astype(float))
    return predictions.build(
        row_id=to_texts([f"r{each}" for each in ids]) if texts else to_arrow(ids),
        y_true=truth,
        y_pred=truth,
        task=task,
        positive="late" if task == "binary" else None,
        probabilities=None,
        name="p",
    )


def ids_of(table: Any) -> list[Any]:
    return [each.as_py() for each in table["row_id"]]


def test_few_rows_are_all_taken_in_their_order_with_their_truth() -> None:
    found = sample(None, held(0, 10))
    assert ids_of(found) == list(range(10))
    assert [each.as_py() for each in found["y_true"]][:4] == ["late", "on_time", "on_time", "late"]
    numbers = sample(None, held(5, 3, task="regression"))
    assert [each.as_py() for each in numbers["y_true"]] == [5.0, 6.0, 7.0]


@pytest.mark.parametrize("count", [ROWS + 500, 30 * ROWS])
def test_of_many_rows_the_same_are_taken_again(count: int) -> None:
    new = held(0, count)
    found = ids_of(sample(None, new))
    assert len(set(found)) == len(found) == ROWS
    assert found == sorted(found)
    assert max(found) > 0.9 * count
    assert ids_of(sample(None, new)) == found


@pytest.mark.parametrize("texts", [True, False])
def test_rows_that_base_judged_too_come_first(texts: bool) -> None:
    old, new = held(0, 3_000, texts=texts), held(2_000, 4_000, texts=texts)
    found = {str(each).removeprefix("r") for each in ids_of(sample(old, new))}
    assert {str(number) for number in range(2_000, 3_000)} <= found
    assert len(found) == ROWS


def test_row_ids_of_another_type_are_shared_with_none() -> None:
    assert ids_of(sample(held(0, 50, texts=True), held(0, 50))) == list(range(50))


def test_the_rows_are_written_as_the_child_reads_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "ROWS", 5)
    table = sample(held(0, 10), held(0, 10))
    assert (len(table), table.column_names, table.schema.field("row_id").type) == (
        5,
        ["row_id", "y_true"],
        pa.int64(),
    )
