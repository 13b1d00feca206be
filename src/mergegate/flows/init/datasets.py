"""The data to propose: tracked tables, each with the column that identifies a row, where one does."""

import posixpath
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv
import pyarrow.parquet as pq

from mergegate.config.datasets import Dataset, key_columns
from mergegate.config.policy import Policy
from mergegate.dataset.source import Source, format_of
from mergegate.errors import ContractError, UsageError
from mergegate.flows.init.inspection import Inspection, fits_policy
from mergegate.flows.init.models import Proposal
from mergegate.flows.init.request import Request
from mergegate.flows.init.tables import Table, read_table
from mergegate.predictions.contract import ROW_ID

LARGEST = 64_000_000
"""Bytes of the largest data in which a key is looked for."""

MOST_DATASETS = 50
MOST_FILES = 500
"""Files of one dataset in which a key is looked for."""
FEWEST = 50
"""Rows from which on a first column that never repeats is taken for what identifies them."""
_KEY = re.compile(r"row_?id|id|uuid|guid|key|[a-z0-9_]+_id|index")


class ProposedData(msgspec.Struct, frozen=True, kw_only=True):
    """A dataset of the policy to be; `reason` says how its key was told, or why there is none."""

    path: str
    key: tuple[str, ...] = ()
    reason: str = ""


def find_data(
    inspection: Inspection, request: Request, models: Sequence[Proposal], before: Policy | None
) -> tuple[ProposedData, ...]:
    """The datasets that were named, else every tracked file and folder of rows that is no prediction.

    The inputs of a model's exam come last, identified by `row_id`. What `before`, the policy that init wrote
    last, has of datasets and keys stays. Where nothing is tracked: the tables that git holds in a folder
    called data. Raises UsageError for one that was named and is not there, and for a key that none has.
    """
    known = {each.path: each for each in before.datasets} if before else {}
    taken = {each.predictions for each in models} | {each.beside.inputs for each in models}
    kept = (path for path in known if path not in taken and _is_held(inspection, path))
    paths = _named(inspection, request) or sorted({*_candidates(inspection), *kept} - taken)
    if request.key:
        found = tuple(_with_this(inspection, path, request.key) for path in paths[:MOST_DATASETS])
        if not any(each.key for each in found):
            raise UsageError(
                f"--key {', '.join(request.key)}: no dataset has such a column",
                hint="name columns as their header does",
            )
    else:
        found = tuple(_with_key(inspection, path) for path in paths[:MOST_DATASETS])
    exams = dict.fromkeys(each.beside.inputs for each in models if each.beside.inputs and not request.data)
    judged = (ProposedData(path=path, key=(ROW_ID,), reason="what the model is judged on") for path in exams)
    return tuple(_as_before(each, known.get(each.path), request) for each in (*found, *judged))


def _named(inspection: Inspection, request: Request) -> list[str]:
    """The paths that were named, each one there."""
    paths = [posixpath.normpath(path) for path in request.data]
    for path in paths:
        if not _is_held(inspection, path):
            raise UsageError(
                f"--data {path}: neither DVC nor git has it",
                hint="track it with `dvc add`, or name what is tracked",
            )
    return list(dict.fromkeys(paths))


def _is_held(inspection: Inspection, path: str) -> bool:
    """Whether DVC or git has a file or folder of that name."""
    held = (*inspection.outputs(), *inspection.files.paths())
    return any(each == path or each.startswith(f"{path}/") for each in held)


def _as_before(found: ProposedData, before: Dataset | None, request: Request) -> ProposedData:
    """The dataset with the key that was chosen before, where that is another than is found."""
    key = key_columns(before) if before and not request.key else ()
    return ProposedData(path=found.path, key=key, reason="as chosen") if key and key != found.key else found


def _candidates(inspection: Inspection) -> list[str]:
    tracked = {entry.path for entry in inspection.pipeline.tracked}
    if not tracked:
        inside = (path for path in inspection.files.paths() if "data" in path.split("/")[:-1])
        tables = {path for path in inside if format_of(posixpath.basename(path)) in ("parquet", "csv")}
        tracked = tables - inspection.outputs().keys()
    return sorted(path for path in tracked if fits_policy(path) and _holds_rows(inspection, path))


def _holds_rows(inspection: Inspection, path: str) -> bool:
    """Whether what is tracked is rows that can be read, by its name or by the names in it."""
    kind = format_of(posixpath.basename(path))
    if kind is not None and not path.endswith((".json", ".json.gz")):
        place = inspection.locate(path) if path.endswith((".csv", ".tsv")) else None
        # An empty file, or rows without a header, can't be compared column by column.
        return place is None or read_table(place, path) is not None
    inside = inspection.list_folder(path)
    if not inside:
        return False
    names = {each.removeprefix(f"{path}/"): inspection.project.root / each for each in inside}
    with suppress(ContractError):
        found = Source.of(path, names)
        # `.json` may be anything: configuration, annotations, one document.
        return not all(file.name.endswith((".json", ".json.gz")) for file in found.files)
    return False


def _with_this(inspection: Inspection, path: str, key: tuple[str, ...]) -> ProposedData:
    """The dataset with the key that was named, where it has such columns as far as can be seen."""
    tables = [read_table(place, each) for each, place in _open(inspection, path)[:1]]
    if tables and not (tables[0] and set(key) <= set(tables[0].columns)):
        return ProposedData(path=path, reason=f"it has no column {', '.join(key)}")
    return ProposedData(path=path, key=key, reason="as chosen")


def _open(inspection: Inspection, path: str) -> list[tuple[str, Path]]:
    """The files of a dataset that are here."""
    files = [path] if format_of(posixpath.basename(path)) else list(inspection.list_folder(path))
    places = ((each, inspection.locate(each)) for each in files[:MOST_FILES])
    return [(each, place) for each, place in places if place is not None]


def _with_key(inspection: Inspection, path: str) -> ProposedData:
    """The dataset with a column that is unique in all of its rows, where one that is called so is."""
    count = len(inspection.list_folder(path)) or 1
    if count > MOST_FILES:
        return ProposedData(path=path, reason=f"it has {count:,} files, so no key was looked for")
    here = _open(inspection, path)
    if len(here) < count:
        why = "not all of its rows are here, so no key could be told; `dvc pull` brings them"
        return ProposedData(path=path, reason=why)
    found = ((place, read_table(place, each)) for each, place in here)
    tables = [(place, table) for place, table in found if table is not None]
    if not tables:
        return ProposedData(path=path, reason="no key was looked for in files of this kind")
    if sum(place.stat().st_size for place, _ in tables) > LARGEST:
        return ProposedData(path=path, reason="it is large, so no key was looked for")
    first, places = tables[0][1], [place for place, _ in tables]
    if len({table.columns for _, table in tables}) > 1:
        return ProposedData(path=path, reason="its files have different columns, so no key could be told")
    named = [name for name in first.columns if _KEY.fullmatch(_plain(name))]
    for name in sorted(named, key=lambda name: (not _plain(name).endswith("row_id"), _plain(name) != "id")):
        if rows := _unique_rows(places, first, name):
            return ProposedData(path=path, key=(name,), reason=f"unique in all {rows:,} rows")
    if not named and (rows := _unique_rows(places, first, first.columns[0])) >= FEWEST:
        reason = f"the first column, unique in all {rows:,} rows"
        return ProposedData(path=path, key=first.columns[:1], reason=reason)
    why = f"{', '.join(named[:3])}: values repeat" if named else "no column is called like one"
    return ProposedData(path=path, reason=f"no key was found ({why}), so each review looks for one itself")


def _unique_rows(places: list[Path], table: Table, column: str) -> int:
    """The rows of all files, where every one has its own value in the column; else 0."""
    try:
        pieces = [_read(place, table, column) for place in places]
        whole = pa.chunked_array([chunk for piece in pieces for chunk in piece.chunks])
    except (pa.ArrowException, OSError, ValueError, KeyError):
        return 0
    if (
        not len(whole)
        or whole.null_count
        or pa.types.is_floating(whole.type)
        or pa.types.is_nested(whole.type)
    ):
        return 0
    return len(whole) if pc.count_distinct(whole).as_py() == len(whole) else 0


def _read(place: Path, table: Table, column: str) -> Any:
    if table.format == "parquet":
        with pq.ParquetFile(place) as file:
            return file.read([column]).column(0)
    wanted = pcsv.ConvertOptions(include_columns=[column])
    parsed = pcsv.ParseOptions(delimiter=table.delimiter, newlines_in_values=True)
    return pcsv.read_csv(place, parse_options=parsed, convert_options=wanted).column(0)


def _plain(name: str) -> str:
    return re.sub(r"[\s.-]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)).lower()
