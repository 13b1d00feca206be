"""A place in a storage, outside of any DVC remote: what lies there, and how to get it.

`s3://BUCKET/FOLDER` takes its credentials from the environment, `remote://NAME/FOLDER` those of a DVC remote.
"""

import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from mergegate.errors import RemoteError
from mergegate.repo.credentials import hide_credentials

_MD5 = re.compile(r'"?([0-9a-f]{32})"?')


class Lying(NamedTuple):
    """An object at a prefix: its path from there, its bytes, and an md5 that the storage says it has.

    The md5 is a hint: of objects that came in parts or are encrypted the storage says another number or none.
    """

    path: str
    size: int
    md5: str | None


class Prefix:
    """A folder of a storage; `where` names it for people, without credentials."""

    def __init__(self, client: Any, root: str, url: str) -> None:
        self._client = client
        self._root = root.rstrip("/")
        self.where = hide_credentials(url)[:200]

    def walk(self) -> Iterator[Lying]:
        """All objects below it. Raises RemoteError when it can't be listed."""
        try:
            self._client.fs.invalidate_cache()
            found: dict[str, Any] = self._client.fs.find(self._root, detail=True)
        except FileNotFoundError as error:
            raise RemoteError(f"there is nothing at {self.where}", hint="look at `source.prefix`") from error
        except Exception as error:  # whatever the storage's client raises
            raise self._unreadable(error) from error
        start = len(self._client._strip_protocol(self._root)) + 1
        for place, info in sorted(found.items()):
            # A key that ends in a slash is what a console makes of an empty folder.
            if info.get("type") == "file" and (path := place[start:]) and not path.endswith("/"):
                told = _MD5.fullmatch(str(info.get("ETag") or ""))
                yield Lying(path, int(info.get("size") or 0), told[1] if told else None)

    def get(self, path: str, target: Path) -> None:
        """Copy one object into a file. Raises RemoteError."""
        try:
            self._client.get_file(str(self._client.join(self._root, *path.split("/"))), str(target))
        except Exception as error:  # whatever the storage's client raises
            raise self._unreadable(error) from error

    def _unreadable(self, error: BaseException) -> RemoteError:
        said = (hide_credentials(str(error)).strip().splitlines() or [""])[0][:300]
        return RemoteError(
            f"{self.where} can't be read: {type(error).__name__}: {said}",
            hint="check network and credentials, and `source.prefix` in the policy",
        )


def open_prefix(dvc_folder: Path, url: str) -> Prefix:
    """Open a prefix by its URL. Raises RemoteError where DVC or its plug-in is missing, or it is no place."""
    try:
        config_module: Any = importlib.import_module("dvc.config")
        fs_module: Any = importlib.import_module("dvc.fs")
    except ImportError as error:
        raise RemoteError(
            "DVC is not installed to read a prefix", hint="run `pip install 'mergegate[dvc]'`"
        ) from error
    try:
        make, options, root = fs_module.get_cloud_fs(config_module.Config(str(dvc_folder)), url=url)
        client = make(**options)
    except Exception as error:  # DVC's own errors have no common base
        said = (hide_credentials(str(error)).strip().splitlines() or [""])[0][:300]
        raise RemoteError(
            f"{hide_credentials(url)[:200]} can't be opened: {said}",
            hint="look at `source.prefix` in the policy, and at `dvc remote list`",
        ) from error
    return Prefix(client, root, url)
