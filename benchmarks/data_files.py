"""Write the tables that data.py compares: 20 columns, some of head's rows edited, gone or new."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

_CHUNK = 1_000_000
EDITED, GONE, NEW = 0.005, 0.0005, 0.001
"""Shares of base's rows."""


def main() -> None:
    """Write base.parquet and head.parquet of so many rows into a folder; of months, a folder of each."""
    folder, rows = Path(sys.argv[1]), int(sys.argv[2])
    if len(sys.argv) > 3:
        write_months(folder, rows, int(sys.argv[3]))
    else:
        write_sides(folder, rows)


def write_sides(folder: Path, rows: int) -> None:
    """Head's rows are in another order than base's, chunk by chunk: no table is whole in memory."""
    random = np.random.default_rng(11)
    base: pq.ParquetWriter | None = None
    head: pq.ParquetWriter | None = None
    for start in range(0, rows, _CHUNK):
        old = draw(start, min(_CHUNK, rows - start), random)
        new = edit(old, draw(rows + start, int(len(old) * NEW), random), random)
        base = base or pq.ParquetWriter(folder / "base.parquet", old.schema, compression="zstd")
        head = head or pq.ParquetWriter(folder / "head.parquet", new.schema, compression="zstd")
        base.write_table(old)
        head.write_table(new)
    for writer in (base, head):
        if writer is not None:
            writer.close()


def write_months(folder: Path, rows: int, months: int) -> None:
    """`base` has so many files of so many rows each, `head` the same and one more."""
    random = np.random.default_rng(12)
    for side in ("base", "head"):
        (folder / side).mkdir(parents=True)
    for month in range(months + 1):
        name = f"{2017 + month // 12}-{1 + month % 12:02}.parquet"
        pq.write_table(draw(month * rows, rows, random), folder / "head" / name, compression="zstd")
        if month < months:
            (folder / "base" / name).write_bytes((folder / "head" / name).read_bytes())


def draw(start: int, rows: int, random: np.random.Generator) -> Any:
    """An id, twelve measurements, three counts, three categories and a time."""
    columns: dict[str, Any] = {"id": np.arange(start, start + rows)}
    columns |= {f"measured_{place}": random.normal(size=rows) for place in range(12)}
    columns |= {f"counted_{place}": random.integers(0, 1000, rows) for place in range(3)}
    names = pa.array([f"category-{value}" for value in range(50)])
    columns |= {f"named_{place}": names.take(pa.array(random.integers(0, 50, rows))) for place in range(3)}
    seconds = random.integers(0, 10**9, rows).astype("timedelta64[s]")
    columns["at"] = (np.datetime64("2000-01-01", "us") + seconds).astype("datetime64[us]")
    return pa.table(columns)


def edit(old: Any, new: Any, random: np.random.Generator) -> Any:
    """Some rows have one column in another unit, some are gone, the new ones are added; in any order."""
    place = old.schema.get_field_index("measured_0")
    edited = random.random(len(old)) < EDITED
    values = old["measured_0"].to_numpy()
    table = old.set_column(place, "measured_0", pa.array(np.where(edited, values * 1.8 + 32, values)))
    kept = pa.array(np.flatnonzero(random.random(len(old)) >= GONE))
    table = pa.concat_tables([table.take(kept), new])
    return table.take(pa.array(random.permutation(len(table))))


if __name__ == "__main__":
    main()
