"""The row diff alone, without profiles and shift: what datacompy answers too."""

import sys
from pathlib import Path

import msgspec

from mergegate.dataset.duck import DuckDB
from mergegate.dataset.reading import read_pair
from mergegate.dataset.rows import diff_rows
from mergegate.dataset.source import find_source

with DuckDB() as engine:
    old, new = read_pair(engine, *(find_source(Path(path)) for path in sys.argv[1:3]))
    found = diff_rows(engine, old, new, ["id"])
    rows = {kind: getattr(found.changes, kind) for kind in ("added", "removed", "changed")}
    columns = {each.column: each.changed for each in found.columns}
    print(msgspec.json.encode({"rows": rows, "columns": columns}).decode())
