"""Labels that were edited, contradict each other, or come with new rows; numbers as labels by their moves."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from mergegate.dataset.duck import DuckDB
from mergegate.dataset.engine import Engine
from mergegate.dataset.labels import diff_labels
from mergegate.dataset.rows import diff_rows
from mergegate.errors import ContractError
from mergegate.records.data import (
    Cell,
    LabelChanges,
    LabelEdit,
    LabelMoves,
    LabelShare,
    LabelSlice,
)
from support.tables import table_of

Columns = Mapping[str, Any]


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with DuckDB() as engine:
        yield engine


class Labels:
    """Compares the labels `y` of two tables that are told as {column: values}."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine, self.folder = engine, folder

    def diff(self, old: Columns | None, new: Columns, *, label: str = "y", **options: Any) -> LabelChanges:
        before = None if old is None else table_of(self.engine, self.folder, old, name="old")
        after = table_of(self.engine, self.folder, new, name="new")
        key, rename = options.pop("key", ("id",)), options.pop("rename", None)
        rows = diff_rows(self.engine, before, after, key, rename=rename)
        return diff_labels(self.engine, rows, before, after, label=label, **options)


@pytest.fixture
def labels(engine: Engine, tmp_path: Path) -> Labels:
    return Labels(engine, tmp_path)


IDS = list(range(12))
X = [number * 10 for number in IDS]
SITE = ["north"] * 6 + ["south"] * 5 + [None]
Y = ["cat", "dog"] * 6


def edited(**edits: str | None) -> list[str | None]:
    """The labels, with `r3="fish"` instead of the fourth."""
    return [edits.get(f"r{place}", label) for place, label in enumerate(Y)]


def test_equal_labels_are_no_change(labels: Labels) -> None:
    table = {"id": IDS, "x": X, "y": Y}

    assert labels.diff(table, table) == LabelChanges(
        column="y",
        compared=12,
        changed=0,
        shares=(LabelShare(label="cat", old=6, added=0), LabelShare(label="dog", old=6, added=0)),
        old_rows=12,
        contradictory_old=0,
        contradictory_new=0,
    )


def test_edits_are_told_from_label_to_label_with_examples_slices_and_new_rows(labels: Labels) -> None:
    old = {"id": IDS, "x": X, "site": SITE, "y": Y}
    new = {
        "id": [*IDS, 12, 13, 14],
        "x": [*X, 120, 130, 140],
        "site": [*SITE, "north", "north", "south"],
        "y": [*edited(r0="dog", r2="dog", r3="cat", r11=None), "fish", "fish", "cat"],
    }

    assert labels.diff(old, new, slices=("site",)) == LabelChanges(
        column="y",
        compared=12,
        changed=4,
        edits=(
            LabelEdit(old="cat", new="dog", rows=2),
            LabelEdit(old="dog", new="cat", rows=1),
            LabelEdit(old="dog", new=None, rows=1),
        ),
        edits_total=3,
        examples=(
            Cell(key=("0",), old="cat", new="dog"),
            Cell(key=("2",), old="cat", new="dog"),
            Cell(key=("3",), old="dog", new="cat"),
            Cell(key=("11",), old="dog", new=None),
        ),
        slices=(
            LabelSlice(column="site", level="north", rows=6, changed=3),
            LabelSlice(column="site", level="(missing)", rows=1, changed=1),
            LabelSlice(column="site", level="south", rows=5, changed=0),
        ),
        shares=(
            LabelShare(label="cat", old=6, added=1),
            LabelShare(label="dog", old=6, added=0),
            LabelShare(label="fish", old=0, added=2),
        ),
        old_rows=12,
        added_rows=3,
        contradictory_old=0,
        contradictory_new=0,
    )


def test_a_mirrored_comparison_mirrors_the_edits(labels: Labels) -> None:
    old, new = {"id": IDS, "y": Y}, {"id": IDS, "y": edited(r0="dog", r3=None)}

    forth, back = labels.diff(old, new), labels.diff(new, old)

    assert {(each.old, each.new, each.rows) for each in forth.edits} == {
        (each.new, each.old, each.rows) for each in back.edits
    }
    assert forth.changed == back.changed == 2


def test_a_label_whose_type_alone_moved_is_not_edited(labels: Labels) -> None:
    old, new = {"id": IDS, "y": [0, 1] * 6}, {"id": IDS, "y": [0.0, 1.0] * 5 + [0.0, None]}

    found = labels.diff(old, new)

    assert (found.compared, found.changed) == (12, 1)
    assert found.edits == (LabelEdit(old="1", new=None, rows=1),)


def test_rows_with_equal_inputs_and_another_label_contradict_each_other(labels: Labels) -> None:
    table = {
        "id": list(range(8)),
        "x": [1, 1, 1, None, None, 2, 2, 3],
        "note": list("abcdefgh"),
        "y": ["cat", "cat", "dog", "cat", "dog", "dog", None, "cat"],
    }

    found = labels.diff(table, {**table, "y": ["cat"] * 8}, inputs=("x",))

    assert (found.contradictory_old, found.contradictory_new) == (5, 0)
    assert labels.diff(table, table).contradictory_new == 0
    assert labels.diff(table, table, inputs=("id", "y", "gone")).contradictory_new == 0
    assert labels.diff({"id": IDS, "y": Y}, {"id": IDS, "y": Y}).contradictory_new is None


def test_a_quantity_is_told_by_its_moves_and_by_fifths_of_base(labels: Labels) -> None:
    ids = list(range(100))
    minutes: list[float | None] = [number / 2 for number in ids]
    moved = [None if number == 7 else value for number, value in enumerate(minutes)]
    moved[10], moved[20], moved[30], moved[40] = 6.0, 4.0, 25.0, float("nan")

    found = labels.diff({"id": ids, "y": minutes}, {"id": [*ids, 100, 101], "y": [*moved, 1.0, 99.5]})

    assert found == LabelChanges(
        column="y",
        compared=100,
        changed=5,
        moves=LabelMoves(raised=2, lowered=1, emptied=1, mean=5 / 3, largest=10.0),
        examples=(
            Cell(key=("7",), old="3.5", new=None),
            Cell(key=("10",), old="5", new="6"),
            Cell(key=("20",), old="10", new="4"),
            Cell(key=("30",), old="15", new="25"),
            Cell(key=("40",), old="20", new="NaN"),
        ),
        shares=(
            LabelShare(label="up to 9.9", old=20, added=1),
            LabelShare(label="over 9.9 to 19.8", old=20, added=0),
            LabelShare(label="over 19.8 to 29.7", old=20, added=0),
            LabelShare(label="over 29.7 to 39.6", old=20, added=0),
            LabelShare(label="over 39.6", old=20, added=1),
        ),
        old_rows=100,
        added_rows=2,
    )


def test_many_edits_labels_and_levels_are_bounded_and_the_total_is_said(labels: Labels) -> None:
    ids = list(range(400))
    texts = [f"{number:03}" + "x" * 200 for number in ids]
    old, new = {"id": ids, "s": ids, "y": texts}, {"id": ids, "s": ids, "y": texts[1:] + texts[:1]}

    found = labels.diff(old, new, slices=("s",))

    assert (found.changed, found.edits_total, len(found.edits)) == (400, 400, 50)
    assert (len(found.examples), len(found.slices), len(found.shares)) == (5, 20, 20)
    assert found.edits[0] == LabelEdit(old=texts[0][:99] + "…", new=texts[1][:99] + "…", rows=1)


def test_private_columns_are_counted_and_never_shown(labels: Labels) -> None:
    old = {"id": IDS, "site": SITE, "y": Y}
    new = {"id": IDS, "site": SITE, "y": edited(r0="dog", r3=None)}

    found = labels.diff(old, new, slices=("site",), private=("y", "site", "id"))

    assert (found.changed, found.edits, found.edits_total, found.slices, found.shares) == (2, (), 2, (), ())
    assert [(each.old, each.new) for each in found.examples] == [("hidden", "hidden")] * 2
    assert [len(part) for each in found.examples for part in each.key] == [8, 8]


def test_new_data_has_labels_and_nothing_to_compare_them_with(labels: Labels) -> None:
    found = labels.diff(None, {"id": IDS, "x": X, "y": Y})

    assert (found.compared, found.changed, found.old_rows, found.added_rows) == (0, 0, 0, 12)
    assert (found.contradictory_old, found.contradictory_new) == (None, 0)


def test_a_label_that_base_has_not_has_no_edits(labels: Labels) -> None:
    found = labels.diff({"id": IDS, "x": X}, {"id": IDS, "x": X, "y": Y})

    assert (found.compared, found.changed, found.old_rows, found.contradictory_old) == (0, 0, 0, None)


def test_a_label_renamed_is_compared_under_its_new_name(labels: Labels) -> None:
    old, new = {"id": IDS, "truth": Y}, {"id": IDS, "y": edited(r0="dog")}

    found = labels.diff(old, new, rename={"truth": "y"})

    assert (found.compared, found.changed) == (12, 1)


def test_without_a_key_labels_are_counted_and_not_compared(labels: Labels) -> None:
    found = labels.diff({"x": X, "y": Y}, {"x": X, "y": edited(r0="dog")}, key=())

    assert (found.compared, found.changed, found.old_rows, found.added_rows) == (0, 0, 12, 1)


def test_rows_alike_on_both_sides_count_for_bases_shares(labels: Labels, tmp_path: Path) -> None:
    more = table_of(labels.engine, tmp_path, {"id": [99], "y": ["cat"]}, name="reference")

    found = labels.diff({"id": IDS, "y": Y}, {"id": [*IDS, 12], "y": [*Y, "dog"]}, reference=more)

    assert found.shares == (LabelShare(label="cat", old=7, added=0), LabelShare(label="dog", old=6, added=1))
    assert (found.old_rows, found.added_rows) == (13, 1)


def test_a_label_column_that_vanished_is_refused_loudly(labels: Labels) -> None:
    with pytest.raises(ContractError) as refused:
        labels.diff({"id": IDS, "y": Y}, {"id": IDS, "Y": Y}, name="data/model/evaluation")

    assert refused.value.message == "data/model/evaluation: head has no label column y; base has it"
    assert refused.value.hint == "head has Y: restore the column, or change `label` in the policy first"
