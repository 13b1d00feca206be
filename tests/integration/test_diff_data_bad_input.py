"""Bad input to `mergegate diff data`: a sentence each, no traceback, nothing left behind."""

import gzip
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from support.data_cli import Folder, counts, make_folder, refused, sentences
from support.repositories import Repository

GOOD = "id,weight,late\n1,10,yes\n2,20,no\n3,30,no\n"
READS = "Parquet, CSV, TSV and JSON lines are read, the last three also as .gz"
AGAIN = "it may be cut short: write it again, or fetch it again"


@pytest.fixture
def folder(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Folder:
    return make_folder(tmp_path, capsys, monkeypatch)


@pytest.fixture
def good(folder: Folder) -> str:
    return folder.write("good.csv", GOOD)


# Keys, labels, columns


def problem(folder: Folder, *arguments: str) -> tuple[str, str, str]:
    """What stopped a comparison, its hint, and what stderr says; what was found is printed all the same."""
    told = folder.diff(*arguments, "--json")
    assert told.code == 2
    found = folder.record(told)
    assert (found["problem"] == "") is False
    people = folder.diff(*arguments)
    assert (people.code, people.err) == (2, told.err)
    assert "can't be compared" in people.out
    return found["problem"], found["hint"], told.err


def test_a_key_that_one_side_lacks(folder: Folder, good: str) -> None:
    bare = folder.write("bare.csv", "number,weight\n1,10\n")
    message = "key column `id` is missing in head"
    hint = "name a key of columns that both sides have: `weight`"
    assert problem(folder, good, bare, "--key", "id") == (
        message,
        hint,
        f"mergegate: {message}\n  next: {hint}\n",
    )


def test_a_key_of_another_type(folder: Folder, good: str) -> None:
    texts = folder.write("texts.csv", GOOD.replace("\n1,", "\nA1,"))
    message, hint, _ = problem(folder, good, texts, "--key", "id")
    assert message == "key column `id` is int64 in base and string in head"
    assert hint == "write it with one type on both sides, or name another key"


def test_a_key_that_repeats_or_is_missing_is_said_and_compared_as_far_as_that_goes(
    folder: Folder, good: str
) -> None:
    twice = folder.write("twice.csv", GOOD + "3,31,no\n,40,yes\n")
    found = folder.dataset(good, twice, "--key", "id", "--private", "weight")
    assert counts(found) == (2, 0, 0, 3)
    assert sentences(found, "facts") == [
        "`id` is not unique in head: 1 row is beyond the first of their key (3).",
        "1 row has no value in the key `id` in head; it is compared as a whole row.",
    ]


def test_a_label_that_head_lost(folder: Folder, good: str) -> None:
    bare = folder.write("bare.csv", "id,weight\n1,10\n2,20\n3,30\n")
    message, _, _ = problem(folder, good, bare, "--key", "id", "--label", "late")
    assert message == "head has no label column late; base has it"


@pytest.mark.parametrize("option", ["--key", "--label", "--slices", "--private"])
def test_a_column_that_neither_side_has_is_a_slip(folder: Folder, good: str, option: str) -> None:
    """Above all a private one, which would be shown."""
    other = folder.write("other.csv", GOOD.replace("20", "21"))
    refused(
        folder.diff(good, other, option, "wieght"),
        "good.csv → other.csv: neither side has a column `wieght`",
        "did you mean `weight`?",
    )
    refused(
        folder.diff(good, other, option, "\x1b[2J|\n<b>"),
        "good.csv → other.csv: neither side has a column `\\x1b[2J|\\n<b>`",
        "there are `id`, `weight`, `late`",
    )


@pytest.mark.parametrize("given", ["", ",", "id,", '"id'])
def test_options_that_name_no_column(folder: Folder, good: str, given: str) -> None:
    told = folder.diff(good, good, "--key", given)
    assert (told.code, told.out) == (2, "")
    assert "Invalid value for '--key'" in told.err


def test_another_type_in_one_cell_of_a_csv(folder: Folder) -> None:
    rows = "".join(f"{row},{row}\n" for row in range(30))
    old, new = folder.write("old.csv", f"id,x\n{rows}"), folder.write("new.csv", f"id,x\n{rows}30,n/a\n")
    found = folder.dataset(old, new)
    assert (sentences(found), counts(found)) == (["x was int64, and is text now"], (1, 0, 0, 30))
    assert found["notes"] == ["`x` is read as text: 1 of 31 cells is no number, such as `n/a`"]


# Files


FILES: dict[str, tuple[bytes, str, str]] = {
    "empty.csv": (b"", "the file is empty", "write at least a line of column names"),
    "empty.parquet": (b"", "the file is empty", "write it again"),
    "garbage.csv": (b"\x00\x9f\xfa" * 99, "is UTF-16, not UTF-8", "save the file as UTF-8"),
    "garbage.jsonl": (b"\x00\x9f\xfa" * 99, "line 1 is no JSON", "write one JSON object a line"),
    "garbage.parquet": (b"\x00\x9f\xfa" * 99, "is no whole Parquet file", AGAIN),
    "latin.csv": ("id,x\n1,é\n".encode("latin-1"), "line 2 is not UTF-8", "save the file as UTF-8"),
    "ragged.csv": (
        b"id,x,y\n1,2,3\n1,2\n",
        "line 3 has 2 cells where the header has 3",
        "write every cell, empty or not",
    ),
    "quote.csv": (
        b'id,x\n1,"2\n',
        "line 2 opens a quote that is not closed, or goes on after it",
        'close it, and write a quote inside a quoted cell twice: ""',
    ),
    "torn.csv.gz": (
        gzip.compress(GOOD.encode(), mtime=0)[:-9],
        "is no whole gzip file",
        "it may be cut short: write or fetch it again",
    ),
    "notes.txt": (b"id\n1\n", "is no file of rows that can be read", READS),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_none(folder: Folder, good: str, name: str) -> None:
    content, message, hint = FILES[name]
    folder.write(name, content)
    refused(folder.diff(good, name), f"{name}: {message}", hint)


def test_a_file_of_a_folder_is_named_with_it(folder: Folder) -> None:
    for side in ("old", "new"):
        folder.parquet(f"{side}/1.parquet", id=[1])
        folder.parquet(f"{side}/2.parquet", id=[2])
    whole = folder.path / "new/2.parquet"
    whole.write_bytes(whole.read_bytes()[:-9])
    refused(folder.diff("old", "new"), "new/2.parquet: is no whole Parquet file", AGAIN)


def test_bytes_that_turn_out_damaged_when_they_are_read(folder: Folder) -> None:
    """The footer is whole, so that nothing is known of it before."""
    rows = pa.table({"id": range(5_000), "x": [str(row) for row in range(5_000)]})
    for name in ("old.parquet", "new.parquet"):
        pq.write_table(rows, folder.path / name, compression="zstd")
    data = bytearray((folder.path / "new.parquet").read_bytes())
    data[4:60] = b"\xff" * 56
    folder.write("new.parquet", bytes(data))
    told = folder.diff("old.parquet", "new.parquet")
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("mergegate: new.parquet: ")


def test_a_table_without_rows_or_without_columns(folder: Folder, good: str) -> None:
    none = folder.parquet("none.parquet", id=pa.array([], pa.int64()))
    assert counts(folder.dataset(good, none, "--key", "id")) == (0, 3, 0, 0)
    assert counts(folder.dataset(none, good, "--key", "id")) == (3, 0, 0, 0)
    bare = folder.parquet("bare.parquet")
    told = folder.diff(good, bare)
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("mergegate: bare.parquet: ")


# Places


def test_places_where_nothing_is(folder: Folder, good: str) -> None:
    (folder.path / "empty").mkdir()
    folder.write("notes/README.md", "no rows")
    folder.write("mixed/a.csv", GOOD)
    folder.parquet("mixed/b.parquet", id=[1])
    (folder.path / "loop.csv").symlink_to("loop.csv")
    nothing = "name a file, a folder, or REV:path"
    expected = {
        "gone.csv": ("there is no file or folder gone.csv", nothing),
        "loop.csv": ("there is no file or folder loop.csv", nothing),
        "empty": ("the folder empty is empty", "name another; hidden files are not looked at"),
        "notes": ("notes: no file of rows is in it, only README.md", READS),
        "mixed": (
            "mixed: files of several formats are in it: 1 of csv and 1 of parquet",
            "keep one format in a dataset",
        ),
    }
    for name, (message, hint) in expected.items():
        refused(folder.diff(good, name), message, hint)
        refused(folder.diff(name, good), message, hint)


def test_what_is_no_regular_file_is_not_waited_for(folder: Folder, good: str) -> None:
    os.mkfifo(folder.path / "pipe.csv")
    folder.write("inside/a.csv", GOOD)
    os.mkfifo(folder.path / "inside/pipe")
    (folder.path / "inside/.pipe").symlink_to(folder.path / "pipe.csv")
    refused(folder.diff(good, "pipe.csv"), "pipe.csv is no regular file", "name a file or a folder")
    refused(folder.diff("inside/", good), "inside/pipe is no regular file", "name a file or a folder")


def test_links_that_lead_nowhere_or_to_folders(folder: Folder, good: str) -> None:
    folder.write("data/a.csv", GOOD)
    (folder.path / "data/b.csv").symlink_to("gone.csv")
    told = folder.diff(good, "data")
    assert (told.code, told.out) == (3, "")
    assert told.err.startswith("mergegate: data/b.csv can't be read: No such file or directory\n")
    (folder.path / "data/b.csv").unlink()
    (folder.path / "data/more").symlink_to(folder.path)
    refused(
        folder.diff(good, "data"),
        "data/more is a link to a folder, which is not followed",
        "name the folder that it leads to, or put the files in its place",
    )


def test_names_that_are_no_text(folder: Folder, good: str) -> None:
    name = b"gr\xfc\xdfe.csv".decode(errors="surrogateescape")
    (folder.path / "inside").mkdir()
    for place in (folder.path, folder.path / "inside"):
        (place / name).write_text(GOOD)
    refused(folder.diff(good, name), "the name gr\\xfc\\xdfe.csv is not UTF-8", "rename the file or folder")
    refused(
        folder.diff("inside", good),
        "the name of inside/gr\\xfc\\xdfe.csv is not UTF-8",
        "rename it, or name one file",
    )


def test_hostile_names_and_cells_are_text_wherever_they_are_shown(folder: Folder) -> None:
    name = "\x1b[31m|`@all`\n<script>alert(1)</script>"
    old = folder.parquet("old.parquet", id=[1, 2], **{name: ["\x1b[2J<img src=x>", "a|b"]})
    new = folder.parquet("new.parquet", id=[1, 2], **{name: ["\x1b]0;title\x07<b>", "a|b\nc"]})
    found = folder.dataset(old, new, "--label", name, "--slices", name)
    assert found["columns"][0]["column"] == name
    told = folder.diff(old, new, "--label", name, "--html", "page.html")
    assert (told.code, told.err) == (0, "")
    assert "\x1b" not in told.out
    assert "\x07" not in told.out
    page = (folder.path / "page.html").read_text()
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "\x1b" not in page


@pytest.mark.parametrize("page", ["good.csv", "data/part.csv"])
@pytest.mark.parametrize("new", ["data", "workspace:data"])
def test_a_page_does_not_take_the_place_of_what_is_compared(
    folder: Folder, good: str, page: str, new: str
) -> None:
    (folder.path / "data").mkdir()
    (folder.path / "data/part.csv").write_text(GOOD)
    refused(
        folder.diff("good.csv", new, "--html", page),
        f"--html {page} would overwrite what is compared",
        "name another file for the page, such as diff.html",
    )
    assert (folder.path / page).read_text() == GOOD


def test_two_hundred_columns_are_not_too_many(folder: Folder) -> None:
    names = [f"c{place}" for place in range(200)]
    old, new = (folder.parquet(f"{end}.parquet", **{name: [1, 2, end] for name in names}) for end in (3, 4))
    found = folder.dataset(old, new, "--key", "c0", "--no-shift")
    assert (counts(found), len(found["profiles"])) == ((1, 1, 0, 2), 200)


# Revisions


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """`main` tracks a folder of two files, the remote has neither; `text.csv` is in git."""
    made = Repository.create(tmp_path / "repository")
    made.write("data/1.csv", GOOD)
    made.write("data/2.csv", GOOD.replace("\n1,", "\n4,"))
    made.dvc("add", "--quiet", "data")
    made.dvc("remote", "add", "--quiet", "--default", "store", str(tmp_path / "store"))
    made.write("text.csv", GOOD)
    made.commit("Start")
    (tmp_path / "store").mkdir()
    return made


def test_revisions_and_paths_that_are_not_there(folder: Folder, good: str, repository: Repository) -> None:
    at = str(folder.path / good)
    told = folder.diff("main:data", at)
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith(
        "mergegate: there is no file or folder main:data, and REV:path needs a repository: "
    )
    os.chdir(repository.path)
    nothing = "there is no such file or folder, and neither dvc.lock nor a .dvc file names it"
    for place, message in {
        "main:datta": f"datta at main: {nothing}",
        "nope:data": "'nope' is no revision of this repository",
        "main:../../etc/passwd": f"../../etc/passwd is no path inside the project {repository.path}",
        "main:/etc/passwd": f"/etc/passwd is no path inside the project {repository.path}",
        "main:.": f". is no path inside the project {repository.path}",
        "--help:data": "'--help' is no revision of this repository",
        "main:": "there is no file or folder main:",
        ":data": "there is no file or folder :data",
    }.items():
        told = folder.diff("--", place, at)
        assert (told.code, told.out, told.err.splitlines()[0]) == (2, "", f"mergegate: {message}")


def test_an_object_that_neither_cache_nor_remote_has(
    folder: Folder, repository: Repository, tmp_path: Path
) -> None:
    listed = {path.name: path for path in (repository.path / ".dvc/cache/files/md5").glob("*/*")}
    lost = next(
        path
        for name, path in listed.items()
        if path.read_text().startswith("id") and b"\n4," in path.read_bytes()
    )
    md5 = lost.parent.name + lost.name
    lost.unlink()
    os.chdir(repository.path)
    told = folder.diff("main:data", "text.csv")
    assert (told.code, told.out) == (3, "")
    assert told.err.startswith(f"mergegate: remote store ({tmp_path / 'store'}) has no object {md5}\n")
    other = tmp_path / "store/files/md5" / md5[:2]
    other.mkdir(parents=True)
    (other / md5[2:]).write_text("id\n1\n")
    told = folder.diff("main:data", "text.csv")
    assert (told.code, told.out) == (3, "")
    assert told.err.startswith(
        f"mergegate: remote store ({tmp_path / 'store'}) holds other bytes under the name {md5} (md5 "
    )
    assert not lost.exists()
