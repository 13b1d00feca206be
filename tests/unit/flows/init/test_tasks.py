"""What a predictions file says of its task, and what it leaves open."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mergegate.flows.init.tables import read_table
from mergegate.flows.init.tasks import Told, tell_task


def told(folder: Path, **columns: Any) -> Told | str:
    file = folder / "p.parquet"
    pq.write_table(pa.table({"row_id": range(len(columns["y_true"])), **columns}), file)
    table = read_table(file, "p.parquet")
    assert table is not None
    return tell_task(file, table)


def test_two_numbers_or_booleans_are_binary_without_a_positive_class(tmp_path: Path) -> None:
    assert told(tmp_path, y_true=[0, 1, 1], y_pred=[0, 0, 1]) == Told(
        "binary", None, "y_true and y_pred hold 0, 1"
    )
    assert told(tmp_path, y_true=[True, False], y_pred=[True, True]) == Told(
        "binary", None, "y_true and y_pred hold 2 labels"
    )
    assert told(tmp_path, y_true=[0, 1], y_pred=[0, 1], proba_0=[0.1, 0.9], proba_1=[0.9, 0.1]) == Told(
        "binary", None, "2 columns proba_<class>"
    )


@pytest.mark.parametrize(
    ("classes", "positive"),
    [("no yes", "yes"), ("churned not_churned", "churned"), ("fraud normal", "fraud"), ("ham spam", "spam")],
)
def test_the_positive_class_is_told_by_what_the_other_is_called(
    classes: str, positive: str, tmp_path: Path
) -> None:
    found = told(tmp_path, y_true=classes.split(), y_pred=classes.split())
    assert found == Told(
        "binary", positive, f"y_true and y_pred hold 2 labels; {positive} is the positive one, by its name"
    )


def test_two_classes_of_which_neither_is_a_no_are_left_open(tmp_path: Path) -> None:
    reason = "y_true and y_pred hold 2 labels; which of them is the positive one is written nowhere"
    assert told(tmp_path, y_true=["cat", "dog"], y_pred=["dog", "cat"]) == Told(
        "multiclass", None, reason, ("cat", "dog")
    )


def test_many_labels_are_classes_and_fractions_are_amounts(tmp_path: Path) -> None:
    labels = [f"c{number}" for number in range(30)]
    assert told(tmp_path, y_true=labels, y_pred=labels) == Told(
        "multiclass", None, "y_true and y_pred hold more than 20 labels"
    )
    assert told(tmp_path, y_true=[1.5, 2.0], y_pred=[1.0, 2.5]) == Told(
        "regression", None, "y_true or y_pred hold fractions, and no proba_ is there"
    )


def test_whole_numbers_may_be_either_which_is_said(tmp_path: Path) -> None:
    found = told(tmp_path, y_true=[1, 2, 3], y_pred=[1, 2, 2])
    assert isinstance(found, Told)
    assert found.task == "multiclass"
    assert found.doubt == (
        "p.parquet: 3 different whole numbers are taken for classes; if they are amounts, say --task "
        "regression."
    )
    assert told(tmp_path, y_true=list(range(30)), y_pred=list(range(30))) == (
        "y_true and y_pred hold many whole numbers, classes or amounts: say --task multiclass or --task "
        "regression"
    )


def test_text_is_told_as_parquet_is(tmp_path: Path) -> None:
    file = tmp_path / "p.csv"
    file.write_text("row_id,y_true,y_pred,proba_yes,proba_no\n1,yes,no,0.2,0.8\n2,no,no,0.1,0.9\n")
    table = read_table(file, "p.csv")
    assert table is not None
    assert tell_task(file, table) == Told(
        "binary", "yes", "2 columns proba_<class>; yes is the positive one, by its name"
    )
