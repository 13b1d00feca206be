"""The numbers of a graph, held against ONNX's own reading of it."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from mergegate import bundle
from mergegate.bundle import parameters
from mergegate.bundle.parameters import count_parameters
from support import bundles


def counted_by_onnx(graph: Any) -> int:
    found: int = sum(numpy_helper.to_array(each).size for each in graph.initializer if each.data_type != 8)
    for node in graph.node:
        for attribute in node.attribute:
            found += len(attribute.floats) + len(attribute.ints)
            found += numpy_helper.to_array(attribute.t).size if attribute.HasField("t") else 0
            found += counted_by_onnx(attribute.g) if attribute.HasField("g") else 0
    return found


@pytest.mark.parametrize("model", ["logistic", "forest"])
def test_the_numbers_are_those_that_onnx_finds(model: str, tmp_path: Path) -> None:
    if model == "logistic":
        bundles.write(tmp_path / "bundle")
    else:
        frame = bundles.flights()
        encoder = OneHotEncoder(handle_unknown="ignore")
        trees = RandomForestClassifier(20, random_state=0)
        forest = make_pipeline(bundles.encoded(encoder), trees).fit(frame, bundles.late(frame))
        bundle.save(tmp_path / "bundle", forest, name="f", task="binary", target="late", X=frame)
    content = (tmp_path / "bundle" / "model.onnx").read_bytes()
    expected = counted_by_onnx(onnx.load_from_string(content).graph)
    assert expected > (30 if model == "logistic" else 10_000)
    assert count_parameters(content) == expected


@pytest.mark.parametrize("raw", [True, False])
@pytest.mark.parametrize(
    "kind", ["float32", "float64", "float16", "int8", "int32", "int64", "uint64", "bool"]
)
def test_tensors_of_every_kind_are_counted_however_they_are_written(kind: str, raw: bool) -> None:
    values = (np.arange(300) - (0 if kind in ("uint64", "bool") else 40)).astype(kind)
    data = values.tobytes() if raw else values
    tensor = helper.make_tensor("x", helper.np_dtype_to_tensor_dtype(values.dtype), [300], data, raw=raw)
    inner = helper.make_graph([], "inner", [], [], [tensor])
    nodes = [
        helper.make_node("If", ["c"], ["y"], then_branch=inner, else_branch=inner),
        helper.make_node("Constant", [], ["z"], value=tensor),
        helper.make_node(
            "Other", [], [], axis=1, alpha=0.5, pads=[1, 300, -1], scales=[0.5, 2.0], words=["a", "b"]
        ),
    ]
    text = helper.make_tensor("t", TensorProto.STRING, [2], [b"a", b"b"])
    graph = helper.make_graph(nodes, "outer", [], [], [tensor, text])
    assert count_parameters(helper.make_model(graph).SerializeToString()) == 4 * 300 + 5


def test_a_tensor_holds_what_is_there_and_not_what_its_shape_claims() -> None:
    tensor = helper.make_tensor("x", TensorProto.FLOAT, [2], [1.0, 2.0])
    tensor.dims[0] = 10**12
    graph = helper.make_graph([], "g", [], [], [tensor])
    assert count_parameters(helper.make_model(graph).SerializeToString()) == 2


@pytest.mark.parametrize("content", [b"\xff" * 50, b"\x3a\xff\x01", b"\x00\x01", b"\x3a\x05ab"])
def test_what_is_no_graph_has_no_number(content: bytes) -> None:
    assert count_parameters(content) is None


def test_a_graph_of_endless_fields_or_depth_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = helper.make_graph([], "deep", [], [])
    for _ in range(20):
        graph = helper.make_graph([helper.make_node("If", [], [], then_branch=graph)], "deep", [], [])
    assert count_parameters(helper.make_model(graph).SerializeToString()) is None
    monkeypatch.setattr(parameters, "MOST_FIELDS", 1_000)
    assert count_parameters(b"\x08\x01" * 1_000) == 0
    assert count_parameters(b"\x08\x01" * 1_001) is None
