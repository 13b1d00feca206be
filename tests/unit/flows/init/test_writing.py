"""All files or none, and nobody's overwritten."""

import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from mergegate.errors import UsageError
from mergegate.flows.init.writing import STAGED, Change, Wanted, describe, plan_change, write_all
from mergegate.scaffold.mark import stamp

OURS = stamp("a: 1\n")
NEWER = stamp("a: 2\n")


def held(folder: Path) -> dict[str, str]:
    """Every file and folder, with what is in it."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes().decode() if path.is_file() else "/"
        for path in sorted(folder.rglob("*"))
    }


def wish(top: Path, *wanted: Wanted) -> list[Change]:
    return [plan_change(top, each) for each in wanted]


def test_a_new_file_is_created_and_an_untouched_one_updated(tmp_path: Path) -> None:
    write_all(tmp_path, wish(tmp_path, Wanted("deep/er/a.yml", OURS)))
    assert held(tmp_path) == {"deep": "/", "deep/er": "/", "deep/er/a.yml": OURS}
    (again,) = wish(tmp_path, Wanted("deep/er/a.yml", OURS))
    assert (again.done, again.new) == ("unchanged", None)
    newer = wish(tmp_path, Wanted("deep/er/a.yml", NEWER))
    assert newer[0].done == "updated"
    write_all(tmp_path, newer)
    assert (tmp_path / "deep/er/a.yml").read_text() == NEWER


@pytest.mark.parametrize(
    ("content", "why"), [(OURS + "b: 2\n", "it was edited since init wrote it"), ("b: 2\n", "it is yours")]
)
def test_a_persons_file_is_left_and_the_diff_shows_what_would_be_there(
    content: str, why: str, tmp_path: Path
) -> None:
    (tmp_path / "a.yml").write_text(content)
    changes = wish(tmp_path, Wanted("a.yml", NEWER))
    write_all(tmp_path, changes)
    assert (tmp_path / "a.yml").read_text() == content
    told = describe(changes[0])
    assert (told.done, told.why) == ("left", why)
    assert told.diff.endswith("+a: 2\n-b: 2\n") or "+a: 2\n" in told.diff


def test_lines_are_added_once_in_the_files_own_way(tmp_path: Path) -> None:
    file = tmp_path / ".gitattributes"
    file.write_bytes(b"*.dvc  -text   merge=mergegate\r\n*.png binary")
    wanted = Wanted(
        ".gitattributes", lines=("*.dvc merge=mergegate", "dvc.lock merge=mergegate"), comment="why"
    )
    changes = wish(tmp_path, wanted)
    assert changes[0].done == "extended"
    write_all(tmp_path, changes)
    assert file.read_bytes() == (
        b"*.dvc  -text   merge=mergegate\r\n*.png binary\r\n# why\r\ndvc.lock merge=mergegate\r\n"
    )
    assert wish(tmp_path, wanted)[0].done == "unchanged"


def test_when_one_file_can_not_be_placed_none_is_there(tmp_path: Path) -> None:
    (tmp_path / "b.yml").write_text(OURS)
    before = held(tmp_path)
    changes = wish(tmp_path, Wanted("new/a.yml", OURS), Wanted("b.yml", NEWER), Wanted("c.yml", OURS))
    (tmp_path / "c.yml").write_text("somebody was faster")
    with pytest.raises(UsageError) as caught:
        write_all(tmp_path, changes)
    assert caught.value.message == "c.yml has just appeared"
    assert held(tmp_path) == {**before, "c.yml": "somebody was faster"}


def test_a_file_that_changes_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "b.yml").write_text(OURS)
    changes = wish(tmp_path, Wanted("a.yml", OURS), Wanted("b.yml", NEWER))
    (tmp_path / "b.yml").write_text("edited")
    with pytest.raises(UsageError):
        write_all(tmp_path, changes)
    assert held(tmp_path) == {"b.yml": "edited"}


@pytest.mark.parametrize("calls", [1, 2, 3])
def test_ctrl_c_between_two_files_takes_back_what_was_placed(tmp_path: Path, calls: int) -> None:
    (tmp_path / "b.yml").write_text(OURS)
    before = held(tmp_path)
    changes = wish(tmp_path, Wanted("new/a.yml", OURS), Wanted("b.yml", NEWER), Wanted("new/c.yml", OURS))
    seen = 0

    def interrupt(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal seen
        seen += event == "return" and frame.f_code.co_name == "_place"
        if seen == calls:
            sys.setprofile(None)
            raise KeyboardInterrupt

    sys.setprofile(interrupt)
    try:
        with pytest.raises(KeyboardInterrupt):
            write_all(tmp_path, changes)
    finally:
        sys.setprofile(None)
    assert held(tmp_path) == before


def test_what_a_killed_init_left_half_way_is_completed_and_cleared(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / f"{STAGED}x1").write_text("half")
    (tmp_path / "new/a.yml").write_text(OURS)
    write_all(tmp_path, wish(tmp_path, Wanted("new/a.yml", OURS), Wanted("new/b.yml", OURS)))
    assert held(tmp_path) == {"new": "/", "new/a.yml": OURS, "new/b.yml": OURS}


@pytest.mark.parametrize("path", ["a.yml", "folder/a.yml"])
def test_nothing_is_written_through_a_link_or_over_a_folder(path: str, tmp_path: Path) -> None:
    top, outside = tmp_path / "top", tmp_path / "outside"
    top.mkdir()
    outside.mkdir()
    (top / "folder").symlink_to(outside)
    (top / "a.yml").symlink_to(outside / "a.yml")
    with pytest.raises(UsageError):
        plan_change(top, Wanted(path, OURS))
    (top / "a.yml").unlink()
    (top / "a.yml").mkdir()
    with pytest.raises(UsageError):
        plan_change(top, Wanted("a.yml", OURS))


def test_a_mode_that_a_file_has_stays(tmp_path: Path) -> None:
    file = tmp_path / "a.yml"
    file.write_text(OURS)
    file.chmod(0o750)
    write_all(tmp_path, wish(tmp_path, Wanted("a.yml", NEWER)))
    assert file.stat().st_mode & 0o777 == 0o750
