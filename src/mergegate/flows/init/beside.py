"""What stands beside predictions: the rows that were judged, those that were trained on, the bundle.

Told by the files' own contents: by `row_id`, and by what a bundle consists of.
"""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from mergegate.bundle.contents import MANIFEST, MAX_MANIFEST, MODEL, parse_manifest
from mergegate.errors import ContractError
from mergegate.flows.init.inspection import Inspection
from mergegate.predictions.contract import REQUIRED, ROW_ID
from mergegate.records.manifest import Manifest

MOST_ROWS = 5_000_000
"""Rows of one file or folder whose ids are held against the predictions'."""

_MOST_FILES = 200


class Beside(msgspec.Struct, frozen=True, kw_only=True):
    """Paths of a model's further files; None for one that is not there, or not there only once.

    `name` and `task` are what the bundle says of the model, "" without one. `unseen` outputs are not here,
    so that nothing of them is known.
    """

    inputs: str | None = None
    training_rows: str | None = None
    bundle: str | None = None
    name: str = ""
    task: str = ""
    unseen: tuple[str, ...] = ()


def find_beside(inspection: Inspection, predictions: str, ids: Any) -> Beside:
    """What stands beside the predictions with these row_ids (an Arrow array, n rows)."""
    inputs, training = [], []
    for path in _near(inspection, predictions):
        if path == predictions:
            continue
        found = _read_ids(inspection, path)
        if found is None or found.type != ids.type:
            continue
        shared = pc.sum(pc.is_in(ids, value_set=found)).as_py() or 0
        if shared == len(ids):
            inputs.append(path)
        elif shared == 0 and "train" in path.lower():
            training.append(path)
    near = _near(inspection, predictions)
    bundles = {path: found for path in near if (found := _read_bundle(inspection, path)) is not None}
    bundle = _only(list(bundles))
    return Beside(
        inputs=_only(inputs),
        training_rows=_only(training),
        bundle=bundle,
        name=bundles[bundle].name if bundle else "",
        task=bundles[bundle].task if bundle else "",
        unseen=tuple(path for path in near if not inspection.is_here(path)),
    )


def _near(inspection: Inspection, predictions: str) -> list[str]:
    """The outputs that the same dvc.yaml declares, or all where none declares the predictions."""
    owner = {out.path: stage.file for stage in inspection.pipeline.stages for out in stage.outs}
    parts = predictions.split("/")
    declared = next(
        (owner[path] for depth in range(1, len(parts) + 1) if (path := "/".join(parts[:depth])) in owner),
        None,
    )
    return [path for path, file in owner.items() if declared in (None, file)]


def _read_ids(inspection: Inspection, path: str) -> Any | None:
    """The row_ids of a Parquet file or a folder of them; None for anything else, predictions among it."""
    files = [path] if path.endswith((".parquet", ".pq")) else list(inspection.list_folder(path))
    files = [file for file in files if file.endswith((".parquet", ".pq"))]
    if not files or len(files) > _MOST_FILES:
        return None
    pieces: list[Any] = []
    rows = 0
    for name in files:
        place = inspection.locate(name)
        if place is None:
            return None
        try:
            with pq.ParquetFile(place) as file:
                rows += file.metadata.num_rows
                names = set(file.schema_arrow.names)
                if ROW_ID not in names or set(REQUIRED) <= names or rows > MOST_ROWS:
                    return None
                pieces.append(_plain(file.read([ROW_ID]).column(0)))
        except (pa.ArrowException, OSError, ValueError):
            return None
    try:
        return pa.chunked_array([chunk for piece in pieces for chunk in piece.chunks]).combine_chunks()
    except pa.ArrowException:
        return None


def _plain(column: Any) -> Any:
    """Ids as predictions hold theirs: int64 or large text."""
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    return column.cast(pa.int64() if pa.types.is_integer(kind) else pa.large_string())


def _read_bundle(inspection: Inspection, path: str) -> Manifest | None:
    """The manifest of the bundle that a folder is; None for any other, MLflow's and the like among them."""
    names = set(inspection.list_folder(path)[:_MOST_FILES])
    if not {f"{path}/{MANIFEST}", f"{path}/{MODEL}"} <= names:
        return None
    place = inspection.locate(f"{path}/{MANIFEST}")
    try:
        with place.open("rb") if place else io.BytesIO() as file:
            return parse_manifest(file.read(MAX_MANIFEST), Path(path))
    except (OSError, ContractError):
        return None


def _only(found: Sequence[str]) -> str | None:
    return found[0] if len(found) == 1 else None
