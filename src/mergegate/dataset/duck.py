"""DuckDB as the engine: embedded, bounded in memory, shut off from network and other files, interruptible."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from functools import reduce
from pathlib import Path
from typing import TypeVar

import duckdb
import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pyarrow as pa

from mergegate.dataset.compilers import defer_compilers
from mergegate.dataset.damage import find_damage
from mergegate.dataset.engine import Engine, unlike
from mergegate.dataset.faults import fault
from mergegate.errors import BrokenError

Result = TypeVar("Result")

MEMORY_GB = 2.5
"""What DuckDB may hold before it writes to disk."""

_DIGITS = 18
"""A decimal of no more takes 64 bits."""

_PATIENCE = 0.1
"""Seconds after which Ctrl-C is looked for, and between one interruption of a query and the next."""


class DuckDB(Engine):
    """DuckDB in this process, its spill folder its own; it loads no extension and reaches no network."""

    believes_footers = True

    def __init__(
        self,
        *,
        memory_gb: float = MEMORY_GB,
        threads: int | None = None,
        readable: Sequence[Path] | None = None,
    ) -> None:
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
        defer_compilers()
        backend = ibis.duckdb.connect(":memory:", **settings)
        super().__init__(backend)
        # To have a row group whole in memory beforehand helps over a network only.
        backend.settings["disable_parquet_prefetching"] = True
        backend.settings["temp_directory"] = str(self.folder / "spill")
        backend.settings["TimeZone"] = "UTC"
        # That of a query of over two seconds would go where the answer goes.
        backend.settings["enable_progress_bar"] = False
        self._memory_gb = memory_gb
        self._runner = ThreadPoolExecutor(1, thread_name_prefix="mergegate-engine")
        if readable is not None:
            self._shut(readable)

    def close(self) -> None:
        """As in Engine."""
        self._stop()
        self._runner.shutdown()
        super().close()

    def hash_of(self, cells: Sequence[ir.Value], *, salt: int = 0) -> ir.IntegerColumn:
        """As in Engine. Of decimals of 128 bits DuckDB hashes 0 and −1 alike, and more; not of their text."""
        return super().hash_of([cell.cast("string") if _is_wide(cell) else cell for cell in cells], salt=salt)

    def fetch(self, expression: ir.Expr) -> pa.Table:
        """As in Engine. Ctrl-C ends the query.

        Raises ContractError for a file that turns out broken, BrokenError without memory or disk enough.
        """
        return self.run(lambda: self._fetch(expression))

    def _fetch(self, expression: ir.Expr) -> pa.Table:
        # Ibis's own way here imports pandas, which takes longer than many a query.
        table = expression.as_table()
        self.backend._run_pre_execute_hooks(table)
        found = self.backend.con.sql(self.backend.compile(table)).to_arrow_table()
        result = expression.__pyarrow_result__(found)
        return _readable(result) if isinstance(result, pa.Table) else result

    def run(self, call: Callable[[], Result]) -> Result:
        """Run what asks DuckDB, interruptibly; DuckDB itself doesn't hear Ctrl-C. Raises as `fetch` does."""
        try:
            running = self._runner.submit(call)
            # A signal that comes just before a thread begins to wait without end doesn't wake it.
            while not wait([running], timeout=_PATIENCE).done:
                pass
            return running.result()
        except duckdb.Error as error:
            found = fault(error, self._called, self._memory_gb)
            if isinstance(found, BrokenError) and not isinstance(error, duckdb.OutOfMemoryException):
                found = find_damage(self._called) or found
            raise found from error
        except BaseException:
            self._stop()
            raise

    def _stop(self) -> None:
        """End what is still running, asked for or not: Ctrl-C may come before we know of it."""
        last = self._runner.submit(lambda: None)
        # A query that is only being prepared isn't there yet to be interrupted.
        while not wait([last], timeout=_PATIENCE).done:
            self.backend.con.interrupt()

    def write_parquet(self, table: ir.Table, path: Path) -> None:
        """Write a table, however large, as a Parquet file."""
        self.run(lambda: self.backend.to_parquet(table, path, compression="snappy"))

    def _shut(self, readable: Sequence[Path]) -> None:
        """Reach no files but these, those in these folders, and our own."""
        settings = self.backend.settings
        folders = [self.folder, *(path for path in readable if path.is_dir())]
        settings["allowed_directories"] = [f"{folder.resolve()}/" for folder in folders]
        settings["allowed_paths"] = [str(path.resolve()) for path in readable if not path.is_dir()]
        settings["enable_external_access"] = False
        settings["lock_configuration"] = True

    def _keep(self, expression: ir.Table) -> ir.Table:
        # Ibis 12 can't drop a cached table from DuckDB 2.
        name = f"mergegate_{len(self._kept)}"
        return self.run(lambda: self._create(name, expression))

    def _create(self, name: str, expression: ir.Table) -> ir.Table:
        # Ibis's own way asks DuckDB where it is, and what it has made.
        backend, schema = self.backend, expression.schema()
        backend._run_pre_execute_hooks(expression)
        columns = ", ".join(each.sql("duckdb") for each in schema.to_sqlglot_column_defs("duckdb"))
        backend.con.execute(f"CREATE TEMPORARY TABLE {name} ({columns})")
        backend.con.execute(f"INSERT INTO {name} {backend.compile(expression)}")
        place = ops.Namespace(catalog="temp", database="main")
        return ops.DatabaseTable(name, schema, backend, place).to_expr()

    def hold(
        self, old: ir.Table | None, new: ir.Table | None, *, at_most: int
    ) -> tuple[ir.Table | None, ir.Table | None]:
        """As in Engine: one thread alone reads a Parquet file of one row group, as most are, each time."""
        if self._count_characters(*(side for side in (old, new) if side is not None)) > at_most:
            return old, new
        if old is None or new is None or old.schema() != new.schema():
            return self._hold(old), self._hold(new)
        # They are hashed while their cells are at hand.
        hash = unlike(old.columns, "row_hash")
        columns = old.columns
        wide = self.keep_both(
            old,
            new,
            only=lambda both: both.mutate(**{hash: self.row_hash(both, columns, salt=self.salt)}),
        )
        sides = [side.drop(hash) for side in wide]
        for side, hashed in zip(sides, wide, strict=True):
            self.remember(side, hashed=hashed)
        return sides[0], sides[1]

    def _hold(self, side: ir.Table | None) -> ir.Table | None:
        return None if side is None else self.keep(side)

    def _count_characters(self, *tables: ir.Table) -> int:
        """Of all texts together."""
        totals = [
            table.aggregate(
                **{
                    f"characters{side}_{place}": table[name].length().cast("float64").sum()
                    for place, name in enumerate(table.columns)
                    if table[name].type().is_string()
                }
            )
            for side, table in enumerate(tables)
            if any(kind.is_string() for kind in table.schema().types)
        ]
        if not totals:
            return 0
        # In one query all are read at the same time.
        found = self.fetch(reduce(ir.Table.cross_join, totals)).to_pylist()[0]
        return int(sum(characters or 0 for characters in found.values()))

    @property
    def local(self) -> "DuckDB":
        """This engine."""
        return self

    def link_all(self, files: Sequence[tuple[Path, str]], suffix: str) -> list[str]:
        """Links to files, each beside what messages call it, with the suffix of their format."""
        folder = self.new_folder()
        return [
            self.link(folder / f"{number:06}{suffix}", file, called)
            for number, (file, called) in enumerate(files)
        ]

    def json_keys(self, links: Sequence[str], *, shape: str, compression: str) -> tuple[str, ...]:
        """All keys of the objects of JSON files, in the order of the text."""
        query = (
            "SELECT DISTINCT unnest(json_keys(json)) AS key"
            " FROM read_json_objects($links, format=$shape, compression=$compression) ORDER BY key"
        )
        parameters = {"links": list(links), "shape": shape, "compression": compression}
        found = self.run(lambda: self.backend.raw_sql(query, parameters=parameters).fetchall())
        return tuple(key for (key,) in found)

    def _read_parquet(self, root: Path, links: Sequence[str], *, partitioned: bool) -> ir.Table:
        return self.run(
            lambda: self.backend.read_parquet(
                links,
                hive_partitioning=partitioned,
                hive_types_autocast=False,
                union_by_name=False,
                # Parquet's lowest and highest leave NaN out; DuckDB would take them for the whole truth.
                can_have_nan=True,
            )
        )


def _is_wide(value: ir.Value) -> bool:
    """Whether DuckDB takes 128 bits for it."""
    kind = value.type()
    return bool(kind.is_decimal() and (kind.precision is None or kind.precision > _DIGITS))


def _readable(table: pa.Table) -> pa.Table:
    """Times that Python has no value for, as of the year 10000, as text."""
    for place, column in enumerate(table.columns):
        if pa.types.is_temporal(column.type):
            try:
                column.to_pylist()
            except (OverflowError, ValueError):
                table = table.set_column(place, table.schema.names[place], column.cast(pa.string()))
    return table
