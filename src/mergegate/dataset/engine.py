"""The engine that runs queries: the same Ibis expressions on DuckDB here, on Spark where data outgrows it.

An engine differs in how it hashes rows, writes nested cells as text and opens files; nothing else in this
room knows which it is.
"""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self
from urllib.parse import quote

import ibis
import ibis.expr.types as ir
import pyarrow as pa

MEMORY_GB = 2.5
"""What DuckDB may hold before it writes to disk."""


class Engine:
    """Runs Ibis expressions on one backend. Close it, or use it as a context. `folder` goes with it."""

    def __init__(self, backend: Any) -> None:
        self.backend = backend
        # What is kept is dropped with its last reference, though queries may still name it.
        self._kept: list[ir.Table] = []
        self._folder = TemporaryDirectory(prefix="mergegate-")
        self.folder = Path(self._folder.name)
        self._opened = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the backend go, and what was written for it."""
        self.backend.disconnect()
        self._folder.cleanup()

    def row_hash(self, table: ir.Table, columns: Sequence[str]) -> ir.IntegerColumn:
        """64 bits of the values of `columns` by position; equal rows hash alike, missing is a value."""
        return ibis.struct({f"c{place}": table[name] for place, name in enumerate(columns)}).hash()

    def text(self, value: ir.Value) -> ir.StringValue:
        """A nested value as JSON text."""
        return value.cast("json").cast("string")

    def timestamp(self, value: ir.Value) -> ir.Value:
        """A column of times, however the engine reads it from Parquet, as times."""
        return value

    def fetch(self, expression: ir.Expr) -> pa.Table:
        """Run an expression whose result is small."""
        return self.backend.to_pyarrow(expression)

    def keep(self, expression: ir.Table) -> ir.Table:
        """Run an expression once and hold its rows in the engine, however many, until it is closed."""
        self._kept.append(self._keep(expression))
        return self._kept[-1]

    @property
    def local(self) -> "DuckDB":
        """What reads text files, whichever engine runs the queries."""
        raise TypeError(f"{type(self).__name__} can't read text files")

    def new_folder(self) -> Path:
        """A path in `folder` where nothing is yet."""
        self._opened += 1
        return self.folder / f"{self._opened:06}"

    def open_parquet(
        self, files: Sequence[Path], partitions: Sequence[Sequence[str | None]], *, taken: Sequence[str]
    ) -> tuple[ir.Table, tuple[str, ...]]:
        """Files of one schema as a table, and the names of the columns that hold each file's `partitions`.

        Those follow the files' own columns, as text, and are named unlike any in `taken`.
        """
        root = self.new_folder()
        count = len(partitions[0])
        low = {name.casefold() for name in taken}
        stem = next(stem for stem in (f"part{'_' * n}" for n in range(len(low) + 1)) if not _any(low, stem))
        names = tuple(f"{stem}{place}" for place in range(count))
        links = []
        # Links under names of our own: a cache names files by md5, and a file's name may hold a pattern.
        for number, (file, values) in enumerate(zip(files, partitions, strict=True)):
            parts = (f"{name}={_folder(value)}" for name, value in zip(names, values, strict=True))
            link = root.joinpath(*parts, f"{number:06}.parquet")
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(file.absolute())
            links.append(link)
        return self._read_parquet(root, links, partitioned=count > 0), names

    def _keep(self, expression: ir.Table) -> ir.Table:
        return expression.cache()

    def _read_parquet(self, root: Path, links: Sequence[Path], *, partitioned: bool) -> ir.Table:
        raise TypeError(f"{type(self).__name__} can't open files")


class DuckDB(Engine):
    """DuckDB in this process, its spill folder its own; it loads no extension and reaches no network."""

    def __init__(self, *, memory_gb: float = MEMORY_GB, threads: int | None = None) -> None:
        settings: dict[str, object] = {
            "memory_limit": f"{memory_gb}GB",
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "python_enable_replacements": False,
            # Rows have no order here; keeping the files' costs memory.
            "preserve_insertion_order": False,
        }
        if threads is not None:
            settings["threads"] = threads
        backend = ibis.duckdb.connect(":memory:", **settings)
        super().__init__(backend)
        backend.settings["temp_directory"] = str(self.folder / "spill")

    def _keep(self, expression: ir.Table) -> ir.Table:
        # Ibis 12 can't drop a cached table from DuckDB 2.
        return self.backend.create_table(f"mergegate_{len(self._kept)}", expression, temp=True)

    @property
    def local(self) -> "DuckDB":
        """This engine."""
        return self

    def link(self, files: Sequence[Path], suffix: str) -> list[Path]:
        """Links to files under names of our own: theirs may hold a pattern, or say nothing of the format."""
        folder = self.new_folder()
        folder.mkdir()
        links = [folder / f"{number:06}{suffix}" for number in range(len(files))]
        for link, file in zip(links, files, strict=True):
            link.symlink_to(file.absolute())
        return links

    def json_keys(self, files: Sequence[Path], *, shape: str, compression: str) -> tuple[str, ...]:
        """All keys of the objects of JSON files, in the order of the text."""
        found = self.backend.raw_sql(
            "SELECT DISTINCT unnest(json_keys(json)) AS key"
            " FROM read_json_objects($files, format=$shape, compression=$compression) ORDER BY key",
            parameters={"files": [str(file) for file in files], "shape": shape, "compression": compression},
        )
        return tuple(key for (key,) in found.fetchall())

    def _read_parquet(self, root: Path, links: Sequence[Path], *, partitioned: bool) -> ir.Table:
        return self.backend.read_parquet(
            [str(link) for link in links],
            hive_partitioning=partitioned,
            hive_types_autocast=False,
            union_by_name=False,
            # Parquet's lowest and highest leave NaN out; DuckDB would take them for the whole truth.
            can_have_nan=True,
        )


def _any(names: set[str], stem: str) -> bool:
    return any(name.startswith(stem) for name in names)


def _folder(value: str | None) -> str:
    return "__HIVE_DEFAULT_PARTITION__" if value is None else quote(value, safe="")
