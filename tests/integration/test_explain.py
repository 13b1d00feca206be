"""`mergegate explain` from the command line: what machines read, and names that are no text."""

import json
from pathlib import Path

import jsonschema

from mergegate.topics import read_all
from support.projects import Project

SCHEMA = Path(__file__).parents[2] / "docs" / "schema" / "explain.schema.json"


def test_what_machines_read_is_of_its_schema_whatever_was_typed(project: Project) -> None:
    schema = json.loads(SCHEMA.read_text())
    for asked, name in ((("late/min",), "late/min"), (("\udcff/min",), "\\udcff/min"), ((), None)):
        ended = project.mergegate("explain", *asked, "--json")
        assert (ended.code, ended.err) == (0, "")
        found = json.loads(ended.out)
        jsonschema.validate(found, schema)
        assert found["name"] == name
        assert [topic["names"][0] for topic in found["topics"]] == (
            ["min"] if asked else [topic.name for topic in read_all()]
        )


def test_what_nothing_is_called_is_shown_inert_beside_what_is_near(project: Project) -> None:
    ended = project.mergegate("explain", "max_regresion")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(
        "mergegate: nothing is called max_regresion\n  next: did you mean max_regression or "
    )
    assert "\x1b" not in project.mergegate("explain", "\x1b[31m\n::error::x").err
