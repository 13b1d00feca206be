"""Files written all or none, nobody's overwritten; what would change, as a diff."""

import difflib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from mergegate.errors import UsageError
from mergegate.records.init import Done, WrittenFile
from mergegate.report.escaping import visible
from mergegate.scaffold.mark import read_state

STAGED = ".mergegate-init."
"""How the name of a file begins that is not yet in its place."""

EDITED, FOREIGN = "it was edited since init wrote it", "it is yours"
"""Why a file is left."""

LARGEST = 1_000_000
_LINE = 400


class Wanted(NamedTuple):
    """A file as init would have it: whole, or, with `lines`, these lines among whatever else is in it.

    `block` is why it can't be written at all, whatever is there. `moved`: a person's own file, in which pins
    alone were moved.
    """

    path: str
    text: str = ""
    lines: tuple[str, ...] = ()
    comment: str = ""
    block: str = ""
    moved: bool = False


class Change(NamedTuple):
    """What is to happen to a file: `old` its bytes, None for none; `new` those to be, None for no change."""

    path: str
    done: Done
    why: str
    old: bytes | None
    new: bytes | None


def plan_change(top: Path, wanted: Wanted) -> Change:
    """What is to become of one file. Raises UsageError for a place that can't be written to."""
    place = top / wanted.path
    old = _read(top, place, wanted.path)
    if wanted.lines:
        return _plan_lines(wanted, old)
    new = wanted.text.encode()
    if old == new:
        return Change(wanted.path, "unchanged", "", old, None)
    if wanted.block:
        return Change(wanted.path, "left", wanted.block, old, new)
    if old is None:
        return Change(wanted.path, "created", "", None, new)
    if wanted.moved:
        return Change(wanted.path, "updated", "its pin alone was moved", old, new)
    state = read_state(old)
    if state == "untouched":
        if read_state(new) == "untouched" and old.replace(b"\r\n", b"\n") == new:
            return Change(wanted.path, "unchanged", "", old, None)
        return Change(wanted.path, "updated", "", old, new)
    return Change(wanted.path, "left", EDITED if state == "edited" else FOREIGN, old, new)


def _plan_lines(wanted: Wanted, old: bytes | None) -> Change:
    text = (old or b"").decode(errors="surrogateescape")
    have = [line.split() for line in text.splitlines()]
    missing = [line for line in wanted.lines if not any(_says(words, line.split()) for words in have)]
    if not missing:
        return Change(wanted.path, "unchanged", "", old, None)
    end = "\r\n" if "\r\n" in text else "\n"
    begun = text if not text or text.endswith(("\n", "\r")) else text + end
    added = [*([f"# {wanted.comment}"] if wanted.comment else []), *missing]
    new = (begun + "".join(line + end for line in added)).encode(errors="surrogateescape")
    return Change(wanted.path, "created" if old is None else "extended", "", old, new)


def _says(have: list[str], wanted: list[str]) -> bool:
    """Whether a line says what another would: of the same pattern, with all of its attributes."""
    return have[:1] == wanted[:1] and set(wanted) <= set(have)


def describe(change: Change) -> WrittenFile:
    """The change for people, with its diff."""
    diff = "" if change.new is None else "".join(_diff(change))
    return WrittenFile(path=change.path, done=change.done, why=change.why, diff=diff)


def _diff(change: Change) -> Iterator[str]:
    old = (change.old or b"").decode(errors="replace").splitlines()
    new = (change.new or b"").decode(errors="replace").splitlines()
    before = "/dev/null" if change.old is None else f"a/{change.path}"
    for line in difflib.unified_diff(old, new, before, f"b/{change.path}", lineterm=""):
        yield f"{visible(line, _LINE)}\n"


def write_all(top: Path, changes: list[Change]) -> None:
    """Write every change that is one, all or none.

    The new files lie beside their places before the first is put there; what was put is taken back when a
    later one fails, or when this is interrupted. What appeared meanwhile is not overwritten. Raises OSError.
    """
    wanted = [each for each in changes if each.new is not None and each.done != "left"]
    made: list[Path] = []
    placed: list[Change] = []
    try:
        with _staged(top, wanted, made) as staged:
            for each, beside in zip(wanted, staged, strict=True):
                placed.append(each)
                _place(top, each, beside)
    except BaseException:
        for each in reversed(placed):
            _take_back(top, each)
        for folder in reversed(made):
            with suppress(OSError):
                folder.rmdir()
        raise


@contextmanager
def _staged(top: Path, changes: list[Change], made: list[Path]) -> Iterator[list[Path]]:
    """The new bytes in files beside their places, gone afterwards; `made` takes folders that were made."""
    staged: list[Path] = []
    try:
        for folder in dict.fromkeys((top / each.path).parent for each in changes):
            _make_folder(folder, made)
            for left in folder.glob(f"{STAGED}*"):
                left.unlink()  # of an init that was killed
        for each in changes:
            folder = (top / each.path).parent
            handle, name = tempfile.mkstemp(prefix=STAGED, dir=folder)
            staged.append(Path(name))
            with os.fdopen(handle, "wb") as file:
                file.write(each.new or b"")
                file.flush()
                os.fsync(handle)
            mode = (top / each.path).stat().st_mode & 0o777 if each.old is not None else 0o666 & ~_umask()
            staged[-1].chmod(mode)
        yield staged
    finally:
        for file_ in staged:
            with suppress(OSError):
                file_.unlink(missing_ok=True)


def _place(top: Path, change: Change, beside: Path) -> None:
    place = top / change.path
    if change.old is None:
        # A link, not a rename: it fails where a file has appeared since we looked.
        try:
            os.link(beside, place)
        except FileExistsError:
            raise UsageError(f"{change.path} has just appeared", hint="run `mergegate init` again") from None
        except OSError:  # a file system without links
            beside.rename(place)
        return
    if place.read_bytes() != change.old:
        raise UsageError(f"{change.path} has just changed", hint="run `mergegate init` again")
    beside.replace(place)


def _take_back(top: Path, change: Change) -> None:
    place = top / change.path
    with suppress(OSError):
        if place.read_bytes() != change.new:
            return
        if change.old is None:
            place.unlink()
        else:
            place.write_bytes(change.old)


def _make_folder(folder: Path, made: list[Path]) -> None:
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for each in reversed(missing):
        each.mkdir()
        made.append(each)


def _read(top: Path, place: Path, path: str) -> bytes | None:
    """The bytes that are there, None for none."""
    hint = "move it away, or make it a file or folder of the repository itself"
    real = Path(os.path.realpath(place.parent))
    if not real.is_relative_to(top.resolve()):
        raise UsageError(f"the folder of {path} leads out of the repository", hint=hint)
    blocking = next((each for each in place.parents if each.exists() and not each.is_dir()), None)
    if blocking is not None:
        raise UsageError(f"{blocking.relative_to(top)} is a file, and {path} needs a folder there", hint=hint)
    if place.is_symlink() or (place.exists() and not place.is_file()):
        raise UsageError(f"{path} is no regular file", hint=hint)
    try:
        with place.open("rb") as file:
            content = file.read(LARGEST + 1)
    except FileNotFoundError:
        return None
    if len(content) > LARGEST:
        raise UsageError(f"{path} has more than {LARGEST:,} bytes", hint=hint)
    return content


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
