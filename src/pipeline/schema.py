"""What the joined data must look like: `dvc repro validate` holds each month's file against it.

The words are those of checks.py. `missing` is the share of a month's rows that may lack the value.
"""

import pandera.pandas as pa

from pipeline.checks import day, moment, number, text, whole

CARRIERS = ("9E", "AA", "AS", "B6", "DL", "EV", "F9", "FL", "HA", "MQ", "OO", "UA", "US", "VX", "WN", "YV")

flights = pa.DataFrameSchema(
    {
        "row_id": text(unique=True),
        # The schedule: known for every flight.
        "date": day("2013-01-01", "2013-12-31"),
        "year": whole(2013, 2013),
        "month": whole(1, 12),
        "day": whole(1, 31),
        "weekday": whole(1, 7),
        "time_hour": moment(),
        "hour": whole(0, 23),
        "minute": whole(0, 59),
        "sched_dep_time": whole(0, 2400),
        "sched_arr_time": whole(0, 2400),
        "carrier": text(among=CARRIERS),
        "flight": whole(1, 9999),
        "tailnum": text(pattern="[A-Z0-9]{4,6}", missing=0.05),
        "origin": text(among=("EWR", "JFK", "LGA")),
        "dest": text(pattern="[A-Z]{3}"),
        "distance": whole(10, 6000),
        # What came of it: missing where the flight was cancelled or diverted.
        "dep_time": whole(1, 2400, missing=0.10),
        "dep_delay": whole(-120, 2000, missing=0.10),
        "arr_time": whole(1, 2400, missing=0.10),
        "arr_delay": whole(-120, 2000, missing=0.10),
        "air_time": whole(10, 900, missing=0.10),
        # The weather at the airport in the hour of departure: °F, %, mph, inches, millibar, miles.
        "temp": number(-20, 120, missing=0.10),
        "dewp": number(-40, 90, missing=0.10),
        "humid": number(0, 100, missing=0.10),
        # NOAA's record has 1,048 mph at EWR on 12 February 2013.
        "wind_speed": number(0, 120, missing=0.10, outside=0.005),
        "wind_gust": number(0, 150, missing=1.0),
        "precip": number(0, 10, missing=0.10),
        "pressure": number(900, 1100, missing=0.40),
        "visib": number(0, 10, missing=0.10),
        # The plane: the registry lacks those of two carriers.
        "built": whole(1940, 2013, missing=0.40),
        "seats": whole(1, 500, missing=0.40),
    },
    unique=["year", "month", "day", "carrier", "flight", "origin", "sched_dep_time"],
)
