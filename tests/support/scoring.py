"""Bundles to run on rows: honest ones of every kind, and graphs that are well-formed and mean harm."""

import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from onnx import TensorProto, helper
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier

from mergegate import bundle
from mergegate.bundle.scoring import Files, Limits
from support import bundles

QUICK = Limits(seconds=120.0)
"""Enough on a busy machine; what is tested by hitting a limit sets its own."""


def ids(count: int, *, start: int = 0) -> pa.Array:
    """Text row_ids `r0000`, `r0001` …"""
    return pa.array([f"r{number:04d}" for number in range(start, start + count)], pa.large_string())


def inputs(path: Path, rows: int = 600, columns: Mapping[str, Any] | None = None) -> Path:
    """The rows of `bundles.flights` with row_id, as one Parquet file; `columns` replace or add some."""
    table = {"row_id": ids(rows).to_pylist(), **bundles.flights(rows).to_dict("list"), **(columns or {})}
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({name: values for name, values in table.items() if values is not None}), path)
    return path


def files(*paths: Path, name: str) -> Files:
    """Files that people call `name`, each by its own name inside."""
    return Files(name, {f"{name}/{path.name}": str(path) for path in paths})


def of_bundle(folder: Path, name: str = "models/bundle") -> Files:
    """What people call the bundle's files."""
    return files(*sorted(folder.iterdir()), name=name)


def _line() -> tuple[pd.DataFrame, Any]:
    frame = bundle.prepare(pd.DataFrame({"x": np.linspace(-3, 3, 121)}))
    return frame, frame["x"].to_numpy()


@cache
def _saved(kind: str) -> dict[str, bytes]:
    frame, x = _line()
    kinds: dict[str, tuple[Any, Any, Any]] = {
        "regression": (LinearRegression(), "regression", 2.0 * x + 1.0),
        "integers": (LogisticRegression(), "multiclass", np.digitize(x, [-1.0, 1.0]) * 5 + 5),
        "labels only": (RidgeClassifier(), "binary", np.where(x > 0.5, "late", "on_time")),
        "numbers 0 and 1": (LogisticRegression(), "binary", (x > 0.5).astype(int)),
    }
    estimator, task, y = kinds[kind]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bundle"
        bundle.save(path, estimator.fit(frame, y), name="line", task=task, target="y", X=frame)
        return {file.name: file.read_bytes() for file in path.iterdir()}


def write(path: Path, kind: str) -> Path:
    """A sound bundle of one number `x`: regression, integers (5, 10, 15), labels only, numbers 0 and 1."""
    path.mkdir(parents=True)
    for name, content in _saved(kind).items():
        (path / name).write_bytes(content)
    return path


def slow(path: Path, turns: int = 2**62) -> Path:
    """A regression bundle whose graph counts to `turns` and answers how far its input is from 0."""
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["again"], ["still"]),
            helper.make_node("Abs", ["held"], ["next"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("turn", TensorProto.INT64, []),
            helper.make_tensor_value_info("again", TensorProto.BOOL, []),
            helper.make_tensor_value_info("held", TensorProto.FLOAT, None),
        ],
        [
            helper.make_tensor_value_info("still", TensorProto.BOOL, []),
            helper.make_tensor_value_info("next", TensorProto.FLOAT, None),
        ],
    )
    loop = helper.make_node("Loop", ["turns", "true", "x"], ["variable"], body=body)
    return _forge(path, [loop], {"turns": (TensorProto.INT64, [turns]), "true": (TensorProto.BOOL, [True])})


def large(path: Path) -> Path:
    """A regression bundle whose graph asks for 800 GB."""
    nodes = [
        helper.make_node("Expand", ["x", "size"], ["wide"]),
        helper.make_node("ReduceSum", ["wide", "axis"], ["variable"], keepdims=1),
    ]
    constants = {"size": (TensorProto.INT64, [1, 200_000_000_000]), "axis": (TensorProto.INT64, [1])}
    return _forge(path, nodes, constants)


def short(path: Path) -> Path:
    """A regression bundle whose graph answers the first row alone."""
    node = helper.make_node("Slice", ["x", "from", "to", "axis"], ["variable"])
    numbers = {"from": 0, "to": 1, "axis": 0}
    return _forge(path, [node], {name: (TensorProto.INT64, [value]) for name, value in numbers.items()})


def by_position(path: Path, answers: Sequence[float]) -> Path:
    """A regression bundle whose graph answers the n-th row it is asked with the n-th of `answers`."""
    nodes = [
        helper.make_node("Shape", ["x"], ["shape"]),
        helper.make_node("Gather", ["shape", "first"], ["rows"]),
        helper.make_node("Squeeze", ["rows"], ["count"]),
        helper.make_node("Range", ["turns", "count", "true"], ["places"]),
        helper.make_node("Gather", ["answers", "places"], ["found"]),
        helper.make_node("Unsqueeze", ["found", "one"], ["variable"]),
    ]
    constants: dict[str, tuple[int, list[Any]]] = {
        "first": (TensorProto.INT64, [0]),
        "turns": (TensorProto.INT64, [0]),
        "true": (TensorProto.INT64, [1]),
        "one": (TensorProto.INT64, [1]),
        "answers": (TensorProto.FLOAT, list(answers)),
    }
    return _forge(path, nodes, constants)


def _forge(path: Path, nodes: list[Any], constants: Mapping[str, tuple[int, list[Any]]]) -> Path:
    """The regression bundle with another graph, listed with its own size and sum."""
    write(path, "regression")
    old = onnx.load(path / "model.onnx")
    assert [tensor.name for tensor in (*old.graph.input, *old.graph.output)] == ["x", "variable"]
    initial = [
        helper.make_tensor(name, kind, [] if name in ("turns", "true") else [len(values)], values)
        for name, (kind, values) in constants.items()
    ]
    shape = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "harm",
        [shape("x", TensorProto.FLOAT, [None, 1])],
        [shape("variable", TensorProto.FLOAT, None)],
        initial,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    bundles.replace_file(path, "model.onnx", model.SerializeToString())
    return path
