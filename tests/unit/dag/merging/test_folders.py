import json
from typing import Any

from dvc_data.hashfile import tree as dvc_tree
from dvc_data.hashfile.hash_info import HashInfo
from hypothesis import given
from hypothesis import strategies as st

from mergegate.dag.checksums import hash_tree
from mergegate.dag.merging.folders import Clash, MergedFolder, merge_folders, sum_sizes, write_list
from mergegate.dag.paths import ancestors
from support.memory import md5_of

PARTS = st.sampled_from(["a", "b", "n", "ü", "x.csv"])
PATHS = st.lists(PARTS, min_size=1, max_size=3).map("/".join)


@st.composite
def folders(draw: st.DrawFn) -> dict[str, str]:
    """A list that DVC could have written: no file lies under another."""
    chosen = draw(st.sets(PATHS, max_size=6))
    whole = {path for path in chosen if not chosen.intersection(ancestors(path))}
    return {path: md5_of(draw(st.sampled_from("123"))) for path in sorted(whole)}


def sums(**files: str) -> dict[str, str]:
    return {name: md5_of(text) for name, text in files.items()}


def test_what_one_side_added_changed_and_removed_is_merged_with_what_the_other_did() -> None:
    base = sums(same="1", mine="1", theirs="1", gone="1", lost="1")
    ours = sums(same="1", mine="2", theirs="1", lost="1", new="1", both="1")
    theirs = sums(same="1", mine="1", theirs="2", gone="1", other="1", both="1")
    assert merge_folders(base, ours, theirs) == MergedFolder(
        dict(sorted(sums(same="1", mine="2", theirs="2", new="1", other="1", both="1").items()))
    )


def test_a_file_that_both_sides_changed_is_named() -> None:
    merged = merge_folders(sums(a="1", b="1", c="1"), sums(a="2", c="1"), sums(a="3", b="2", c="1"))
    assert merged.clashes == (Clash("a", "changed"), Clash("b", "removed"))
    assert [f"{clash.path} {clash.said}" for clash in merged.clashes] == [
        "a was changed on both sides, each in its own way",
        "b was changed on one side and removed on the other",
    ]


def test_a_file_against_a_folder_of_its_name_is_named() -> None:
    merged = merge_folders({}, sums(n="1"), {"n/x": md5_of("1")})
    assert merged.clashes == (Clash("n", "nested", "n/x"),)
    assert merged.clashes[0].said == "is a file on one side and a folder on the other (it holds n/x)"


def test_one_side_may_decide_for_what_both_changed_and_for_nothing_else() -> None:
    base, ours, theirs = sums(a="1", b="1", c="1"), sums(a="2", b="2", c="1"), sums(a="3", c="3")
    assert merge_folders(base, ours, theirs, prefer="ours").files == sums(a="2", b="2", c="3")
    assert merge_folders(base, ours, theirs, prefer="theirs").files == sums(a="3", c="3")


@given(folders(), folders(), folders())
def test_sides_can_be_swapped_and_no_list_is_invalid(
    base: dict[str, str], ours: dict[str, str], theirs: dict[str, str]
) -> None:
    merged = merge_folders(base, ours, theirs)
    assert merged == merge_folders(base, theirs, ours)
    if not merged.clashes:
        assert not any(folder in merged.files for path in merged.files for folder in ancestors(path))
        assert all(md5 in (ours.get(path), theirs.get(path)) for path, md5 in merged.files.items())


@given(folders(), folders())
def test_what_one_side_alone_did_is_the_result(base: dict[str, str], theirs: dict[str, str]) -> None:
    assert merge_folders(base, base, theirs) == MergedFolder(dict(sorted(theirs.items())))
    assert merge_folders(base, theirs, theirs) == MergedFolder(dict(sorted(theirs.items())))


@given(folders())
def test_a_list_is_written_as_dvc_writes_it(files: dict[str, str]) -> None:
    tree: Any = vars(dvc_tree)["Tree"]()
    for path, md5 in files.items():
        tree.add(tuple(path.split("/")), None, HashInfo("md5", md5))
    tree.digest()
    assert write_list(files) == tree.as_bytes()
    assert hash_tree(files) == tree.oid
    assert [entry["relpath"] for entry in json.loads(write_list(files))] == sorted(files)


def test_the_size_comes_from_the_recorded_totals_unless_both_made_the_same_change() -> None:
    base, ours, theirs = sums(a="1"), sums(a="1", b="22"), sums(c="333")
    merged = merge_folders(base, ours, theirs).files
    assert sum_sizes((base, ours, theirs), (1, 3, 3), merged) == 5
    assert sum_sizes((base, ours, theirs), (1, None, 3), merged) is None
    both = sums(a="1", b="22", c="333")
    assert sum_sizes((base, ours, both), (1, 3, 6), merge_folders(base, ours, both).files) == 6
    other = sums(a="1", b="22", d="1")
    assert sum_sizes((base, ours, other), (1, 3, 4), {**ours, **other, "x": "y"}) is None
    assert sum_sizes(({}, ours, sums(z="1")), (None, 3, 1), {**ours, **sums(z="1")}) == 4
