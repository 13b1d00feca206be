"""What must not be shown: private columns, what they may have become, and folders that hold their values."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from urllib.parse import quote, unquote

from mergegate.amounts import amount

HEADERLESS = "see whether the header line is missing"

Header = Collection[str]
"""The columns of one file."""


def find_hidden(private: Iterable[str], base: Sequence[Header], head: Sequence[Header]) -> frozenset[str]:
    """The columns of both sides to hide: private ones, whatever their case, and what those may have become.

    Where a file of a side lacks a private column that the other side has, any column that only this side
    has may be it under another name.
    """
    secret = _folded(private)
    before, after = _names(base), _names(head)
    hidden = {name for name in before | after if name.casefold() in secret}
    for own, other, files in ((after, before, head), (before, after, base)):
        if any(secret & _folded(other) - _folded(file) for file in files):
            hidden |= own - other
    return frozenset(hidden)


def is_foreign(private: Iterable[str], base: Sequence[Header], header: Header) -> bool:
    """Whether a file of head has none of base's columns, some of them private: its names may be values."""
    before = _folded(_names(base))
    return bool(before & _folded(private)) and not before & _folded(header)


def count_columns(side: str, header: Collection[str], other: str) -> str:
    """How to speak of columns whose names may be values: `head has 5 columns, none of base's`."""
    return f"{side} has {amount(len(header), 'column')}, none of {other}'s"


@dataclass(frozen=True)
class Mask:
    """Hides values in the names of folders: `salary=7/a.parquet` is told as `salary=…/a.parquet`."""

    columns: frozenset[str] = frozenset()

    @classmethod
    def of(cls, private: Iterable[str], base: Collection[str] = (), head: Collection[str] = ()) -> "Mask":
        """The mask of files' names: private columns, and folders' columns that one side alone has.

        Such a column may be a private one under another name.
        """
        secret = _folded(private)
        before, after = _folders(base), _folders(head)
        renamed = before ^ after if base and head else frozenset()
        return cls(secret | renamed if secret else frozenset())

    def name(self, name: str) -> str:
        """A file's name inside its dataset."""
        *folders, last = PurePosixPath(name).parts or ("",)
        return "/".join([*map(self._folder, folders), last]) if self.columns else name

    def text(self, told: str) -> str:
        """A sentence that may name files; too much is hidden of it rather than too little."""
        return self._pattern.sub(r"\1=…", told) if self.columns else told

    def _folder(self, folder: str) -> str:
        key, separator, _ = folder.partition("=")
        return f"{key}=…" if separator and unquote(key).casefold() in self.columns else folder

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        written = {
            form for column in self.columns for form in (column, quote(column), quote(column, safe=""))
        }
        return re.compile(f"({'|'.join(map(re.escape, sorted(written)))})=[^/]*", re.IGNORECASE)


def _folders(names: Iterable[str]) -> frozenset[str]:
    """The columns that files' folders say."""
    folders = (part for name in names for part in PurePosixPath(name).parts[:-1])
    return _folded(unquote(part.partition("=")[0]) for part in folders if "=" in part)


def _names(files: Sequence[Header]) -> frozenset[str]:
    return frozenset().union(*files)


def _folded(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.casefold() for name in names)
