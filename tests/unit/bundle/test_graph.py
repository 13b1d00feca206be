"""An ONNX file that would touch anything but its own bytes is refused before a runtime sees it."""

import contextlib
from pathlib import Path
from typing import Any

import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper

from mergegate import bundle
from mergegate.bundle import graph
from mergegate.errors import ContractError
from support import bundles

FILE = Path("model.onnx")


def model(
    nodes: list[Any], *, initializers: Any = (), domains: tuple[str, ...] = (), functions: Any = ()
) -> bytes:
    """A graph from x (n, 1) to y."""
    value = helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 1])
    answer = helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, 1])
    opsets = [helper.make_opsetid("", 18), *(helper.make_opsetid(domain, 1) for domain in domains)]
    made = helper.make_model(
        helper.make_graph(nodes, "g", [value], [answer], list(initializers)),
        opset_imports=opsets,
        functions=list(functions),
    )
    return bytes(made.SerializeToString())


def external() -> Any:
    """A tensor that keeps its data in another file."""
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[1])
    tensor.data_location = TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "../../etc/passwd"
    return tensor


def nested(inner: Any, depth: int = 1) -> Any:
    """A node inside `depth` branches of If."""
    for _ in range(depth):
        branch = helper.make_graph(
            [inner], "b", [], [helper.make_tensor_value_info("z", TensorProto.FLOAT, None)]
        )
        inner = helper.make_node("If", ["c"], ["z"], then_branch=branch, else_branch=branch)
    return inner


def refusal(content: bytes) -> str:
    with pytest.raises(ContractError) as error:
        graph.check(content, FILE)
    return error.value.message


ADD = helper.make_node("Add", ["x", "w"], ["y"])
CUSTOM = helper.make_node("Shell", ["x"], ["y"], domain="evil.example")
FUNCTION = helper.make_function("ai.onnx", "F", ["a"], ["b"], [helper.make_node("Neg", ["a"], ["b"])], [])


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (model([ADD], initializers=[external()]), "a tensor keeps its data in another file"),
        (
            model([helper.make_node("Constant", [], ["y"], value=external())]),
            "a tensor keeps its data in another file",
        ),
        (
            model([nested(helper.make_node("Constant", [], ["z"], value=external()))]),
            "a tensor keeps its data in another file",
        ),
        (model([CUSTOM]), "it uses operators of `evil.example`, which are not ONNX's own"),
        (
            model([nested(CUSTOM, depth=3)]),
            "it uses operators of `evil.example`, which are not ONNX's own",
        ),
        (
            model([ADD], domains=("com.microsoft",)),
            "it uses operators of `com.microsoft`, which are not ONNX's own",
        ),
        (model([ADD], functions=[FUNCTION]), "it defines functions of its own"),
        (model([nested(ADD, depth=8)]), "its graphs are nested more than 16 deep"),
    ],
)
def test_a_graph_that_reaches_outside_itself_is_refused(content: bytes, sentence: str) -> None:
    assert refusal(content) == f"model.onnx: {sentence}"


def test_training_instructions_are_refused() -> None:
    made = onnx.load_model_from_string(model([ADD]))
    made.training_info.add().algorithm.name = "step"
    assert refusal(made.SerializeToString()) == "model.onnx: it carries training instructions"


def test_external_data_is_refused_by_verify_too(tmp_path: Path) -> None:
    path = bundles.write(tmp_path / "bundle")
    bundles.replace_file(path, "model.onnx", model([ADD], initializers=[external()]))
    with pytest.raises(ContractError, match="a tensor keeps its data in another file"):
        bundle.verify(path)


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04 a zip", b"\x80\x04pickle", b"\xff" * 20, b"\x3a\xff\xff\xff\xff\x0f", b"\x3b"]
)
def test_bytes_that_are_no_protobuf_are_refused(content: bytes) -> None:
    assert refusal(content).startswith("model.onnx: it is not an ONNX model: ")


def test_a_model_that_onnxruntime_would_read_as_another_format_is_refused() -> None:
    # Valid protobuf: the producer's name. To onnxruntime it is a flatbuffer with its own graph.
    content = b"\x12\x06\x00\x00ORTM" + model([ADD])
    assert onnx.load_model_from_string(content).producer_name == "\0\0ORTM"
    assert refusal(content) == "model.onnx: it is in onnxruntime's own format, not ONNX"


@settings(max_examples=150)
@given(st.binary(max_size=200), st.integers(0, 400))
def test_any_damage_is_refused_or_harmless_but_never_an_error(damage: bytes, place: int) -> None:
    content = model([nested(ADD, depth=2)])
    with contextlib.suppress(ContractError):
        graph.check(content[:place] + damage + content[place + len(damage) :], FILE)


def test_the_numbers_of_a_forest_are_skipped_at_once() -> None:
    # One by one in Python, half a million of them would take seconds.
    node = helper.make_node(
        "TreeEnsembleRegressor", ["x"], ["y"], domain="ai.onnx.ml", nodes_values=[0.5, -3.0] * 100_000,
        nodes_featureids=[0, 1, 300, 2**40] * 50_000, nodes_modes=["LEAF"] * 3,
    )  # fmt: skip
    content = model([node], domains=("ai.onnx.ml",))
    graph.check(content, FILE)
    for attribute in node.attribute:
        assert len(list(graph.fields(memoryview(attribute.SerializeToString()), runs=True))) <= 5


def test_a_foreign_operator_behind_a_forest_is_still_seen() -> None:
    forest = helper.make_node(
        "Forest", ["x"], ["z"], domain="ai.onnx.ml", values=[0.5] * 1000, ids=[7] * 1000
    )
    assert refusal(model([forest, CUSTOM])) == (
        "model.onnx: it uses operators of `evil.example`, which are not ONNX's own"
    )
