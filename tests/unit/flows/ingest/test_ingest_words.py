"""Title and text of a pull request with new files."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from mergegate.dataset.privacy import Mask
from mergegate.flows.ingest.words import MOST_FILES, body_of, title_of
from mergegate.records.ingest import IngestAnswer, Ingested, IngestedFile
from mergegate.report.ingest import ingest_lines

MD5 = "0" * 32
SHA = "1" * 40


def file(path: str, *, corrects: bool = False, rows: int | None = 20) -> IngestedFile:
    return IngestedFile(path=path, md5=MD5, bytes=2_000, rows=rows, corrects=corrects)


def told(*files: IngestedFile, **more: object) -> Ingested:
    made = Ingested(
        path="data/flights",
        outcome="opened",
        source="prefix s3://drop/flights",
        base=SHA,
        files=files,
        files_before=3,
        files_after=3 + len(files),
        bytes=sum(each.bytes for each in files),
        rows=40,
    )
    return replace(made, **more)


def body(of: Ingested, *, mask: Mask = Mask(), ran: bool = False, checks: bool = True) -> str:  # noqa: B008
    return body_of(of, mask, target="main", asked_to_run=ran, checks_start=checks)


def test_the_whole_text() -> None:
    assert body(
        told(file("a.parquet"), file("b.csv", corrects=True, rows=None), warnings=("Look here.",))
    ) == (
        "`mergegate ingest` found 2 new files for data/flights in its source, the prefix "
        "s3:&#8203;//drop/flights."
        "\n\n"
        "| file | | rows | size |\n"
        "|---|---|---:|---:|\n"
        "| a.parquet | new | 20 | 2.0 kB |\n"
        "| b.csv | replaces what was there | – | 2.0 kB |\n"
        "\n"
        "Together 40 rows, 4.0 kB; the dataset had 3 files and has 5. Every object was seen on the DVC "
        "remote before this was pushed.\n"
        "\n"
        "- Look here.\n"
        "- No stage was run: dvc.lock is of the data before. `--repro` runs what reads the new files.\n"
        "- Made on `main` at `1111111111`.\n"
        "- This branch is mergegate's: more new files replace its commit. It keeps off once somebody else "
        "commits here. Closing this declines these files."
    )


@pytest.mark.parametrize(
    ("of", "title"),
    [
        (told(file("a")), "Add 1 file to data/flights"),
        (told(file("a"), file("b")), "Add 2 files to data/flights"),
        (told(file("a"), file("b", corrects=True)), "Add 1 file to data/flights, correct 1"),
        (told(file("b", corrects=True)), "Correct 1 file of data/flights"),
        (replace(told(file("")), path="data/planes.csv"), "Replace data/planes.csv"),
        (replace(told(file("a")), path="data [skip ci]"), "Add 1 file to data (skip ci)"),
    ],
)
def test_the_title_says_what_came_and_names_no_file(of: Ingested, title: str) -> None:
    assert title_of(of) == title


def test_thousands_of_files_are_cut_to_what_github_takes() -> None:
    text = body(told(*(file(f"{'x' * 190}{number}.parquet") for number in range(10_000))))
    assert text.count("\n| x") == MOST_FILES
    assert "| and 9,950 more | | | 19.9 MB |" in text
    assert len(text) < 65_536


def test_private_values_in_folders_names_are_not_told() -> None:
    text = body(told(file("salary=7/a.parquet")), mask=Mask(frozenset({"salary"})))
    assert "salary=…/a.parquet" in text
    assert "salary=7" not in text


@given(name=st.text(max_size=80), sentence=st.text(max_size=80))
def test_no_name_and_no_sentence_can_skip_checks_or_call_anybody(name: str, sentence: str) -> None:
    hostile = (f"{name}[skip ci]@ada", f"`[ci skip]` {sentence} `[Skip Actions]` @ada")
    text = body(told(file(hostile[0]), warnings=hostile[1:], notes=hostile))
    assert not any(word in text.lower() for word in ("[skip ci]", "[ci skip]", "[skip actions]", "@ada"))
    assert len(text.splitlines()) == 14


def test_people_read_the_same_in_the_terminal() -> None:
    answer = IngestAnswer(
        mergegate="0",
        dry_run=False,
        target="main",
        datasets=(
            told(file("a\x1b[31m.parquet"), commit=SHA, branch="b", pull_request=7, url="https://x/7"),
            Ingested(path="data/w", outcome="refused", problem="no\nmore", hint="mend it", exit_code=1),
        ),
        warnings=("Mind this.",),
    )
    assert list(ingest_lines(answer)) == [
        "data/flights (prefix s3://drop/flights): pull request opened",
        "  new: a\\x1b[31m.parquet, 2.0 kB, 20 rows",
        "  together: 3 files before, 4 after",
        "  commit 1111111111 on b",
        "  pull request 7: https://x/7",
        "data/w: REFUSED",
        "  no",
        "    more",
        "  next: mend it",
        "WARNING: Mind this.",
    ]
    assert answer.exit_code == 1
