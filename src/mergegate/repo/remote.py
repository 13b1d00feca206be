"""A DVC remote's objects, brought, sent, looked for: the one module that touches DVC's own code for storage.

A remote that is a folder is used directly. Any other is opened through `dvc.config` and `dvc.fs`,
which read DVC's configuration and the credentials it names and give the remote's file system. No
`dvc.repo.Repo` is made: that would read dvc.yaml, dvc.lock and every .dvc file of a possibly hostile head,
and its `pull` asks the remote about objects before it reads them. Here one object is one GET and nothing else
(counted in the tests), no secret is written anywhere, and the workspace is never touched. DVC is imported
only when something is missing.
"""

import importlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from mergegate.errors import ObjectError, RemoteError
from mergegate.repo.credentials import hide_credentials
from mergegate.repo.settings import Settings
from mergegate.repo.storage import Cloud, Folder, Held, Storage
from mergegate.repo.workers import ask_each

CONNECTIONS = 16
"""Objects that are brought at the same time."""

_URL = re.compile(r"\w+://")

_NO_BUCKET = "bucket does not exist"
_ABSENT = (404, 410)
"""What a web server answers where it has nothing of that name."""

Failure = BaseException | None


class _NoPlaceError(Exception):
    """The remote's storage answers, and has no place of that name."""


class Remote:
    """A DVC remote; paths start at its root. `where` names it for people, without credentials.

    What goes wrong with one object is told for that object: an OSError, or whatever the storage's client
    raises; FileNotFoundError where there is no such object. `explain` makes an error of it.
    """

    def __init__(self, name: str, url: str, storage: Storage) -> None:
        self.name = name
        self.where = f"remote {name} ({hide_credentials(url)[:200]})"
        self._storage = storage

    def download(self, items: Sequence[tuple[str, Path]]) -> list[Failure]:
        """Copy objects, (path in the remote, target file) each; for each None or what went wrong."""
        return [
            each if isinstance(each, BaseException) else None for each in self._each(self._storage.get, items)
        ]

    def upload(self, items: Sequence[tuple[Path, str]]) -> list[Failure]:
        """Copy files, (source file, path in the remote) each, whole or not at all; as `download`."""
        return [
            each if isinstance(each, BaseException) else None for each in self._each(self._storage.put, items)
        ]

    def remove(self, paths: Sequence[str]) -> list[Failure]:
        """Delete objects; for each None or what went wrong."""
        found = self._each(self._storage.remove, [(path,) for path in paths])
        return [each if isinstance(each, BaseException) else None for each in found]

    def look(self, paths: Sequence[str]) -> list[Held | BaseException]:
        """What the storage says of each object, or what went wrong: one request each and no bytes."""
        return self._each(self._storage.look, [(path,) for path in paths])

    def walk(self, folder: str) -> Iterator[tuple[str, Held]]:
        """All objects below a folder, (path, what the storage says); none for no such folder.

        Raises RemoteError when the remote can't be listed.
        """
        try:
            yield from self._storage.walk(folder)
        except Exception as error:  # whatever the remote's client raises
            raise self.explain(error) from error

    def explain(self, failure: BaseException, name: str = "") -> RemoteError:
        """The error that says why this remote can't be read: at all, or not the object `name`."""
        lines = hide_credentials(str(failure)).strip().splitlines() or [""]
        said = lines[0][:300]
        if not isinstance(failure, _NoPlaceError):
            said = f"{type(failure).__name__}: {said}"
        if name and isinstance(failure, PermissionError):
            return RemoteError(
                f"{self.where} does not give the object {name}: {said}",
                hint=(
                    "look at who may read it; to whom may not list, S3 says the same of an object that is "
                    f"missing: `dvc status --cloud --remote {self.name}` says more"
                ),
                code="remote-unreachable",
            )
        return RemoteError(
            f"{self.where} can't be read: {said}",
            hint=f"check network and credentials: `dvc status --cloud --remote {self.name}` says more",
            code="remote-unreachable",
        )

    def _each(self, act: Callable[..., Any], items: Iterable[tuple[Any, ...]]) -> list[Any]:
        """Call `act` for each item, many at the same time; its answers or what each raised."""

        def attempt(item: tuple[Any, ...]) -> Any:
            try:
                return act(*item)
            except FileNotFoundError as error:
                return _why_not_found(error)
            except Exception as error:  # whatever the remote's client raises is reported for its object
                return error

        return ask_each(attempt, list(items), at_once=CONNECTIONS)


def _why_not_found(error: FileNotFoundError) -> BaseException:
    """The same error where an object is missing; else what a storage's client calls so."""
    # S3's clients tell a bucket that is not there by the message alone.
    if _NO_BUCKET in str(error).lower():
        return _NoPlaceError(f"the {_NO_BUCKET}")
    # The client for http calls a server that refuses, or is not there, a missing file.
    cause = error.__cause__
    if type(cause).__module__.partition(".")[0] == "aiohttp" and getattr(cause, "status", 0) not in _ABSENT:
        return cause or error
    return error


def open_remote(dvc_folder: Path, settings: Settings, name: str = "") -> Remote:
    """Open a remote by name, the default one without.

    Raises ObjectError when none is configured, RemoteError when DVC or its plug-in is not installed, or the
    remote can't be opened.
    """
    name = (name or settings.default).lower()
    url = settings.remotes.get(name, "")
    if not url:
        missing = f"the remote {name!r} is not configured" if name else "no default DVC remote is configured"
        raise ObjectError(
            f"{missing}, so missing objects can't be fetched",
            hint="run `dvc remote add --default NAME URL`",
            code="no-remote",
        )
    if not _URL.match(url):
        return Remote(name, url, _folder_of(Path(url), name))
    return Remote(name, url, _client_of(dvc_folder, name, url))


def _folder_of(folder: Path, name: str) -> Storage:
    if not folder.is_dir():
        raise RemoteError(
            f"remote {name} can't be read: the folder {folder} does not exist",
            hint="mount it, or point the remote elsewhere with `dvc remote modify`",
            code="remote-unreachable",
        )
    return Folder(folder)


def _client_of(dvc_folder: Path, name: str, url: str) -> Storage:
    """Any other storage, through DVC's file systems."""
    try:
        config_module: Any = importlib.import_module("dvc.config")
        fs_module: Any = importlib.import_module("dvc.fs")
    except ImportError as error:
        raise RemoteError(
            f"objects are missing, and DVC is not installed to fetch them from remote {name}",
            hint="run `pip install 'mergegate[dvc]'`",
            code="package-missing",
        ) from error
    try:
        make, options, root = fs_module.get_cloud_fs(config_module.Config(str(dvc_folder)), name=name)
        if options.get("version_aware") or options.get("worktree"):
            raise _keeps_versions(name)
        client = make(**options)
    except (ImportError, fs_module.RemoteMissingDepsError) as error:
        protocol = url.partition("://")[0]
        raise RemoteError(
            f"remote {name} needs DVC's plug-in for {protocol}, which is not installed",
            hint=f"run `pip install 'dvc[{protocol}]'`",
            code="package-missing",
        ) from error
    except RemoteError:
        raise
    except Exception as error:  # DVC's own errors have no common base
        raise Remote(name, url, Folder(Path())).explain(error) from error
    # `remote://` may lead to a folder, too.
    return _folder_of(Path(root), name) if client.protocol == "local" else Cloud(client, root)


class KeepsVersionsError(RemoteError):
    """The remote is version-aware: it holds no objects by checksum."""


def _keeps_versions(name: str) -> RemoteError:
    return KeepsVersionsError(
        f"remote {name} keeps versions of files under their own names, not objects by checksum",
        hint=f"run `dvc fetch --remote {name}` first: what is in the cache is read from there",
        code="remote-keeps-versions",
    )
