"""What must hold of `mergegate diff data`, whatever the rows: told on random tables in every format."""

import csv
import io
import json
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from support.data_cli import Folder, counts, make_folder

FORMATS = ("parquet", "csv", "csv.gz", "jsonl")
Row = dict[str, Any]


@pytest.fixture
def folder(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Folder:
    return make_folder(tmp_path, capsys, monkeypatch)


def table(seed: int, rows: int = 40) -> list[Row]:
    """Rows with keys that are unique but for some, a few of them missing, and cells of several kinds."""
    draw = random.Random(seed)
    return [
        {
            "id": draw.choice([None, 1, 2]) if row % 13 == 12 else row * 7 + draw.randrange(2),
            "word": draw.choice(["a", 'b "quoted", \n', "ü|", None]),
            "number": draw.choice([0.5, -1.25, 3.0, None]),
            "day": draw.choice(["2013-04-01", "2013-04-30"]),
        }
        for row in range(rows)
    ]


def write(folder: Folder, name: str, rows: list[Row], format: str, parts: int) -> str:
    """The rows in files of a folder, in the order they have."""
    for part in range(parts):
        write_file(folder, f"{name}/{part}.{format}", rows[part::parts], format)
    return name


def write_file(folder: Folder, name: str, rows: list[Row], format: str) -> None:
    if format == "parquet":
        schema = pa.schema(
            {"id": pa.int64(), "word": pa.string(), "number": pa.float64(), "day": pa.string()}
        )
        folder.write(name, b"")
        pq.write_table(pa.Table.from_pylist(rows, schema), folder.path / name)
        return
    text = io.StringIO()
    if format == "jsonl":
        text.writelines(f"{json.dumps(row)}\n" for row in rows)
    else:
        writer = csv.DictWriter(text, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    folder.write(name, text.getvalue())


@pytest.mark.parametrize("format", FORMATS)
def test_a_dataset_does_not_differ_from_itself_in_another_order_and_other_files(
    folder: Folder, format: str
) -> None:
    rows = table(1)
    old = write(folder, "old", rows, format, 1)
    new = write(folder, "new", random.Random(2).sample(rows, len(rows)), format, 3)
    for options in (("--key", "id"), ()):
        found = folder.dataset(old, new, *options, "--label", "word")
        assert (counts(found), found["columns"], found["schema"]) == ((0, 0, 0, len(rows)), [], [])
        assert (found["labels"]["changed"], found["shift"]) == (0, [])


def test_a_format_does_not_change_what_rows_are(folder: Folder) -> None:
    """But for an empty text, which CSV does not tell from none, and which is not among these cells."""
    rows = table(3)
    for format in FORMATS:
        write(folder, format, rows, format, 1)
        found = folder.dataset("parquet", format)
        if found["changed"]:
            assert (counts(found), found["columns"]) == ((0, 0, 0, len(rows)), [])


@pytest.mark.parametrize("key", [("--key", "id"), ("--key", "id,day"), ()])
def test_the_other_way_round_is_the_mirror_image(folder: Folder, key: tuple[str, ...]) -> None:
    before, after = table(4), [*table(4)[5:30], *table(5)[:9]]
    for row in after[3:9]:
        row |= {"number": 9.5, "word": None}
    old, new = write(folder, "old", before, "csv", 2), write(folder, "new", after, "csv", 3)
    there, back = folder.dataset(old, new, *key), folder.dataset(new, old, *key)
    (added, removed, changed, same), mirrored = counts(there), counts(back)
    assert mirrored == (removed, added, changed, same)
    assert added
    assert removed
    assert {each["column"]: each["changed"] for each in there["columns"]} == {
        each["column"]: each["changed"] for each in back["columns"]
    }
    for one, other in (("emptied", "filled"), ("filled", "emptied")):
        assert [each[one] for each in by_name(there)] == [each[other] for each in by_name(back)]
    assert [each["mean"] for each in by_name(there)] == [
        None if each["mean"] is None else -each["mean"] for each in by_name(back)
    ]


def by_name(found: dict[str, Any]) -> list[dict[str, Any]]:
    return sorted(found["columns"], key=lambda each: str(each["column"]))


def test_the_same_question_has_the_same_answer_to_the_byte(folder: Folder) -> None:
    old, new = write(folder, "old", table(6), "csv", 2), write(folder, "new", table(7), "csv", 2)
    first, second = (folder.diff(old, new, "--key", "id", "--label", "word", "--json") for _ in range(2))
    assert first == second
