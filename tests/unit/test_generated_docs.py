"""The policy reference and the schemas are what the code says."""

import json
import re
import runpy
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
import yaml

from mergegate import cli, config
from mergegate.records import review, verdict

DOCS = Path(__file__).parents[2] / "docs"
sys.path.insert(0, str(DOCS.parent))
GENERATE: dict[str, Any] = runpy.run_module("docs.generate")
PAGES: dict[str, str] = GENERATE["pages"]()


EXAMPLES: list[str] = re.findall(r"```yaml\n(version: 1\n.*?)```", PAGES["policy.md"], re.DOTALL)
SMALL, COMPLETE = EXAMPLES


@pytest.mark.parametrize("page", PAGES)
def test_the_committed_page_is_the_generated_one(page: str) -> None:
    committed = (DOCS / page).read_text(encoding="utf-8")
    assert committed == PAGES[page], f"docs/{page} is out of step with the code: run `make docs`"


def documented_keys() -> set[str]:
    """Each key of the page's tables below the place that its heading names."""
    found: set[str] = set()
    for section in PAGES["policy.md"].split("\n### ")[1:]:
        heading, _, rest = section.partition("\n")
        place = "" if heading == "Top level" else heading.strip("`") + "."
        rows = re.findall(r"^\| `([a-z_]+)` \| .+ \| .+ \| .+ \|$", rest.split("\n## ")[0], re.MULTILINE)
        found |= {place + key for key in rows}
        if same := re.match(r"\n?The keys of `(.+)`\.", rest):
            told = f"{same[1]}."
            found |= {place + key.removeprefix(told) for key in found if key.startswith(told)}
    return found


def used_keys(value: Any, place: str = "") -> Iterator[str]:
    """Each key of a document, written as headings write places."""
    if isinstance(value, dict):
        for key, item in value.items():
            here = f"{place}.NAME" if place == "models" else f"{place}.{key}".removeprefix(".")
            yield here
            yield from used_keys(item, here)
    elif isinstance(value, list):
        for item in value:
            yield from used_keys(item, f"{place}[]")


BY_COLUMN = (
    "datasets[].gates.max_missing.",
    "datasets[].gates.shift.",
    "models.NAME.evaluation.bands.",
)
"""Places whose keys are columns."""


def test_the_complete_example_is_a_policy_that_uses_every_key() -> None:
    policy = config.load(COMPLETE.encode(), file="docs/policy.md")
    assert list(policy.models) == ["late-arrival", "delay-minutes", "delay-cause"]
    documented = documented_keys()
    used = set(used_keys(yaml.safe_load(COMPLETE)))
    # A dataset's own gates are the common ones: some of them are enough to show it.
    own = {key for key in documented if key.startswith("datasets[].gates.leakage.")}
    assert documented - used - own == set()
    by_name = ("models.NAME.evaluation.cost_matrix.costs.", *BY_COLUMN)
    assert {key for key in used - documented if not key.startswith(by_name)} == {"models.NAME"}


def test_the_first_example_is_a_policy_too() -> None:
    policy = config.load(SMALL.encode(), file="docs/policy.md")
    assert policy.mode == "advisory"
    assert [gate.name for gate in policy.models["late-arrival"].gates.metrics] == ["roc_auc", "log_loss"]


def test_every_default_stands_in_the_reference() -> None:
    rows = re.findall(r"^\| `([a-z_]+)` \| [^|]+ \| (`[^|]+`) \|", PAGES["policy.md"], re.MULTILINE)
    assert rows == [
        ("mode", "`enforce`"),
        ("baseline", "`main`"),
        ("confidence", "`0.95`"),
        ("on_insufficient", "`warn`"),
        ("min_rows", "`50`"),
        ("quantile", "`0.5`"),
        ("greater_is_better", "`false`"),
        ("greater_is_better", "`true`"),
        ("timeout", "`120.0`"),
        ("importance", "`false`"),
        ("latency", "`false`"),
        ("max_rows_gone", "`0.0`"),
        ("max_labels_changed", "`0.0`"),
        ("timeout", "`900.0`"),
        ("max_size_mb", "`1000.0`"),
        ("equal", "`predictions`"),
        ("tolerance", "`1e-06`"),
        ("commits", "`all`"),
        ("older_than_days", "`30`"),
    ]


VALIDATOR = jsonschema.Draft202012Validator(json.loads(PAGES["schema/policy.schema.json"]))


def test_the_policy_schema_takes_the_examples_and_the_projects_own_policy() -> None:
    VALIDATOR.check_schema(VALIDATOR.schema)
    for text in (*EXAMPLES, (DOCS.parent / config.POLICY_FILE).read_text(encoding="utf-8")):
        assert list(VALIDATOR.iter_errors(yaml.safe_load(text))) == []
        assert config.load(text.encode(), file="docs/policy.md").version == 1


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("mode: enforce", "mod: enforce"),
        ("mode: enforce", "mode: strict"),
        ("version: 1", "version: 2"),
        ("confidence: 0.95", "confidence: 95"),
        ("confidence: 0.95", "confidence: 0.5"),
        ("min_rows: 50", "min_rows: 0"),
        ("name: roc_auc, min: 0.60, max_regression: 0.01", "name: roc_auc"),
        ("min: 0.60", "min: high"),
        ("max_regression: 0.01", "max_regression: -0.01"),
        ("max_relative_regression: 0.02", "max_relative_regression: 1"),
        ("slices: [origin, carrier]", "slices: [origin, origin]"),
        ("slices: [origin, carrier]", "slices: [origin, y_true]"),
        ("slices: [origin, carrier]", "slices: [origin, proba_late]"),
        ("min_rows: 200", "min_rows: 0"),
        ("confidence: 0.9\n", "confidence: 1\n"),
        ("threshold: 0.4", "threshold: 1"),
        ("quantile: 0.9", "quantile: 0"),
        ("cluster: tailnum", "cluster: ''"),
        ("weight: passengers", "weight: row_id"),
        ("unit: EUR", "unit: pounds, shillings and pence"),
        ("{name: minutes_lost, column", "{name: minutes-lost, column"),
        ("column: minutes_lost", "column: ' '"),
        ("desk.metrics:rebooked", "desk/metrics.py:rebooked"),
        ("timeout: 60", "timeout: 0"),
        ("timeout: 60", "timeout: 3601"),
        ("max_rows_gone: 0.02", "max_rows_gone: 2"),
        ("max_size_mb: 50", "max_size_mb: 0"),
        ("parity: 1.0e-5", "parity: -1"),
        ("reason: the winter timetable has one Hawaiian flight a day", 'reason: " "'),
        ("schema: none", "schema: strict"),
        ("max_removed_share: 0.001", "max_removed_share: 1.5"),
        ("max_added_share: 0.5", "max_added_share: -0.5"),
        ("max_label_change_share: 0.005", "max_label_change_share: 2"),
        ("wind_gust: 0.9", "wind_gust: 90"),
        ("max_missing: 0.2", "max_missing: -1"),
        ("single_feature: forbid", "single_feature: refuse"),
        ("single_feature: forbid", "single_features: forbid"),
        ("max_single_feature_strength: 0.9\n", "max_single_feature_strength: 0\n"),
        ("temp: 0.25", "temp: -0.25"),
        ("shift: warn", "shift: 0.25"),
        ("unique_key: forbid", "unique_key: true"),
        ("group: tailnum", "group: ' '"),
        ("max_size_mb: 50}   #", "max_size_mb: 0}   #"),
        ("env: [STATION_KEY]", "env: [STATION-KEY]"),
        ("timeout: 600", "timeout: 36000"),
        ("private: [tailnum]", "private: [tailnum, tailnum]"),
        ('expires: "2026-12-31"', 'expires: "31.12.2026"'),
        ("late-arrival:", "Late Arrival:"),
        ("      task: binary\n", ""),
    ],
)
def test_the_policy_schema_refuses_what_the_loader_refuses(right: str, wrong: str) -> None:
    assert right in COMPLETE
    text = COMPLETE.replace(right, wrong)
    assert list(VALIDATOR.iter_errors(yaml.safe_load(text))) != []
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


def test_the_reference_of_the_command_line_has_every_command_and_its_options() -> None:
    page = PAGES["reference/cli.md"]
    headings = re.findall(r"^##+ mergegate (.+)$", page, re.MULTILINE)
    assert [name for name in headings if " " not in name] == list(cli.COMMANDS)
    assert {"diff data", "policy check", "merge-driver install", "golden add"} <= set(headings)
    review = page.split("\n## mergegate review\n")[1].split("\n## ")[0]
    assert "mergegate review [OPTIONS]" in review
    assert "| `--target REV` | The branch that the change wants to enter: its policy holds." in review
    assert "**Exit codes**: 0 passed (or advisory), 1 a gate failed" in review
    links = re.findall(r"\(#(mergegate-[a-z-]+)\)", page)
    assert links == [f"mergegate-{name.replace(' ', '-')}" for name in headings]


def test_the_recipes_for_the_policy_are_policies() -> None:
    page = (DOCS / "policy-recipes.md").read_text(encoding="utf-8")
    recipes = re.findall(r"^## (.+?)\n.*?^```yaml\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    assert len(recipes) == page.count("\n## ") == page.count("```yaml")
    for title, text in recipes:
        policy = config.load(f"version: 1\n{text}".encode(), file=title)
        assert policy.models or policy.datasets
