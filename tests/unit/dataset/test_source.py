from pathlib import Path

import pytest

from mergegate.dataset.source import Source, SourceFile, find_source, format_of
from mergegate.errors import ContractError
from support.tables import write_text


def test_a_file_is_a_source_by_its_own_name(tmp_path: Path) -> None:
    path = write_text(tmp_path / "_flights.CSV", "a\n1\n")

    assert find_source(path, name="flights") == Source("flights", (SourceFile("_flights.CSV", path),), "csv")


def test_a_single_tracked_file_counts_whatever_it_is_called() -> None:
    source = Source.of("data/_flights.csv", {"_flights.csv": Path("cache/ab")})

    assert source == Source("data/_flights.csv", (SourceFile("_flights.csv", Path("cache/ab")),), "csv")


def test_a_folder_has_its_files_in_order_with_foreign_ones_noted_and_hidden_ones_ignored(
    tmp_path: Path,
) -> None:
    for name in (
        "b.parquet",
        "a/c.parquet",
        "README.md",
        ".DS_Store",
        "_SUCCESS",
        "_tmp/0.parquet",
        "schema.json",
    ):
        write_text(tmp_path / name, "")

    source = find_source(tmp_path, name="flights")

    assert [file.name for file in source.files] == ["a/c.parquet", "b.parquet"]
    assert (source.format, source.foreign) == ("parquet", ("README.md", "schema.json"))


def test_a_link_to_a_file_counts_and_a_link_to_a_folder_does_not(tmp_path: Path) -> None:
    cached = write_text(tmp_path / "cache/ab12", "a\n1\n")
    data = tmp_path / "data"
    data.mkdir()
    (data / "a.csv").symlink_to(cached)
    (data / "up").symlink_to(tmp_path)

    assert [file.name for file in find_source(data).files] == ["a.csv"]


def test_folders_say_columns() -> None:
    file = SourceFile("month=2013-04/carrier=A%2FB/_part=/x=1=2/plain/a.parquet", Path("any"))

    assert file.partition == {"month": "2013-04", "carrier": "A/B", "_part": "", "x": "1=2"}
    assert SourceFile("k=__HIVE_DEFAULT_PARTITION__/a.csv", Path("any")).partition == {"k": None}


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("a.parquet", "parquet"),
        ("a.csv.gz", "csv"),
        ("a.tsv", "csv"),
        ("a.ndjson", "jsonl"),
        ("a.jsonl.gz", "jsonl"),
        ("a.parquet.gz", None),
        ("a.xlsx", None),
        ("csv", None),
    ],
)
def test_a_name_says_the_format(name: str, format: str | None) -> None:
    assert format_of(name) == format


@pytest.mark.parametrize(
    ("files", "message", "hint"),
    [
        ((), "flights: the folder is empty", "track the files, or drop the dataset"),
        (
            ("notes.md", "a.xlsx"),
            "flights: no file of rows is in it, only a.xlsx, notes.md",
            "Parquet, CSV, TSV and JSON lines are read, the last three also as .gz",
        ),
        (
            ("_delta_log/0.json", "part-0.parquet"),
            "flights: it is a Delta Lake table, whose log (`_delta_log`) says which files count",
            "track an export of it, as Parquet",
        ),
        (
            ("a.csv", "b.parquet", "c.csv"),
            "flights: files of several formats are in it: 2 of csv and 1 of parquet",
            "keep one format in a dataset",
        ),
    ],
)
def test_a_folder_that_is_no_dataset_is_refused(
    tmp_path: Path, files: tuple[str, ...], message: str, hint: str
) -> None:
    for name in files:
        write_text(tmp_path / name, "")

    with pytest.raises(ContractError) as caught:
        find_source(tmp_path, name="flights")

    assert (str(caught.value), caught.value.hint) == (message, hint)


def test_a_path_that_is_nothing_or_no_rows_is_refused(tmp_path: Path) -> None:
    write_text(tmp_path / "a.xlsx", "")

    with pytest.raises(ContractError, match=r"gone\.csv: no file or folder is there"):
        find_source(tmp_path / "gone.csv")
    with pytest.raises(ContractError, match=r"a\.xlsx: is no file of rows that can be read"):
        find_source(tmp_path / "a.xlsx")
