"""What the trusted job makes of branches that nobody protects: it neither runs their code nor is fooled."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.github.server import GitHubServer
from support.jobs import Jobs, open_jobs
from support.projects import POLICY, Project, build_project

OWN = POLICY.replace(
    "    gates:\n",
    "      functions: [{name: mine, function: 'mine:score', greater_is_better: true}]\n    gates:\n",
).replace("metrics:\n", "metrics:\n        - {name: mine, max_regression: 0.5}\n", 1)
CODE = """\
from pathlib import Path

Path({there!r}).write_text("ran")

def score(y_true, y_pred, **rest):
    return 1.0
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """`main` with nothing else; copied for each test."""
    return build_project(tmp_path_factory.mktemp("branches") / "home")


@pytest.fixture
def jobs(built: Project, tmp_path: Path) -> Iterator[Jobs]:
    with GitHubServer() as github:
        yield open_jobs(built.copy(tmp_path / "home"), github)


def propose(jobs: Jobs, branch: str) -> str:
    """An empty change of a branch, pushed with it."""
    jobs.project.git("switch", "--quiet", "--create", "change", branch)
    jobs.project.git("commit", "--quiet", "--allow-empty", "--message", "Nothing")
    jobs.push(branch, "change")
    return jobs.project.git("rev-parse", "HEAD").strip()


@pytest.mark.parametrize("branch", ["lax", "main"])
def test_own_metrics_are_called_only_as_a_protected_branch_has_them(
    jobs: Jobs, branch: str, tmp_path: Path
) -> None:
    there = tmp_path / "ran"
    if branch != "main":
        jobs.project.git("switch", "--quiet", "--create", branch, "main")
    jobs.project.write("mergegate.yaml", OWN)
    jobs.project.write("mine.py", CODE.format(there=str(there)))
    jobs.project.commit("Judge by our own function")
    head = propose(jobs, branch)
    jobs.github.add_pull(head_sha=head, base_ref=branch)
    evidence = jobs.pack_evidence(head, f"origin/{branch}")
    assert there.exists()
    there.unlink()
    _, judgement = jobs.judge(jobs.add_run(head, evidence=evidence))
    (judged,) = judgement["judged"]
    own = [gate for gate in judged["review"]["gates"] if gate["id"].startswith("late/mine/")]
    if branch == "main":
        assert (judged["context"], there.exists(), own[0]["outcome"]) == ("mergegate", True, "pass")
        return
    assert (judged["context"], judged["state"], there.exists()) == ("mergegate/lax", "failure", False)
    assert [(gate["outcome"], gate["sentence"]) for gate in own] == [
        (
            "fail",
            "mine can't be judged: the trusted job calls a team's own functions only as a protected branch "
            "has them.",
        )
    ]


def test_while_nobody_knows_what_is_protected_only_the_default_branch_is_judged(jobs: Jobs) -> None:
    jobs.project.git("switch", "--quiet", "--create", "lax", "main")
    head = propose(jobs, "lax")
    evidence = jobs.pack_evidence(head, "origin/lax")
    jobs.project.git("switch", "--quiet", "main")
    jobs.project.write("mergegate.yaml", "version: [1\n")
    jobs.project.commit("Break the policy")
    jobs.push("main")
    jobs.github.add_pull(head_sha=head, base_ref="lax")
    run = jobs.add_run(head, evidence=evidence)
    ended, _ = jobs.judge(run)
    assert ended.code == 3
    jobs.status(run)
    assert jobs.stands(head) == {
        "mergegate": (
            "error",
            "whether lax is protected can't be told: the default branch's policy can't be read",
        )
    }


def test_a_queue_that_rebases_is_judged_by_all_its_commits(jobs: Jobs) -> None:
    project = jobs.project
    main = project.git("rev-parse", "main").strip()
    project.git("switch", "--quiet", "--create", "queue", "main")
    for message in ("Weaken", "Nothing"):
        project.git("commit", "--quiet", "--allow-empty", "--message", message)
    group = project.git("rev-parse", "HEAD").strip()
    branch = f"gh-readonly-queue/main/pr-1-{main}"
    project.git("push", "--quiet", "origin", f"queue:{branch}")
    run = jobs.add_run(group, branch, evidence=jobs.pack_evidence(group), event="merge_group")
    _, judgement = jobs.judge(run)
    assert judgement["judged"][0]["review"]["base"]["sha"] == main
