"""Which files are predictions, which nearly are, and what they lack."""

from pathlib import Path

import pytest

from mergegate.flows.init.tables import Table, looks_like_predictions, read_table


def of(*columns: str, path: str = "p.csv", delimiter: str = ",") -> Table:
    return Table(path, "csv", columns, delimiter=delimiter)


def test_the_contracts_columns_are_kept() -> None:
    assert of("row_id", "y_true", "y_pred", "carrier").keeps_contract
    assert not of("row_id", "y_true").keeps_contract
    assert not of("row_id", "y_true", "y_pred", delimiter=";").keeps_contract
    assert of("row_id", "y_true", "y_pred", path="p.tsv", delimiter="\t").keeps_contract


@pytest.mark.parametrize(
    ("columns", "renames"),
    [
        (("Id", "actual", "predicted"), {"Id": "row_id", "actual": "y_true", "predicted": "y_pred"}),
        (
            ("PassengerId", "label", "prediction"),
            {"PassengerId": "row_id", "label": "y_true", "prediction": "y_pred"},
        ),
        (("row_id", "target", "y_hat"), {"target": "y_true", "y_hat": "y_pred"}),
    ],
)
def test_names_that_mean_the_contracts_are_told(columns: tuple[str, ...], renames: dict[str, str]) -> None:
    table = of(*columns)
    assert looks_like_predictions(table)
    assert table.renames == renames


def test_a_probability_under_a_name_of_its_own_is_no_answer() -> None:
    table = of("id", "label", "churn_score")
    assert looks_like_predictions(table)
    assert table.score == "churn_score"
    assert table.lacks == "would need other names of columns (id → row_id, label → y_true) and lacks y_pred"


def test_data_with_a_label_is_no_prediction() -> None:
    assert not looks_like_predictions(of("id", "age", "label"))
    assert not looks_like_predictions(of("a", "b"))


@pytest.mark.parametrize(
    ("text", "columns", "delimiter"),
    [
        ("a,b\n1,2\n", ("a", "b"), ","),
        ("\ufeffa;b\r\n1;2\r\n", ("a", "b"), ";"),
        ('"a, b",c\n', ("a, b", "c"), ","),
    ],
)
def test_a_header_is_read_whatever_divides_it(
    text: str, columns: tuple[str, ...], delimiter: str, tmp_path: Path
) -> None:
    file = tmp_path / "t.csv"
    file.write_text(text, newline="")
    assert read_table(file, "t.csv") == of(*columns, path="t.csv", delimiter=delimiter)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.csv", b""),
        ("t.csv", b"1,2\n3,4\n"),
        ("t.csv", b"one column\n1\n"),
        ("t.parquet", b""),
        ("t.parquet", b"PAR1 and no more"),
        ("t.csv.gz", b"a,b\n"),
        ("t.png", b"a,b\n"),
    ],
)
def test_what_is_no_table_is_passed_over(name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    assert read_table(tmp_path / name, name) is None
