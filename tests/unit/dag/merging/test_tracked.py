from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from dvc.dvcfile import SingleStageFile
from dvc.utils.serialize import dumps_yaml, loads_yaml

from mergegate.dag.checksums import hash_tree
from mergegate.dag.document import Document, parse
from mergegate.dag.merging import MergedTracked, merge_tracked
from mergegate.dag.merging.folders import write_list
from mergegate.records.pipeline import ObjectHash
from support.memory import md5_of

KNOWN: dict[str, dict[str, str]] = {}


def listed(names: Sequence[ObjectHash], remote: str) -> Sequence[Mapping[str, str]]:
    return [dict(name.files) if name.files else KNOWN[name.md5] for name in names]


def unsized(names: Sequence[ObjectHash], remote: str) -> int | None:
    return None


def folder(**files: str) -> dict[str, str]:
    """A folder's list, known by its name."""
    made = {name.replace("__", "/"): md5_of(text) for name, text in files.items()}
    KNOWN[hash_tree(made)] = made
    return made


def out(files: dict[str, str], size: int | None = None, **more: Any) -> dict[str, Any]:
    sized = {} if size is None else {"size": size}
    return {"md5": hash_tree(files), **sized, "nfiles": len(files), "hash": "md5", "path": "raw", **more}


def document(*outs: dict[str, Any], head: str = "", **more: Any) -> Document:
    text: str = head + dumps_yaml({**more, "outs": list(outs)})
    return parse(text.encode(), "raw.dvc")


def merge(base: Document | None, ours: Document, theirs: Document, *, prefer: str = "") -> MergedTracked:
    """The merge, the same from both sides; DVC must accept what is written."""
    merged = merge_tracked(base, ours, theirs, listed, unsized, prefer=prefer)
    if not prefer:
        assert merged == merge_tracked(base, theirs, ours, listed, unsized)
    if not merged.problems:
        SingleStageFile.validate(loads_yaml(merged.data.decode()))
    return merged


BASE = folder(a="1", b="1")
OURS = folder(a="1", b="1", c="333")
THEIRS = folder(a="22", b="1")
BOTH = folder(a="22", b="1", c="333")


def test_files_of_both_sides_stand_in_the_merged_folder() -> None:
    merged = merge(document(out(BASE, 2)), document(out(OURS, 5)), document(out(THEIRS, 3)))
    name = ObjectHash(md5=hash_tree(BOTH), size=6, nfiles=3)
    assert merged == MergedTracked(
        data=document(out(BOTH, 6)).text.encode(), made=((name, write_list(BOTH), ""),)
    )


def test_a_size_that_can_not_be_told_is_left_out() -> None:
    merged = merge(document(out(BASE)), document(out(OURS)), document(out(THEIRS)))
    assert merged.data == document(out(BOTH)).text.encode()


def test_both_made_the_folder() -> None:
    merged = merge(None, document(out(folder(x="1"), 1)), document(out(folder(y="22"), 2)))
    assert merged.data == document(out(folder(x="1", y="22"), 3)).text.encode()


def test_removed_files_are_counted() -> None:
    merged = merge(document(out(BASE, 2)), document(out(folder(a="1"), 1)), document(out(THEIRS, 3)))
    assert merged.removed == (("raw", 1),)
    assert merged.data == document(out(folder(a="22"), 2)).text.encode()


def test_a_file_that_both_changed_is_named_and_may_be_decided() -> None:
    base, ours, theirs = (
        document(out(BASE, 2)),
        document(out(folder(a="5", b="1", c="1"))),
        document(out(THEIRS)),
    )
    assert merge(base, ours, theirs).problems == ("raw/a was changed on both sides, each in its own way",)
    merged = merge(base, ours, theirs, prefer="theirs")
    assert merged.made[0][1] == write_list(folder(a="22", b="1", c="1"))


def test_one_file_that_both_changed_is_a_conflict() -> None:
    def tracked(text: str) -> Document:
        return document({"md5": md5_of(text), "size": len(text), "hash": "md5", "path": "rows.csv"})

    merged = merge(tracked("1"), tracked("2"), tracked("3"))
    assert merged.problems == ("rows.csv was changed on both sides, each in its own way",)
    assert merge(tracked("1"), tracked("2"), tracked("3"), prefer="ours").data == tracked("2").text.encode()


def test_a_file_against_a_folder_is_a_conflict() -> None:
    file = document({"md5": md5_of("1"), "size": 1, "hash": "md5", "path": "raw"})
    merged = merge(document(out(BASE)), file, document(out(OURS)))
    assert merged.problems == ("raw was changed on both sides, each in its own way",)


def test_comments_and_notes_of_each_side_stay() -> None:
    base = document(out(BASE, 2))
    ours = document(out(OURS, 5), head="# from the sensor\n")
    theirs = document(out(THEIRS, 3, desc="raw rows"), meta={"owner": "Ada"})
    merged = merge(base, ours, theirs)
    data = loads_yaml(merged.data.decode())
    assert merged.data.startswith(b"# from the sensor\n")
    assert data == {"meta": {"owner": "Ada"}, "outs": [out(BOTH, 6, desc="raw rows")]}


def test_comments_that_both_changed_are_a_conflict() -> None:
    base = document(out(BASE, 2))
    ours, theirs = (document(out(files, 5), head=f"# {files}\n") for files in (OURS, THEIRS))
    assert merge(base, ours, theirs).problems == (
        "its comments were changed on both sides, each in its own way",
    )


def test_notes_that_both_changed_are_named() -> None:
    base, ours, theirs = (document(out(BASE, desc=text)) for text in ("a", "b", "c"))
    assert merge(base, ours, theirs).problems == ("raw: desc was changed on both sides, each in its own way",)


def test_lists_of_a_remote_that_keeps_versions_are_merged_in_place() -> None:
    def held(**files: str) -> dict[str, Any]:
        entries = [
            {"relpath": name, "md5": md5_of(text), "size": 1, "cloud": {"s3": {"version_id": f"v{text}"}}}
            for name, text in files.items()
        ]
        return {"path": "raw", "hash": "md5", "files": entries}

    merged = merge(
        document(held(a="1", b="1")), document(held(a="2", b="1")), document(held(a="1", b="1", c="1"))
    )
    assert merged.data == document(held(a="2", b="1", c="1")).text.encode()
    assert merged.made == ()
    half = merge(document(out(BASE)), document(out(OURS)), document(held(a="2", b="1")))
    assert half.problems == (
        "raw was pushed to a remote that keeps versions on one side only: "
        "run `dvc push` on the other branch, commit, and merge again",
    )


def test_lists_of_dvc_2_are_merged_and_never_mixed_with_those_of_dvc_3() -> None:
    def old(files: dict[str, str]) -> Document:
        return document({key: value for key, value in out(files, 1).items() if key != "hash"})

    merged = merge(old(BASE), old(OURS), old(THEIRS))
    assert merged.made[0][0] == ObjectHash(md5=hash_tree(BOTH), size=1, nfiles=3, legacy=True)
    assert "hash" not in loads_yaml(merged.data.decode())["outs"][0]
    mixed = merge(old(BASE), old(OURS), document(out(THEIRS)))
    assert "dvc cache migrate --dvc-files" in mixed.problems[0]


def test_an_import_is_one_sides_whole() -> None:
    def imported(rev: str, text: str, **more: Any) -> Document:
        deps = [{"path": "d", "repo": {"url": "u", "rev_lock": rev}}]
        entry = {"md5": md5_of(text), "size": 1, "hash": "md5", "path": "d"}
        return document(entry, md5=md5_of(rev), frozen=True, deps=deps, **more)

    merged = merge(imported("1", "1"), imported("2", "2"), imported("1", "1", desc="x"))
    assert loads_yaml(merged.data.decode()) == imported("2", "2", desc="x").data
    assert (
        "both sides updated the import"
        in merge(imported("1", "1"), imported("2", "2"), imported("3", "3")).problems[0]
    )


@pytest.mark.parametrize("prefer", ["ours", "theirs"])
def test_outs_of_several_are_merged_one_by_one(prefer: str) -> None:
    def two(a: str, b: str | None) -> Document:
        texts = {"a": a, "b": b}
        return document(
            *({"md5": md5_of(t), "hash": "md5", "path": name} for name, t in texts.items() if t is not None)
        )

    assert merge(two("1", "1"), two("2", "1"), two("1", "2")).data == two("2", "2").text.encode()
    assert merge(two("1", "1"), two("1", None), two("2", "1")).data == two("2", None).text.encode()
    gone = merge(two("1", "1"), two("1", None), two("1", "2"))
    assert gone.problems == ("b was changed on one side and removed on the other",)
    decided = merge(two("1", "1"), two("1", None), two("1", "2"), prefer=prefer)
    assert decided.data == two("1", None if prefer == "ours" else "2").text.encode()
