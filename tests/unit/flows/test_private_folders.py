"""Folders named by values of a private column: no file name that is told holds one."""

from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest

from mergegate.config.data import Dataset
from mergegate.config.policy import Policy
from mergegate.dataset.question import Question
from mergegate.errors import ContractError
from mergegate.flows.comparing import compare_listings
from mergegate.flows.datasets import hide_files
from mergegate.flows.listings import find_place, list_places
from mergegate.records.data import DatasetReview
from mergegate.records.review import DataChange, FileChange
from support.tables import write_parquet, write_text

ROWS = {"id": [1, 2], "x": [3, 4]}
OTHERS = {"id": [5, 6], "x": [7, 8]}


def compare(folder: Path, old: Mapping[str, object], new: Mapping[str, object]) -> DatasetReview:
    for side, files in (("old", old), ("new", new)):
        for name, content in files.items():
            if isinstance(content, dict):
                write_parquet(folder / side / name, content)
            else:
                write_text(folder / side / name, str(content))
    before, after = list_places(*(find_place(folder / side, name=side) for side in ("old", "new")))
    return compare_listings("data", before, after, Question(key=("id",), private=("Pay",), shift=False))


def test_files_that_are_gone_moved_or_unread_are_told_without_the_values(tmp_path: Path) -> None:
    found = compare(
        tmp_path,
        {"pay=SECRET1/a.parquet": ROWS, "pay=SECRET2/a.parquet": OTHERS},
        {
            "pay=SECRET3/a.parquet": OTHERS,
            "pay=SECRET1/b.parquet": {"id": [9], "x": [9]},
            "pay=SECRET1/n.txt": "hi",
        },
    )
    assert "SECRET" not in msgspec.json.encode(found).decode()
    assert found.facts[0].sentence == "1 of base's 2 files is gone: pay=…/a.parquet."
    assert found.notes[:2] == (
        "Not read, since they hold no rows: pay=…/n.txt.",
        "Files of the same bytes have other names in head: pay=…/a.parquet → pay=…/a.parquet.",
    )


def test_a_column_of_folders_that_one_side_alone_has_may_be_the_private_one(tmp_path: Path) -> None:
    rows = {**ROWS, "pay": ["SECRET1", "SECRET2"]}
    found = compare(
        tmp_path, {"a.parquet": rows}, {"wage=SECRET1/a.parquet": ROWS, "wage=SECRET2/n.txt": "hi"}
    )
    assert "SECRET" not in msgspec.json.encode(found).decode()
    assert "Not read, since they hold no rows: wage=…/n.txt." in found.notes


def test_a_damaged_file_is_named_without_the_value(tmp_path: Path) -> None:
    with pytest.raises(ContractError) as caught:
        compare(
            tmp_path,
            {"pay=SECRET1/a.parquet": ROWS},
            {"pay=SECRET1/a.parquet": OTHERS, "pay=SECRET2/a.parquet": "no Parquet"},
        )
    assert str(caught.value) == "new/pay=…/a.parquet: is no whole Parquet file"
    assert caught.value.file == "new/pay=…/a.parquet"


def test_changed_files_of_tracked_data_are_listed_without_the_values() -> None:
    def change(path: str, *files: FileChange, removed: int = 0) -> DataChange:
        return DataChange(path=path, change="changed", files=files, files_removed=removed)

    policy = Policy(version=1, datasets=(Dataset(path="data/x", private=("pay",)),))
    added = FileChange(path="m=1/Pay=SECRET/a.parquet", change="added")
    gone = FileChange(path="a.parquet", change="removed")
    shown = hide_files(
        policy, (change("data/x", added), change("data/x", added, gone, removed=1), change("data/y", added))
    )
    assert [[file.path for file in each.files] for each in shown] == [
        ["m=1/Pay=…/a.parquet"],
        ["m=…/Pay=…/a.parquet", "a.parquet"],
        ["m=1/Pay=SECRET/a.parquet"],
    ]
