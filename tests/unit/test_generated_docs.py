"""The policy reference and the schemas are what the code says."""

import json
import re
import runpy
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
import yaml

from mergegate import config
from mergegate.records import review, verdict

DOCS = Path(__file__).parents[2] / "docs"
GENERATE: dict[str, Any] = runpy.run_path(str(DOCS / "generate.py"))
PAGES: dict[str, str] = GENERATE["pages"]()


def example() -> str:
    found = re.search(r"```yaml\n(version: 1\n.*?)```", PAGES["policy.md"], re.DOTALL)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("page", PAGES)
def test_the_committed_page_is_the_generated_one(page: str) -> None:
    committed = (DOCS / page).read_text(encoding="utf-8")
    assert committed == PAGES[page], f"docs/{page} is out of step with the code: run `make docs`"


def test_the_example_is_a_policy_that_uses_every_key() -> None:
    policy = config.load(example().encode(), file="docs/policy.md")
    assert list(policy.models) == ["late-arrival", "delay-minutes"]
    used = set(re.findall(r"([a-z_]+):", example()))
    documented = set(re.findall(r"^\| `([a-z_]+)` \| .* \| .* \| .* \|$", PAGES["policy.md"], re.MULTILINE))
    assert documented <= used


def test_the_policy_schema_takes_the_example_and_refuses_what_the_loader_refuses() -> None:
    validator = jsonschema.Draft202012Validator(json.loads(PAGES["schema/policy.schema.json"]))
    validator.check_schema(validator.schema)
    assert list(validator.iter_errors(yaml.safe_load(example()))) == []
    wrong = [
        example().replace("mode: advisory", "mod: advisory"),
        example().replace("mode: advisory", "mode: strict"),
        example().replace("version: 1", "version: 2"),
        example().replace("name: roc_auc, min: 0.60", "name: roc_auc"),
        example().replace("name: roc_auc, min: 0.60", "name: roc_auc, min: high"),
        example().replace("late-arrival:", "Late Arrival:"),
        example().replace("      task: binary\n", ""),
    ]
    for text in wrong:
        assert list(validator.iter_errors(yaml.safe_load(text))) != []
        with pytest.raises(config.PolicyError):
            config.load(text.encode(), file="docs/policy.md")


def test_the_review_schema_takes_a_review() -> None:
    validator = jsonschema.Draft202012Validator(json.loads(PAGES["schema/review.schema.json"]))
    validator.check_schema(validator.schema)
    revision = review.Revision(name="main", sha="0" * 40)
    written = review.Review(
        schema=review.SCHEMA,
        mergegate="0.1.0",
        strength="consistent",
        base=revision,
        head=revision,
        policy=review.PolicySource(
            path="mergegate.yaml", origin="target", revision=revision, sha256="0" * 64
        ),
        verdict=verdict.Verdict(outcome="passed", enforced=True, headline="Passed."),
        gates=(verdict.GateResult(id="m/roc_auc/min", kind="metric", outcome="pass", sentence="It is."),),
    )
    data = json.loads(msgspec.json.encode(written))
    assert list(validator.iter_errors(data)) == []
    assert list(validator.iter_errors(data | {"surprise": 1})) != []
    assert list(validator.iter_errors(data | {"strength": "certain"})) != []
