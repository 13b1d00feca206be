"""Reading predictions: what is taken, and how each broken file is told."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mergegate import predictions
from mergegate.errors import ContractError
from mergegate.predictions.contract import BreachError, check_schema
from mergegate.records.metrics import Task

NAME = "reports/predictions.parquet at abc1234"
GOOD = {
    "row_id": ["a", "b", "c"],
    "y_true": ["late", "ontime", "late"],
    "y_pred": ["late", "late", "ontime"],
    "proba_late": [0.9, 0.6, 0.2],
    "proba_ontime": [0.1, 0.4, 0.8],
}


def parquet(folder: Path, **changes: Any) -> Path:
    """A file of GOOD with columns changed, added, or (None) left out."""
    columns = {name: values for name, values in {**GOOD, **changes}.items() if values is not None}
    path = folder / "predictions.parquet"
    pq.write_table(pa.table(columns), path)
    return path


def refusal(
    path: Path | bytes, *, task: Task = "binary", positive: Any = "late", **limits: int
) -> tuple[str, str]:
    with pytest.raises(ContractError) as caught:
        predictions.read(path, task=task, positive=positive, name=NAME, limits=predictions.Limits(**limits))
    assert caught.value.file == NAME
    assert caught.value.exit_code == 2
    return caught.value.reason, caught.value.hint


def test_a_binary_file_becomes_codes_with_the_positive_class_last(tmp_path: Path) -> None:
    read = predictions.read(parquet(tmp_path), task="binary", positive="late", name=NAME)
    assert read.rows == 3
    assert read.classes == ("ontime", "late")
    assert read.row_id.to_pylist() == ["a", "b", "c"]
    assert read.y_true.tolist() == [1, 0, 1]
    assert read.y_pred.tolist() == [1, 1, 0]
    assert read.probabilities is not None
    assert read.probabilities.tolist() == [[0.1, 0.9], [0.4, 0.6], [0.8, 0.2]]


def test_further_columns_are_named_at_once_and_read_when_asked_for(tmp_path: Path) -> None:
    path = parquet(tmp_path, origin=["JFK", "LGA", "JFK"], weight=[1.0, None, 2.0])
    read = predictions.read(path, task="binary", positive="late", name=NAME)
    assert list(read.columns) == ["origin", "weight"]
    assert read.columns["origin"].to_pylist() == ["JFK", "LGA", "JFK"]
    assert "carrier" not in read.columns
    path.unlink()
    assert read.columns["origin"].to_pylist() == ["JFK", "LGA", "JFK"]
    with pytest.raises(ContractError, match="column “weight” that can't be read"):
        read.columns["weight"]


def test_bytes_are_read_like_the_file_they_come_from(tmp_path: Path) -> None:
    data = parquet(tmp_path, origin=["JFK", "LGA", "JFK"]).read_bytes()
    read = predictions.read(data, task="binary", positive="late", name=NAME)
    assert read.y_true.tolist() == [1, 0, 1]
    assert read.columns["origin"].to_pylist() == ["JFK", "LGA", "JFK"]
    assert refusal(b"")[0] == "is empty (0 bytes)"
    assert refusal(data[:-1])[0].startswith("is cut off after ")


def test_a_regression_file_needs_no_classes_and_ignores_the_rest(tmp_path: Path) -> None:
    path = parquet(
        tmp_path,
        row_id=[3, 1, 2],
        y_true=[1, 2, 3],
        y_pred=[1.5, 2.5, 2.0],
        proba_late=None,
        proba_ontime=None,
    )
    read = predictions.read(path, task="regression", name=NAME)
    assert read.row_id.to_pylist() == [3, 1, 2]
    assert read.y_true.tolist() == [1.0, 2.0, 3.0]
    assert read.y_pred.tolist() == [1.5, 2.5, 2.0]
    assert (read.classes, read.probabilities) == ((), None)


@pytest.mark.parametrize(
    ("values", "positive", "classes"),
    [
        ([0, 1, 1], None, ("0", "1")),
        ([0.0, 1.0, 1.0], None, ("0", "1")),
        ([False, True, True], None, ("False", "True")),
        ([True, True, True], None, ("False", "True")),
        ([0, 0, 0], None, ("0", "1")),
        ([0, 1, 1], 0, ("1", "0")),
        ([False, True, True], False, ("True", "False")),
        (["a", "b", "b"], "a", ("b", "a")),
        (["a", "a", "a"], "a", ("a",)),
        (["a", "a", "a"], "b", ("a", "b")),
        ([2, 10, 10], 2, ("10", "2")),
    ],
)
def test_the_positive_class_is_named_or_the_one_that_everybody_means(
    tmp_path: Path, values: list[Any], positive: Any, classes: tuple[str, ...]
) -> None:
    path = parquet(tmp_path, y_true=values, y_pred=values, proba_late=None, proba_ontime=None)
    assert predictions.read(path, task="binary", positive=positive, name=NAME).classes == classes


def test_classes_also_come_from_the_probability_columns_and_sort_by_value(tmp_path: Path) -> None:
    probabilities = {f"proba_{label}": [0.25, 0.25, 0.25] for label in (10, 9, 2, 1)}
    path = parquet(
        tmp_path, y_true=[10, 2, 2], y_pred=[9, 2, 2], proba_late=None, proba_ontime=None, **probabilities
    )
    read = predictions.read(path, task="multiclass", name=NAME)
    assert read.classes == ("1", "2", "9", "10")
    assert read.y_true.tolist() == [3, 1, 1]


def test_dictionary_encoded_text_of_any_layout_is_read(tmp_path: Path) -> None:
    labels = pa.array(["late", "ontime", "late"]).dictionary_encode()
    path = parquet(tmp_path, row_id=pa.array(["a", "b", "c"], pa.large_string()), y_true=labels)
    assert predictions.read(path, task="binary", positive="late", name=NAME).y_true.tolist() == [1, 0, 1]


def test_rounding_of_32_bit_probabilities_is_forgiven(tmp_path: Path) -> None:
    late = np.array([1.0000001, 0.6, 0.2], np.float32)
    path = parquet(tmp_path, proba_late=late, proba_ontime=(1 - late).astype(np.float32))
    read = predictions.read(path, task="binary", positive="late", name=NAME)
    assert read.probabilities is not None
    assert read.probabilities.max() == 1.0


AGAIN = "write it again; one from a DVC remote by `dvc repro` and `dvc push`"


def test_a_file_that_is_no_parquet_is_told_from_one_cut_off_or_damaged(tmp_path: Path) -> None:
    path = parquet(tmp_path)
    data = path.read_bytes()
    assert refusal(tmp_path / "absent") == ("is missing", "run `dvc repro`, or `dvc pull` to fetch it")
    path.write_bytes(b"")
    assert refusal(path) == ("is empty (0 bytes)", AGAIN)
    path.write_bytes(b"row_id,y_true\n1,2\n")
    assert refusal(path)[0] == "is not a Parquet file"
    path.write_bytes(data[:-20])
    size = f"{len(data) - 20:,}"
    assert refusal(path) == (f"is cut off after {size} bytes: a Parquet file ends with its footer", AGAIN)
    path.write_bytes(data[:4] + b"\xff" * 60 + data[64:])
    assert refusal(path)[0].startswith("is damaged and can't be read: ")
    path.write_bytes(b"PAR1PAR1")
    assert refusal(path)[0].startswith("is cut off after 8 bytes")
    path.write_bytes(b"PAR1\x00\x00\x00\x00\xff\xff\xff\x7fPAR1")
    assert refusal(path)[0].startswith("is damaged and can't be read: ")
    assert refusal(tmp_path)[0].startswith("can't be opened: ")


KEY = "row_id must name one evaluated example: build it from every column of the example's key"
EMPTY_TRUTH = "every evaluated row needs a y_true: leave out rows whose truth is not known yet"
EMPTY_ANSWER = "the model must answer for every evaluated row: see why it gave none"
NO_NUMBER = "leave out rows without a known truth, and see why the model gave no number for the others"
REGRESSION: dict[str, Any] = {"y_pred": [1.0, 2.0, 3.0], "y_true": [1.0, 2.0, 3.0]}
REFUSED: list[tuple[dict[str, Any], Task, str, str]] = [
    (
        {"y_pred": None, "y_true": None, "y_ture": [0, 0, 0]},
        "binary",
        "lacks the columns y_true, y_pred",
        "write it with mergegate.predictions.write, or rename: “y_ture” is near y_true",
    ),
    (
        {"row_id": None},
        "binary",
        "lacks the column row_id",
        "write it with mergegate.predictions.write, or rename: "
        "it has “y_true”, “y_pred”, “proba_late”, “proba_ontime”",
    ),
    (
        {"row_id": ["a", "b", "a"]},
        "binary",
        "has 1 row_id that stands in more than one row, first “a”",
        KEY,
    ),
    ({"row_id": [7, 7, 7]}, "binary", "has 1 row_id that stands in more than one row, first 7", KEY),
    ({"row_id": ["a", None, None]}, "binary", "has 2 empty row_id", KEY),
    ({"row_id": [1, None, 2]}, "binary", "has 1 empty row_id", KEY),
    (
        {"row_id": [1.0, float("nan"), 2.0]},
        "binary",
        "has a row_id of type double",
        "write row_id as text or whole numbers (a column of integers with gaps becomes float in pandas)",
    ),
    ({"y_true": ["late", None, "late"]}, "binary", "has 1 empty y_true", EMPTY_TRUTH),
    ({"y_pred": [None, None, None]}, "binary", "has only empty y_pred", EMPTY_ANSWER),
    ({"y_pred": [1.0, float("nan"), 0.0]}, "binary", "has 1 y_pred that are NaN or infinite", EMPTY_ANSWER),
    (
        {"y_pred": [1.0, 0.5, 0.0]},
        "binary",
        "has y_pred 0.5 in row 2, which is no class label",
        "write whole numbers or text; if these are quantities, name the task regression: in the policy, "
        "or by `--task`",
    ),
    (
        {"y_pred": [1, 0, 1]},
        "binary",
        "holds text in y_true and whole numbers in y_pred",
        "write both with the same labels",
    ),
    (
        {"proba_ontime": [0.1, 0.4, None]},
        "binary",
        "has 1 empty “proba_ontime”",
        NO_NUMBER,
    ),
    (
        {"proba_ontime": [0.1, float("nan"), float("inf")]},
        "binary",
        "has 2 “proba_ontime” that are NaN or infinite, the first in row 2",
        NO_NUMBER,
    ),
    (
        {"proba_late": [0.9, 1.6, 0.2]},
        "binary",
        "has “proba_late” 1.6 in row 2, outside 0 to 1",
        "write probabilities (predict_proba), not scores or logits",
    ),
    (
        {"proba_late": [0.9, 0.5, 0.1]},
        "binary",
        "has 2 rows whose probabilities do not sum to 1; row 2 sums to 0.9",
        "write one column per class, unrounded, and no other column named proba_…",
    ),
    (
        {"proba_ontime": None, "proba_on_time": [0.1, 0.4, 0.8]},
        "binary",
        "has no probability column for the class “ontime”",
        "write the column “proba_ontime” (“proba_on_time” is the nearest present)",
    ),
    (
        {"proba_ontime": ["x", "y", "z"]},
        "binary",
        "has a “proba_ontime” of type string",
        "write numbers",
    ),
    (
        {"y_true": ["late", "ontime", "gone"], "proba_late": None, "proba_ontime": None},
        "binary",
        "has 3 classes where the task is binary: “gone”, “late”, “ontime”",
        "write two classes, or name the task multiclass: in the policy, or by `--task`",
    ),
    (
        {},
        "regression",
        "has a “y_true” of type string",
        "write numbers, or name another task: in the policy, or by `--task`",
    ),
    (
        {**REGRESSION, "y_pred": [1.0, float("inf"), 3.0]},
        "regression",
        "has 1 “y_pred” that are NaN or infinite, the first in row 2",
        NO_NUMBER,
    ),
    ({**REGRESSION, "y_true": [1.0, None, 3.0]}, "regression", "has 1 empty “y_true”", NO_NUMBER),
    (
        {"y_true": [[1], [2], [3]]},
        "binary",
        "has a y_true of type list<element: int64>",
        "write labels as text, whole numbers or booleans",
    ),
    (
        {name: [] for name in GOOD},
        "binary",
        "has no rows",
        "evaluate on at least one row, and write it again",
    ),
]


@pytest.mark.parametrize(
    ("changes", "task", "reason", "hint"), REFUSED, ids=[case[2][:40] for case in REFUSED]
)
def test_a_broken_contract_is_a_sentence_and_a_next_step(
    tmp_path: Path, changes: dict[str, Any], task: Task, reason: str, hint: str
) -> None:
    assert refusal(parquet(tmp_path, **changes), task=task) == (reason, hint)


def test_many_duplicates_are_counted_and_the_first_three_shown(tmp_path: Path) -> None:
    ids = [f"r{i % 400}" for i in range(1_000)]
    path = parquet(tmp_path, row_id=ids, y_true=ids, y_pred=ids, proba_late=None, proba_ontime=None)
    assert refusal(path, task="multiclass")[0] == (
        "has 400 row_id that stand in more than one row, first “r0”, “r1”, “r2”"
    )


def test_a_positive_class_that_can_not_be_told_is_asked_for(tmp_path: Path) -> None:
    path = parquet(tmp_path)
    classes = "has the classes “late”, “ontime”"
    assert refusal(path, positive=None) == (
        f"{classes}, and nothing says which is positive",
        "name the positive one: as `positive` in the policy, or by `--positive`",
    )
    assert refusal(path, positive="Late") == (
        f"{classes}; the positive class “Late” is none of them",
        "name one of them: as `positive` in the policy, or by `--positive`",
    )
    assert refusal(path, positive=True) == (
        f"{classes}; the positive class “True” is none of them",
        "name one of them: as `positive` in the policy, or by `--positive`; YAML reads yes, no, on, off as "
        'true and false: put the label in quotes, `positive: "yes"`',
    )


def test_two_columns_of_one_name_are_ambiguous(tmp_path: Path) -> None:
    path = tmp_path / "twice.parquet"
    table = pa.table([pa.array([1, 2])] * 4, names=["row_id", "y_true", "y_pred", "y_pred"])
    pq.write_table(table, path)
    assert refusal(path)[0] == "has more than one column named “y_pred”"


def test_a_file_beyond_the_limits_is_refused_before_its_rows_are_read(tmp_path: Path) -> None:
    path = parquet(tmp_path)
    assert refusal(path, columns=4)[0] == "has 5 columns, more than 4"
    assert refusal(path, rows=2)[0] == "states 3 rows, more than 2"
    assert refusal(path, row_ids=2)[0] == "has row_ids of more than 2 bytes in all"
    assert refusal(path, cells=14)[0] == "states 3 rows × 5 columns, more than 14 values"
    assert refusal(path, label=5)[0] == "has a label in y_true longer than 5 characters: “ontime”"
    assert refusal(path, row_id=0)[0] == "has a row_id of 1 bytes, more than 0"


@pytest.mark.parametrize(
    ("rows", "columns", "said"),
    [
        (30_000_000, 3, "states 30,000,000 rows, more than 20,000,000"),
        (20_000_000, 8, "states 20,000,000 rows × 8 columns, more than 150,000,000 values"),
        (10_000_000, 12, None),
    ],
)
def test_ten_million_rows_of_nine_classes_are_allowed_and_not_much_more(
    rows: int, columns: int, said: str | None
) -> None:
    classes = {f"proba_{number}": pa.float64() for number in range(columns - 3)}
    schema = pa.schema({"row_id": pa.int64(), "y_true": pa.int64(), "y_pred": pa.int64(), **classes})
    limits = predictions.Limits()
    if said is None:
        assert len(check_schema(schema, task="multiclass", rows=rows, limits=limits)[0]) == columns
    else:
        with pytest.raises(BreachError) as caught:
            check_schema(schema, task="multiclass", rows=rows, limits=limits)
        assert caught.value.message == said


def test_one_text_of_many_megabytes_for_each_row_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    huge = pa.DictionaryArray.from_arrays(pa.array(np.zeros(400, np.int32)), ["x" * 50_000_000])
    ones = np.ones(400, np.int64)
    table = pa.table({"row_id": huge, "y_true": ones, "y_pred": ones})
    pq.write_table(table, path, compression="zstd", store_schema=False)
    assert path.stat().st_size < 10_000
    assert refusal(path)[0] == "has a row_id of 50,000,000 bytes, more than 1,000"


@pytest.mark.parametrize("store_schema", [True, False])
def test_a_huge_text_that_a_dictionary_repeats_does_not_fill_the_memory(
    tmp_path: Path, store_schema: bool
) -> None:
    rows = 1_000_000
    huge = pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int32)), ["x" * 20_000])
    path = tmp_path / "bomb.parquet"
    ones = np.ones(rows, np.int64)
    pq.write_table(
        pa.table({"row_id": huge, "y_true": ones, "y_pred": ones}), path, store_schema=store_schema
    )
    assert path.stat().st_size < 100_000
    assert refusal(path)[0] == "has a row_id of 20,000 bytes, more than 1,000"
    assert pa.default_memory_pool().max_memory() < 1_000_000_000


def test_two_million_classes_are_no_classes(tmp_path: Path) -> None:
    labels = pa.array(range(2_000_000))
    path = parquet(tmp_path, row_id=labels, y_true=labels, y_pred=labels, proba_late=None, proba_ontime=None)
    assert refusal(path, task="multiclass") == (
        "has 2,000,000 classes in y_true, more than 2,000",
        "if these are quantities, name the task regression: in the policy, or by `--task`",
    )


def test_text_that_is_not_utf8_is_refused_or_shown_with_replacement_signs(tmp_path: Path) -> None:
    bad = pa.array([b"\xff\xfe", b"\xff\xfe", b"a"]).view(pa.string())
    path = parquet(tmp_path, row_id=bad)
    assert refusal(path)[0] == "has 1 row_id that stands in more than one row, first “��”"
    path = parquet(tmp_path, y_true=bad, proba_late=None, proba_ontime=None)
    assert refusal(path)[0] == "has a label in y_true that is not UTF-8: “��”"


def test_control_characters_in_a_message_are_escaped_and_long_names_bounded(tmp_path: Path) -> None:
    path = parquet(tmp_path, y_true=None, **{"y_true\n|": [1, 2, 3]})
    assert refusal(path)[1].endswith("or rename: “y_true\\n|” is near y_true")
    path = parquet(tmp_path, row_id=["a\n\x1b[31m|" + "z" * 200] * 3)
    assert refusal(path)[0].endswith("first “a\\n\\x1b[31m|" + "z" * 71 + "…”")


def test_a_further_column_of_lists_is_read_as_it_stands(tmp_path: Path) -> None:
    file = tmp_path / "p.parquet"
    table = pa.table({"row_id": [1, 2], "y_true": [0, 1], "y_pred": [0, 1], "words": [["a", "b"], ["c"]]})
    pq.write_table(table, file)
    found = predictions.read(file, task="binary", name=NAME).columns["words"]
    assert (str(found.type), found.to_pylist()) == ("list<element: string>", [["a", "b"], ["c"]])
