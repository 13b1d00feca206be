"""A small airport: flights, weather and planes with the reference data's columns, a few rows a day."""

import shutil
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

REPOSITORY = Path(__file__).parents[2]
HOUR = pa.timestamp("ms", tz="UTC")
CARRIERS, ORIGINS, DESTS, TAILS = (
    ("AA", "B6", "UA"),
    ("EWR", "JFK", "LGA"),
    ("ATL", "BOS"),
    ("N101AA", "N102B6", None),
)

FLIGHTS = pa.schema(
    {
        **dict.fromkeys(
            ("year", "month", "day", "dep_time", "sched_dep_time", "dep_delay", "arr_time", "sched_arr_time"),
            pa.int16(),
        ),
        "arr_delay": pa.int16(),
        **dict.fromkeys(("carrier", "tailnum", "origin", "dest"), pa.string()),
        **dict.fromkeys(("flight", "air_time", "distance", "hour", "minute"), pa.int16()),
        "time_hour": HOUR,
    }
)
WEATHER = pa.schema(
    {
        "origin": pa.string(),
        "time_hour": HOUR,
        **dict.fromkeys(
            ("temp", "dewp", "humid", "wind_dir", "wind_speed", "wind_gust", "precip", "pressure", "visib"),
            pa.float64(),
        ),
    }
)
PLANES = pa.schema({"tailnum": pa.string(), "year": pa.int16(), "seats": pa.int16()})


def flight(on: date, number: int, **changes: Any) -> dict[str, Any]:
    """One flight; every fourth is late, every thirteenth cancelled."""
    hour = 6 + number % 12
    delay = None if number % 13 == 12 else 40 if number % 4 == 0 else -5
    flown = delay is not None
    row = {
        "year": on.year,
        "month": on.month,
        "day": on.day,
        "dep_time": hour * 100 if flown else None,
        "sched_dep_time": hour * 100,
        "dep_delay": delay,
        "arr_time": (hour + 2) * 100 if flown else None,
        "sched_arr_time": (hour + 2) * 100,
        "arr_delay": delay,
        "carrier": CARRIERS[number % 3],
        "flight": 100 + number,
        "tailnum": TAILS[number % 2 if number % 20 else 2],
        "origin": ORIGINS[number % 3],
        "dest": DESTS[number % 2],
        "air_time": 90 if flown else None,
        "distance": 500 + 10 * number,
        "hour": hour,
        "minute": 0,
        "time_hour": datetime(on.year, on.month, on.day, hour, tzinfo=UTC) + timedelta(hours=5),
    }
    return {**row, **changes}


def month(text: str, *, days: int = 3, per_day: int = 20) -> list[dict[str, Any]]:
    """The flights of the first days of a month such as `2013-01`."""
    first = date.fromisoformat(f"{text}-01")
    return [
        flight(first + timedelta(days=day), number) for day in range(days) for number in range(1, per_day + 1)
    ]


def weather(flights: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Weather for every airport and hour of the flights."""
    hours = sorted({(row["origin"], row["time_hour"]) for row in flights})
    measures = {
        "temp": 40.0,
        "dewp": 30.0,
        "humid": 60.0,
        "wind_dir": 270.0,
        "wind_speed": 10.0,
        "wind_gust": None,
    }
    rest = {"precip": 0.0, "pressure": 1015.0, "visib": 10.0}
    return [{"origin": origin, "time_hour": hour, **measures, **rest} for origin, hour in hours]


def write(rows: Sequence[Mapping[str, Any]], schema: pa.Schema, path: Path) -> None:
    """Rows as Parquet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist([dict(row) for row in rows], schema=schema), path)


def write_raw(folder: Path, months: Sequence[str] = ("2013-01", "2013-02", "2013-03")) -> None:
    """data/raw of a project: flights by month, weather, planes, and the repository's own params.yaml."""
    raw = folder / "data" / "raw"
    every = {name: month(name) for name in months}
    for name, rows in every.items():
        write(rows, FLIGHTS, raw / "flights" / f"{name}.parquet")
    # The weather of the whole year, as in the reference data: it doesn't change when a month comes in.
    hours = [row for name in range(1, 13) for row in month(f"2013-{name:02d}")]
    write(weather(hours), WEATHER, raw / "weather.parquet")
    planes: list[dict[str, Any]] = [
        {"tailnum": "N101AA", "year": 1999, "seats": 150},
        {"tailnum": "N102B6", "year": 2004, "seats": 180},
    ]
    write(planes, PLANES, raw / "planes.parquet")
    shutil.copy(REPOSITORY / "params.yaml", folder / "params.yaml")
