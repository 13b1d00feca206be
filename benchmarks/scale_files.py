"""Write the files that scale.py compares: two models on the same rows, head in base's order and shuffled."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from scale import COLUMNS

_CHUNK = 1_000_000


def main() -> None:
    """Write base.parquet, same.parquet and shuffled.parquet of so many rows into a folder."""
    folder, rows = Path(sys.argv[1]), int(sys.argv[2])
    random = np.random.default_rng(7)
    parts = [draw(start, min(_CHUNK, rows - start), random) for start in range(0, rows, _CHUNK)]
    base, head = (pa.concat_tables(side) for side in zip(*parts, strict=True))
    pq.write_table(base, folder / "base.parquet", compression="zstd")
    pq.write_table(head, folder / "same.parquet", compression="zstd")
    pq.write_table(
        head.take(pa.array(random.permutation(rows))), folder / "shuffled.parquet", compression="zstd"
    )


def draw(start: int, rows: int, random: np.random.Generator) -> tuple[Any, Any]:
    """Base and head on rows that are named as flights are, 25 % of them late."""
    number = np.arange(start, start + rows)
    days, flights = (pa.array(number % 365), pa.array(number * 2_654_435_761 % 97))
    texts = [column.cast(pa.string()) for column in (days, flights, pa.array(number))]
    row_id = pc.binary_join_element_wise(*texts, "EWR", "-")
    slices = {}
    for name, values in COLUMNS.items():
        codes = (random.random(rows) ** 1.5 * values).astype(np.int32)
        named = pa.array([f"{name}-{value}" for value in range(values)])
        slices[name] = named.take(pa.array(codes))
    signal = random.normal(size=rows)
    labels = pa.array(["on_time", "late"])
    truth = labels.take(pa.array((signal + random.normal(size=rows) > 0.95).astype(np.int8)))

    def model(noise: float) -> Any:
        late = 1 / (1 + np.exp(1.5 - 1.7 * (signal + noise * random.normal(size=rows))))
        answer = labels.take(pa.array((late > 0.5).astype(np.int8)))
        columns = {
            "row_id": row_id,
            "y_true": truth,
            "y_pred": answer,
            "proba_late": late,
            "proba_on_time": 1 - late,
        }
        return pa.table({**columns, **slices})

    return model(0.3), model(0.3)


if __name__ == "__main__":
    main()
