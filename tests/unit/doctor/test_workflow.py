"""A workflow as data: read as GitHub reads it, and bounded."""

import pytest

from mergegate.doctor.workflow import Step, read
from mergegate.doctor.workflow_text import LARGEST, WorkflowError

TEXT = """\
name: all
on: [push, pull_request]
permissions: read-all
concurrency: {group: a, cancel-in-progress: "${{ github.event_name == 'push' }}"}
jobs:
  one:
    runs-on: [self-hosted, linux]
    if: github.actor != 'bot'
    needs: [two]
    environment: {name: prod, url: https://a}
    permissions: {contents: read, id-token: write}
    continue-on-error: true
    strategy: {matrix: {os: [a, b]}}
    steps:
      - uses: Mergegate/Mergegate@v1
        with: {run: judge, depth: 0, flag: yes}
        env:
          KEY: ${{ secrets.KEY }}
          OTHER: ${{ secrets['OTHER'] }}
          SELF: ${{ secrets.GITHUB_TOKEN }}
      - name: look
        run: |
          mergegate review --head "$HEAD"
  two:
    uses: ./.github/workflows/other.yml
    secrets: inherit
"""


def test_everything_that_the_checks_ask_is_there() -> None:
    found = read(TEXT)
    assert (found.name, dict(found.on), found.permissions, found.cancels) == (
        "all",
        {"push": {}, "pull_request": {}},
        {"*": "read"},
        True,
    )
    one, two = found.jobs
    assert (one.key, one.name, one.condition, one.needs) == ("one", "one", "github.actor != 'bot'", ("two",))
    assert (one.environment, one.runs_on) == ("prod", "self-hosted linux")
    assert one.matrix
    assert one.forgiven
    assert one.permissions == {"contents": "read", "id-token": "write"}
    assert set(one.secrets) == {"KEY", "OTHER"}
    assert one.steps[0].action == "mergegate/mergegate"
    assert one.steps[0].given == {"run": "judge", "depth": "0", "flag": "yes"}
    assert one.steps[1] == Step(name="look", run='mergegate review --head "$HEAD"')
    assert one.runs == {"judge", "review"}
    assert one.kind == "untrusted"
    assert (two.uses, two.inherits) == ("./.github/workflows/other.yml", True)
    assert not two.runs
    assert two.kind == ""
    assert found.permissions_of(two) == {"*": "read"}


@pytest.mark.parametrize(
    ("trigger", "events"),
    [
        ("on: push", {"push": {}}),
        ("on:\n  push:\n", {"push": {}}),
        ("on: {push: {branches: main}}", {"push": {"branches": ("main",)}}),
        ("on: {push: {branches: [a, 1]}}", {"push": {"branches": ("a", "1")}}),
        ("'on': workflow_run", {"workflow_run": {}}),
        ("name: none", {}),
    ],
)
def test_triggers_in_every_way_of_writing_them(trigger: str, events: object) -> None:
    assert read(f"{trigger}\njobs: {{a: {{}}}}\n").on == events


def test_secrets_are_seen_however_they_are_spelt_and_where_the_whole_workflow_has_them() -> None:
    (job,) = read(
        "env: {A: '${{ secrets.shared }}'}\n"
        "jobs:\n  a:\n    env: {B: '${{ Secrets.Key || SECRETS[ ''Other'' ] }}'}\n"
    ).jobs
    assert set(job.secrets) == {"SHARED", "KEY", "OTHER"}


@pytest.mark.parametrize(
    ("step", "runs"),
    [
        ("uses: acme/gate-fork@v1\n        with: {run: judge}", {"judge"}),
        ("uses: acme/other@v1\n        with: {run: tests}", set()),
        ("run: mergegate status", set()),
        ("run: mergegate status --pending", {"status"}),
        ("run: |\n          uv run mergegate \\\n            judge --out x", {"judge"}),
    ],
)
def test_what_mergegate_does_in_a_job_is_known_by_its_commands(step: str, runs: set[str]) -> None:
    (job,) = read(f"jobs:\n  a:\n    steps:\n      - {step}\n").jobs
    assert job.runs == runs


@pytest.mark.parametrize(
    "secret", ["${{ toJSON(secrets) }}", "${{ secrets[inputs.name] }}", "${{ join(secrets.*, ' ') }}"]
)
def test_all_secrets_at_once_are_seen(secret: str) -> None:
    (job,) = read(f"jobs:\n  a:\n    env:\n      A: {secret}\n").jobs
    assert job.secrets == ("all of them",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it has no jobs"),
        ("- a", "it has no jobs"),
        ("jobs: [a]", "it has no jobs"),
        ("jobs: {a: !!python/object:os.system {}}", "it is not YAML"),
        ("jobs:\n  a: [b\n", "it is not YAML, line 3"),
        ("a: " + "[" * 5000, "it is nested more than 200 levels deep"),
        ("\n".join(" " * depth + "a:" for depth in range(300)), "it is nested more than 200 levels deep"),
        ("x" * (LARGEST + 1), "it is larger than 524,288 bytes"),
        (
            "a: &a [x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a]\n"
            "c: &c [*b, *b, *b, *b, *b, *b, *b, *b]\nd: &d [*c, *c, *c, *c, *c, *c, *c, *c]\n"
            "e: &e [*d, *d, *d, *d, *d, *d, *d, *d]\njobs: {a: {b: [*e, *e]}}\n",
            "it expands to more than 50,000 values",
        ),
        ("jobs: &a\n  b: *a\n", "it expands to more than 50,000 values"),
        # Each of these would end the process, break a constructor, or take minutes.
        ("jobs:\n  a: 1\n" + "? " * 5000 + "a\n", "it is nested more than 200 levels deep"),
        ("jobs:\n a:\n" + "  [ #]\n" * 5000, "it is nested more than 200 levels deep"),
        ("jobs: " + '["]",' * 5000, "it is nested more than 200 levels deep"),
        ("jobs: {a: {x: !!timestamp foo}}", "it is not YAML as GitHub reads it: the tag tag:yaml.org"),
        ("jobs: {a: {x: !!bool foo}}", "it is not YAML as GitHub reads it: the tag"),
        ('jobs: {a: {x: !!int ""}}', "it is not YAML as GitHub reads it: the tag"),
        (
            "a: &b0 {x: 1}\n"
            + "".join(f"b{i}: &b{i}\n  <<: [*b{i - 1}, *b{i - 1}]\n" for i in range(1, 30))
            + "jobs: {}",
            "it expands to more than 50,000 values",
        ),
    ],
    ids=range(17),
)
def test_what_is_no_workflow_is_told(text: str, said: str) -> None:
    with pytest.raises(WorkflowError) as caught:
        read(text)
    assert str(caught.value).startswith(said)
