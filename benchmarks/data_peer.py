"""The peer of data.py, run in its own environment: datacompy on pandas, the same answers as JSON."""

import json
import sys
from pathlib import Path

import datacompy  # type: ignore[import-not-found]  # of another environment
import pandas as pd


def main() -> None:
    """Compare two Parquet files by `id`."""
    old, new = (pd.read_parquet(Path(path)) for path in sys.argv[1:3])
    found = datacompy.PandasCompare(old, new, join_columns="id", df1_name="base", df2_name="head")
    rows = {
        "added": len(found.df2_unq_rows),
        "removed": len(found.df1_unq_rows),
        "changed": int(len(found.intersect_rows) - found.count_matching_rows()),
    }
    columns = {each["column"]: int(each["unequal_cnt"]) for each in found.column_stats if each["unequal_cnt"]}
    print(json.dumps({"rows": rows, "columns": columns}))


if __name__ == "__main__":
    main()
