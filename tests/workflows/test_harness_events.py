"""Which workflows of the harness an event starts, from which commit, and what waits for what."""

from collections.abc import Callable

import pytest

from support.actions.hosting import Hosting
from support.actions.samples import CHECKOUT, change, workflow
from support.repositories import Repository

pytestmark = pytest.mark.needs("node")

Start = Callable[..., tuple[Hosting, Repository]]

CHECK = ".github/workflows/check.yml"
FOLLOW = ".github/workflows/follow.yml"

LISTENER = workflow(
    "run: 'echo ${{ github.event.action }} ${{ github.event.workflow_run.path }}"
    " ${{ github.event.workflow_run.conclusion }} ${{ github.sha }}'",
    name="follow",
    on="{workflow_run: {workflows: [check], types: [requested, completed]}}",
)


def outcomes(hosting: Hosting) -> list[tuple[str, str, str | None]]:
    """(workflow, event or what was told, conclusion) of every run."""
    return [
        (run.path.rpartition("/")[2], str(run.payload.get("action")), run.conclusion)
        for run in hosting.runner.runs
    ]


def test_what_listens_to_runs_starts_from_the_default_branch(start: Start) -> None:
    hosting, work = start({CHECK: workflow("run: echo"), FOLLOW: LISTENER})
    work.git("switch", "--quiet", "--create", "change")
    work.write(FOLLOW, LISTENER.replace("echo", "echo forged"))
    work.commit("Forge what follows")
    head = hosting.push(work.path, "change")
    hosting.open("change")
    main = hosting.tip("main")
    assert outcomes(hosting) == [
        ("check.yml", "opened", "success"),
        ("follow.yml", "requested", "success"),
        ("follow.yml", "completed", "success"),
    ]
    check, requested, completed = hosting.runner.runs
    assert f"\nrequested {CHECK} {main}\n" in requested.log
    assert f"\ncompleted {CHECK} success {main}\n" in completed.log
    assert hosting.server.runs[check.id].head_sha == head
    assert hosting.server.runs[completed.id].head_sha == main


@pytest.mark.parametrize("message", ["Change [skip ci]", "Change\n\n[no ci]"])
def test_a_commit_may_say_that_nothing_is_to_run(start: Start, message: str) -> None:
    hosting, work = start({CHECK: workflow("run: echo", on="[push, pull_request]")})
    hosting.runner.runs.clear()
    change(hosting, work, message=message)
    hosting.open("change")
    assert outcomes(hosting) == []


def test_a_pull_request_with_conflicts_starts_nothing(start: Start) -> None:
    hosting, work = start({CHECK: workflow("run: echo"), "a.txt": "1"})
    for branch in ("change", "main"):
        work.git("switch", "--quiet", *(["--create"] if branch == "change" else []), branch)
        work.write("a.txt", branch)
        work.commit(branch)
        hosting.push(work.path, branch)
    pull = hosting.open("change")
    assert (outcomes(hosting), pull.mergeable) == ([], False)
    work.git("switch", "--quiet", "change")
    work.git("merge", "--quiet", "--strategy", "ours", "main")
    hosting.push(work.path, "change")
    assert (outcomes(hosting), pull.mergeable) == ([("check.yml", "synchronize", "success")], True)


def test_a_newcomers_run_waits_for_approval(start: Start) -> None:
    hosting, work = start({CHECK: workflow("run: echo"), FOLLOW: LISTENER})
    work.git("switch", "--quiet", "--create", "change")
    work.commit("Change")
    hosting.push(work.path, "change", to="eve/flights", by="eve")
    hosting.open("change", fork="eve/flights", by="eve", association="FIRST_TIME_CONTRIBUTOR")
    check, _, told = hosting.runner.runs
    assert (check.conclusion, check.jobs) == ("action_required", {})
    assert "action_required" in told.log
    hosting.runner.approve(check)
    assert outcomes(hosting) == [
        ("check.yml", "opened", "success"),
        ("follow.yml", "requested", "success"),
        ("follow.yml", "completed", "success"),
        ("follow.yml", "completed", "success"),
    ]


def test_a_newer_run_cancels_one_that_is_held(start: Start) -> None:
    grouped = workflow(
        "run: echo", more="concurrency: {group: 'check-${{ github.head_ref }}', cancel-in-progress: true}"
    )
    hosting, work = start({CHECK: grouped, FOLLOW: LISTENER})
    hosting.runner.held.add(CHECK)
    change(hosting, work)
    hosting.open("change")
    hosting.runner.held.clear()
    work.commit("More")
    hosting.push(work.path, "change")
    assert outcomes(hosting) == [
        ("check.yml", "opened", "cancelled"),
        ("follow.yml", "requested", "success"),
        ("check.yml", "synchronize", "success"),
        ("follow.yml", "requested", "success"),
        ("follow.yml", "completed", "success"),
        ("follow.yml", "completed", "success"),
    ]


def test_a_group_without_cancelling_waits_and_keeps_the_newest(start: Start) -> None:
    hosting, work = start({CHECK: workflow("run: echo", more="concurrency: all")})
    hosting.runner.held.add(CHECK)
    change(hosting, work)
    hosting.open("change")
    for message in ("Second", "Third"):
        work.commit(message)
        hosting.push(work.path, "change")
    first, second, third = hosting.runner.runs
    assert [run.status for run in (first, second, third)] == ["queued", "completed", "pending"]
    hosting.runner.proceed(first)
    assert [run.conclusion for run in (first, second, third)] == ["success", "cancelled", "success"]


def test_a_rerun_is_a_new_attempt_of_the_same_run(start: Start) -> None:
    hosting, work = start(
        {CHECK: workflow('run: echo "attempt ${{ github.run_attempt }}"'), FOLLOW: LISTENER}
    )
    change(hosting, work)
    hosting.open("change")
    run = hosting.runner.runs[0]
    hosting.runner.rerun(run)
    assert "attempt 2" in run.log
    assert (hosting.server.runs[run.id].attempt, len(hosting.runner.by_path("follow.yml"))) == (2, 3)


def test_a_group_of_the_merge_queue_runs_on_its_own_commit(start: Start) -> None:
    steps = (
        f"uses: {CHECKOUT}\nwith: {{fetch-depth: 0}}",
        "run: ls; echo $GITHUB_REF; git log --format=%s -1 HEAD^1",
    )
    hosting, work = start({CHECK: workflow(*steps, on="merge_group")})
    change(hosting, work, "one")
    change(hosting, work, "two")
    base = hosting.tip("main")
    first, second = hosting.enqueue(hosting.open("one"), hosting.open("two"))
    assert [run.sha for run in hosting.runner.runs] == [first, second]
    assert f"one.txt\nrefs/heads/gh-readonly-queue/main/pr-1-{base}\nStart\n" in hosting.runner.runs[0].log
    assert (
        f"one.txt\ntwo.txt\nrefs/heads/gh-readonly-queue/main/pr-2-{first}\nMerge pull request #1\n"
        in hosting.runner.runs[1].log
    )


def test_a_file_that_github_would_refuse_is_a_failure_at_start(start: Start) -> None:
    hosting, work = start({CHECK: workflow("run: echo"), FOLLOW: LISTENER})
    work.git("switch", "--quiet", "--create", "change")
    work.write(CHECK, "name: check\non: pull_request\njobs: {one: {}}\n")
    work.commit("Break the workflow")
    hosting.push(work.path, "change")
    hosting.open("change")
    conclusions = [run.conclusion for run in hosting.runner.by_path("check.yml")]
    # The push of the branch too: GitHub can't know what the file listens to.
    assert conclusions == ["startup_failure", "startup_failure"]
    assert "startup_failure" in hosting.runner.by_path("follow.yml")[-1].log


def test_events_carry_inputs_retargets_and_times(start: Start) -> None:
    asked = workflow(
        'run: echo "sha=${{ inputs.sha }} $GITHUB_REF"',
        on="{workflow_dispatch: {inputs: {sha: {required: true}}}, schedule: [{cron: '17 4 * * *'}]}",
    )
    edited = workflow(
        "run: 'echo ${{ github.event.changes.base.ref.from }} ${{ github.base_ref }}'",
        on="{pull_request: {types: [edited], branches: ['release/**', '!release/old']}}",
    )
    hosting, work = start({CHECK: asked, FOLLOW: edited})
    hosting.start("check.yml", sha="abc")
    hosting.tick("17 4 * * *")
    hosting.tick("0 0 1 1 *")
    change(hosting, work)
    pull = hosting.open("change")
    for branch in ("release/old", "release/new"):
        work.git("switch", "--quiet", "--create", branch, "main")
        hosting.push(work.path, branch)
        hosting.retarget(pull, branch)
    logs = [run.log.splitlines()[-1] for run in hosting.runner.runs]
    assert logs == ["sha=abc refs/heads/main", "sha= refs/heads/main", "release/old release/new"]


OPENS = workflow(
    "id: app\nuses: actions/create-github-app-token@bcd2ba49218906704ab6c1aa796996da409d3eb1\n"
    "with:\n  client-id: a\n  private-key: ${{ secrets.KEY }}\n"
    "  permission-contents: write\n  permission-pull-requests: write",
    f"uses: {CHECKOUT}\nwith: {{token: '${{{{ steps.app.outputs.token }}}}'}}",
    "env: {T: '${{ steps.app.outputs.token }}', N: '${{ github.token }}'}\nrun: |\n"
    "  git switch --quiet --create data\n  date > data.txt\n  git add data.txt\n"
    "  git -c user.name=a -c user.email=a@b commit --quiet --message Data\n"
    "  git push --quiet origin data\n"
    '  git clone --quiet --bare . "$RUNNER_TEMP/bare"; cd "$RUNNER_TEMP/bare"\n'
    '  git push "http://x:$N@${GITHUB_SERVER_URL#http://}/$GITHUB_REPOSITORY" HEAD:stolen || echo refused\n'
    '  curl --silent --fail -H "Authorization: Bearer $T" "$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/pulls"'
    ' -d \'{"title": "New data", "head": "data", "base": "main"}\' > /dev/null',
    name="scheduled",
    on="{schedule: [{cron: '0 1 * * *'}]}",
)


def test_a_pull_request_opened_by_an_app_starts_runs(start: Start) -> None:
    files = {CHECK: workflow("run: echo"), ".github/workflows/scheduled.yml": OPENS}
    hosting, _ = start(files, secrets={"KEY": "secret"})
    hosting.tick("0 1 * * *")
    scheduled, check = hosting.runner.runs
    assert scheduled.conclusion == "success", scheduled.log
    assert "refused" in scheduled.log
    assert hosting.server.branches.keys() == {"main", "data"}
    (pull,) = hosting.server.pulls.values()
    assert (pull.author, pull.head_sha) == ("mergegate-app[bot]", hosting.tip("data"))
    assert (check.conclusion, check.payload["pull_request"]["number"]) == ("success", pull.number)


def test_a_test_reaches_into_a_run_before_a_job_and_after_the_last(start: Start) -> None:
    hosting, work = start({CHECK: workflow("run: echo"), FOLLOW: LISTENER})
    seen = []
    hosting.runner.before[CHECK, "one"] = lambda run: seen.append(f"before {list(run.jobs)}")
    hosting.runner.after[CHECK] = lambda run: seen.append(
        f"after {run.results()} {run.keep_artifact('a', b'no zip')}"
    )
    change(hosting, work)
    hosting.open("change")
    (artifact,) = hosting.server.artifacts.values()
    assert seen == ["before []", f"after {{'one': 'success'}} {artifact.id}"]
    assert outcomes(hosting)[-1] == ("follow.yml", "completed", "success")
    hosting.assert_secret()
