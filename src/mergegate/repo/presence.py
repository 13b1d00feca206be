"""Whether a remote holds objects: asked of the remote itself, each by its own name.

A folder's list on the remote says nothing of its files: an interrupted push leaves the one without the
others. DVC's memory of what it pushed is not asked either.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from mergegate.errors import ObjectError, RemoteError
from mergegate.repo.hashing import hash_file
from mergegate.repo.project import Project
from mergegate.repo.remote import CONNECTIONS, Remote, open_remote
from mergegate.repo.settings import read_settings
from mergegate.repo.storage import Held
from mergegate.repo.workers import ask_each

Told = Held | BaseException
"""What the storage says; FileNotFoundError: it has none; any other error: it can't be known."""

Progress = Callable[[str], None]

FEW = 64
"""Objects up to which each is looked at by itself without a thought of listing."""

SHALLOW = 16_000
"""Objects of a remote up to which one listing is as quick as one for each of the 256 folders."""

PAGE = 1_000
"""Objects that one request lists."""

_TOP = "files/md5"
_FOLDER = len(_TOP) + 3
_AT_ONCE = 2_048


def silent(step: str) -> None:
    """Progress that nobody watches."""


def open_store(project: Project, name: str = "") -> Remote:
    """Open a project's remote by name, the default one without. Raises ObjectError, RemoteError."""
    if project.dvc_root is None:
        raise ObjectError(
            f"{project.root} is in no DVC repository, so it has no remote",
            hint="run `dvc init`, and `dvc remote add --default NAME URL`",
            code="no-dvc",
        )
    folder = project.dvc_root / ".dvc"
    return open_remote(folder, read_settings(folder), name)


def look_for(remote: Remote, paths: Iterable[str], *, progress: Progress = silent) -> dict[str, Told]:
    """What the remote says of each object, `paths` from its root.

    Few are asked for one by one; many are found in a listing, whichever takes fewer requests. Where listing
    is not allowed each is asked for.
    """
    wanted = list(dict.fromkeys(paths))
    listed = _list(remote, [path for path in wanted if path.startswith(f"{_TOP}/")], progress)
    alone = [path for path in wanted if path not in listed]
    told: dict[str, Told] = {}
    for start in range(0, len(alone), _AT_ONCE):
        some = alone[start : start + _AT_ONCE]
        if told:
            progress(f"looking for objects on {remote.where}: {len(told):,} of {len(alone):,}")
        told |= zip(some, remote.look(some), strict=True)
    return {path: told[path] if path in told else listed[path] for path in wanted}


def _list(remote: Remote, wanted: Sequence[str], progress: Progress) -> Mapping[str, Told]:
    """What listings say of the wanted objects; of none of them where it is cheaper to ask for each."""
    if len(wanted) <= FEW:
        return {}
    folders = sorted({path[:_FOLDER] for path in wanted})
    try:
        sample = len(dict(remote.walk(folders[0])))
    except RemoteError:  # whoever may read objects may not always list them
        return {}
    total = sample * 256
    requests = total // PAGE + 1 if total <= SHALLOW else len(folders) * (sample // PAGE + 1)
    if requests >= len(wanted):
        return {}
    if total <= SHALLOW:
        folders = [_TOP]
    names = frozenset(wanted)
    found: dict[str, Told] = {}
    unlisted: set[str] = set()
    for start in range(0, len(folders), CONNECTIONS):
        some = folders[start : start + CONNECTIONS]
        pages = ask_each(lambda folder: _walk(remote, folder, names), some, at_once=CONNECTIONS)
        for folder, page in zip(some, pages, strict=True):
            found |= page or {}
            unlisted |= {folder} if page is None else set()
        progress(f"listing {remote.where}: {len(found):,} of {len(wanted):,} objects found")
    return {
        path: found.get(path) or FileNotFoundError(path)
        for path in wanted
        if not unlisted.intersection((_TOP, path[:_FOLDER]))
    }


def _walk(remote: Remote, folder: str, names: frozenset[str]) -> dict[str, Told] | None:
    """The objects of a folder that are named, None where it can't be listed."""
    try:
        return {
            path: held if held.readable else PermissionError(f"{path} may not be read")
            for path, held in remote.walk(folder)
            if path in names
        }
    except RemoteError:
        return None


def hash_objects(
    remote: Remote, names: Mapping[str, bool], *, progress: Progress = silent
) -> dict[str, str | BaseException]:
    """The md5 of each object's bytes on the remote, or why it can't be read.

    `names`: path from the remote's root → whether DVC 2 named it. Some are brought at a time, into a
    temporary folder that is gone afterwards.
    """
    places = list(names)
    found: dict[str, str | BaseException] = {}
    for start in range(0, len(places), CONNECTIONS):
        progress(f"reading objects of {remote.where}: {start:,} of {len(places):,}")
        some = places[start : start + CONNECTIONS]
        with TemporaryDirectory(prefix="mergegate-") as folder:
            parts = [Path(folder) / str(index) for index in range(len(some))]
            failures = remote.download(list(zip(some, parts, strict=True)))
            for place, part, failure in zip(some, parts, failures, strict=True):
                found[place] = failure or hash_file(part, legacy=names[place])
    return found
