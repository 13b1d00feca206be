"""Bad input to `mergegate diff predictions`: an exact sentence each, no traceback, no warning."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mergegate import compare
from support.pairs import ROWS, Folder, Told, truth

pytestmark = pytest.mark.filterwarnings("error")

IDS = np.arange(ROWS)
NAMES = np.array(["on-time", "late"])


@pytest.fixture
def folder(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Folder:
    monkeypatch.chdir(tmp_path)
    return Folder(tmp_path, capsys)


@pytest.fixture
def good(folder: Folder) -> str:
    return folder.binary("good.parquet", 2)


def refused(told: Told, message: str, hint: str) -> None:
    """It ended with 2, said exactly this on stderr, and nothing on stdout."""
    assert (told.code, told.out) == (2, "")
    more = "  more: mergegate explain predictions-invalid\n"
    assert told.err.removesuffix(more) == f"mergegate: {message}\n  next: {hint}\n"


def said(told: Told, *names: str) -> dict[str, tuple[Any, str, str]]:
    """Outcome, problem and note of some metrics."""
    return {
        name: (metric["outcome"], metric["problem"], metric["note"])
        for name, metric in told.metrics.items()
        if name in names
    }


# Rows and values


def test_one_class_only(folder: Folder) -> None:
    one = [folder.binary(f"{seed}.parquet", seed, y_true=np.ones(ROWS, int)) for seed in (1, 2)]
    told = folder.json(*one)
    why = "base: every row is truly 1; head: every row is truly 1"
    undefined = ("roc_auc", "average_precision", "balanced_accuracy", "matthews_corrcoef")
    assert said(told, *undefined) == dict.fromkeys(undefined, (None, "", why))
    assert told.metrics["log_loss"]["outcome"] is not None


def test_constant_predictions(folder: Folder, good: str) -> None:
    chance = np.full(ROWS, 0.25)
    flat = folder.binary("flat.parquet", 1, y_pred=np.zeros(ROWS, int), proba_1=chance, proba_0=1 - chance)
    told = folder.json(flat, good)
    assert (told.metrics["roc_auc"]["base"], told.metrics["roc_auc"]["outcome"]) == (0.5, "better")
    assert said(told, "precision") == {"precision": (None, "", "base: no row is predicted to be 1")}


def test_probabilities_that_are_0_or_1(folder: Folder) -> None:
    right, wrong = truth().astype(float), 1.0 - truth()
    files = [
        folder.binary(name, 1, y_pred=chance.astype(int), proba_1=chance, proba_0=1 - chance)
        for name, chance in (("right.parquet", right), ("wrong.parquet", wrong))
    ]
    found = folder.json(*files).metrics
    assert [found["log_loss"][side] for side in ("base", "head")] == pytest.approx([0, 36.04365], abs=1e-5)
    judged = {name: metric["outcome"] for name, metric in found.items()}
    assert judged.pop("expected_calibration_error") is None
    assert set(judged.values()) == {"worse"}


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (np.zeros(ROWS), "is 0 in every row"),
        (np.where(IDS < 3, -1.0, 1.0), "is negative in 3 rows"),
        (np.where(IDS < 3, np.nan, 1.0), "is NaN or infinite in 3 rows"),
        ([None, *[1.0] * (ROWS - 1)], "is empty in 1 row"),
        (["heavy"] * ROWS, "holds string, not numbers"),
    ],
)
def test_weights_that_weigh_nothing(folder: Folder, weights: Any, message: str) -> None:
    fine = folder.binary("fine.parquet", 1, w=np.ones(ROWS))
    wrong = folder.binary("wrong.parquet", 2, w=weights)
    refused(
        folder.json(fine, wrong, "--weight", "w"),
        f"wrong.parquet: the column “w” {message}",
        "write a number of at least 0 for each row, some above 0",
    )


def test_five_rows(folder: Folder) -> None:
    files = [
        folder.write(f"{answer}.parquet", row_id=IDS[:5], y_true=[0, 1, 0, 1, 1], y_pred=[0, 1, answer, 1, 0])
        for answer in (0, 1)
    ]
    told = folder.json(*files, "--metric", "accuracy", "--metric", "recall")
    assert said(told, "accuracy", "recall") == {
        "accuracy": ("insufficient", "only 5 rows carry it, fewer than 50", ""),
        "recall": ("insufficient", "only 3 rows carry it, fewer than 50", ""),
    }
    assert told.result["finding"] == "insufficient"


@pytest.mark.parametrize("count", [0, 1])
def test_one_row_and_none(folder: Folder, count: int) -> None:
    empty = np.array([], np.int64)
    rows = IDS[:count] if count else empty
    file = folder.write("few.parquet", row_id=rows, y_true=rows, y_pred=rows)
    told = folder.json(file, file, "--task", "binary", "--metric", "accuracy")
    if count:
        assert said(told, "accuracy") == {
            "accuracy": ("insufficient", "only 1 row carries it, fewer than 50", "")
        }
    else:
        refused(told, "few.parquet: has no rows", "evaluate on at least one row, and write it again")


def test_nan_where_no_option_needs_a_number_and_where_one_does(folder: Folder) -> None:
    holes = np.where(IDS < 7, np.nan, 1.0)
    files = [folder.binary(f"{seed}.parquet", seed, extra=holes) for seed in (1, 2)]
    assert folder.json(*files).result["finding"] is not None
    refused(
        folder.json(*files, "--loss", "extra"),
        "1.parquet: the column “extra” is NaN or infinite in 7 rows",
        "write a number for each row",
    )
    refused(
        folder.json(folder.binary("3.parquet", 3, y_true=np.where(IDS < 7, np.nan, truth())), files[0]),
        "3.parquet: has 7 y_true that are NaN or infinite",
        "every evaluated row needs a y_true: leave out rows whose truth is not known yet",
    )


# Classes


def test_a_class_that_only_head_has(folder: Folder) -> None:
    three = np.array(["a", "b", "c"])
    base = folder.write("base.parquet", row_id=IDS, y_true=three[truth()], y_pred=three[truth()])
    head = folder.write("head.parquet", row_id=IDS, y_true=three[truth()], y_pred=three[IDS % 3])
    told = folder.json(base, head, "--metric", "accuracy", "--metric", "f1[c]")
    assert told.metrics["accuracy"]["outcome"] == "worse"
    assert said(told, "f1[c]") == {"f1[c]": (None, "", "base: no row is truly c or predicted to be")}
    assert told.result["notes"][1:] == ["Only head has the class “c”."]
    refused(
        folder.json(base, head, "--task", "binary", "--positive", "b"),
        "head.parquet: has 3 classes where the task is binary: “a”, “b”, “c”",
        "write two classes, or name the task multiclass: in the policy, or by `--task`",
    )


def test_labels_of_two_types_within_a_file(folder: Folder, good: str) -> None:
    mixed = folder.binary("mixed.parquet", 1, y_pred=truth().astype(str))
    refused(
        folder.json(mixed, good),
        "mixed.parquet: holds whole numbers in y_true and text in y_pred",
        "write both with the same labels",
    )


def test_labels_of_two_types_between_files(folder: Folder, good: str) -> None:
    texts = folder.binary("texts.parquet", 2, y_true=truth().astype(str), y_pred=truth().astype(str))
    told = folder.json(texts, good, "--metric", "accuracy").result
    assert told["rows"]["compared"] == ROWS
    assert told["notes"][-1] == (
        "y_true holds text in base and whole numbers in head: labels are compared as text."
    )
    booleans = folder.write("booleans.parquet", row_id=IDS, y_true=truth() > 0, y_pred=truth() > 0)
    refused(
        folder.json(booleans, good),
        "the two files have no class in common: booleans.parquet holds booleans, “False”, “True”, and "
        "good.parquet holds whole numbers, “0”, “1”",
        "write the same labels in both",
    )


def test_two_classes_of_which_neither_is_known_to_be_positive(folder: Folder) -> None:
    late = folder.write("late.parquet", row_id=IDS, y_true=NAMES[truth()], y_pred=NAMES[truth()])
    refused(
        folder.json(late, late),
        "late.parquet: has the classes “late”, “on-time”, and nothing says which is positive",
        "name the positive one: as `positive` in the policy, or by `--positive`",
    )
    refused(
        folder.json(late, late, "--positive", "delayed"),
        "late.parquet: has the classes “late”, “on-time”; the positive class “delayed” is none of them",
        "name one of them: as `positive` in the policy, or by `--positive`",
    )
    early = np.array(["on-time", "early"])
    other = folder.write("early.parquet", row_id=IDS, y_true=early[truth()], y_pred=early[truth()])
    refused(
        folder.json(late, other, "--task", "binary", "--positive", "on-time"),
        "late.parquet and early.parquet: the two files do not hold the same two classes: late, on-time and "
        "early, on-time",
        "write the same labels in both, or say `--task multiclass`",
    )


def test_predictions_of_another_task(folder: Folder, good: str) -> None:
    numbers = folder.write("minutes.parquet", row_id=IDS, y_true=IDS / 8, y_pred=IDS / 4)
    refused(
        folder.json(good, numbers),
        "the two files are of different tasks: good.parquet has probabilities of 2 classes, and "
        "minutes.parquet has numbers with fractions in y_true or y_pred",
        "compare files of one task, or name it with `--task`",
    )
    refused(
        folder.json(good, numbers, "--task", "binary"),
        "minutes.parquet: has y_true 0.125 in row 2, which is no class label",
        "write whole numbers or text; if these are quantities, name the task regression: in the policy, or "
        "by `--task`",
    )


def test_two_million_classes(folder: Folder) -> None:
    labels = np.arange(2_000_000)
    file = folder.write("many.parquet", row_id=labels, y_true=labels, y_pred=labels)
    refused(
        folder.json(file, file, "--task", "multiclass"),
        "many.parquet: has 2,000,000 classes in y_true, more than 2,000",
        "if these are quantities, name the task regression: in the policy, or by `--task`",
    )


# Clusters and slices


def test_clusters_of_one_row_each_are_rows_that_stand_alone(folder: Folder) -> None:
    files = [folder.binary(f"{seed}.parquet", seed, day=IDS) for seed in (1, 2)]
    found = folder.json(*files, "--cluster", "day").metrics["accuracy"]
    alone = folder.json(*files).metrics["accuracy"]
    assert found["clusters"] == ROWS
    assert (found["low"], found["high"]) == pytest.approx((alone["low"], alone["high"]), abs=2e-3)


def test_one_cluster_tells_nothing(folder: Folder) -> None:
    files = [folder.binary(f"{seed}.parquet", seed, day=IDS * 0) for seed in (1, 2)]
    told = folder.json(*files, "--cluster", "day", "--metric", "accuracy")
    why = "the rows come from 1 cluster, and an interval needs 30"
    assert said(told, "accuracy") == {"accuracy": ("insufficient", why, "")}


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.float16])
def test_rows_of_no_cluster_are_not_taken_for_one_cluster(folder: Folder, good: str, kind: type) -> None:
    wing: Any = np.where(IDS % 3 == 0, np.nan, IDS % 40).astype(kind)
    told = folder.diff(folder.binary("wing.parquet", 1, wing=wing), good, "--cluster", "wing")
    refused(
        told,
        f"wing.parquet: the column “wing” is empty in {-(-ROWS // 3):,} rows",
        "write for each row which rows it depends on, such as the customer",
    )


def test_a_slice_column_has_at_most_200_values(folder: Folder) -> None:
    files = {
        count: folder.binary(f"{count}.parquet", 1, route=(IDS % count).astype(str)) for count in (200, 201)
    }
    options = ("--slices", "route", "--metric", "accuracy")
    assert len(folder.json(files[200], files[200], *options).metrics["accuracy"]["slices"]) == 200
    refused(
        folder.json(files[200], files[201], *options),
        "201.parquet: the column “route” has 201 values, more than 200: name one with fewer, such as bins",
        "name another column, or write one with few values",
    )


def test_a_hostile_column_name_and_hostile_values(folder: Folder, good: str) -> None:
    name = "\x1b[31m|`@all`\n<b>"
    values = np.array(["\x1b[2J", "plain"])[IDS % 2]
    hostile = folder.binary("hostile.parquet", 1, **{name: values})
    found = folder.json(hostile, hostile, "--slices", name, "--metric", "accuracy").metrics["accuracy"]
    assert [(part["column"], part["level"]) for part in found["slices"]] == [
        (name, "\x1b[2J"),
        (name, "plain"),
    ]
    view = folder.diff(hostile, hostile, "--slices", name)
    assert (view.code, view.err) == (0, "")
    assert "\x1b" not in view.out
    refused(
        folder.json(hostile, good, "--cluster", "\x1b[31m"),
        "hostile.parquet: has no column “\\x1b[31m” for --cluster",
        "it has “\\x1b[31m|`@all`\\n<b>”",
    )


def test_a_column_that_is_not_there(folder: Folder, good: str) -> None:
    refused(
        folder.json(good, good, "--weight", "w"),
        "good.parquet: has no column “w” for --weight",
        "it has none but the contract's",
    )


# Rows that do not meet


def test_no_shared_row_leaves_each_side_its_own_numbers(folder: Folder, good: str) -> None:
    apart = folder.binary("apart.parquet", 1, row_id=IDS + ROWS)
    told = folder.json(good, apart, "--metric", "accuracy")
    why = "base and head have no row_id in common, so there is nothing to compare"
    assert said(told, "accuracy") == {"accuracy": (None, "", why)}
    assert (told.result["finding"], told.result["rows"]["shared"]) == (None, 0)
    accuracy = told.metrics["accuracy"]
    assert accuracy["base_all"] is not None
    assert accuracy["head_all"] is not None


def test_no_shared_row_because_ids_are_of_two_types(folder: Folder, good: str) -> None:
    texts = folder.binary("texts.parquet", 1, row_id=IDS.astype(str))
    refused(
        folder.json(good, texts),
        "row_id holds whole numbers in good.parquet and text in texts.parquet: no row can be shared",
        "write row_id alike in both files",
    )


def test_labels_that_differ_in_every_row(folder: Folder, good: str) -> None:
    flipped = folder.binary("flipped.parquet", 1, y_true=1 - truth())
    told = folder.json(good, flipped, "--metric", "accuracy")
    why = "y_true differs in every row that base and head share, so there is nothing to compare"
    assert said(told, "accuracy") == {"accuracy": (None, "", why)}
    assert told.result["rows"]["labels_changed"] == ROWS


def test_duplicate_ids(folder: Folder, good: str) -> None:
    twice = folder.binary("twice.parquet", 1, row_id=IDS // 2)
    refused(
        folder.json(good, twice),
        "twice.parquet: has 200 row_id that stand in more than one row, first 0, 1, 2",
        "row_id must name one evaluated example: build it from every column of the example's key",
    )


def test_the_same_file_twice(folder: Folder, good: str) -> None:
    told = folder.json(good, good)
    assert (told.result["identical"], told.result["finding"]) == (True, "no_evidence")
    assert told.result["notes"][-1] == "Base and head are one and the same file."
    (folder.path / "copy.parquet").write_bytes((folder.path / good).read_bytes())
    copied = folder.json(good, "copy.parquet").result
    assert copied["notes"][-1] == "Base and head answer every compared row alike, probabilities included."


# Files


def test_what_is_no_predictions_file(folder: Folder, good: str) -> None:
    (folder.path / "folder").mkdir()
    (folder.path / "text.parquet").write_text("row_id y_true y_pred\n")
    (folder.path / "empty.parquet").touch()
    (folder.path / "cut.parquet").write_bytes((folder.path / good).read_bytes()[:-9])
    os.mkfifo(folder.path / "pipe")
    folder.write("other.parquet", id=IDS, truth=truth(), y_pred=truth())
    again = "write it again; one from a DVC remote by `dvc repro` and `dvc push`"
    parquet = "write it with mergegate.predictions.write, or to_parquet of pandas or polars"
    size = (folder.path / "cut.parquet").stat().st_size
    expected = {
        "folder": ("is a folder", "name one predictions file in it"),
        "text.parquet": ("is not a Parquet file", parquet),
        "empty.parquet": ("is empty (0 bytes)", again),
        "cut.parquet": (f"is cut off after {size:,} bytes: a Parquet file ends with its footer", again),
        "pipe": ("is no regular file", "write the predictions into a file first"),
        "main": (
            "there is no such file",
            "name two files that are there; to compare revisions there is `mergegate review`",
        ),
        "other.parquet": (
            "lacks the columns row_id, y_true",
            "write it with mergegate.predictions.write, or rename: it has “id”, “truth”, “y_pred”",
        ),
    }
    for name, (message, hint) in expected.items():
        refused(folder.json(good, name), f"{name}: {message}", hint)
        refused(folder.diff(name, good), f"{name}: {message}", hint)


def test_text_files_that_are_not_what_they_are_called(folder: Folder, good: str) -> None:
    contents = {
        "ragged.csv": ("row_id,y_true,y_pred\n1,2\n", "CSV: CSV parse error: Expected 3 columns, got 2: 1,2"),
        "empty.csv": ("", "CSV: Empty CSV file"),
        "array.jsonl": (
            "[1, 2]\n",
            "JSON lines, one object a line: JSON parse error: Column() changed from object to array in row 0",
        ),
    }
    for name, (text, reason) in contents.items():
        (folder.path / name).write_text(text)
        refused(
            folder.json(good, name),
            f"{name}: can't be read as {reason}",
            "write it as Parquet: `to_parquet` of pandas or polars",
        )
    (folder.path / "twice.csv").write_text("row_id,y_true,y_pred,y_pred\n1,1,1,1\n")
    refused(
        folder.json(good, "twice.csv"),
        "twice.csv: has more than one column named “y_pred”",
        "give each column a name of its own",
    )


# Options


@pytest.mark.parametrize(
    ("options", "message", "hint"),
    [
        (("--confidence", "nan"), "--confidence nan", "a number above 0.5 and below 1, such as 0.95"),
        (("--confidence", "95"), "--confidence 95", "a number above 0.5 and below 1, such as 0.95"),
        (("--min-rows", "0"), "--min-rows 0", "a whole number of at least 1, such as 50"),
        (("--threshold", "1.5"), "--threshold 1.5", "a probability from 0 to 1"),
        (("--quantile", "0"), "--quantile 0", "a number above 0 and below 1"),
    ],
)
def test_numbers_out_of_range(
    folder: Folder, good: str, options: tuple[str, ...], message: str, hint: str
) -> None:
    refused(folder.json(good, good, *options), f"{message} can't be used", f"write {hint}")


def test_options_that_mean_nothing_here(folder: Folder, good: str) -> None:
    refused(
        folder.json(good, good, "--quantile", "0.9"),
        "--quantile is for regression tasks, and this one is binary",
        "leave it out, or say `--task regression`",
    )
    bare = folder.binary("bare.parquet", 1, proba_0=None, proba_1=None)
    refused(
        folder.json(good, bare, "--threshold", "0.3"),
        "bare.parquet: has no proba_<class> columns to hold against the threshold",
        "write the probabilities, or leave out `--threshold`",
    )
    refused(
        folder.json(good, good, "--loss", "log_loss"),
        "--loss “log_loss” names a column as a metric is named already",
        "rename the column, such as to row_loss",
    )


@pytest.mark.parametrize("page", ["good.parquet", "./good.parquet", "link.html"])
def test_a_page_that_would_overwrite_a_file_that_is_compared(folder: Folder, good: str, page: str) -> None:
    (folder.path / "link.html").symlink_to(folder.path / good)
    before = (folder.path / good).read_bytes()
    told = folder.diff(good, good, "--html", page)
    place = str(Path(page))
    refused(
        told,
        f"--html {place} would overwrite what is compared",
        "name another file for the page, such as diff.html",
    )
    assert (folder.path / good).read_bytes() == before


def test_metrics_that_are_not_there(folder: Folder, good: str) -> None:
    known = ", ".join(compare.names("binary"))
    refused(
        folder.json(good, good, "--metric", "ROC-AUC"),
        "--metric “ROC-AUC” is no metric of a binary task",
        f"did you mean roc_auc? There are {known}, f1[CLASS], precision[CLASS], recall[CLASS]",
    )
    refused(
        folder.json(good, good, "--metric", "recall[late]"),
        "--metric “recall[late]” is of a class that neither file has",
        "the classes are “0”, “1”",
    )
