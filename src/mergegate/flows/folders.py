"""A file or folder of one side, wherever it is: listed, fetched, believed by md5, and placed to be opened."""

import os
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from mergegate import repo
from mergegate.bundle.contents import MANIFEST, MODEL, REFERENCE
from mergegate.bundle.scoring import Files
from mergegate.errors import ContractError, ObjectError, UsageError
from mergegate.flows.evidence import Reading, find_object
from mergegate.records.pipeline import ObjectHash

MOST_FILES = 10_000
MOST_BUNDLE_FILES = 64
_BUNDLE = (MANIFEST, MODEL, REFERENCE)
_COMMIT = "run `dvc repro`, and commit dvc.lock"
_NOTHING = "there is no such file or folder, and neither dvc.lock nor a .dvc file names it"

Listed = dict[str, ObjectHash | None]
"""Path inside the folder ("" for a file itself) → its DVC object, None for one in git or the workspace."""


class NothingThereError(ContractError):
    """A side has no such file or folder: not one that can't be read."""


def parquet_files(reading: Reading, objects: repo.Objects, path: str, into: Path) -> Files:
    """The Parquet files at `path`, verified; those in git are written to `into`.

    Raises ContractError for none or too many, ObjectError for one that can't be had.
    """
    listed = {
        name: found
        for name, found in list_files(reading, objects, path).items()
        if not name or name.endswith(".parquet")
    }
    if not listed:
        raise ContractError(
            "the folder holds no Parquet file", file=reading.name(path), hint="write files named *.parquet"
        )
    if len(listed) > MOST_FILES:
        raise ContractError(
            f"it has more than {MOST_FILES:,} files",
            file=reading.name(path),
            hint="write fewer, larger files",
        )
    fetch(objects, listed)
    parts = {}
    for number, (name, found) in enumerate(sorted(listed.items())):
        whole = f"{path}/{name}" if name else path
        if found is not None:
            parts[reading.name(whole)] = str(objects.open(found))
        else:
            target = into / f"{number}.parquet"
            target.write_bytes(read_plain(reading, whole))
            parts[reading.name(whole)] = str(target)
    return Files(reading.name(path), parts)


def place_bundle(reading: Reading, objects: repo.Objects, path: str, into: Path) -> Files:
    """The bundle at `path`, its verified files placed in the new folder `into`.

    Raises ContractError for none, ObjectError for a file that can't be had.
    """
    listed = list_bundle(reading, objects, path)
    fetch(objects, listed)
    into.mkdir()
    parts = {}
    for name, found in sorted(listed.items()):
        target = into / name
        if found is None:
            target.write_bytes(read_plain(reading, f"{path}/{name}"))
        else:
            _link_or_copy(objects.open(found), target)
        parts[reading.name(f"{path}/{name}")] = str(target)
    return Files(reading.name(path), parts)


def bundle_size(reading: Reading, objects: repo.Objects, path: str) -> int:
    """Bytes of the files of the bundle at `path` together; what a lock says of sizes is not believed.

    Raises as `place_bundle` does.
    """
    listed = list_bundle(reading, objects, path)
    fetch(objects, listed)
    return sum(
        len(read_plain(reading, f"{path}/{name}")) if found is None else objects.open(found).stat().st_size
        for name, found in listed.items()
    )


def list_bundle(reading: Reading, objects: repo.Objects, path: str) -> Listed:
    """The files of the bundle at `path`; ContractError for none, a file instead of a folder, a subfolder."""
    try:
        listed = list_files(reading, objects, path)
    except ContractError:
        # Files that git ignores are not listed, and yet they may be there in the workspace.
        listed = {name: None for name in _BUNDLE if reading.files.read(f"{path}/{name}") is not None}
    if not listed:
        raise NothingThereError(_NOTHING, file=reading.name(path), hint=_COMMIT)
    odd = sorted(name for name in listed if not name or "/" in name)
    if odd or len(listed) > MOST_BUNDLE_FILES:
        raise ContractError(
            "it is no folder of a few files", file=reading.name(path), hint="name the bundle's folder"
        )
    return listed


def list_files(reading: Reading, objects: repo.Objects, path: str) -> Listed:
    """What lies at `path` on this side: a file, or the files of a folder.

    Raises ContractError when there is nothing, ObjectError when a folder's list can't be had.
    """
    found = find_object(reading, objects, path)
    if found is not None:
        return _tree(objects, found) if found.is_dir else {"": found}
    listed = _inside_tracked(reading, objects, path)
    if not listed:
        listed = dict.fromkeys(_in_git(reading, path))
        for below in _recorded_below(reading, path):
            own = find_object(reading, objects, f"{path}/{below}")
            if own is None:
                continue
            nested = _tree(objects, own) if own.is_dir else {"": own}
            listed |= {f"{below}/{name}" if name else below: each for name, each in nested.items()}
    if not listed:
        if reading.files.read(path) is None:
            raise NothingThereError(_NOTHING, file=reading.name(path), hint=_COMMIT)
        return {"": None}
    return listed


def _tree(objects: repo.Objects, folder: ObjectHash) -> Listed:
    with suppress(ObjectError):  # what could not be fetched is told by opening it
        objects.fetch([folder])
    return {name: ObjectHash(md5=md5, legacy=folder.legacy) for name, md5 in objects.tree(folder).items()}


def _inside_tracked(reading: Reading, objects: repo.Objects, path: str) -> Listed:
    """The files under `path` in a tracked folder that holds it."""
    parts = path.split("/")
    for depth in range(len(parts) - 1, 0, -1):
        folder, inside = "/".join(parts[:depth]), "/".join(parts[depth:]) + "/"
        found = find_object(reading, objects, folder)
        if found is not None and found.is_dir:
            return {
                name.removeprefix(inside): each
                for name, each in _tree(objects, found).items()
                if name.startswith(inside)
            }
    return {}


def _recorded_below(reading: Reading, path: str) -> Iterable[str]:
    """Tracked paths and outputs inside the folder `path`, each on its own."""
    pipeline = reading.pipeline
    recorded = {entry.path for entry in pipeline.tracked}
    recorded |= {out.path for block in pipeline.locked for out in block.outs}
    return sorted(name.removeprefix(f"{path}/") for name in recorded if name.startswith(f"{path}/"))


def _in_git(reading: Reading, path: str) -> Iterable[str]:
    """Files inside the folder `path` that git holds, less what DVC keeps there for itself."""
    inside = (name.removeprefix(f"{path}/") for name in reading.files.paths() if name.startswith(f"{path}/"))
    return [name for name in inside if not name.endswith((".gitignore", ".dvc"))]


def fetch(objects: repo.Objects, listed: Mapping[str, ObjectHash | None]) -> None:
    """Fetch what is missing, as far as that can be done."""
    with suppress(ObjectError):  # what could not be fetched is told by opening it
        objects.fetch([found for found in listed.values() if found is not None])


def read_plain(reading: Reading, path: str) -> bytes:
    """The bytes of a file that DVC does not hold. Raises ContractError for none, or one that is too large."""
    try:
        content = reading.files.read(path)
    except UsageError as error:
        raise ContractError(error.message, file=reading.name(path), hint=error.hint) from error
    if content is None:
        raise ContractError("the file is missing", file=reading.name(path), hint="run `dvc repro`")
    return content


def _link_or_copy(source: Path, target: Path) -> None:
    """Another name for the same bytes; a copy where the temporary folder is on another disk."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
