"""Datasets as files and folders, and `mergegate diff data` on them in this process."""

import json
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mergegate.cli import run
from support.pairs import Told

SCHEMA = Path(__file__).parents[2] / "docs" / "schema" / "data-diff.schema.json"


@dataclass
class Folder:
    """A folder in which datasets are written and compared; `temporary` is where commands put what passes."""

    path: Path
    temporary: Path
    capsys: pytest.CaptureFixture[str]

    def write(self, name: str, content: str | bytes) -> str:
        """A file of exactly these bytes, its folders made."""
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return name

    def parquet(self, name: str, **columns: Any) -> str:
        """A Parquet file of these columns, its folders made."""
        (self.path / name).parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table(columns), self.path / name)
        return name

    def diff(self, *arguments: str) -> Told:
        """Run `mergegate diff data`, which leaves nothing behind however it ends."""
        code = run(["diff", "data", *arguments])
        said = self.capsys.readouterr()
        left = [entry.name for entry in self.temporary.iterdir()]
        assert left == []
        return Told(code, said.out, said.err)

    def dataset(self, *arguments: str) -> dict[str, Any]:
        """What a comparison that was made says to a machine, which is what the schema promises."""
        return dataset_of(self.diff(*arguments, "--json").result)

    def record(self, told: Told) -> dict[str, Any]:
        """What a comparison that came to nothing says to a machine."""
        return dataset_of(json.loads(told.out))


def dataset_of(result: Any) -> dict[str, Any]:
    """The dataset in what `--json` printed."""
    _validator().validate(result)
    found: dict[str, Any] = result["dataset"]
    return found


@cache
def _validator() -> Any:
    """The schema, itself checked once: that takes longer than a result does."""
    schema = msgspec.json.decode(SCHEMA.read_bytes())
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)


def make_folder(path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Folder:
    """The folder `path`/here, in which the process then is; temporary files go beside it."""
    here, temporary = path / "here", path / "temporary"
    here.mkdir()
    temporary.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    return Folder(here, temporary, capsys)


def refused(told: Told, message: str, hint: str) -> None:
    """It ended with 2, said exactly this on stderr, and nothing on stdout."""
    assert (told.code, told.out) == (2, ""), told
    assert told.err == f"mergegate: {message}\n  next: {hint}\n"


def counts(dataset: dict[str, Any]) -> tuple[int, int, int, int]:
    """Rows added, removed, changed and the same."""
    rows = dataset["rows"]
    return rows["added"], rows["removed"], rows["changed"], rows["same"]


def sentences(dataset: dict[str, Any], part: str = "schema") -> list[str]:
    """What is said of the schema, or of another part."""
    return [change["sentence"] for change in dataset[part]]


def cells(dataset: dict[str, Any]) -> dict[str, list[tuple[str | None, str | None]]]:
    """Examples of changed cells by column: before and after."""
    return {
        change["column"]: [(cell["old"], cell["new"]) for cell in change["examples"]]
        for change in dataset["columns"]
    }
