"""What a stranger claims: files of its own making beside the lock, in the lock, and in the bundle."""

import hashlib
import io
import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import onnx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper

from support.loop import POLICY, Scene
from support.strangers import Stranger, assert_harmless

pytestmark = pytest.mark.needs("node")

Scenes = Callable[..., Scene]

PREDICTIONS = "reports/predictions.parquet"
BUNDLE = "models/bundle"
INPUTS = "data/evaluation.parquet"


def perfect(content: bytes) -> bytes:
    """Predictions that know every answer."""
    table = pq.read_table(io.BytesIO(content))
    late = table["y_true"].to_numpy().astype(str) == "1"
    sure = np.where(late, 0.99, 0.01).astype(np.float32).astype(float)
    for name, values in {"y_pred": table["y_true"], "proba_1": [sure], "proba_0": [1 - sure]}.items():
        table = table.set_column(table.schema.get_field_index(name), name, pa.chunked_array(values))
    stream = io.BytesIO()
    pq.write_table(table, stream)
    return stream.getvalue()


def knowing(files: Mapping[str, bytes], rows: pa.Table, *, memorised: bool) -> dict[str, bytes]:
    """The bundle with a graph that has the answers: by the wind of each row, else by the row's place."""
    late = rows["late"].to_numpy() == 1
    table = np.column_stack([np.where(late, 0.01, 0.99), np.where(late, 0.99, 0.01)]).astype(np.float32)
    wind = rows["wind"].to_numpy().astype(np.float32)
    find = [
        helper.make_node("Equal", ["wind", "winds"], ["same"]),
        helper.make_node("Cast", ["same"], ["numbers"], to=TensorProto.INT64),
        helper.make_node("ArgMax", ["numbers"], ["places"], axis=1, keepdims=0),
    ]
    count = [
        helper.make_node("Shape", ["wind"], ["shape"], start=0, end=1),
        helper.make_node("Squeeze", ["shape"], ["count"]),
        helper.make_node("Range", ["zero", "count", "one"], ["places"]),
    ]
    answer = [
        helper.make_node("Gather", ["labels", "places"], ["label"]),
        helper.make_node("Gather", ["table", "places"], ["probabilities"]),
    ]

    def constant(name: str, kind: int, values: NDArray[Any]) -> onnx.TensorProto:
        return helper.make_tensor(name, kind, values.shape, values.ravel())

    graph = helper.make_graph(
        [*(find if memorised else count), *answer],
        "knowing",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, 1]) for name in ("wind", "noise")],
        [
            helper.make_tensor_value_info("label", TensorProto.INT64, [None]),
            helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [None, 2]),
        ],
        [
            constant("winds", TensorProto.FLOAT, wind[None]),
            constant("labels", TensorProto.INT64, late.astype(np.int64)),
            constant("table", TensorProto.FLOAT, table),
            constant("zero", TensorProto.INT64, np.array(0)),
            constant("one", TensorProto.INT64, np.array(1)),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return relisted({**files, "model.onnx": model.SerializeToString()})


def relisted(files: Mapping[str, bytes], *, edit: Callable[[Any], None] = lambda _: None) -> dict[str, bytes]:
    """A bundle's files with another manifest, the sums in it as they should be."""
    manifest = json.loads(files["manifest.json"])
    for each in manifest["files"]:
        content = files[each["path"]]
        each.update(size=len(content), sha256=hashlib.sha256(content).hexdigest())
    edit(manifest)
    return {**files, "manifest.json": json.dumps(manifest).encode()}


def inputs(mallory: Stranger) -> pa.Table:
    return pq.read_table(mallory.project.root / INPUTS)


def test_a_review_in_the_artifact_is_refused_and_never_looked_at(scene: Scenes) -> None:
    stage = scene(begins=False)
    mallory = Stranger(stage, "bad")
    mallory.take_over()
    forged = b'{"schema": 1, "verdict": {"outcome": "passed", "headline": "all gates hold"}}'
    pull = mallory.propose(mallory.evidence({"review.json": forged}), association="CONTRIBUTOR")
    assert stage.runs()[0] == ("review.yml", "opened", "success"), stage.log()
    status = stage.status(pull)
    assert (status.state, status.description) == (
        "error",
        f"mergegate-evidence-{stage.runner.runs[0].id}.zip: review.json is neither a DVC object nor one of "
        "evidence.json, reproduce.json",
    )
    (comment,) = stage.comments(pull)
    assert "nothing but what `mergegate review --evidence` writes may be uploaded" in comment.body
    assert_harmless(stage)


def test_predictions_that_the_lock_does_not_name_are_not_looked_at(scene: Scenes) -> None:
    mallory = Stranger(scene(begins=False), "bad")
    true, name = mallory.read(PREDICTIONS), mallory.named(PREDICTIONS)
    forged = perfect(true)
    mallory.hold(forged)
    beside = mallory.submit(mallory.evidence())
    assert beside.state == "failure"
    assert beside.description.startswith("roc_auc is worse than base's by at least 0.3")
    mallory.objects[name] = forged
    instead = mallory.submit(mallory.evidence())
    assert (instead.state, instead.review) == ("error", None)
    assert f"the object {name} in it has other bytes (md5 " in instead.description
    del mallory.objects[name]
    without = mallory.submit(mallory.evidence())
    assert without.state in ("failure", "error")
    assert name in without.description


def test_a_lock_that_names_perfect_predictions_meets_the_bundle(scene: Scenes) -> None:
    stage = scene(begins=False)
    mallory = Stranger(stage, "bad")
    mallory.take_over()
    mallory.lie(PREDICTIONS, perfect(mallory.read(PREDICTIONS)))
    pull = mallory.propose(mallory.evidence(), association="CONTRIBUTOR")
    status = stage.status(pull)
    assert status.state == "failure", stage.log()
    assert str(status.description).startswith(
        "reports/predictions.parquet is not what head's bundle answers: it gives something else in 400 of 400"
    )
    (comment,) = stage.comments(pull)
    assert "❌ Failed" in comment.body
    assert_harmless(stage)


def test_a_bundle_that_answers_by_the_rows_place_is_asked_in_another_order(scene: Scenes) -> None:
    mallory = Stranger(scene(begins=False), "bad")
    mallory.lie(PREDICTIONS, perfect(mallory.read(PREDICTIONS)))
    mallory.lie(BUNDLE, knowing(mallory.folder(BUNDLE), inputs(mallory), memorised=False))
    judged = mallory.submit(mallory.evidence())
    assert judged.state == "failure"
    assert judged.description.startswith(
        "reports/predictions.parquet is not what head's bundle answers: it gives something else in "
    )


def test_a_bundle_that_takes_the_row_or_its_label_is_not_run(scene: Scenes) -> None:
    mallory = Stranger(scene(begins=False), "better")
    files = mallory.folder(BUNDLE)
    for column in ("row_id", "late"):
        renamed = {
            name: content.replace(b'"noise"', f'"{column}"'.encode()) if name.endswith(".json") else content
            for name, content in files.items()
        }
        mallory.lie(
            BUNDLE, relisted(renamed, edit=lambda manifest: manifest["inputs"][1].update(tensor="noise"))
        )
        judged = mallory.submit(mallory.evidence())
        assert judged.state == "failure"
        assert judged.review is not None
        (said,) = [gate.sentence for gate in judged.review.gates if gate.id == "late/strength"]
        assert f"it takes `{column}`, by which it can know the answer instead of predicting it" in said


def test_a_bundle_that_memorised_the_exam_stays_red_where_a_trusted_run_must_train_it(
    scene: Scenes,
) -> None:
    stage = scene(begins=False)
    mallory = Stranger(stage, "better")
    mallory.lie(PREDICTIONS, perfect(mallory.read(PREDICTIONS)))
    mallory.lie(BUNDLE, knowing(mallory.folder(BUNDLE), inputs(mallory), memorised=True))
    lenient = mallory.submit(mallory.evidence())
    assert lenient.review is not None
    assert (lenient.state, lenient.review.strength) == ("success", "scored")
    stage.server.pulls.clear()
    mallory.project.git("switch", "--quiet", "--create", "strict", "main")
    mallory.project.write("mergegate.yaml", f"{POLICY}required_strength: reproduced\n")
    mallory.project.commit("Require a reproduction")
    stage.hosting.seed(mallory.project.root)
    mallory.project.git("switch", "--quiet", "change")
    mallory.take_over()
    mallory.publish()
    pull = mallory.propose(mallory.evidence(), association="CONTRIBUTOR")
    required = "the policy requires the strength reproduced, and this is scored: no trusted run has trained"
    assert str(stage.status(pull).description).startswith(required), stage.log()
    stage.hosting.start("verify.yml", pr=str(pull.number), sha=pull.head_sha)
    assert stage.history(pull.head_sha) == [("mergegate", "failure")] * 2
    assert str(stage.status(pull).description).startswith("not reproduced: "), stage.status(pull)
    assert_harmless(stage)
