"""Rows of tracked Parquet files, as far as they are at hand and the work of checking them is bounded."""

from collections.abc import Sequence

from mergegate import repo
from mergegate.dataset.tree import count_rows
from mergegate.errors import ObjectError
from mergegate.records.pipeline import ObjectHash

MOST_FILES = 1_000
MOST_BYTES = 512_000_000
"""What one review opens to count rows: every file is hashed before its footer is believed."""


class RowCounter:
    """Counts each object once; nothing is fetched only to be counted."""

    def __init__(
        self, objects: repo.Objects, *, most_files: int = MOST_FILES, most_bytes: int = MOST_BYTES
    ) -> None:
        self._objects = objects
        self._counts: dict[str, int | None] = {}
        self._files = most_files
        self._bytes = most_bytes

    def count(self, name: ObjectHash) -> int | None:
        """Rows of one file; None for one that is no Parquet file, not at hand, or beyond the bounds."""
        return self.total([name])[0]

    def total(self, names: Sequence[ObjectHash]) -> tuple[int | None, str]:
        """Rows of all the files together, or None and why; no why for files that are not Parquet."""
        fresh = {name.md5: name for name in names if name.md5 not in self._counts}
        why = self._refuse(list(fresh.values()), len(names))
        if why:
            return None, why
        total = 0
        for name in names:
            rows = self._open(name)
            if rows is None:
                return None, ""
            total += rows
        return total, ""

    def _refuse(self, fresh: Sequence[ObjectHash], of: int) -> str:
        """Why these are not opened: too many, not at hand, too large."""
        if len(fresh) > self._files:
            return f"{of:,} files are more than a review opens"
        sizes = [self._size(name) for name in fresh]
        missing = sizes.count(None)
        if missing:
            return "it is not at hand" if of == 1 else f"{missing:,} of {of:,} files are not at hand"
        if sum(size or 0 for size in sizes) > self._bytes:
            return "more bytes than a review opens"
        return ""

    def _size(self, name: ObjectHash) -> int | None:
        try:
            return self._objects.size(name)
        except ObjectError:  # no name of an object, as a remote that keeps versions gives
            return None

    def _open(self, name: ObjectHash) -> int | None:
        if name.md5 not in self._counts:
            self._files -= 1
            self._bytes -= self._size(name) or 0
            try:
                self._counts[name.md5] = count_rows(self._objects.open(name))
            except ObjectError:
                self._counts[name.md5] = None
        return self._counts[name.md5]
