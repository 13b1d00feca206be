"""Spark as the engine, where a dataset outgrows one machine: the same expressions, on a session you bring."""

from collections.abc import Callable, Sequence
from functools import cache
from inspect import Parameter, Signature
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import pyarrow as pa
from ibis.backends.sql.compilers.base import SQLGlotCompiler
from ibis.backends.sql.compilers.pyspark import PySparkCompiler

from mergegate.dataset.duck import DuckDB
from mergegate.dataset.engine import Engine

_SETTINGS = {
    # Names that differ only by case come apart by place, and a folder's values stay text.
    "spark.sql.caseSensitive": "true",
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
    "spark.sql.legacy.parquet.nanosAsLong": "true",
    "spark.sql.jsonGenerator.ignoreNullFields": "false",
    # What a footer says of the cells is its writer's word.
    "spark.sql.parquet.filterPushdown": "false",
    "spark.sql.parquet.aggregatePushdown": "false",
    # As DuckDB: what has no value is missing, not an error that ends the review.
    "spark.sql.ansi.enabled": "false",
}


class _Compiler(PySparkCompiler):  # type: ignore[misc]
    """Ibis's, to which NaN is a value that is there, as it is to other engines."""

    visit_IsNull = SQLGlotCompiler.visit_IsNull  # noqa: N815  Ibis looks them up by these names
    visit_NotNull = SQLGlotCompiler.visit_NotNull  # noqa: N815


class Spark(Engine):
    """Spark on a SparkSession of the caller's, who stops it; its settings and tables are left alone.

    Files must be where all executors read them under the same path.
    """

    def __init__(self, session: Any) -> None:
        self._session = session.newSession()
        backend = ibis.pyspark.connect(self._session, **_SETTINGS)
        backend.compiler = _Compiler()
        super().__init__(backend)
        self._local: DuckDB | None = None

    def close(self) -> None:
        """Drop what was kept; the caller's session goes on."""
        self._kept.clear()
        for name in self.backend.list_tables():
            self._session.catalog.dropTempView(name)
        if self._local is not None:
            self._local.close()
        self._folder.cleanup()

    def hash_of(self, cells: Sequence[ir.Value], *, salt: int = 0) -> ir.IntegerColumn:
        """As in Engine. Spark's own `hash` has 32 bits, and its hashes pass over what is missing."""
        values: list[ir.Value] = [ibis.literal(salt, type="int64")]
        for cell in (*cells, *reversed(cells)):
            values += [_one_zero(cell), cell.isnull()]
        return _call("xxhash64", dt.int64, *values)

    def text(self, value: ir.Value) -> ir.StringValue:
        """A nested value as JSON text."""
        return _call("to_json", dt.string, value)

    def timestamp(self, value: ir.Value) -> ir.Value:
        """As in Engine. Spark has no nanoseconds: they come as whole numbers, and go as microseconds."""
        if not value.type().is_integer():
            return value
        return _call("timestamp_micros", dt.Timestamp(timezone="UTC"), (value // 1_000).cast("int64"))

    def fetch(self, expression: ir.Expr) -> pa.Table:
        """Run an expression whose result is small."""
        # By Arrow: by way of pandas, as Ibis goes, NaN and missing become one.
        table = expression.as_table()
        self.backend._run_pre_execute_hooks(table)
        found = self._session.sql(self.backend.compile(table)).toArrow()
        return expression.__pyarrow_result__(found.cast(table.schema().to_pyarrow()))

    @property
    def local(self) -> DuckDB:
        """A DuckDB that makes Parquet of text files, so that both engines read the same."""
        if self._local is None:
            self._local = DuckDB()
        return self._local

    def _keep(self, expression: ir.Table) -> ir.Table:
        cached = expression.cache()
        self._kept.append(cached)
        # What is cached forgets how fine its times are.
        return cached.cast(expression.schema())

    def _read_parquet(self, root: Path, links: Sequence[str], *, partitioned: bool) -> ir.Table:
        del links, partitioned  # all and only they are in the folder, and its names tell
        name = ibis.util.gen_name("mergegate_parquet")
        self._session.read.parquet(str(root)).createOrReplaceTempView(name)
        return self.backend.table(name)


def _one_zero(cell: ir.Value) -> ir.Value:
    if not cell.type().is_floating():
        return cell
    zero = ibis.literal(0.0, type=cell.type())
    return (cell == zero).fill_null(False).ifelse(zero, cell)


def _call(name: str, result: dt.DataType, *values: ir.Value) -> Any:
    """A function of Spark's own, of these values."""
    return _function(name, result, tuple(value.type() for value in values))(*values)


@cache
def _function(name: str, result: dt.DataType, kinds: tuple[dt.DataType, ...]) -> Callable[..., Any]:
    def declared() -> None:
        """Only the name and the number of its parameters are used."""

    places = [Parameter(f"_{place}", Parameter.POSITIONAL_OR_KEYWORD) for place in range(len(kinds))]
    declared.__signature__ = Signature(places)  # type: ignore[attr-defined]
    function: Callable[..., Any] = ibis.udf.scalar.builtin(declared, name=name, signature=(kinds, result))
    return function
