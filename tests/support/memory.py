"""A revision's files held in memory, for reading DVC's files without a repository."""

import hashlib
from collections.abc import Mapping

from mergegate.repo.hashing import hash_bytes


class MemoryFiles:
    """Files by path, as text or bytes."""

    def __init__(self, files: Mapping[str, str | bytes]) -> None:
        self._files = {
            path: data if isinstance(data, bytes) else data.encode() for path, data in files.items()
        }

    def paths(self) -> tuple[str, ...]:
        return tuple(sorted(self._files))

    def read(self, path: str) -> bytes | None:
        return self._files.get(path)

    def real(self, path: str) -> str:
        return path

    def md5(self, path: str, *, legacy: bool = False) -> str | None:
        data = self._files.get(path)
        return None if data is None else hash_bytes(data, legacy=legacy)


def md5_of(text: str | bytes) -> str:
    return hashlib.md5(text if isinstance(text, bytes) else text.encode()).hexdigest()
