"""A folder as DVC lists it: what changed between two lists of files, and how many rows a file holds."""

from collections.abc import Mapping
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from mergegate.records.review import Change


class TreeDiff(msgspec.Struct, frozen=True, kw_only=True):
    """Paths inside the folder, sorted, by what happened to them."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    def entries(self) -> tuple[tuple[str, Change], ...]:
        """All changes with what was lost first: a folder that loses files is what a reviewer must see."""
        removed: list[tuple[str, Change]] = [(path, "removed") for path in self.removed]
        changed: list[tuple[str, Change]] = [(path, "changed") for path in self.changed]
        added: list[tuple[str, Change]] = [(path, "added") for path in self.added]
        return (*removed, *changed, *added)


def diff_trees(old: Mapping[str, str], new: Mapping[str, str]) -> TreeDiff:
    """Compare two {path: md5} lists."""
    return TreeDiff(
        added=tuple(sorted(new.keys() - old.keys())),
        removed=tuple(sorted(old.keys() - new.keys())),
        changed=tuple(sorted(path for path in old.keys() & new.keys() if old[path] != new[path])),
    )


def count_rows(path: Path) -> int | None:
    """Rows of a Parquet file, from its footer alone; None for any other or unreadable file."""
    try:
        rows: int = pq.read_metadata(path).num_rows
    except (pa.ArrowException, OSError, ValueError):
        return None
    return rows
