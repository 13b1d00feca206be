"""Ibis's compilers are imported as they are asked for, and all of them are still to be had."""

import subprocess
import sys

OURS = """
import sys
from mergegate.dataset.duck import DuckDB
with DuckDB():
    print(*sorted(name.rpartition(".")[2] for name in sys.modules if name.startswith("sqlglot.dialects.")))
"""
OTHERS = """
import ibis.backends.sql.compilers as compilers
print(compilers.trino.__name__, compilers.SQLiteCompiler.__name__, hasattr(compilers, "none"))
"""


def run(script: str) -> str:
    return subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout


def test_only_the_engine_in_use_has_its_dialect_imported() -> None:
    assert run(OURS) == "dialect duckdb\n"


def test_the_compilers_of_other_engines_are_there_when_asked_for() -> None:
    assert run(OURS + OTHERS) == "dialect duckdb\nibis.backends.sql.compilers.trino SQLiteCompiler False\n"


def test_a_package_that_was_imported_before_is_left_alone() -> None:
    before = "import ibis.backends.sql.compilers as before\n"
    after = "\nimport ibis.backends.sql.compilers as after\nprint(after is before)\n"
    assert run(before + OURS + after).endswith("True\n")
