"""The harness itself: what it runs is what GitHub would run."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from support.actions.hosting import Hosting
from support.actions.language import InvalidFileError, Scope, interpolate, read_workflow
from support.actions.samples import CHECKOUT, DOWNLOAD, UPLOAD, change, workflow
from support.repositories import Repository

pytestmark = pytest.mark.needs("node")

Start = Callable[..., tuple[Hosting, Repository]]


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("${{ github.event.number }}", 7),
        ("${{ 'it''s Mona''s' }}", "it's Mona's"),
        ("${{ format('Hello {0} {1} {2}', 'Mona', 'the', 'Octocat') }}", "Hello Mona the Octocat"),
        ("${{ format('{{Hello {0}}}', 'Mona') }}", "{Hello Mona}"),
        ("${{ contains('Hello world', 'LLO') }}", True),
        ("${{ startsWith('Hello world', 'He') && !endsWith('Hello world', 'x') }}", True),
        ("${{ join(github.event.labels.*.name, ', ') }}", "bug, help wanted"),
        ("${{ fromJSON('[1, 2]')[1] }}", 2),
        ("${{ github.event.gone == null }}|${{ github.event.gone }}", "true|"),
        ("${{ github['event'].number == '7' && 'a' || 'b' }}", "a"),
        ("a '${{ github.event.number }}' }} b", "a '7' }} b"),
    ],
)
def test_expressions_are_evaluated_as_documented(template: str, value: Any) -> None:
    event = {"number": 7, "labels": [{"name": "bug"}, {"name": "help wanted"}]}
    scope = Scope({"github": {"event": event}}, {"success": True}, "/")
    assert interpolate(template, scope) == value


def test_files_are_hashed_as_documented(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.txt").write_text("x")
    scope = Scope({}, {}, str(tmp_path))
    expected = sha256(sha256(b"x").digest()).hexdigest()
    assert interpolate("${{ hashFiles('gone', '**/*.txt') }}", scope) == expected
    assert interpolate("${{ hashFiles('*.txt') }}", scope) == ""


def test_a_workflow_that_github_would_refuse_is_refused() -> None:
    with pytest.raises(InvalidFileError, match="Required property is missing: runs-on"):
        read_workflow("a.yml", "on: push\njobs: {a: {steps: []}}")
    with pytest.raises(InvalidFileError, match="Unrecognized named-value: 'nope'"):
        read_workflow("a.yml", workflow("run: echo ${{ nope.x }}"))


def test_a_pull_request_runs_its_own_workflow_on_the_merge_commit(start: Start) -> None:
    hosting, work = start({})
    work.git("switch", "--quiet", "--create", "change")
    work.write(
        ".github/workflows/a.yml",
        workflow(
            f"uses: {CHECKOUT}\nwith: {{fetch-depth: 2}}",
            "run: |\n  git log -1 --format=%s%n%P; echo $GITHUB_REF $GITHUB_HEAD_REF",
        ),
    )
    head = work.commit("Add a workflow")
    hosting.push(work.path, "change")
    pull = hosting.open("change")
    (run,) = hosting.runner.runs
    base = hosting.tip("main")
    assert f"Merge {head} into {base}\n{base} {head}\nrefs/pull/1/merge change\n" in run.log
    assert (run.conclusion, hosting.server.runs[run.id].head_sha) == ("success", head)
    assert pull.mergeable


def test_outputs_environment_path_and_summaries_pass_from_step_to_step(start: Start) -> None:
    steps = (
        'id: first\nrun: |\n  echo "a=1" >> "$GITHUB_OUTPUT"\n  echo "B=two" >> "$GITHUB_ENV"\n'
        '  mkdir bin; echo "echo found" > bin/tool; chmod +x bin/tool; echo "$PWD/bin" >> "$GITHUB_PATH"\n'
        '  printf "long<<END\\n1\\n2\\nEND\\n" >> "$GITHUB_OUTPUT"',
        'env: {C: "${{ steps.first.outputs.a }}-${{ env.B }}"}\nrun: |\n'
        '  echo "$B $C ${{ steps.first.outputs.long }}"\n  tool; echo "# done" >> "$GITHUB_STEP_SUMMARY"',
    )
    hosting, work = start({".github/workflows/a.yml": workflow(*steps, more="env: {A: x}")})
    change(hosting, work)
    hosting.open("change")
    (run,) = hosting.runner.runs
    assert "two 1-two 1\n2\nfound\n" in run.log
    assert run.summary == "# done\n"


def test_a_failed_step_skips_what_follows_but_for_always_and_failure(start: Start) -> None:
    steps = (
        "{id: tolerated, run: exit 3, continue-on-error: true}",
        "{id: bad, run: exit 4}",
        "{id: after, run: echo after}",
        "{id: at-failure, if: failure(), run: echo failed}",
        "{id: always, if: always(), run: 'echo ${{ job.status }} ${{ steps.tolerated.outcome }}'}",
    )
    hosting, work = start({".github/workflows/a.yml": workflow(*steps)})
    change(hosting, work)
    hosting.open("change")
    (run,) = hosting.runner.runs
    assert [(step.name, step.outcome, step.conclusion) for step in run.job("one").steps] == [
        ("tolerated", "failure", "success"),
        ("bad", "failure", "failure"),
        ("after", "skipped", "skipped"),
        ("at-failure", "success", "success"),
        ("always", "success", "success"),
    ]
    assert "failure failure" in run.log
    assert run.conclusion == "failure"


def test_shells_are_as_strict_as_asked(start: Start) -> None:
    steps = (
        "{id: default, run: 'false | true'}",
        "{id: bash, run: 'false | true', shell: bash, continue-on-error: true}",
        "{id: late, run: sleep 60, timeout-minutes: 1, continue-on-error: true}",
    )
    hosting, work = start({".github/workflows/a.yml": workflow(*steps)}, minute=0.2)
    change(hosting, work)
    hosting.open("change")
    steps_run = hosting.runner.runs[0].job("one").steps
    assert [(step.outcome, step.sentence) for step in steps_run] == [
        ("success", ""),
        ("failure", "Process completed with exit code 1."),
        ("failure", "timed out after 0.2 seconds"),
    ]


NEEDS = """\
on: workflow_dispatch
permissions: {}
jobs:
  last:
    needs: [first, second]
    if: ${{ always() && needs.first.outputs.told == 'yes' }}
    runs-on: ubuntu-latest
    steps: [{run: 'echo ${{ needs.second.result }} ${{ needs.skipped.result }}.'}]
  skipped:
    needs: second
    runs-on: ubuntu-latest
    steps: [{run: echo}]
  second:
    needs: first
    runs-on: ubuntu-latest
    steps: [{run: exit 1}]
  first:
    outputs: {told: "${{ steps.say.outputs.told }}"}
    runs-on: ubuntu-latest
    steps: [{id: say, run: echo told=yes >> $GITHUB_OUTPUT}]
"""


def test_jobs_run_after_those_they_need(start: Start) -> None:
    hosting, _ = start({".github/workflows/a.yml": NEEDS})
    hosting.start("a.yml")
    (run,) = hosting.runner.runs
    assert list(run.results().items()) == [
        ("first", "success"),
        ("second", "failure"),
        ("last", "success"),
        ("skipped", "skipped"),
    ]
    assert "failure .\n" in run.log
    assert run.conclusion == "failure"


FAILING = """\
name: fail
description: Says something, then fails
outputs: {said: {description: what, value: "${{ steps.say.outputs.said }}"}}
runs:
  using: composite
  steps:
    - {id: say, shell: bash, run: "echo said=it >> $GITHUB_OUTPUT; exit 3"}
    - {shell: bash, if: "!cancelled()", run: echo later}
"""


def test_what_failed_has_outputs_too(start: Start) -> None:
    failing = (
        "on: workflow_dispatch\npermissions: {contents: read}\njobs:\n  first:\n    runs-on: ubuntu-latest\n"
        '    outputs: {told: "${{ steps.fail.outputs.said }}"}\n    steps:\n'
        f"      - uses: {CHECKOUT}\n      - {{id: fail, uses: ./fail}}\n"
        "  last:\n    needs: first\n    if: always()\n    runs-on: ubuntu-latest\n"
        "    steps: [{run: 'echo ${{ needs.first.result }} ${{ needs.first.outputs.told }}'}]\n"
    )
    hosting, _ = start({".github/workflows/a.yml": failing, "fail/action.yml": FAILING})
    hosting.start("a.yml")
    (run,) = hosting.runner.runs
    assert "\nlater\n" in run.job("first").log
    assert run.job("last").log.endswith("\nfailure it\n")


COMPOSITE = """\
name: greet
description: Greets
inputs:
  who: {description: whom, required: true}
  how: {description: how, default: hello}
outputs:
  said: {description: what, value: "${{ steps.say.outputs.said }}"}
runs:
  using: composite
  steps:
    - id: say
      if: inputs.how == 'hello'
      shell: bash
      env: {WHO: "${{ inputs.who }}"}
      run: echo "said=$HOW $WHO from ${GITHUB_ACTION_PATH##*/}" >> "$GITHUB_OUTPUT"
"""


def test_a_composite_action_sees_its_inputs_and_gives_its_outputs(start: Start) -> None:
    steps = (
        f"uses: {CHECKOUT}",
        'id: greet\nuses: ./greet\nenv: {HOW: Good day}\nwith: {who: "$(id)\'s"}',
        'run: echo "${{ steps.greet.outputs.said }}."',
    )
    files = {"greet/action.yml": COMPOSITE, ".github/workflows/a.yml": workflow(*steps)}
    hosting, work = start(files)
    change(hosting, work)
    hosting.open("change")
    assert hosting.runner.runs[0].job("one").steps[1].outputs == {"said": "Good day $(id)'s from greet"}


def test_artifacts_pass_between_jobs_and_stand_in_the_api(start: Start) -> None:
    second = (
        "  two:\n    needs: one\n    runs-on: ubuntu-latest\n    steps:\n"
        f"      - uses: {DOWNLOAD}\n        with: {{name: kept, path: here}}\n"
        "      - run: find here -type f | sort\n"
    )
    steps = (
        "run: mkdir -p out/deep out/.hidden; echo 1 > out/a; echo 2 > out/deep/b; echo 3 > out/.hidden/c",
        f"uses: {UPLOAD}\nwith: {{name: kept, path: out, if-no-files-found: error}}",
        f"uses: {UPLOAD}\ncontinue-on-error: true\nwith: {{path: gone, if-no-files-found: error}}",
    )
    hosting, work = start({".github/workflows/a.yml": workflow(*steps) + second})
    change(hosting, work)
    hosting.open("change")
    (run,) = hosting.runner.runs
    assert "here/a\nhere/deep/b\n" in run.job("two").log
    assert [(each.name, each.run_id) for each in hosting.server.artifacts.values()] == [("kept", run.id)]
    assert "No files were found with the provided path: gone." in run.job("one").log


WRITER = workflow(
    "run: >-\n  curl -s -o /dev/null --write-out '%{http_code}' -H \"Authorization: Bearer $T\"\n"
    '  "$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/statuses/${{ github.event.pull_request.head.sha }}"\n'
    '  -d \'{"state": "success", "context": "mergegate"}\'\nenv: {T: "${{ github.token }}"}',
    'run: echo "secret=${{ secrets.ROLE }}."',
    permissions="statuses: write, id-token: write",
)


@pytest.mark.parametrize(
    ("fork", "by", "permissions", "answer", "secret"),
    [
        ("", "ada", {"statuses": "write", "id-token": "write"}, "201", "arn"),
        ("eve/flights", "eve", {"statuses": "read"}, "403", ""),
        ("", "dependabot[bot]", {"statuses": "read"}, "403", ""),
    ],
)
def test_a_token_may_what_the_job_declares_and_a_forks_may_only_read(
    start: Start, fork: str, by: str, permissions: dict[str, str], answer: str, secret: str
) -> None:
    hosting, work = start({".github/workflows/a.yml": WRITER}, secrets={"ROLE": "arn"})
    work.git("switch", "--quiet", "--create", "change")
    work.commit("Change")
    hosting.push(work.path, "change", to=fork, by=by)
    hosting.open("change", fork=fork, by=by)
    job = hosting.runner.runs[0].job("one")
    assert job.permissions == permissions
    assert answer in job.log
    assert f"secret={secret}." in job.log
    assert [each.state for each in hosting.server.statuses] == (["success"] if answer == "201" else [])


def test_a_checkout_keeps_the_token_unless_told_otherwise(start: Start) -> None:
    kept = workflow(f"uses: {CHECKOUT}")
    clean = workflow(f"uses: {CHECKOUT}\nwith: {{persist-credentials: false, fetch-depth: 0}}")
    hosting, work = start({".github/workflows/a.yml": clean})
    change(hosting, work)
    hosting.open("change")
    hosting.assert_secret()
    work.write(".github/workflows/a.yml", kept)
    work.commit("Keep the token")
    hosting.push(work.path, "change")
    with pytest.raises(AssertionError, match=r"a\.yml \d+ 1-one/temp/git-credentials.config"):
        hosting.assert_secret()
