"""Pairs of predictions files as people would have them, and `mergegate diff predictions` on them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray

from mergegate.cli import run

ROWS = 400


@dataclass
class Told:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def result(self) -> dict[str, Any]:
        """The JSON, which must be strict, of a comparison that was made and about which stderr is silent."""
        assert (self.code, self.err) == (0, ""), self
        found: dict[str, Any] = json.loads(self.out, parse_constant=_refuse)
        return found

    @property
    def metrics(self) -> dict[str, dict[str, Any]]:
        """The JSON's metrics by name."""
        return {metric["metric"]: metric for metric in self.result["metrics"]}


def _refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")


@dataclass
class Folder:
    """A folder in which files are written and compared."""

    path: Path
    capsys: pytest.CaptureFixture[str]

    def write(self, name: str, **columns: Any) -> str:
        """A Parquet file of these columns, whatever the contract says of them."""
        arrays = {
            key: values if isinstance(values, pa.Array) else pa.array(values)
            for key, values in columns.items()
        }
        pq.write_table(pa.table(arrays), self.path / name)
        return name

    def binary(self, name: str, seed: int, **columns: Any) -> str:
        """A classifier's answers on ROWS rows, `columns` in place of its own or beside them; None drops."""
        own = answers(seed) | columns
        return self.write(name, **{key: values for key, values in own.items() if values is not None})

    def diff(self, *arguments: str) -> Told:
        """Run `mergegate diff predictions`."""
        code = run(["diff", "predictions", *arguments])
        said = self.capsys.readouterr()
        return Told(code, said.out, said.err)

    def json(self, *arguments: str) -> Told:
        """Run it for a machine."""
        return self.diff(*arguments, "--json")


def truth() -> NDArray[np.int64]:
    """What 2 of 5 rows are."""
    return (np.random.default_rng(0).random(ROWS) < 0.4).astype(np.int64)


def answers(seed: int) -> dict[str, Any]:
    """Columns of a classifier that is right more often than not."""
    positive = np.round(np.random.default_rng(seed).random(ROWS) * 0.6 + 0.3 * truth(), 3)
    return {
        "row_id": np.arange(ROWS),
        "y_true": truth(),
        "y_pred": (positive >= 0.5).astype(np.int64),
        "proba_0": 1 - positive,
        "proba_1": positive,
    }
