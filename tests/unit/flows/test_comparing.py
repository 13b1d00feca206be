"""Two listings of a folder compared: rows that are added although base has them already."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from mergegate.dataset.question import Question
from mergegate.flows.comparing import compare_listings
from mergegate.flows.listings import Listing, find_place
from mergegate.flows.tracked import list_place
from mergegate.records.data import DatasetReview, Fact, RowChanges
from support.tables import write_parquet, write_text

JANUARY = {"id": ["a", "b", "c"], "rain": [1.0, 2.0, 3.0], "late": ["yes", "no", None]}
FEBRUARY = {"id": ["d", "e", None], "rain": [4.0, 5.0, 6.0], "late": ["yes", "no", "no"]}
KEYED = Question(key=("id",), label="late", shift=False)

Files = Mapping[str, Mapping[str, Any]]


def listing(folder: Path, files: Files) -> Listing:
    for name, columns in files.items():
        write_parquet(folder / name, columns)
    return list_place(find_place(folder, name=folder.name))


def compare(folder: Path, old: Files, new: Files, question: Question = KEYED) -> DatasetReview:
    return compare_listings("data", listing(folder / "old", old), listing(folder / "new", new), question)


def add(folder: Path, rows: Mapping[str, Any], question: Question = KEYED) -> DatasetReview:
    """What is told where March is added to January and February."""
    before = {"1.parquet": JANUARY, "2.parquet": FEBRUARY}
    return compare(folder, before, {**before, "3.parquet": rows}, question)


def repeats(found: DatasetReview) -> tuple[int, int, int]:
    rows = rows_of(found)
    return rows.repeated, rows.relabelled, rows.alike_read


def rows_of(found: DatasetReview) -> RowChanges:
    assert found.rows is not None, found.problem
    return found.rows


def test_keys_of_unchanged_files_in_a_new_one_are_found_with_the_labels_that_differ(tmp_path: Path) -> None:
    march = {
        "id": ["a", "b", "c", "e", "f", None],
        "rain": [0.0] * 6,
        "late": ["no", "no", "no", None, "no", "no"],
    }
    found = add(tmp_path, march)
    assert repeats(found) == (4, 3, 2)
    assert found.facts[0] == Fact(
        kind="repeated_keys",
        sentence="4 added rows have a key that base has already, in files that are alike on both sides, "
        "3 of them with another label.",
        loud=True,
    )


def test_a_missing_label_is_the_same_as_a_missing_one(tmp_path: Path) -> None:
    found = add(tmp_path, {"id": ["c"], "rain": [0.0], "late": [None]})
    assert repeats(found) == (1, 0, 2)
    assert found.facts[0].sentence == (
        "1 added row has a key that base has already, in files that are alike on both sides."
    )


def test_rows_that_are_new_repeat_none(tmp_path: Path) -> None:
    found = add(tmp_path, {"id": ["f", None], "rain": [1.0, 6.0], "late": ["yes", "no"]})
    assert (repeats(found), [fact.kind for fact in found.facts]) == ((0, 0, 2), ["keyless"])


def test_keys_of_another_type_are_found_too(tmp_path: Path) -> None:
    before = {"1.parquet": {"id": [1, 2], "late": [0, 1]}}
    found = compare(tmp_path, before, {**before, "2.parquet": {"id": [2.0, 2.5], "late": [0.0, 0.0]}})
    assert repeats(found) == (1, 1, 1)


def test_every_column_of_a_key_counts(tmp_path: Path) -> None:
    before = {"month=1/a.parquet": {"day": [1, 2]}}
    after = {**before, "month=2/a.parquet": {"day": [1, 2]}, "month=1/b.parquet": {"day": [2, 3]}}
    assert repeats(compare(tmp_path, before, after, Question(key=("month", "day")))) == (1, 0, 1)


def test_columns_alike_but_for_case_are_not_mixed(tmp_path: Path) -> None:
    before = {"1.parquet": {"ID": [1, 2], "id": [7, 8]}}
    found = compare(
        tmp_path, before, {**before, "2.parquet": {"ID": [1, 3], "id": [9, 8]}}, Question(key=("id",))
    )
    assert repeats(found) == (1, 0, 1)


def test_a_key_that_nobody_named_is_not_looked_for(tmp_path: Path) -> None:
    found = add(tmp_path, JANUARY, Question(label="late", shift=False))
    assert (repeats(found), [fact.kind for fact in found.facts if fact.loud]) == ((0, 0, 0), [])


def test_a_row_that_moved_between_files_is_not_added(tmp_path: Path) -> None:
    before = {"1.parquet": JANUARY, "2.parquet": FEBRUARY}
    swapped = {"1.parquet": FEBRUARY, "2.parquet": JANUARY}
    found = compare(tmp_path, {**before, "3.parquet": {"id": ["f"]}}, {**swapped, "3.parquet": {"id": ["f"]}})
    assert (rows_of(found).added, repeats(found)) == (0, (0, 0, 0))


def test_files_that_would_be_fetched_or_are_too_large_are_not_looked_at(tmp_path: Path) -> None:
    before: Files = {"0.parquet": {"id": ["x"]}, "1.parquet": JANUARY, "2.parquet": FEBRUARY}
    old = listing(tmp_path / "old", before)
    new = listing(tmp_path / "new", {**before, "3.parquet": {"id": ["a", "d", "x"]}})

    def look(sizes: Mapping[str, int]) -> tuple[int, int, int]:
        return repeats(compare_listings("data", replace(old, size=sizes.get), new, KEYED))

    assert look(dict.fromkeys(before, 9)) == (3, 0, 3)
    assert look({"0.parquet": 9, "1.parquet": 9}) == (2, 0, 2)
    assert look({"1.parquet": 3_000_000_000, "2.parquet": 9}) == (1, 0, 1)
    # The last at hand is read anyway, and one is fetched where none is.
    assert look({"0.parquet": 9, "1.parquet": 9, "2.parquet": 3_000_000_000}) == (3, 0, 3)
    assert look({}) == (1, 0, 1)


def test_an_unchanged_file_that_is_broken_hides_no_other(tmp_path: Path) -> None:
    for side in ("old", "new"):
        write_text(tmp_path / side / "0.parquet", "PAR1 is no such file")
    assert repeats(add(tmp_path, {**FEBRUARY, "id": ["d", "x", "y"]})) == (1, 0, 1)


def test_rows_under_another_key_are_told_with_the_labels_that_differ(tmp_path: Path) -> None:
    before = {"id": ["a", "b", "c", "d"], "rain": [1.0, 2.0, 3.0, None], "late": ["yes", "no", "no", "no"]}
    after = {"id": ["x", "y", "c", "z"], "rain": [2.0, 1.0, 3.0, None], "late": ["no", "no", "no", None]}
    found = compare(tmp_path, {"1.parquet": before}, {"1.parquet": after})
    assert (rows_of(found).added, rows_of(found).removed) == (3, 3)
    assert found.facts == (
        Fact(
            kind="rekeyed",
            sentence="3 rows seem to be re-keyed: removed, and added again under another key, "
            "2 of them with another label.",
            loud=True,
        ),
    )


def test_rows_that_hold_what_several_hold_are_not_taken_for_one_another(tmp_path: Path) -> None:
    before = {"id": ["a", "b"], "rain": [1.0, 1.0], "late": ["yes", "no"]}
    after = {"id": ["x", "y"], "rain": [1.0, 2.0], "late": ["no", "no"]}
    assert compare(tmp_path, {"1.parquet": before}, {"1.parquet": after}).facts == ()


def test_only_what_a_model_sees_tells_a_row_under_another_key(tmp_path: Path) -> None:
    before = {"id": ["a"], "rain": [1.0], "note": ["old"], "late": ["yes"]}
    after = {"id": ["x"], "rain": [1.0], "note": ["new"], "late": ["no"]}
    sides = {"1.parquet": before}, {"1.parquet": after}
    assert compare(tmp_path / "all", *sides).facts == ()
    (fact,) = compare(tmp_path / "inputs", *sides, replace(KEYED, inputs=("rain",))).facts
    assert fact.sentence == (
        "1 row seems to be re-keyed: removed, and added again under another key, with another label."
    )
