"""What reading a pipeline needs of a revision's files."""

from collections.abc import Callable, Mapping
from typing import Protocol

from mergegate.records.pipeline import ObjectHash

Tree = Callable[[ObjectHash], Mapping[str, str]]
"""Gives a folder object's {relative path: md5}; raises ObjectError when the list is not at hand."""


class Files(Protocol):
    """The files of one revision; paths from the project root, with `/`."""

    def paths(self) -> tuple[str, ...]:
        """All files that git holds, sorted."""

    def read(self, path: str) -> bytes | None:
        """The bytes of a file, None when there is no such file."""

    def md5(self, path: str, *, legacy: bool = False) -> str | None:
        """The checksum of a file, None when there is no such file; `legacy`: as DVC 2 took it."""

    def real(self, path: str) -> str:
        """Where a path really lies in the repository: symbolic links followed, unless they lead out."""
