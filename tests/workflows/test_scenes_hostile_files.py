"""Files that dvc.lock names and that mean harm: Parquet, ONNX, YAML. The job that judges stays in bounds."""

import hashlib
import io
import json
import resource
from collections.abc import Callable

import onnx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from onnx import TensorProto, helper

from support.loop import Scene
from support.strangers import Stranger

pytestmark = pytest.mark.needs("node")

Scenes = Callable[..., Scene]

PREDICTIONS = "reports/predictions.parquet"
BUNDLE = "models/bundle"

MEMORY = 4_000_000_000
"""Bytes that judging may take of the machine: a fifth of what the bomb unpacks to."""


def parquet(table: pa.Table, **options: object) -> bytes:
    stream = io.BytesIO()
    pq.write_table(table, stream, **options)
    return stream.getvalue()


def boast(content: bytes) -> bytes:
    """The file with a footer that says it has 2**40 rows."""
    length = int.from_bytes(content[-8:-4], "little")
    footer = content[-8 - length : -8]
    # num_rows, an i64 of thrift's compact protocol: 400 as a zigzag varint, after the schema.
    small, large = b"\x16\xa0\x06", b"\x16" + varint(2 << 40)
    changed = footer.replace(small, large)
    assert changed != footer
    return content[: -8 - length] + changed + len(changed).to_bytes(4, "little") + b"PAR1"


def varint(number: int) -> bytes:
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    return bytes([*found, number])


def bomb(content: bytes, column: str) -> bytes:
    """A small file of which a column is 20 GB of text."""
    table = pq.read_table(io.BytesIO(content))
    text = pa.DictionaryArray.from_arrays(pa.array([0] * 400), pa.array(["x" * 50_000_000]))
    if column in table.column_names:
        table = table.drop_columns([column])
    return parquet(table.append_column(column, text), compression="zstd", store_schema=False)


def nested(content: bytes) -> bytes:
    """A file with a column of lists in lists in lists."""
    table = pq.read_table(io.BytesIO(content))
    kind = pa.int64()
    for _ in range(200):
        kind = pa.list_(kind)
    return parquet(table.append_column("deep", pa.nulls(400, kind)))


def test_a_hostile_parquet_file_is_a_failure_in_words(scene: Scenes) -> None:
    mallory = Stranger(scene(begins=False))
    true = mallory.read(PREDICTIONS)
    for content, said in (
        (true[: len(true) // 2], "is cut off after"),
        (boast(true), "states 1,099,511,627,776 rows, more than 20,000,000"),
        (b"PAR1" * 100, "is damaged and can't be read"),
        (nested(true), "is damaged and can't be read: Parquet schema too deeply nested"),
        (b"", "is empty (0 bytes)"),
    ):
        mallory.lie(PREDICTIONS, content)
        judged = mallory.submit(mallory.evidence())
        assert judged.state == "failure", said
        assert judged.description.startswith(f"head's {PREDICTIONS} can't be used: it {said}")


def test_gigabytes_in_a_column_are_not_unpacked(scene: Scenes) -> None:
    mallory = Stranger(scene(begins=False))
    true = mallory.read(PREDICTIONS)
    for column, said in (
        ("group", "head is better than base on the 400 rows"),
        (
            "row_id",
            f"head's {PREDICTIONS} can't be used: it has a row_id of 50,000,000 bytes, more than 1,000",
        ),
        (
            "y_pred",
            f"head's {PREDICTIONS} can't be used: it has a label in y_pred longer than 200 characters",
        ),
    ):
        mallory.lie(PREDICTIONS, bomb(true, column))
        judged = mallory.submit(mallory.evidence())
        assert judged.description.startswith(said)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 < MEMORY


def graph(nodes: list[onnx.NodeProto], constants: list[onnx.TensorProto]) -> bytes:
    made = helper.make_graph(
        nodes,
        "harm",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, 1]) for name in ("wind", "noise")],
        [
            helper.make_tensor_value_info("label", TensorProto.INT64, [None]),
            helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [None, 2]),
        ],
        constants,
    )
    return bytes(
        helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString()
    )


def outside() -> bytes:
    """A graph whose numbers lie in a file of the machine."""
    tensor = onnx.TensorProto(name="table", data_type=TensorProto.FLOAT, dims=[2])
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../../../../../etc/passwd")
    return graph(ANSWERS, [tensor])


def huge() -> bytes:
    """A graph that makes 400 GB of zeros."""
    size = helper.make_tensor("size", TensorProto.INT64, [1], [100_000_000_000])
    make = helper.make_node("ConstantOfShape", ["size"], ["table"])
    return graph([make, *ANSWERS], [size])


ANSWERS = [
    helper.make_node("ReduceSum", ["table"], ["sum"], keepdims=0),
    helper.make_node("Add", ["wind", "sum"], ["one"]),
    helper.make_node("Concat", ["one", "one"], ["probabilities"], axis=1),
    helper.make_node("ArgMax", ["probabilities"], ["label"], axis=1, keepdims=0),
]


def test_a_hostile_graph_is_a_failure_in_words(scene: Scenes) -> None:
    mallory = Stranger(scene(begins=False))
    files = mallory.folder(BUNDLE)
    for content, said in (
        (outside(), "a tensor keeps its data in another file"),
        (huge(), "needed more than 4 GB of memory"),
        (b"\x80\x04cposix\nsystem\n(S'touch pwned'\ntR.", "it is not an ONNX model"),
        (files["model.onnx"][:200], "it is not an ONNX model"),
    ):
        manifest = json.loads(files["manifest.json"])
        manifest["files"][0].update(size=len(content), sha256=hashlib.sha256(content).hexdigest())
        changed = {"model.onnx": content, "manifest.json": json.dumps(manifest).encode()}
        mallory.lie(BUNDLE, {**files, **changed})
        judged = mallory.submit(mallory.evidence())
        assert judged.state == "failure"
        assert judged.review is not None
        (sentence,) = [gate.sentence for gate in judged.review.gates if gate.id == "late/strength"]
        assert said in sentence


LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n" for level in range(1, 12)
)
EXPANDS = "is not valid YAML: it expands to more than 200,000 values"


def test_hostile_yaml_is_an_error_in_words(scene: Scenes) -> None:
    mallory = Stranger(scene(begins=False))
    project = mallory.project
    true = {name: (project.root / name).read_text() for name in ("dvc.lock", "dvc.yaml", "params.yaml")}
    call = "!!python/object/apply:os.system ['touch pwned']"
    asks = true["dvc.yaml"].replace("python train.py", "python train.py ${root}")
    for path, content, said in (
        ("dvc.lock", true["dvc.lock"] + LAUGHS, EXPANDS),
        ("dvc.yaml", true["dvc.yaml"] + LAUGHS, EXPANDS),
        ("params.yaml", true["params.yaml"] + LAUGHS, EXPANDS),
        ("dvc.lock", f"{true['dvc.lock']}# {'x' * 9_000_000}\n", "and at most 8,388,608 are read"),
        ("dvc.lock", f"x: {'[' * 20_000}", "is not valid YAML: it is nested too deeply"),
        ("dvc.lock", f"x: {call}\n", "could not determine a constructor for the tag"),
        ("dvc.yaml", f"{asks}vars: [/etc/passwd]\n", "'/etc/passwd' does not exist"),
        ("dvc.yaml", f"{asks}vars: [../../../../etc/passwd]\n", "'../../../../etc/passwd' does not exist"),
    ):
        project.write(path, content)
        judged = mallory.submit(mallory.evidence())
        project.write(path, true[path])
        assert (judged.state, judged.review) == ("error", None), said
        assert said in judged.sentence
