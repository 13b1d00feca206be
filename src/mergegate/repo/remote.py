"""Bring objects from a DVC remote: the one module that touches DVC's own code for storage.

A remote that is a folder is copied from directly. Any other is opened through `dvc.config` and `dvc.fs`,
which read DVC's configuration and the credentials it names and give the remote's file system. No
`dvc.repo.Repo` is made: that would read dvc.yaml, dvc.lock and every .dvc file of a possibly hostile head,
and its `pull` asks the remote about objects before it reads them. Here one object is one GET and nothing else
(counted in the tests), no secret is written anywhere, and the workspace is never touched. DVC is imported
only when something is missing.
"""

import importlib
import re
import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from mergegate.errors import ObjectError, RemoteError
from mergegate.repo.settings import Settings

CONNECTIONS = 16
"""Objects that are brought at the same time."""

_URL = re.compile(r"\w+://")
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]+@")

Failure = BaseException | None


class _NoPlaceError(Exception):
    """The remote's storage answers, and has no place of that name."""


class Remote:
    """A DVC remote, only read from. `get(path, target)` copies one object; `where` names it for people."""

    def __init__(self, name: str, url: str, get: Callable[[str, Path], None]) -> None:
        self.name = name
        self.where = f"remote {name} ({_CREDENTIALS.sub('', url)[:200]})"
        self._get = get

    def download(self, items: Sequence[tuple[str, Path]]) -> list[Failure]:
        """Copy objects, (path in the remote, target file) each; for each None or what went wrong."""
        with ThreadPoolExecutor(max_workers=max(1, min(CONNECTIONS, len(items)))) as pool:
            return list(pool.map(self._try, items))

    def explain(self, failure: BaseException) -> RemoteError:
        """The error that says why this remote can't be read at all."""
        lines = _CREDENTIALS.sub("", str(failure)).strip().splitlines() or [""]
        said = lines[0][:300]
        if not isinstance(failure, _NoPlaceError):
            said = f"{type(failure).__name__}: {said}"
        return RemoteError(
            f"{self.where} can't be read: {said}",
            hint=f"check network and credentials: `dvc status --cloud --remote {self.name}` says more",
        )

    def _try(self, item: tuple[str, Path]) -> Failure:
        try:
            self._get(*item)
        except FileNotFoundError as error:
            # S3's clients tell a bucket that is not there by the message alone.
            return _NoPlaceError("the bucket does not exist") if "bucket" in str(error).lower() else error
        except Exception as error:  # whatever the remote's client raises is reported for its object
            return error
        return None


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
            f"{missing}, so missing objects can't be fetched", hint="run `dvc remote add --default NAME URL`"
        )
    if not _URL.match(url):
        return Remote(name, url, _reader_of(Path(url), name))
    return Remote(name, url, _client_of(dvc_folder, name, url))


def _reader_of(folder: Path, name: str) -> Callable[[str, Path], None]:
    """Copies from a folder."""
    if not folder.is_dir():
        raise RemoteError(
            f"remote {name} can't be read: the folder {folder} does not exist",
            hint="mount it, or point the remote elsewhere with `dvc remote modify`",
        )

    def get(path: str, target: Path) -> None:
        shutil.copyfile(folder / path, target)

    return get


def _client_of(dvc_folder: Path, name: str, url: str) -> Callable[[str, Path], None]:
    """Reads from any other storage, through DVC's file systems."""
    try:
        config_module: Any = importlib.import_module("dvc.config")
        fs_module: Any = importlib.import_module("dvc.fs")
    except ImportError as error:
        raise RemoteError(
            f"objects are missing, and DVC is not installed to fetch them from remote {name}",
            hint="run `pip install 'mergegate[dvc]'`",
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
        ) from error
    except RemoteError:
        raise
    except Exception as error:  # DVC's own errors have no common base
        raise Remote(name, url, _nothing).explain(error) from error

    def get(path: str, target: Path) -> None:
        client.get_file(client.join(root, *path.split("/")), str(target))

    return get


def _keeps_versions(name: str) -> RemoteError:
    return RemoteError(
        f"remote {name} keeps versions of files under their own names, not objects by checksum",
        hint=f"run `dvc fetch --remote {name}` first: what is in the cache is read from there",
    )


def _nothing(path: str, target: Path) -> None:
    """Stands for a reader where none could be made."""
