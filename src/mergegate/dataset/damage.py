"""Which Parquet file is damaged, where an engine stumbles over one and doesn't say which."""

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.parquet as pq

from mergegate.errors import ContractError

_ROWS = 65_536


def find_damage(files: Mapping[str, str]) -> ContractError | None:
    """The first Parquet file that can't be read to its end; `files` are what messages call them, by path."""
    for path, called in files.items():
        if path.endswith(".parquet") and not _is_whole(path):
            hint = "it may be damaged: write it again, or fetch it again"
            return ContractError("has bytes that can't be read", file=called, hint=hint)
    return None


def _is_whole(path: str) -> bool:
    try:
        with pq.ParquetFile(path) as file:
            for _ in file.iter_batches(batch_size=_ROWS):
                pass
    except (pa.ArrowException, OSError, ValueError):
        return False
    return True
