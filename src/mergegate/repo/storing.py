"""Put an object that was made here into DVC's cache, as DVC would."""

import secrets
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from mergegate.errors import BrokenError, ObjectError
from mergegate.records.pipeline import ObjectHash
from mergegate.repo.hashing import hash_bytes, hash_file
from mergegate.repo.objects import location
from mergegate.repo.project import Project
from mergegate.repo.settings import read_settings

_PROTECTED = 0o444


def store_object(project: Project, name: ObjectHash, data: bytes) -> Path:
    """Write an object into the cache, whole or not at all; its path. One that is there is left as it is.

    Raises BrokenError for bytes that are not those of the name, ObjectError when the cache can't be written.
    """
    found = hash_bytes(data, legacy=name.legacy)
    if found != name.md5.removesuffix(".dir"):
        raise BrokenError(f"bytes of md5 {found} can't be stored as {name.md5}", hint="report this")
    path = _find_place(project, name)
    if path.is_file() and path.read_bytes() == data:
        return path
    return _land(path, lambda part: part.write_bytes(data))


def store_file(project: Project, name: ObjectHash, source: Path) -> Path:
    """Copy a file into the cache, whole or not at all; the object's path. One that is whole is left as it is.

    Raises as `store_object` does.
    """
    path = _find_place(project, name)
    if path.is_file() and hash_file(path, legacy=name.legacy) == name.md5:
        return path

    def copy(part: Path) -> None:
        shutil.copyfile(source, part)
        if (found := hash_file(part, legacy=name.legacy)) != name.md5:
            raise BrokenError(
                f"{source.name} has other bytes than a moment ago (md5 {found})", hint="run this again"
            )

    return _land(path, copy)


def _find_place(project: Project, name: ObjectHash) -> Path:
    if project.dvc_root is None:
        raise ObjectError(f"{project.root} is in no DVC repository", hint="run `dvc init`", code="no-dvc")
    return read_settings(project.dvc_root / ".dvc").cache / location(name)


def _land(path: Path, write: Callable[[Path], object]) -> Path:
    """Write beside the place, then move there."""
    part = path.with_name(f"{path.name}.{secrets.token_hex(8)}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(part)
        part.chmod(_PROTECTED)
        part.replace(path)
    except OSError as error:
        raise ObjectError(
            f"DVC's cache can't be written: {path.parent}: {error.strerror}",
            hint="make it writable, or free some space",
            code="cache-unwritable",
        ) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return path
