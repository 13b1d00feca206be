"""Two files are held against each other by what they hold."""

import io
import json
from typing import Any

import numpy as np
import onnx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from onnx import TensorProto, helper, numpy_helper

from mergegate import predictions
from mergegate.flows.reproduce import contents, graphs
from mergegate.flows.reproduce.contents import Apart
from mergegate.records.predictions import Predictions

THREADS = "rounding: another number of threads, machine or library version adds in another order"
SEED = "randomness: a seed that is not set"


def table(rows: int = 4, **changes: Any) -> dict[str, Any]:
    late = [index % 2 == 0 for index in range(rows)]
    return {
        "row_id": list(range(rows)),
        "y_true": ["yes" if each else "no" for each in late],
        "y_pred": ["yes" if each else "no" for each in late],
        "proba_yes": [0.75 if each else 0.25 for each in late],
        "proba_no": [0.25 if each else 0.75 for each in late],
        "carrier": ["AA"] * rows,
        "weight": [1.5] * rows,
    } | changes


def parquet(columns: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def read(columns: dict[str, Any]) -> Predictions:
    return predictions.read(parquet(columns), task="binary", positive="yes", name="predictions")


def compare(old: dict[str, Any], new: dict[str, Any], tolerance: float = 1e-6) -> Apart | None:
    return contents.compare_predictions(read(old), read(new), tolerance)


def test_the_same_rows_in_any_order_are_the_same() -> None:
    other = {name: values[::-1] for name, values in table().items()}
    assert compare(table(), other) is None


def test_numbers_within_the_tolerance_are_a_drift() -> None:
    near = table(proba_yes=[0.75 + 1e-9, 0.25, 0.75, 0.25])
    apart = compare(table(), near)
    assert apart is not None
    assert (apart.kind, apart.within, apart.columns, apart.likely) == (
        "numbers",
        True,
        ("proba_yes",),
        THREADS,
    )
    assert apart.largest == pytest.approx(1e-9, rel=1e-3)


def test_numbers_beyond_it_are_told_by_column_row_and_size() -> None:
    far = table(
        proba_yes=[0.8, 0.25, 0.75, 0.25], proba_no=[0.2, 0.75, 0.25, 0.75], weight=[1.5, 1.5, 2.5, 1.5]
    )
    assert compare(table(), far) == Apart(
        "numbers",
        "2 of 4 rows differ in proba_no, proba_yes, weight, by up to 1",
        ("proba_no", "proba_yes", "weight"),
        2,
        1.0,
        SEED,
    )


def test_a_missing_number_is_no_number() -> None:
    apart = compare(table(), table(weight=[1.5, None, 1.5, 1.5]))
    assert apart is not None
    assert (apart.within, apart.columns, apart.rows) == (False, ("weight",), 1)
    both = table(weight=[1.5, None, 1.5, 1.5])
    assert compare(both, both) is None


def test_infinity_is_far_from_every_number() -> None:
    apart = compare(table(), table(weight=[1.5, float("inf"), 1.5, 1.5]))
    assert apart is not None
    assert (apart.within, apart.columns) == (False, ("weight",))


@pytest.mark.parametrize("column", ["y_true", "y_pred", "carrier"])
def test_a_class_or_text_is_equal_or_not(column: str) -> None:
    values = [*table()[column]]
    values[1] = "yes"
    changed: dict[str, Any] = {column: values}
    apart = compare(table(), table() | changed)
    assert apart is not None
    assert (apart.kind, apart.within, apart.columns, apart.rows) == ("classes", False, (column,), 1)


def test_other_rows_are_counted() -> None:
    assert compare(table(), table(5)) == Apart("rows", "5 rows where dvc.lock's has 4", rows=1)
    apart = compare(table(), table(row_id=[0, 1, 2, 9]))
    assert apart == Apart("rows", "1 of 4 rows are others", rows=1)


def test_a_column_of_one_side_alone_is_named() -> None:
    less = table()
    del less["carrier"]
    assert compare(table(), less) == Apart("columns", "other columns", ("carrier",))


def as_json(value: Any) -> bytes:
    return json.dumps(value).encode()


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            {"a": 1, "b": [1, 2]},
            {"b": [1, 2], "a": 1.0},
            Apart("bytes", "the same values in other bytes", within=True),
        ),
        ({"a": 1.0}, {"a": 1.0 + 1e-9}, "drift"),
        ({"a": {"b": 0.5}}, {"a": {"b": 0.6}}, "a.b"),
        ({"a": "x"}, {"a": "y"}, "a"),
        ({"a": True}, {"a": 1}, "a"),
        ({"a": 1}, {"b": 1}, "a, b"),
        ({"a": 1}, {"a": None}, "a"),
        ({"a": float("nan")}, {"a": float("nan"), "b": 1}, "b"),
        ({"a": 1}, {"a": float("inf")}, "a"),
        ({"fit_seconds": 1.5}, {"fit_seconds": 9.0}, "time"),
        ({"fit_seconds": 1.5, "auc": 0.5}, {"fit_seconds": 9.0, "auc": 0.6}, "auc"),
        # What is called like a time is one, not what lies in it or has it in its name.
        ({"time": {"auc": 0.5}}, {"time": {"auc": 0.6}}, "time.auc"),
        ({"on_time_auc": 0.5}, {"on_time_auc": 0.6}, "on_time_auc"),
        # Keys that look alike when joined are two.
        ({"a": {"b": 1}}, {"a.b": 2, "a": {"b": 1}}, "a.b"),
        ({"a": 10**400}, {"a": 1.5}, "a"),
    ],
)
def test_metrics_are_compared_key_by_key(old: Any, new: Any, expected: Any) -> None:
    apart = contents.compare_json(as_json(old), as_json(new), 1e-6)
    if isinstance(expected, Apart):
        assert apart == expected
    elif expected == "drift":
        assert (apart.within, apart.likely) == (True, THREADS)
    elif expected == "time":
        assert (apart.within, apart.columns) == (True, ("fit_seconds",))
        assert apart.likely == "time: what it holds is another at each run"
    else:
        assert (apart.within, apart.message) == (False, f"{expected} differ")


def test_times_of_a_bundle_are_numbers_like_others() -> None:
    apart = contents.compare_json(as_json({"time": 1.0}), as_json({"time": 2.0}), 1e-6, times=False)
    assert (apart.within, apart.message) == (False, "time differ")


def test_lists_of_one_length_are_cells_like_others() -> None:
    assert compare(table(pair=[[1, 2]] * 4), table(pair=[[1, 2]] * 4)) is None
    apart = compare(table(pair=[[1, 2]] * 4), table(pair=[[1, 2]] * 3 + [[1, 3]]))
    assert apart is not None
    assert (apart.kind, apart.rows, apart.columns) == ("classes", 1, ("pair",))


def test_broken_json_is_other_bytes() -> None:
    assert contents.compare_json(b"{", b"[", 1e-6) == Apart("bytes", "other bytes")
    assert contents.compare_json(b"[" * 100_000, b"[", 1e-6) == Apart("bytes", "other bytes")


def test_tables_are_compared_row_by_row() -> None:
    old, near = parquet(table()), parquet(table(weight=[1.5 + 1e-9, 1.5, 1.5, 1.5]))
    assert contents.compare_tables(old, near, 1e-6).within
    far = contents.compare_tables(old, parquet(table(weight=[9.0, 1.5, 1.5, 1.5])), 1e-6)
    assert (far.within, far.columns, far.rows) == (False, ("weight",), 1)
    assert contents.compare_tables(old, parquet(table(5)), 1e-6).kind == "rows"
    assert contents.compare_tables(old, b"PAR1 damaged PAR1", 1e-6) == Apart("bytes", "other bytes")


@pytest.mark.parametrize(
    ("old", "new", "likely"),
    [
        (b"at 2026-01-01T10:00 x", b"at 2026-01-02T11:30 x", "time: it holds when it was written"),
        (b"a\nb\n", b"b\na\n", "order: the same lines in another order"),
        (b"a\n", b"b\n", ""),
    ],
)
def test_the_cause_of_other_bytes_is_guessed(old: bytes, new: bytes, likely: str) -> None:
    assert contents.guess_from_bytes(old, new) == likely


def graph(
    weight: float = 0.5, *, op: str = "Add", raw: bool = True, threshold: float = 1.5, producer: str = "a"
) -> bytes:
    """One node with a weight, one with a float among its attributes."""
    values = np.array([weight, 2.0], dtype=np.float32)
    tensor = (
        numpy_helper.from_array(values, "w")
        if raw
        else helper.make_tensor("w", TensorProto.FLOAT, [2], values.tolist())
    )
    nodes = [
        helper.make_node(op, ["x", "w"], ["y"]),
        helper.make_node("LeakyRelu", ["y"], ["z"], alpha=threshold),
        helper.make_node(
            "Scaler", ["z"], ["out"], domain="ai.onnx.ml", scale=[threshold, 2.0], offset=[0.0, 0.0]
        ),
    ]
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [2]) for name in ("x", "out")]
    made = helper.make_model(
        helper.make_graph(nodes, "g", ends[:1], ends[1:], [tensor]), producer_name=producer
    )
    data: bytes = made.SerializeToString()
    return data


@pytest.mark.parametrize("raw", [True, False])
def test_weights_within_the_tolerance_are_the_same_graph(raw: bool) -> None:
    found = graphs.distance(
        graph(raw=raw), graph(0.5 + 1e-7, raw=raw, threshold=1.5 + 2e-7, producer="b"), 1e-6
    )
    assert found == pytest.approx(2e-7, abs=1e-7)
    assert graphs.distance(graph(raw=raw), graph(raw=raw), 0.0) == 0.0


@pytest.mark.parametrize(
    "other",
    [
        graph(0.6),
        graph(raw=False),
        graph(op="Mul"),
        graph(threshold=1.6),
        graph(float("nan")),
        graph()[:-3],
        b"",
        b"\xff",
    ],
    ids=["weight", "layout", "operator", "attribute", "nan", "cut", "empty", "no protobuf"],
)
def test_other_graphs_are_other_graphs(other: bytes) -> None:
    assert graphs.distance(graph(), other, 1e-6) is None
    assert graphs.distance(other, graph(), 1e-6) is None


def test_a_shape_is_no_number() -> None:
    model = onnx.load_from_string(graph())
    model.graph.initializer[0].dims[:] = [1, 2]
    assert graphs.distance(graph(), model.SerializeToString(), 1e-6) is None
