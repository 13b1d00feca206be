"""`mergegate diff data`: two datasets of any kind, compared for people and for machines."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from mergegate import __version__
from support.data_cli import Folder, cells, counts, dataset_of, make_folder, sentences

MOST_KB = 900_000
UNREAD = ("repeated", "relabelled", "alike_read")
"""What files that are alike on both sides say of added rows."""
MERGEGATE = [sys.executable, "-m", "mergegate"]
OLD = "id,weight,late\n1,10,yes\n2,20,no\n3,30,no\n"
NEW = "id,weight,late\n1,10,yes\n2,25,yes\n4,40,no\n"


@pytest.fixture
def folder(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Folder:
    return make_folder(tmp_path, capsys, monkeypatch)


@pytest.fixture
def pair(folder: Folder) -> tuple[str, str]:
    return folder.write("old.csv", OLD), folder.write("new.csv", NEW)


# What it says


def test_a_machine_is_told_everything(folder: Folder, pair: tuple[str, str]) -> None:
    result = folder.diff(*pair, "--key", "id", "--label", "late", "--json").result
    found = dataset_of(result)
    assert {key: result[key] for key in ("schema", "mergegate", "base", "head")} == {
        "schema": 1,
        "mergegate": __version__,
        "base": "old.csv",
        "head": "new.csv",
    }
    assert (found["path"], found["format"], found["problem"]) == ("old.csv → new.csv", "csv", "")
    assert {key: value for key, value in found["rows"].items() if key not in UNREAD} == {
        "key": ["id"],
        "guessed": False,
        "old": 3,
        "new": 3,
        "added": 1,
        "removed": 1,
        "changed": 1,
        "same": 1,
        "duplicates_old": 0,
        "duplicates_new": 0,
        "keyless_old": 0,
        "keyless_new": 0,
        "added_keys": [["4"]],
        "removed_keys": [["3"]],
    }
    assert cells(found) == {"weight": [("20", "25")], "late": [("no", "yes")]}
    assert found["labels"]["edits"] == [{"old": "no", "new": "yes", "rows": 1}]


def test_a_person_is_told_what_was_lost_first(folder: Folder, pair: tuple[str, str]) -> None:
    told = folder.diff(*pair, "--label", "late")
    assert (told.code, told.err) == (0, "")
    assert [line.rstrip() for line in told.out.splitlines()[:6]] == [
        "old.csv → new.csv: 1 row removed, 1 label edited, 1 row changed, 1 row added",
        "There are 3 rows on both sides: 1 added, 1 removed, 1 changed, 1 the same. Rows are matched by id:",
        "nobody named a key, and this one is unique and never missing.",
        "  ! Rows removed        1 of 3 rows (33 %) of base, such as 3.",
        "  ! Labels edited       late in 1 of 2 shared rows (50 %): no → yes 1.",
        "  ! Cells changed       weight in 1 of 2 shared rows (50 %), by +5 on average, such as 20 → 25.",
    ]


def test_the_same_bytes_are_not_read(folder: Folder) -> None:
    """Not even where they are no dataset at all."""
    for name in ("a.csv", "b.csv"):
        folder.write(name, b"\xff\xfe\x00")
    assert folder.diff("a.csv", "a.csv").out == "a.csv → a.csv: nothing changed\n"
    assert folder.diff("a.csv", "b.csv").out == "a.csv → b.csv: nothing changed\n"


def test_rows_without_any_key_are_compared_as_they_are(folder: Folder) -> None:
    old = folder.write("old.csv", "carrier,origin\nUA,EWR\nUA,EWR\nB6,JFK\n")
    new = folder.write("new.csv", "carrier,origin\nUA,EWR\nB6,LGA\n")
    found = folder.dataset(old, new)
    assert (found["rows"]["key"], counts(found)) == ([], (1, 2, 0, 1))


def test_a_key_of_several_columns_may_be_named_at_once_or_one_by_one(folder: Folder) -> None:
    old = folder.write("old.csv", 'a,"b,c",x\n1,1,1\n1,2,2\n')
    new = folder.write("new.csv", 'a,"b,c",x\n1,2,3\n1,1,1\n')
    for key in (("--key", 'a,"b,c"'), ("--key", "a", "--key", '"b,c"')):
        found = folder.dataset(old, new, *key)
        assert (found["rows"]["key"], counts(found)) == (["a", "b,c"], (0, 0, 1, 1))


def test_private_values_are_shown_to_nobody(folder: Folder) -> None:
    """Also not where one of them keeps a column from its type."""
    numbers = "".join(f"{row}@example.org,{row}\n" for row in range(40))
    old = folder.write("old.csv", f"mail,age\n{numbers}")
    new = folder.write("new.csv", f"mail,age\n{numbers}secret@example.org,n/a\n")
    for options in ((), ("--json",), ("--html", "page.html")):
        told = folder.diff(old, new, "--private", "mail,age", *options)
        text = told.out + ((folder.path / "page.html").read_text() if "--html" in options else "")
        assert told.code == 0
        assert "example.org" not in text
        assert "n/a" not in text


def test_rows_and_cells_alone_are_the_same_as_beside_all_else(folder: Folder) -> None:
    """What is left out is said; labels that were asked for are not."""
    old = folder.write("old.csv", "id,label,x\n1,a,1\n2,b,2\n3,b,3\n")
    new = folder.write("new.csv", "id,label,x,more\n1,b,1,0\n2,b,5,0\n4,a,3,0\n")
    options = ("--key", "id", "--label", "label")
    alone, whole = (folder.dataset(old, new, *options, *more) for more in (("--rows-only",), ()))
    assert counts(alone) == (1, 1, 2, 0)
    for part in ("columns", "labels"):
        assert alone[part] == whole[part]
    assert [each["kind"] for each in alone["schema"]] == ["added"]
    assert (alone["profiles"], alone["shift"]) == ([], [])
    assert "no column is profiled" in alone["notes"][-1]
    assert not any("no column is profiled" in note for note in whole["notes"])


# Values


def changed(folder: Folder, old: Any, new: Any) -> tuple[list[str], list[tuple[str | None, str | None]]]:
    """What is said of a column's type, and its changed cells."""
    before = folder.parquet("before.parquet", id=range(len(old)), v=old)
    after = folder.parquet("after.parquet", id=range(len(new)), v=new)
    found = folder.dataset(before, after, "--key", "id", "--no-shift")
    assert counts(found)[2] == sum(change["changed"] for change in found["columns"])
    retyped = [each["sentence"] for each in found["schema"] if each["kind"] == "retyped"]
    return retyped, cells(found).get("v", [])


def test_numbers_are_compared_as_numbers_and_nothing_else_is_one(folder: Folder) -> None:
    nan = float("nan")
    assert changed(folder, [1, 2**53 + 1], pa.array([1.0, 2.0**53])) == (
        ["v was int64, and is float64 now"],
        [("9007199254740993", "9007199254740992.0")],
    )
    assert changed(folder, [0.0, nan, None, nan], [-0.0, nan, None, None]) == ([], [("NaN", None)])
    assert changed(folder, ["1", "2"], [1, 2]) == (["v was text, and is int64 now"], [])


def test_decimals_times_categories_and_nested_cells_are_values_too(folder: Folder) -> None:
    noon = datetime(2013, 4, 1, 12, tzinfo=UTC)
    told = changed(
        folder,
        pa.array([Decimal("1.10"), Decimal("2")], pa.decimal128(10, 2)),
        pa.array([Decimal("1.1"), Decimal("3")], pa.decimal128(12, 1)),
    )
    assert told == (["v was decimal(10, 2), and is decimal(12, 1) now"], [("2.00", "3.00")])
    zones = [pa.array([noon], pa.timestamp("us", zone)) for zone in ("UTC", "America/New_York")]
    assert noon.astimezone(ZoneInfo("America/New_York")).hour == 8
    assert changed(folder, *zones) == ([], [])
    words = pa.array(["a", "b", "b"])
    assert changed(folder, words.dictionary_encode(), words) == ([], [])
    assert changed(folder, [[1, 2], [3]], [[1, 2], [4]]) == ([], [("[3]", "[4]")])
    late = [pa.array([253_402_300_800_000_000 + more], pa.timestamp("us")) for more in (0, 1)]
    assert changed(folder, *late) == ([], [("10000-01-01 00:00:00.000000", "10000-01-01 00:00:00.000001")])


def test_columns_that_differ_only_by_case_are_told_apart_by_their_own_names(folder: Folder) -> None:
    old = folder.parquet("old.parquet", ID=[1, 2], Id=[5, 6], id=[3, 4])
    new = folder.parquet("new.parquet", ID=[1, 2], Id=[5, 7], id=[4, 3], iD=[0, 0])
    found = folder.dataset(old, new, "--key", "id", "--label", "Id", "--slices", "ID")
    assert (found["rows"]["key"], counts(found)) == (["id"], (0, 0, 2, 0))
    assert found["labels"]["column"] == "Id"
    assert sentences(found) == ["iD (int64) is new"]
    assert [profile["column"] for profile in found["profiles"]] == ["ID", "Id", "id", "iD"]
    assert "~" not in folder.diff(old, new).out


# The page


def test_a_page_is_written_whole_or_not_at_all(folder: Folder, pair: tuple[str, str]) -> None:
    assert folder.diff(*pair, "--html", "deep/page.html").code == 0
    page = (folder.path / "deep/page.html").read_text()
    assert page.startswith("<!doctype html>")
    assert "1 row removed" in page
    assert [file.name for file in (folder.path / "deep").iterdir()] == ["page.html"]
    (folder.path / "blocked").touch()
    told = folder.diff(*pair, "--html", "blocked/page.html")
    assert (told.code, told.out) == (3, "")
    assert told.err.startswith("mergegate: ")


# However it ends


def test_ctrl_c_ends_a_long_comparison_and_leaves_nothing(folder: Folder) -> None:
    """It arrives while rows are read and has to end a query, which by itself would not hear it."""
    rows = "".join(f"{row},1\n" for row in range(300_000))
    old, new = folder.write("old.csv", "a,id\n" + rows), folder.write("new.csv", "a,id\n" + rows + "1,1\n")
    with subprocess.Popen(
        [*MERGEGATE, "diff", "data", old, new, "--key", "id"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"TMPDIR": str(folder.temporary)},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        _wait_for_the_engine(folder.temporary)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert err == "mergegate: interrupted; nothing was left half-written\n"
    assert list(folder.temporary.iterdir()) == []


def _wait_for_the_engine(temporary: Path) -> None:
    """Until rows are being read: what is read of a CSV file lies beside, as Parquet."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if any(temporary.glob("mergegate-engine-*/*/*.parquet")):
            return
        time.sleep(0.01)
    raise AssertionError("nothing was ever read")


def test_what_is_printed_last_is_whole_also_for_a_reader_that_goes_away(
    folder: Folder, pair: tuple[str, str]
) -> None:
    read, write = os.pipe()
    os.close(read)
    command = [*MERGEGATE, "diff", "data", *pair, "--json"]
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, check=False, timeout=60)
    os.close(write)
    assert (done.returncode, done.stderr) == (3, b"")


def test_a_large_csv_streams(folder: Folder) -> None:
    """A million rows of text a side, of which no table is ever in Python's memory."""
    block = "".join(f"{row},{row % 97},{'abcdefghij'[row % 10]}\n" for row in range(100_000, 200_000))
    with (folder.path / "old.csv").open("w") as old, (folder.path / "new.csv").open("w") as new:
        for part, file in ((0, old), (1, new)):
            file.write("part,id,x,word\n")
            for number in range(10):
                file.write("".join(f"{number},{line}\n" for line in block.splitlines()))
            file.write("99,1,2,z\n" * part)
    script = (
        "import re, sys; from pathlib import Path; from mergegate.cli import run; "
        "code = run(['diff', 'data', 'old.csv', 'new.csv', '--key', 'part,id', '--no-shift', '--json']); "
        # Not `ru_maxrss`: that of a child begins with its parent's.
        "status = Path('/proc/self/status').read_text(); "
        "print(re.search(r'VmHWM:\\s+(\\d+) kB', status)[1], file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120
    )
    assert counts(json.loads(done.stdout)["dataset"]) == (1, 0, 0, 1_000_000)
    assert int(done.stderr) < MOST_KB
