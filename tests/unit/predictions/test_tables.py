"""Predictions in files of text, as a review reads them: by the end of their name, from a file or from git."""

from pathlib import Path

import pytest

from mergegate import predictions
from mergegate.errors import ContractError
from mergegate.predictions import tables
from mergegate.records.metrics import Task
from mergegate.records.predictions import Predictions

ROWS = "row_id,y_true,y_pred,proba_no,proba_yes,region\na,yes,no,0.6,0.4,north\nb,no,no,0.9,0.1,NA\n"


def read(
    content: str | bytes, path: str = "p.csv", *, task: Task = "binary", positive: str | bool | None = "yes"
) -> Predictions:
    data = content if isinstance(content, bytes) else content.encode()
    return predictions.read_named(data, path=path, task=task, positive=positive, name=f"{path} at main")


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("p.csv", ROWS),
        ("p.CSV", "\ufeff" + ROWS.replace("\n", "\r\n")),
        ("p.tsv", ROWS.replace(",", "\t")),
        # As R's write.csv has it, with the names of the rows and quotation marks.
        (
            "p.csv",
            "\n".join(f'"{line.replace(",", chr(34) + "," + chr(34))}"' for line in ROWS.split("\n")[:3]),
        ),
    ],
    ids=["csv", "windows", "tabs", "quoted"],
)
def test_text_gives_what_parquet_would(path: str, content: str) -> None:
    found = read(content, path)
    assert found.classes == ("no", "yes")
    assert found.y_pred.tolist() == [0, 0]
    assert found.probabilities is not None
    assert found.probabilities[:, 1].tolist() == [0.4, 0.1]
    assert found.columns["region"].to_pylist() == ["north", "NA"]


def test_an_object_of_a_cache_is_read_by_the_name_that_it_has_in_the_project(tmp_path: Path) -> None:
    file = tmp_path / "0cc175b9c0f1b6a831c399e269772661"
    file.write_text(ROWS)
    found = predictions.read_named(file, path="out/p.csv", task="binary", positive="yes", name="out/p.csv")
    assert found.classes == ("no", "yes")
    with pytest.raises(ContractError, match=r"^out/p: is not a Parquet file"):
        predictions.read_named(file, path="out/p", task="binary", positive="yes", name="out/p")


def test_the_truths_of_r_are_classes() -> None:
    text = "row_id,y_true,y_pred,proba_FALSE,proba_TRUE\n1,TRUE,FALSE,0.6,0.4\n2,FALSE,FALSE,0.9,0.1\n"
    assert read(text, positive=None).classes == ("False", "True")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (ROWS.replace(",", ";"), "p.csv at main: is separated by semicolons"),
        (ROWS.replace("0.4", "NA"), "p.csv at main: has a “proba_yes” of type string"),
        (ROWS.encode("utf-16"), "p.csv at main: can't be read as CSV: "),
        ("", "p.csv at main: can't be read as CSV: Empty CSV file"),
        (ROWS[:60], "p.csv at main: can't be read as CSV: CSV parse error: Expected 6 columns, got 5"),
    ],
)
def test_what_can_not_be_read_is_told(content: str | bytes, said: str) -> None:
    with pytest.raises(ContractError) as told:
        read(content)
    assert told.value.message.startswith(said)


def test_text_is_bounded_before_it_is_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "LARGEST", 50)
    with pytest.raises(ContractError, match=r"has \d+ bytes, and 50 of \.csv are read at most"):
        read(ROWS)
