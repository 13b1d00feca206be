"""A file of rows: its columns and their kinds, read from its beginning or its footer alone."""

import csv
import posixpath
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from mergegate.dataset.source import format_of
from mergegate.predictions.contract import PROBABILITY, REQUIRED, ROW_ID, Y_PRED, Y_TRUE
from mergegate.predictions.text import DELIMITERS

MOST_COLUMNS = 2_000
_HEADER = 64 * 1024
_MAGIC = b"PAR1"

Role = Literal["row_id", "y_true", "y_pred"]

_WORDS: dict[Role, re.Pattern[str]] = {
    "row_id": re.compile(r"row_?id|id|uuid|guid|key|index|idx|sample_?id|example_?id|[a-z0-9_]+_id"),
    "y_true": re.compile(
        r"y|y_?true|true|truth|ground_?truth|actual|actual_class|actuals|label|target|true_label|gold|expected"
    ),
    "y_pred": re.compile(
        r"y_?pred|y_?hat|pred|preds|prediction|predictions|predicted|predicted_class|predicted_label|pred_label"
    ),
}
_SCORE = re.compile(r"(?:[a-z0-9]+_)?(?:score|scores|prob|proba|probability|logit|confidence)")


class Table(msgspec.Struct, frozen=True):
    """A file of rows: `path` from the project, its columns in order, `rows` where its footer says so."""

    path: str
    format: Literal["parquet", "csv", "jsonl"]
    columns: tuple[str, ...]
    rows: int | None = None
    delimiter: str = ""

    @property
    def keeps_contract(self) -> bool:
        """Whether it has the columns of a predictions file, in a form that a review reads."""
        return not self._odd and set(REQUIRED) <= set(self.columns)

    @property
    def lacks(self) -> str:
        """What keeps it from being predictions as the contract has them: the rest of a sentence about it."""
        missing = [name for name in REQUIRED if name not in self.columns]
        renames = self.renames
        lacking = [name for name in missing if name not in renames.values()]
        told = ", ".join(f"{old} → {new}" for old, new in renames.items())
        parts = [
            *(["is written with another delimiter than its name says"] if self._odd else []),
            *([f"would need other names of columns ({told})"] if renames else []),
            *([f"lacks {', '.join(lacking)}"] if lacking else []),
        ]
        return " and ".join(parts) or "is no predictions file"

    @property
    def renames(self) -> dict[str, str]:
        """Columns that could be the contract's under another name: theirs → the contract's."""
        return {name: role for role, name in self.find_roles().items() if name != role}

    @property
    def score(self) -> str:
        """A column that may hold a probability, under a name of its own; empty for none."""
        return next((name for name in self.columns if _SCORE.fullmatch(_plain(name))), "")

    @property
    def _odd(self) -> bool:
        """Text that `.csv` and `.tsv` don't stand for."""
        return self.delimiter not in ("", DELIMITERS.get(posixpath.splitext(self.path.lower())[1]))

    @property
    def probabilities(self) -> tuple[str, ...]:
        """The columns `proba_<class>`."""
        return tuple(name for name in self.columns if name.startswith(PROBABILITY))

    def find_roles(self) -> dict[Role, str]:
        """The columns that could be those of the contract, by their names; the contract's own names first."""
        found: dict[Role, str] = {}
        for role, words in _WORDS.items():
            if role in self.columns:
                found[role] = role
                continue
            alike = (name for name in self.columns if words.fullmatch(_plain(name)))
            taken = next((name for name in alike if name not in found.values()), None)
            if taken is not None:
                found[role] = taken
        return found


def read_table(place: Path, path: str) -> Table | None:
    """The columns of a file; None for one that holds no rows that are read, or is damaged."""
    kind = format_of(posixpath.basename(path))
    if kind == "jsonl" or kind is None:
        return None
    try:
        return _parquet(place, path) if kind == "parquet" else _csv(place, path)
    except (pa.ArrowException, OSError, ValueError, csv.Error):
        return None


def looks_like_predictions(table: Table) -> bool:
    """Whether a truth and an answer stand in it, under whatever names."""
    roles = table.find_roles()
    answered = Y_PRED in roles or bool(table.probabilities or table.score)
    return answered and (Y_TRUE in roles or (ROW_ID in roles and bool(table.probabilities)))


def _parquet(place: Path, path: str) -> Table:
    with place.open("rb") as file:
        if file.read(4) != _MAGIC:
            raise ValueError("no Parquet file")
    with pq.ParquetFile(place) as file:
        names = tuple(file.schema_arrow.names[:MOST_COLUMNS])
        return Table(path, "parquet", names, file.metadata.num_rows)


def _csv(place: Path, path: str) -> Table | None:
    if path.lower().endswith(".gz"):
        return None
    with place.open("rb") as file:
        head = file.read(_HEADER).decode("utf-8-sig", errors="replace")
    line = head.splitlines()[0] if head.strip() else ""
    delimiter = max(",\t;|", key=line.count)
    names: Sequence[str] = next(csv.reader([line], delimiter=delimiter), [])
    with suppress(ValueError):
        float(names[0] if names else "")
        return None  # rows without a header
    if len(names) < 2:
        return None
    return Table(path, "csv", tuple(names[:MOST_COLUMNS]), delimiter=delimiter)


def _plain(name: str) -> str:
    """A name in lower case with `_` between words: `PassengerId` is `passenger_id`."""
    return re.sub(r"[\s.-]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)).lower()
