"""Alignment: base in head's order, every number as before."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from msgspec.structs import replace
from numpy.typing import NDArray

from mergegate import predictions
from mergegate.compare import Ask, compare
from mergegate.flows.alignment import align
from mergegate.records.predictions import Predictions

ROWS = 500


def model(order: NDArray[np.int64], noise: float, ids: str = "text") -> Predictions:
    random = np.random.default_rng(3)
    signal = random.normal(size=ROWS)
    late = 1 / (1 + np.exp(-signal - noise * random.normal(size=ROWS)))
    true = signal + random.normal(size=ROWS) > 0.5
    names: list[Any] = [f"flight-{n}" for n in order] if ids == "text" else order.tolist()
    return predictions.build(
        row_id=names,
        y_true=true[order],
        y_pred=late[order] > 0.5,
        task="binary",
        probabilities={"True": late[order], "False": 1 - late[order]},
        columns={"origin": pa.array([f"o{n % 3}" for n in order]), "weight": order % 5 + 1.0},
    )


@pytest.mark.parametrize("ids", ["text", "numbers"])
def test_base_stands_in_heads_order_and_holds_its_ids(ids: str) -> None:
    order = np.random.default_rng(0).permutation(ROWS)
    base, head = model(np.arange(ROWS), 0.3, ids), model(order, 0.5, ids)
    aligned, wanted = align(base, head), model(order, 0.3, ids)
    assert aligned.row_id is head.row_id
    assert aligned.row_index is head.row_index
    assert aligned.y_true.tolist() == wanted.y_true.tolist()
    assert aligned.y_pred.tolist() == wanted.y_pred.tolist()
    assert aligned.probabilities is not None
    assert wanted.probabilities is not None
    assert aligned.probabilities.tolist() == wanted.probabilities.tolist()
    assert aligned.probabilities.flags.f_contiguous
    assert list(aligned.columns) == ["origin", "weight"]
    for name in aligned.columns:
        assert aligned.columns[name].to_pylist() == wanted.columns[name].to_pylist()


def test_the_comparison_says_the_same_of_aligned_sides() -> None:
    order = np.random.default_rng(0).permutation(ROWS)
    base, head = model(np.arange(ROWS), 0.3), model(order, 0.5)
    asks = [Ask("roc_auc", slices=("origin",)), Ask("accuracy")]
    before, after = compare(base, head, asks=asks), compare(align(base, head), head, asks=asks)
    assert after.rows == before.rows
    assert after.notes == before.notes
    for one, other in zip(before.metrics, after.metrics, strict=True):
        for name in ("base", "head", "difference", "low", "high", "base_all", "head_all"):
            assert getattr(one, name) == pytest.approx(getattr(other, name), abs=1e-12)


def test_a_truth_that_is_the_same_is_held_once_and_one_that_differs_stays_bases_own() -> None:
    order = np.random.default_rng(0).permutation(ROWS)
    base, head = model(np.arange(ROWS), 0.3), model(order, 0.5)
    assert align(base, head).y_true is head.y_true
    turned = replace(base, y_true=np.where(np.arange(ROWS) == order[7], 1 - base.y_true, base.y_true))
    assert np.flatnonzero(align(turned, head).y_true != head.y_true).tolist() == [7]


@pytest.mark.parametrize("kept", [slice(1, None), slice(None, 100)])
def test_sides_with_other_rows_are_left_as_they_are(kept: slice) -> None:
    head = model(np.arange(ROWS), 0.5)
    base = predictions.build(
        row_id=head.row_id[kept],
        y_true=[True] * len(head.row_id[kept]),
        y_pred=head.y_pred[kept] > 0,
        task="binary",
    )
    assert align(base, head) is base
    assert align(model(np.arange(ROWS), 0.5, "numbers"), head).row_id.type == pa.int64()


def test_equal_ids_in_equal_order_are_held_once() -> None:
    base, head = model(np.arange(ROWS), 0.3), model(np.arange(ROWS), 0.5)
    aligned = align(base, head)
    assert aligned.row_id is head.row_id
    assert aligned.probabilities is base.probabilities
    assert aligned.columns is base.columns
