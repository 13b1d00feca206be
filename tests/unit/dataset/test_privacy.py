"""Private columns: no value of theirs is told, whatever the columns, their case or their folders become."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from mergegate.dataset.privacy import Mask, find_hidden
from mergegate.dataset.question import Exam, Question, Sides
from mergegate.dataset.room import Room
from mergegate.dataset.source import Source, find_source
from mergegate.errors import ContractError
from mergegate.records.data import DatasetReview
from support.tables import write_parquet, write_text

SECRETS = [f"SECRET{row}" for row in range(30)]
IDS = list(range(30))


@pytest.fixture(scope="module")
def room() -> Iterator[Room]:
    with Room() as room:
        yield room


def compare(room: Room, old: Path, new: Path, *, reference: Path | None = None) -> DatasetReview:
    """A review that keeps `geo` to itself."""
    before, after, third = (
        None if path is None else find_source(path, name="data") for path in (old, new, reference)
    )
    question = Question(key=("id",), private=("geo",))
    return room.compare("data", Sides(old=before, new=after, reference=third), question)


@pytest.mark.parametrize("name", ["geo", "Geo", "place", "geo "])
@pytest.mark.parametrize("edited", [0, 1])
def test_a_private_column_stays_private_under_another_name(
    room: Room, tmp_path: Path, name: str, edited: int
) -> None:
    old = write_parquet(tmp_path / "old.parquet", {"id": IDS, "geo": SECRETS, "x": IDS})
    new = write_parquet(tmp_path / "new.parquet", {"id": IDS, name: ["SECRET"] * edited + SECRETS[edited:]})
    found = compare(room, old, new)
    assert "SECRET" not in msgspec.json.encode(found).decode()
    assert {each.column for each in found.profiles if each.private} == {"geo", name}


def test_a_new_file_of_another_name_beside_files_that_keep_theirs_tells_no_value(
    room: Room, tmp_path: Path
) -> None:
    kept = write_text(tmp_path / "kept.csv", "id,geo\n1,SECRET1\n")
    wide = tmp_path / "new"
    write_text(wide / "a.csv", "id,geo\n2,SECRET2\n")
    write_text(
        wide / "b.csv", "id,place\n" + "".join(f"{row},{row}\n" for row in range(3, 99)) + "99,SECRET9\n"
    )
    found = compare(room, kept, wide, reference=kept)
    assert "SECRET" not in msgspec.json.encode(found).decode()
    assert "`place` is read as text: 1 of 97 cells is no number" in found.notes


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_columns_that_are_all_unknown_are_not_named(room: Room, tmp_path: Path, suffix: str) -> None:
    """Without its header, a file's first row stands for its columns' names."""
    if suffix == "csv":
        old = write_text(tmp_path / "old.csv", "id,geo\n1,SECRET1\n2,SECRET2\n")
        new = write_text(tmp_path / "new.csv", "1,SECRET1\n2,SECRET2\n")
    else:
        old = write_parquet(tmp_path / "old.parquet", {"id": ["1"], "geo": ["SECRET1"]})
        new = write_parquet(tmp_path / "new.parquet", {"1": ["2"], "SECRET1": ["SECRET2"]})
    with pytest.raises(ContractError) as caught:
        compare(room, old, new)
    assert caught.value.message == "data: head has 2 columns, none of base's"
    assert caught.value.hint == "see whether the header line is missing"


@pytest.mark.parametrize(
    ("header", "hint"),
    [
        ("id,y", "there are `id`"),
        ("8,9", "the sides have no column in common: see whether the header line is missing"),
    ],
)
def test_a_misspelt_column_is_answered_with_columns_of_both_sides_alone(
    room: Room, tmp_path: Path, header: str, hint: str
) -> None:
    old = find_source(write_text(tmp_path / "old.csv", "id,x\n1,2\n"), name="old")
    new = find_source(write_text(tmp_path / "new.csv", f"{header}\n1,2\n"), name="new")
    asked = Question(private=("salary",), strict=True)
    with pytest.raises(ContractError) as caught:
        room.compare("data", Sides(old=old, new=new), asked)
    assert (caught.value.reason, caught.value.hint) == ("neither side has a column `salary`", hint)


def test_an_exams_private_column_is_known_whatever_its_case(room: Room, tmp_path: Path) -> None:
    def exam(name: str) -> Source:
        return find_source(write_parquet(tmp_path / name, {"id": IDS, "Geo": SECRETS}), name=name)

    asked = Exam(
        evaluation=exam("exam.parquet"),
        train=exam("train.parquet"),
        key=("id",),
        group="Geo",
        private=("geo",),
    )
    leaks = room.examine(asked)
    assert any(leak.kind == "group" and leak.examples for leak in leaks)
    assert "SECRET" not in msgspec.json.encode(leaks).decode()


def test_what_a_lost_private_column_may_have_become_is_hidden() -> None:
    base = [("id", "geo", "x")]
    assert find_hidden(["GEO"], base, [("id", "geo", "x", "new")]) == {"geo"}
    assert find_hidden(["geo"], base, [("id", "x", "new")]) == {"geo", "new"}
    assert find_hidden(["geo"], base, [("id", "geo"), ("id", "new")]) == {"geo", "new"}
    assert find_hidden(["place"], base, [("id", "place")]) == {"place", "geo", "x"}
    assert find_hidden(["geo"], [], [("id", "x")]) == frozenset()
    assert find_hidden([], base, [("id", "y")]) == frozenset()


def test_private_values_in_folders_names_are_masked() -> None:
    mask = Mask.of(["Home Town"], ["home%20town=Ely/a.csv", "m=1/a.csv"], ["wage=7/m=1/a.csv", "m=2/x=1.csv"])
    assert [
        mask.name(name) for name in ("home%20town=Ely/m=1/a.csv", "wage=7/a.csv", "x=1.csv", "a.csv")
    ] == [
        "home%20town=…/m=1/a.csv",
        "wage=…/a.csv",
        "x=1.csv",
        "a.csv",
    ]
    told = "data/home town=Ely St Mary/a.csv: is cut short; wage=7"
    assert mask.text(told) == "data/home town=…/a.csv: is cut short; wage=…"
    assert Mask.of([], ["m=1/a.csv"], ["b.csv"]).name("m=1/a.csv") == "m=1/a.csv"
    assert Mask.of(["geo"], [], ["m=1/a.csv"]).name("m=1/a.csv") == "m=1/a.csv"
