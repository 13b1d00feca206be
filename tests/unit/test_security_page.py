"""docs/security.md: every row of its threat table names a test, and the tests are there."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/security.md"
COLUMNS = ["asset", "attacker", "way", "defence", "strength", "test"]
HELD = ("held", "detected", "limited", "open")


def rows(text: str) -> list[dict[str, str]]:
    """The rows of every threat table, by column."""
    found = []
    for table in re.findall(r"^\| asset \|.*?\n\|[-| ]+\|\n((?:\|.*\n)+)", text, flags=re.MULTILINE):
        for line in table.splitlines():
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]
            found.append(dict(zip(COLUMNS, cells, strict=True)))
    return found


@cache
def named_in(file: str) -> frozenset[str]:
    """The names of the tests of a file of this repository."""
    tree = ast.parse((ROOT / file).read_text())
    return frozenset(
        node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


def missing(row: dict[str, str]) -> list[str]:
    """What is wrong with a row's tests."""
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", row["test"])
    if not named:
        return [] if row["strength"] == "open" and row["test"] == "–" else [f"{row['way']}: names no test"]
    return [
        f"{file}::{name}" for file, name in named if not (ROOT / file).is_file() or name not in named_in(file)
    ]


def test_the_page_has_a_table() -> None:
    assert len(rows(PAGE.read_text())) >= 40


@pytest.mark.parametrize("row", rows(PAGE.read_text()), ids=lambda row: re.sub(r"\W+", "-", row["way"])[:60])
def test_each_row_is_whole_and_names_tests_that_are_there(row: dict[str, str]) -> None:
    assert [column for column, cell in row.items() if not cell] == []
    assert row["strength"] in HELD
    assert missing(row) == []


def test_a_row_without_a_test_or_with_one_that_is_not_there_is_told() -> None:
    row = dict.fromkeys(COLUMNS, "x") | {"strength": "held", "test": "–"}
    assert missing(row) == ["x: names no test"]
    row["test"] = "`tests/unit/test_security_page.py::test_nothing`"
    assert missing(row) == ["tests/unit/test_security_page.py::test_nothing"]
    assert missing(row | {"test": "`tests/no.py::test_a`"}) == ["tests/no.py::test_a"]
    assert missing(row | {"strength": "open", "test": "–"}) == []
