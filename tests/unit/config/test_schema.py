"""The policy's schema: printed, published, and named in the first line of a policy."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from mergegate.cli import run
from mergegate.config import modeline, schema_address
from mergegate.config.loader import load

ROOT = Path(__file__).parents[3]
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def test_the_schema_is_printed_as_it_is_published(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["policy", "schema"]) == 0
    printed = capsys.readouterr().out
    assert printed == (ROOT / "docs/schema/policy.schema.json").read_text()
    policy = yaml.safe_load((ROOT / "docs/every-key.yaml").read_text())
    jsonschema.Draft202012Validator(json.loads(printed)).validate(policy)


def test_its_address_is_that_of_one_commit_and_stands_in_the_first_line() -> None:
    address = schema_address(COMMIT)
    assert address == (
        f"https://raw.githubusercontent.com/mergegate/mergegate/{COMMIT}/docs/schema/policy.schema.json"
    )
    assert "/team/gate/" in schema_address(COMMIT, repository="team/gate")
    line = modeline(address)
    assert line == f"# yaml-language-server: $schema={address}\n"
    policy = (ROOT / "docs/every-key.yaml").read_text()
    assert load((line + policy).encode(), file="mergegate.yaml").models
