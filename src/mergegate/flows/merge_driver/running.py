"""Merge one file for git: the result goes into git's temporary file, the words to stderr.

git takes what that file holds when the driver ends, however it ends. So it holds both sides between conflict
markers until there is something better: whatever goes wrong, DVC and mergegate refuse the file, and nobody
commits one side by mistake.
"""

import posixpath
import shlex
from collections.abc import Iterator
from pathlib import Path

import msgspec

from mergegate import atomic, repo
from mergegate.amounts import amount
from mergegate.dag.document import parse
from mergegate.dag.merging import LeftOut, MergedTracked, merge_locks, merge_tracked
from mergegate.errors import ConfigError, MergegateError, ObjectError, UsageError
from mergegate.flows.merge_driver.store import Store, find_project
from mergegate.repo import git
from mergegate.report.escaping import visible

MARKER = 7
"""Length of git's conflict markers; longer ones mean that git merges two common ancestors for itself."""

_MOST_NAMED = 20
_LONGEST = 500


class Versions(msgspec.Struct, frozen=True):
    """The three versions of `path` (from the top of the work tree); an empty base is none."""

    path: str
    base: bytes
    ours: bytes
    theirs: bytes

    @property
    def is_lock(self) -> bool:
        """Whether it is a dvc.lock; else it is a .dvc file."""
        return posixpath.basename(self.path) == "dvc.lock"


class Merged(msgspec.Struct, frozen=True):
    """How it ended: `data` is None for a conflict, `said` are lines for people."""

    data: bytes | None
    said: tuple[str, ...] = ()


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """What git hands to a driver: three temporary files, the path, the marker's length, the sides' names."""

    base: Path
    ours: Path
    theirs: Path
    path: str
    marker: int = MARKER
    our_name: str = "ours"
    their_name: str = "theirs"


def run_driver(call: Call, start: Path) -> Merged:
    """Merge one file as git's driver, called in `start`, a folder of the work tree."""
    versions = Versions(call.path, call.base.read_bytes(), call.ours.read_bytes(), call.theirs.read_bytes())
    if versions.ours == versions.theirs or versions.theirs == versions.base:
        return Merged(versions.ours)
    if versions.ours == versions.base:
        atomic.write_bytes(call.ours, versions.theirs)
        return Merged(versions.theirs)
    atomic.write_bytes(call.ours, _mark(versions, call, ()))
    try:
        top = repo.locate(start).git_root
    except MergegateError as error:
        # A bare repository, or a work tree that only git's own arguments name.
        inner, merged = False, _not_merged(versions.path, error)
    else:
        inner = _is_inner(call, top)
        merged = merge_file(versions, top, push=not inner)
    data = merged.data if merged.data is not None else _mark(versions, call, merged.said)
    atomic.write_bytes(call.ours, data)
    return Merged(merged.data) if inner else merged


def merge_file(versions: Versions, top: Path, *, push: bool = True, prefer: str = "") -> Merged:
    """Merge one file; `prefer` ("ours" or "theirs") decides for what both sides of a .dvc file changed."""
    try:
        if versions.is_lock:
            return _merge_lock(versions, top)
        if not versions.path.endswith(".dvc"):
            raise UsageError(f"{versions.path} is neither a dvc.lock nor a .dvc file")
        return _merge_tracked(versions, top, push, prefer)
    except MergegateError as error:
        return _not_merged(versions.path, error)


def _not_merged(path: str, error: MergegateError) -> Merged:
    hint = [f"  next: {error.hint}"] if error.hint else []
    return Merged(None, (f"{path}: not merged: {error.message}", *hint))


def _merge_lock(versions: Versions, top: Path) -> Merged:
    path, notes = versions.path, []
    try:
        merged = merge_locks(versions.base or None, versions.ours, versions.theirs, name=path)
    except ConfigError as error:
        if "of the common ancestor" not in error.file:
            raise
        notes = [f"{path}: the common ancestor can't be read, so only what both sides say alike is kept"]
        merged = merge_locks(None, versions.ours, versions.theirs, name=path)
    return Merged(merged.data, (*notes, *_explain(path, top, merged.left_out, merged.stages)))


def _explain(path: str, top: Path, left_out: tuple[LeftOut, ...], kept: int) -> Iterator[str]:
    """Each stage that must run, why, and what to type."""
    stages = [each for each in left_out if not each.dataset]
    enter, below = _start(top, path)
    if stages:
        total = kept + len(stages)
        yield f"{path}: merged; {len(stages):,} of {total:,} stages left out, for no run made what is merged"
        for each in stages[:_MOST_NAMED]:
            yield f"  {each.name}: {each.why}"
        if len(stages) > _MOST_NAMED:
            yield f"  and {len(stages) - _MOST_NAMED:,} more"
        folder = posixpath.dirname(below)
        file = f" {shlex.quote(posixpath.join(folder, 'dvc.yaml'))}" if folder else ""
        yield f"  next: {enter}dvc pull --allow-missing && dvc repro{file}"
    for each in left_out:
        if each.dataset:
            yield f"{path}: the dataset {each.name} is left out: {each.why}"
            yield f"  next: {enter}dvc ds update {shlex.quote(each.name)}"


def _start(top: Path, path: str) -> tuple[str, str]:
    """How to get from the top of the work tree to the DVC repository of a file, and the file's path there."""
    try:
        prefix = find_project(top, path).prefix
    except ObjectError:
        prefix = ""
    return (f"cd {shlex.quote(prefix)} && ", path[len(prefix) + 1 :]) if prefix else ("", path)


def _merge_tracked(versions: Versions, top: Path, push: bool, prefer: str) -> Merged:
    path = versions.path
    base = parse(versions.base, path, at="the common ancestor") if versions.base else None
    store = Store(top, path)
    merged = merge_tracked(
        base,
        parse(versions.ours, path, at="our side"),
        parse(versions.theirs, path, at="their side"),
        store.lists,
        store.sizes,
        prefer=prefer,
    )
    if merged.problems:
        return Merged(None, tuple(_refuse(path, merged.problems)))
    for name, data, _ in merged.made:
        store.keep(name, data)
    return Merged(merged.data, tuple(_tell(path, top, merged, store, push)))


def _refuse(path: str, problems: tuple[str, ...]) -> Iterator[str]:
    yield f"{path}: conflict: {problems[0]}"
    for problem in problems[1:_MOST_NAMED]:
        yield f"  {problem}"
    if len(problems) > _MOST_NAMED:
        yield f"  and {len(problems) - _MOST_NAMED:,} more"
    yield f"  next: mergegate merge-driver resolve {shlex.quote(path)} --take theirs"
    yield "        (or ours: for what both sides changed; all else is kept from both), then git add it"


def _tell(path: str, top: Path, merged: MergedTracked, store: Store, push: bool) -> Iterator[str]:
    enter, below = _start(top, path)
    for folder, count in merged.removed:
        yield f"{path}: one side removed {amount(count, 'file')} of {folder}, and so does the merge"
    for name, _, remote in merged.made:
        yield f"{path}: merged to {amount(name.nfiles or 0, 'file')} of both sides"
        why = store.push(name, remote) if push else ""
        if why:
            yield f"  the merged list is in this clone's cache alone: {why}"
            yield "  next: mergegate push, before anyone else needs it"
        yield f"  next: {enter}dvc pull {shlex.quote(below)}, to have the files here"


def _mark(versions: Versions, call: Call, said: tuple[str, ...]) -> bytes:
    """Both sides whole between conflict markers; what is in conflict stands above, as comments."""
    lines = [f"# {visible(line, _LONGEST)}\n" for line in said]
    parts = [
        "".join(lines).encode(),
        f"{'<' * call.marker} {call.our_name}\n".encode(errors="backslashreplace"),
        _ended(versions.ours),
        b"=" * call.marker + b"\n",
        _ended(versions.theirs),
        f"{'>' * call.marker} {call.their_name}\n".encode(errors="backslashreplace"),
    ]
    return b"".join(parts)


def _ended(data: bytes) -> bytes:
    return data if not data or data.endswith(b"\n") else data + b"\n"


def _is_inner(call: Call, top: Path) -> bool:
    """Whether git merges two common ancestors for itself, with longer markers than the attributes say."""
    if call.marker <= MARKER:
        return False
    told = git.ask(top, "check-attr", "conflict-marker-size", "--", call.path) or ""
    usual = told.rpartition(": ")[2]
    return call.marker > (int(usual) if usual.isascii() and usual.isdecimal() else MARKER)
