"""A bundle is scored in a child process: its answers come back as plain arrays, its faults as sentences."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mergegate import bundle
from mergegate.bundle.scoring import Files, Scores, score
from mergegate.errors import ContractError
from support import bundles, scoring

INPUTS = "data/evaluation"


@pytest.fixture(scope="module")
def late(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bundles.write(tmp_path_factory.mktemp("late") / "bundle")


def run(path: Path, *inputs: Path, row_id: Any, task: str = "binary", without: Files | None = None) -> Scores:
    return score(
        path,
        files=scoring.of_bundle(path),
        task=task,
        row_id=row_id,
        asked="head's predictions",
        inputs=scoring.files(*inputs, name=INPUTS),
        without=without,
        limits=scoring.QUICK,
    )


def line(path: Path, row_id: list[Any], x: list[Any]) -> Path:
    """Inputs of the one-number bundles."""
    pq.write_table(pa.table({"row_id": row_id, "x": x}), path)
    return path


def refusal(*arguments: Any, **named: Any) -> tuple[str, str]:
    with pytest.raises(ContractError) as error:
        run(*arguments, **named)
    return error.value.message, error.value.hint


def test_the_answers_are_those_of_the_bundle_in_the_order_asked_for(late: Path, tmp_path: Path) -> None:
    frame = bundles.flights()
    every = pq.read_table(scoring.inputs(tmp_path / "all.parquet"))
    shuffled = every.take(np.random.default_rng(3).permutation(600))
    pq.write_table(shuffled.slice(0, 250), tmp_path / "1.parquet")
    pq.write_table(shuffled.slice(250), tmp_path / "2.parquet")

    found = run(late, tmp_path / "1.parquet", tmp_path / "2.parquet", row_id=scoring.ids(700))

    expected = bundle.load(late).predict(frame)
    assert expected.probabilities is not None
    assert found.probabilities is not None
    assert found.classes == ("late", "on_time")
    assert (found.left_out, found.missing) == (0, 100)
    assert found.rows.tolist() == list(range(600))
    assert [found.classes[code] for code in found.y_pred] == expected.y_pred.tolist()
    assert found.probabilities.tolist() == expected.probabilities.tolist()


def test_only_the_rows_that_were_asked_for_are_run(late: Path, tmp_path: Path) -> None:
    # float32 can't hold 1e300, and such a row would stop the run.
    path = scoring.inputs(tmp_path / "i.parquet", columns={"wind speed": [1.0] * 10 + [1e300] * 590})
    found = run(late, path, row_id=scoring.ids(10))
    assert found.rows.tolist() == list(range(10))


def test_rows_that_are_in_other_files_are_left_out_and_counted(late: Path, tmp_path: Path) -> None:
    path = scoring.inputs(tmp_path / "i.parquet", 100)
    pq.write_table(pa.table({"row_id": scoring.ids(30, start=80)}), tmp_path / "march.parquet")
    pq.write_table(pa.table({"row_id": scoring.ids(500, start=105)}), tmp_path / "april.parquet")
    without = scoring.files(tmp_path / "march.parquet", tmp_path / "april.parquet", name="data/train")

    found = run(late, path, row_id=scoring.ids(120), without=without)

    assert found.rows.tolist() == list(range(80))
    assert (found.left_out, found.missing) == (40, 0)


def test_whole_numbers_as_labels_are_codes_into_the_classes(tmp_path: Path) -> None:
    path = scoring.write(tmp_path / "bundle", "integers")
    inputs = line(tmp_path / "i.parquet", [1, 2, 3], [-2.5, 0.0, 2.5])
    found = run(path, inputs, row_id=pa.array([3, 1, 2], pa.int64()), task="multiclass")
    assert found.classes == ("5", "10", "15")
    assert found.y_pred.tolist() == [2, 0, 1]
    assert found.probabilities is not None
    assert np.argmax(found.probabilities, axis=1).tolist() == [2, 0, 1]


def test_a_regression_has_numbers_and_no_classes(tmp_path: Path) -> None:
    path = scoring.write(tmp_path / "bundle", "regression")
    inputs = line(tmp_path / "i.parquet", ["a", "b"], [1.0, 2.0])
    found = run(path, inputs, row_id=pa.array(["b", "a"], pa.large_string()), task="regression")
    np.testing.assert_allclose(found.y_pred, [5.0, 3.0], atol=1e-5)
    assert (found.classes, found.probabilities) == ((), None)


def test_a_model_without_probabilities_gives_labels_alone(tmp_path: Path) -> None:
    path = scoring.write(tmp_path / "bundle", "labels only")
    inputs = line(tmp_path / "i.parquet", ["a", "b"], [-3.0, 3.0])
    found = run(path, inputs, row_id=pa.array(["a", "b"], pa.large_string()))
    assert [found.classes[code] for code in found.y_pred] == ["on_time", "late"]
    assert found.probabilities is None


def test_rows_without_inputs_are_missing_even_when_it_is_all_of_them(late: Path, tmp_path: Path) -> None:
    path = scoring.inputs(tmp_path / "i.parquet", 5)
    found = run(late, path, row_id=scoring.ids(3, start=100))
    assert (found.rows.tolist(), found.missing, found.left_out) == ([], 3, 0)


def test_a_column_that_the_model_takes_must_be_there(late: Path, tmp_path: Path) -> None:
    path = scoring.inputs(tmp_path / "i.parquet", columns={"carrier": None, "wind speed": None})
    assert refusal(late, path, row_id=scoring.ids(3)) == (
        "data/evaluation/i.parquet: it lacks `wind speed`, `carrier`",
        "write row_id and every column that the model takes (`mergegate bundle show` lists them)",
    )


def test_inputs_without_row_id_are_refused(late: Path, tmp_path: Path) -> None:
    path = scoring.inputs(tmp_path / "i.parquet", columns={"row_id": None})
    assert refusal(late, path, row_id=scoring.ids(3))[0] == "data/evaluation/i.parquet: it lacks `row_id`"


def test_a_row_id_that_stands_twice_is_refused(late: Path, tmp_path: Path) -> None:
    first, second = (scoring.inputs(tmp_path / name, 5) for name in ("1.parquet", "2.parquet"))
    assert refusal(late, first, second, row_id=scoring.ids(3)) == (
        "data/evaluation: 3 row_id stand in more than one row, first `r0000`",
        "row_id must name one evaluated example",
    )


@pytest.mark.parametrize(
    ("found", "asked", "message"),
    [
        ([1, 2], scoring.ids(2), "its row_id holds whole numbers, that of head's predictions text"),
        (["1", "2"], pa.array([1, 2]), "its row_id holds text, that of head's predictions whole numbers"),
        ([0.5, 1.0], pa.array([1, 2]), "its row_id holds double, that of head's predictions whole numbers"),
    ],
)
def test_row_ids_of_another_type_are_told(
    late: Path, tmp_path: Path, found: list[Any], asked: Any, message: str
) -> None:
    path = scoring.inputs(tmp_path / "i.parquet", 2, {"row_id": found})
    assert refusal(late, path, row_id=asked) == (
        f"data/evaluation: {message}",
        "write row_id with one type everywhere",
    )


def test_training_rows_of_another_type_are_told(late: Path, tmp_path: Path) -> None:
    path = scoring.inputs(tmp_path / "i.parquet", 5)
    pq.write_table(pa.table({"row_id": [1, 2]}), tmp_path / "train.parquet")
    without = scoring.files(tmp_path / "train.parquet", name="data/train at main")
    assert refusal(late, path, row_id=scoring.ids(5), without=without)[0] == (
        "data/train at main: its row_id holds whole numbers, that of head's predictions text"
    )


def test_a_damaged_file_is_named(late: Path, tmp_path: Path) -> None:
    whole = scoring.inputs(tmp_path / "1.parquet", 5)
    (tmp_path / "2.parquet").write_bytes(whole.read_bytes()[:-100])
    message, hint = refusal(late, whole, tmp_path / "2.parquet", row_id=scoring.ids(5))
    assert message.startswith("data/evaluation/2.parquet: it can't be read as Parquet: ")
    assert hint == "run `dvc repro` to write it again, and `dvc push`"


def test_values_that_the_model_does_not_take_are_told(tmp_path: Path) -> None:
    path = scoring.write(tmp_path / "bundle", "regression")
    inputs = line(tmp_path / "i.parquet", ["a", "b"], [1.0, None])
    row_id = pa.array(["a", "b"], pa.large_string())
    assert refusal(path, inputs, row_id=row_id, task="regression") == (
        "data/evaluation: `x` is missing in 1 row, and the model takes no missing values there",
        "fill the column, or train with an imputer",
    )


def test_a_model_of_another_task_is_refused(late: Path, tmp_path: Path) -> None:
    path = scoring.inputs(tmp_path / "i.parquet", 5)
    assert refusal(late, path, row_id=scoring.ids(5), task="multiclass") == (
        "models/bundle: it is a binary model, and the policy says multiclass",
        "train for the task of the policy, or mend the policy",
    )


def test_a_changed_byte_of_the_bundle_is_told_by_its_name(tmp_path: Path) -> None:
    path = bundles.write(tmp_path / "bundle")
    content = bytearray((path / "model.onnx").read_bytes())
    content[-1] ^= 1
    (path / "model.onnx").write_bytes(content)
    message, _ = refusal(path, scoring.inputs(tmp_path / "i.parquet", 5), row_id=scoring.ids(5))
    assert message.startswith("models/bundle/model.onnx: its sha256 is ")


def test_a_graph_that_answers_too_few_rows_is_refused(tmp_path: Path) -> None:
    path = scoring.short(tmp_path / "bundle")
    inputs = line(tmp_path / "i.parquet", ["a", "b"], [1.0, 2.0])
    row_id = pa.array(["a", "b"], pa.large_string())
    assert refusal(path, inputs, row_id=row_id, task="regression") == (
        "models/bundle: its graph answers with what the manifest does not say: another shape",
        "export the model again with `mergegate.bundle.save`",
    )


def _swap(labels: str) -> Callable[[dict[str, Any]], None]:
    return lambda document: document.update(classes=labels.split())


def test_a_label_that_the_manifest_does_not_list_is_refused(tmp_path: Path) -> None:
    path = bundles.write(tmp_path / "bundle")
    bundles.edit_manifest(path, _swap("early punctual"))
    message, _ = refusal(path, scoring.inputs(tmp_path / "i.parquet", 5), row_id=scoring.ids(5))
    assert message.startswith(
        "models/bundle: its graph answers with what the manifest does not say: the label `"
    )


def test_row_ids_and_categories_that_are_no_text_are_told(late: Path, tmp_path: Path) -> None:
    odd = pa.array([b"\xff\xfe"] * 2).cast(pa.binary()).view(pa.string())
    path = scoring.inputs(tmp_path / "1.parquet", 2, {"carrier": odd})
    message, hint = refusal(late, path, row_id=scoring.ids(2))
    assert message.startswith("models/bundle: it can't be run on data/evaluation: ")
    assert hint == "look at the columns that it takes (`mergegate bundle show`)"
    path = scoring.inputs(tmp_path / "2.parquet", 2, {"row_id": odd})
    message, _ = refusal(late, path, row_id=odd[:1].cast(pa.large_string(), safe=False))
    assert message == (
        "data/evaluation: 1 row_id stand in more than one row, first `\N{REPLACEMENT CHARACTER}"
        "\N{REPLACEMENT CHARACTER}`"
    )
