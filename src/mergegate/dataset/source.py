"""Where a dataset's rows are: a file, a folder, or a folder of partitions; which files count."""

import os
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Literal
from urllib.parse import unquote

import msgspec

from mergegate.amounts import list_some
from mergegate.errors import ContractError

Format = Literal["parquet", "csv", "jsonl"]

FORMATS: dict[str, Format] = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
}
READS = "Parquet, CSV, TSV and JSON lines are read, the last three also as .gz"
_NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"
_LOGS = {"_delta_log": "Delta Lake", ".hoodie": "Hudi"}
_SHOWN = 5


class SourceFile(msgspec.Struct, frozen=True):
    """One file of a dataset: `name` inside the dataset, with slashes, and the `path` of its bytes."""

    name: str
    path: Path

    @property
    def partition(self) -> dict[str, str | None]:
        """The columns that its folders say: {"month": "2013-04"} of `month=2013-04/part.parquet`."""
        found: dict[str, str | None] = {}
        for folder in PurePosixPath(self.name).parts[:-1]:
            key, separator, value = folder.partition("=")
            if separator and key:
                found[unquote(key)] = None if value == _NULL_PARTITION else unquote(value)
        return found


class Source(msgspec.Struct, frozen=True):
    """The files of one side of a dataset, by name; `foreign` are files beside them that hold no rows.

    `name` is what messages call it. `part`: these are some files of a folder that has more.
    """

    name: str
    files: tuple[SourceFile, ...]
    format: Format
    foreign: tuple[str, ...] = ()
    part: bool = False

    def called(self, file: SourceFile) -> str:
        """What messages call a file of it: the source itself where it has no other."""
        several = self.part or len(self.files) + len(self.foreign) > 1
        return f"{self.name}/{file.name}" if several else self.name

    @classmethod
    def of(cls, name: str, files: Mapping[str, Path]) -> "Source":
        """The source of {name inside: path of its bytes}; a single file has its own file name inside.

        Hidden files (`.x`, `_x`, or in such a folder) are ignored. Raises ContractError without any file of
        rows, or with files of several formats.
        """
        _refuse_tables(name, files)
        alone = set(files) == {PurePosixPath(name).name}
        seen = {inside: path for inside, path in files.items() if alone or not _hidden(inside)}
        formats = {inside: format_of(inside) for inside in seen}
        if any(found and not _is_json(inside) for inside, found in formats.items()):
            # Beside rows of another kind, `.json` is about them: a schema, settings, metrics.
            formats = {inside: None if _is_json(inside) else found for inside, found in formats.items()}
        counts = Counter(found for found in formats.values() if found)
        if not seen:
            raise ContractError("the folder is empty", file=name, hint="track the files, or drop the dataset")
        if not counts:
            raise ContractError(
                f"no file of rows is in it, only {_some(sorted(seen))}", file=name, hint=READS
            )
        if len(counts) > 1:
            told = " and ".join(f"{count:,} of {found}" for found, count in sorted(counts.items()))
            hint = "keep one format in a dataset"
            raise ContractError(f"files of several formats are in it: {told}", file=name, hint=hint)
        ours = tuple(SourceFile(inside, seen[inside]) for inside in sorted(seen) if formats[inside])
        foreign = tuple(inside for inside in sorted(seen) if not formats[inside])
        return cls(name, ours, next(iter(counts)), foreign)


def find_source(path: Path, *, name: str = "") -> Source:
    """The source that a file or folder is; links to files count (DVC may link its cache), to folders don't.

    Raises ContractError where nothing is there, or no file of rows is.
    """
    name = name or str(path)
    if path.is_file():
        found = format_of(path.name)
        if found is None:
            raise ContractError("is no file of rows that can be read", file=name, hint=READS)
        return Source(name, (SourceFile(path.name, path),), found)
    if not path.is_dir():
        raise ContractError("no file or folder is there", file=name, hint="check the path")
    files: dict[str, Path] = {}
    for folder, folders, inside in os.walk(path):
        folders.sort()
        for each in inside:
            file = Path(folder, each)
            if file.is_file():
                files[file.relative_to(path).as_posix()] = file
    return Source.of(name, files)


def format_of(name: str) -> Format | None:
    """The format that a file's name says, None for none that we read."""
    path = PurePosixPath(name.lower())
    if path.suffix == ".gz":
        inner = FORMATS.get(PurePosixPath(path.stem).suffix)
        return None if inner == "parquet" else inner
    return FORMATS.get(path.suffix)


def holds_rows(inside: str) -> bool:
    """Whether a file of a folder is one of rows, by its name; a hidden one is not."""
    return not _hidden(inside) and format_of(inside) is not None


def _refuse_tables(name: str, files: Iterable[str]) -> None:
    """A lake table's folder keeps files that its log says are gone: all of them are no version of it."""
    logs = {part for inside in files for part in PurePosixPath(inside).parts[:-1]} & set(_LOGS)
    if logs:
        log = min(logs)
        message = f"it is a {_LOGS[log]} table, whose log (`{log}`) says which files count"
        raise ContractError(message, file=name, hint="track an export of it, as Parquet")


def _is_json(inside: str) -> bool:
    return PurePosixPath(inside.lower().removesuffix(".gz")).suffix == ".json"


def _hidden(inside: str) -> bool:
    # As Spark and Hive: `_SUCCESS`, `_delta_log/`, `.DS_Store` are nobody's rows; `_month=4/` is a partition.
    return any(
        part.startswith(".") or (part.startswith("_") and "=" not in part)
        for part in PurePosixPath(inside).parts
    )


def _some(names: list[str]) -> str:
    return list_some((name[:100] for name in names), _SHOWN)
