"""What every kind of source gives."""

from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa


@dataclass(frozen=True)
class Part:
    """One piece of a source: `origin` (a path, later a query or key), rows, bytes, md5 in hex."""

    origin: str
    rows: int
    bytes: int
    md5: str


@dataclass(frozen=True)
class Extract:
    """A source's rows, and what they came from; sum of `parts`' rows equals the table's."""

    table: pa.Table
    parts: tuple[Part, ...]


class Source(Protocol):
    """A source named in params.yaml."""

    @property
    def kind(self) -> str:
        """The kind's name in params.yaml."""

    @property
    def origins(self) -> tuple[str, ...]:
        """Where it was told to read, as params.yaml says it."""

    def read(self) -> Extract:
        """All rows. Raises StageError when there is nothing to read or it can't be read."""
