"""Put an object that was made here into DVC's cache, as DVC would."""

import secrets
from contextlib import suppress
from pathlib import Path

from mergegate.errors import BrokenError, ObjectError
from mergegate.records.pipeline import ObjectHash
from mergegate.repo.hashing import hash_bytes
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
    if project.dvc_root is None:
        raise ObjectError(f"{project.root} is in no DVC repository", hint="run `dvc init`")
    path = read_settings(project.dvc_root / ".dvc").cache / location(name)
    if path.is_file() and path.read_bytes() == data:
        return path
    part = path.with_name(f"{path.name}.{secrets.token_hex(8)}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(data)
        part.chmod(_PROTECTED)
        part.replace(path)
    except OSError as error:
        raise ObjectError(
            f"DVC's cache can't be written: {path.parent}: {error.strerror}",
            hint="make it writable, or free some space",
        ) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return path
