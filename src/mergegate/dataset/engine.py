"""The engine that runs queries: the same Ibis expressions on DuckDB here, on Spark where data outgrows it.

An engine differs in how it hashes rows, writes nested cells as text and opens files; nothing else in this
room knows which it is.
"""

import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pyarrow as pa

# What reads text files is an engine itself.
if TYPE_CHECKING:
    from mergegate.dataset.duck import DuckDB


class Engine:
    """Runs Ibis expressions on one backend. Close it, or use it as a context.

    `folder` goes with it; `salt`, of row hashes that a stranger must not foresee, is its own.
    `believes_footers`: it answers for cells of a Parquet file by what the footer says of them.
    """

    believes_footers = False

    def __init__(self, backend: Any) -> None:
        self.backend = backend
        # What is kept is dropped with its last reference, though queries may still name it.
        self._kept: list[ir.Table] = []
        self._hashed: dict[ops.Node, ir.Table] = {}
        self._trusted: dict[ops.Node, ir.Table] = {}
        self._folder = TemporaryDirectory(prefix="mergegate-engine-")
        self.folder = Path(self._folder.name)
        self.salt = secrets.randbits(62)
        self._opened = 0
        self._called: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the backend go, and what was written for it."""
        self.backend.disconnect()
        self._folder.cleanup()

    def row_hash(self, table: ir.Table, columns: Sequence[str], *, salt: int = 0) -> ir.IntegerColumn:
        """64 bits of the values of `columns` by position; equal rows hash alike, missing is a value.

        With this engine's `salt` nobody can try out beforehand which rows hash alike.
        """
        return self.hash_of([table[name] for name in columns], salt=salt)

    def hash_of(self, cells: Sequence[ir.Value], *, salt: int = 0) -> ir.IntegerColumn:
        """The same of values of one table."""
        # To and fro: in one direction no salt is enough. DuckDB joins hashes such that a change of one cell
        # can be made good in the next whatever went before; it costs next to nothing beside reading.
        # What is missing is told beside: some number hashes as a missing one does, whatever the salt.
        missing = (cell.isnull() for cell in cells if cell.type().nullable)
        values = [ibis.literal(salt, type="int64"), *missing, *cells, *reversed(cells)]
        return ibis.struct({f"c{place}": value for place, value in enumerate(values)}).hash()

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

    def holds(self, table: ir.Table) -> bool:
        """Whether all rows of a table come from what is kept, none from a file."""
        return _sources(table) <= frozenset().union(*map(_sources, self._kept))

    def hold(
        self, old: ir.Table | None, new: ir.Table | None, *, at_most: int
    ) -> tuple[ir.Table | None, ir.Table | None]:
        """Both sides, or the one that is there, held in memory where that makes reading them again cheaper.

        Not where their texts have more than `at_most` characters: a text that repeats is written once in a
        file, and held as often as it stands there.
        """
        return old, new

    def hold_hashes(
        self, old: ir.Table, new: ir.Table, key: Sequence[str]
    ) -> tuple[ir.Table, ir.Table] | None:
        """Of each side's rows the key and the salted `row_hash` of all columns, which comes last, held.

        None where they can't be held so: the sides' columns differ.
        """
        if old.schema() != new.schema():
            return None
        hash = unlike(key, "row_hash")

        def reduced(both: ir.Table) -> ir.Table:
            # In one place for both sides: what it takes to tell an engine of twice as many cells is felt.
            return both.select(
                *key, both.columns[-1], **{hash: self.row_hash(both, old.columns, salt=self.salt)}
            )

        return self.keep_both(old, new, only=reduced)

    def keep_both(
        self, old: ir.Table, new: ir.Table, *, only: Callable[[ir.Table], ir.Table] = lambda both: both
    ) -> tuple[ir.Table, ir.Table]:
        """Both sides, of the same columns, as `keep` does each, or `only` some of their rows or cells.

        `only` is given one more column, the last, that tells which side a row is of, and gives it back.
        In one query both are read at the same time, though each were a file that one thread alone reads.
        """
        mark = unlike(old.columns, "is_new")
        marked = (side.mutate(**{mark: ibis.literal(is_new)}) for side, is_new in ((old, False), (new, True)))
        both = self.keep(only(ibis.union(*marked, distinct=False)))
        return both.filter(~both[mark]).drop(mark), both.filter(both[mark]).drop(mark)

    def remember(self, table: ir.Table, *, hashed: ir.Table, trusted: ir.Table | None = None) -> None:
        """Have `hashed` told of a table; and the same rows by their files' word, where it takes none."""
        self._hashed[table.op()] = hashed
        if trusted is not None:
            self._trusted[table.op()] = trusted

    def hashed(self, table: ir.Table) -> ir.Table | None:
        """What is held of a table's rows with the salted `row_hash` of all its columns, which comes last.

        None for a table of which nothing is held so.
        """
        return self._hashed.get(table.op())

    def trusted(self, table: ir.Table) -> ir.Table:
        """The same rows by their files' word, as far as it is known: quicker to read them all from."""
        return self._trusted.get(table.op(), table)

    @property
    def local(self) -> "DuckDB":
        """What reads text files, whichever engine runs the queries."""
        raise TypeError(f"{type(self).__name__} can't read text files")

    def new_folder(self) -> Path:
        """A path in `folder` where nothing is yet."""
        self._opened += 1
        return self.folder / f"{self._opened:06}"

    def link(self, link: Path, file: Path, called: str) -> str:
        """Give the engine a file under a name of ours: its own may hold a pattern, or not say its format.

        `called` is what messages call it.
        """
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(file.absolute())
        self._called[str(link)] = called
        return str(link)

    def open_parquet(
        self,
        files: Sequence[tuple[Path, str]],
        partitions: Sequence[Sequence[str | None]],
        *,
        taken: Sequence[str],
    ) -> tuple[ir.Table, tuple[str, ...]]:
        """Files of one schema as a table, and the names of the columns that hold each file's `partitions`.

        Each of `files` is a path, which may come twice, and what messages call it. The partitions' columns
        follow the files' own, as text, and are named unlike any in `taken`.
        """
        root = self.new_folder()
        count = len(partitions[0])
        low = {name.casefold() for name in taken}
        stem = next(stem for stem in (f"part{'_' * n}" for n in range(len(low) + 1)) if not _any(low, stem))
        names = tuple(f"{stem}{place}" for place in range(count))
        links = []
        for number, ((file, called), values) in enumerate(zip(files, partitions, strict=True)):
            parts = (f"{name}={_folder(value)}" for name, value in zip(names, values, strict=True))
            links.append(self.link(root.joinpath(*parts, f"{number:06}.parquet"), file, called))
        return self._read_parquet(root, links, partitioned=count > 0), names

    def _keep(self, expression: ir.Table) -> ir.Table:
        return expression.cache()

    def _read_parquet(self, root: Path, links: Sequence[str], *, partitioned: bool) -> ir.Table:
        raise TypeError(f"{type(self).__name__} can't open files")


def unlike(taken: Sequence[str], name: str) -> str:
    """A name that no column has, whatever the case."""
    low = {each.casefold() for each in taken}
    while name in low:
        name += "_"
    return name


def _sources(table: ir.Table) -> frozenset[ops.PhysicalTable]:
    return frozenset(table.op().find(ops.PhysicalTable))


def _any(names: set[str], stem: str) -> bool:
    return any(name.startswith(stem) for name in names)


def _folder(value: str | None) -> str:
    return "__HIVE_DEFAULT_PARTITION__" if value is None else quote(value, safe="")
