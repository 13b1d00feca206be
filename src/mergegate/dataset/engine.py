"""The engine that runs queries: the same Ibis expressions on DuckDB here, on Spark where data outgrows it.

An engine differs in how it hashes rows and how it opens files; nothing else in this room knows which it is.
"""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

MEMORY_GB = 2.5
"""What DuckDB may hold before it writes to disk."""


class Engine:
    """Runs Ibis expressions on one backend. Close it, or use it as a context."""

    def __init__(self, backend: Any) -> None:
        self.backend = backend

    def __enter__(self) -> "Engine":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the backend go."""
        self.backend.disconnect()

    def row_hash(self, table: ir.Table, columns: Sequence[str]) -> ir.IntegerColumn:
        """64 bits of the values of `columns` by position; equal rows hash alike, missing is a value."""
        return ibis.struct({f"c{place}": table[name] for place, name in enumerate(columns)}).hash()

    def fetch(self, expression: ir.Expr) -> pa.Table:
        """Run an expression whose result is small."""
        return self.backend.to_pyarrow(expression)


class DuckDB(Engine):
    """DuckDB in this process, its spill folder its own."""

    def __init__(self, *, memory_gb: float = MEMORY_GB) -> None:
        self._folder = TemporaryDirectory(prefix="mergegate-")
        settings = {"memory_limit": f"{memory_gb}GB", "temp_directory": str(Path(self._folder.name))}
        super().__init__(ibis.duckdb.connect(":memory:", **settings))

    def close(self) -> None:
        """As in Engine; what was spilled goes."""
        super().close()
        self._folder.cleanup()
