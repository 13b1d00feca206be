"""`mergegate doctor` in real clones: what it sees, and what it says where it can't look."""

import json
import shutil
import threading
from pathlib import Path
from typing import Any

import pytest

from mergegate.doctor.facts import Presence
from mergegate.flows.doctor.data import begin
from support.doctor import OURS
from support.projects import POLICY, Project

OWNERS = "* @ada\n"


def ask(project: Project, *, code: int = 0) -> dict[str, Any]:
    """The answer as data."""
    ended = project.mergegate("doctor", "--json")
    assert (ended.code, ended.err) == (code, "")
    found: dict[str, Any] = json.loads(ended.out)
    return found


def told(answer: dict[str, Any], check: str) -> list[str]:
    """What one check said; it must have been able to look."""
    assert [each["unseen"] for each in answer["checks"] if each["check"] == check] == [""]
    return [f"{each['level']}: {each['what']}" for each in answer["ailments"] if each["check"] == check]


def unseen(answer: dict[str, Any]) -> dict[str, str]:
    return {each["check"]: each["unseen"] for each in answer["checks"] if each["unseen"]}


@pytest.fixture
def healthy(project: Project) -> Project:
    """Everything is as it should be, as far as a clone shows it."""
    for name in ("review.yml", "comment.yml"):
        project.write(f".github/workflows/{name}", OURS[name])
    project.write(".github/CODEOWNERS", OWNERS)
    project.write("mergegate.yaml", POLICY.replace("version: 1", "version: 1\nrequired_strength: reproduced"))
    assert project.mergegate("hook", "install").code == 0
    assert project.mergegate("merge-driver", "install").code == 0
    project.commit("Set up")
    return project


def test_nothing_ails_a_clone_that_was_set_up_and_github_is_to_be_asked(healthy: Project) -> None:
    ended = healthy.mergegate("doctor")
    assert (ended.code, ended.err) == (0, "")
    assert " ".join(ended.out.split()) == (
        "Can this gate be skipped? Unknown: no hole was seen, and GitHub was not asked. 22 checks, 22 of "
        "them "
        "could look, at this clone alone. Ask GitHub too: mergegate doctor --github"
    )


def test_the_page_shows_what_is_printed(healthy: Project) -> None:
    text = healthy.read("mergegate.yaml")
    healthy.write("mergegate.yaml", text.replace("version: 1", "version: 1\nmode: advisory"))
    healthy.commit("Begin with advice")
    ended = healthy.mergegate("doctor")
    assert ended.code == 1
    page = (Path(__file__).parents[2] / "docs/doctor.md").read_text()
    assert "```text\n" + "\n".join(line.rstrip() for line in ended.out.splitlines()) + "\n```" in page


def test_a_hole_is_answered_by_the_exit_code_and_nothing_is_written(project: Project) -> None:
    def state() -> dict[str, tuple[int, int]]:
        files = (each for each in project.home.rglob("*") if each.is_file())
        return {str(each): (each.stat().st_size, each.stat().st_mtime_ns) for each in files}

    before = state()
    answer = ask(project, code=1)
    assert state() == before
    assert answer["skippable"] == "yes"
    assert answer["by"] == ["anyone who writes predictions and dvc.lock by hand", "anyone who may merge"]
    assert [each["level"] for each in answer["ailments"]] == ["hole", "hole", "warning", "note", "note"]
    assert told(answer, "workflows") == [
        "hole: neither review.yml nor comment.yml is there on main: no pull request is reviewed, and no "
        "status set"
    ]


def test_what_is_effective_is_the_default_branchs_and_what_is_here_is_told_too(healthy: Project) -> None:
    healthy.git("switch", "--quiet", "--create", "change")
    healthy.write(
        ".github/workflows/review.yml", OURS["review.yml"].replace("contents: read", "contents: write")
    )
    healthy.write("mergegate.yaml", POLICY.replace("version: 1", "version: 1\nmode: advisory"))
    answer = ask(healthy, code=1)
    assert told(answer, "untrusted-jobs") == [
        "hole: the token of the job review of .github/workflows/review.yml may write: contents"
    ]
    assert told(answer, "advisory") == []


def test_the_lock_the_remote_and_its_objects_are_looked_at(healthy: Project) -> None:
    healthy.write("data/rows.csv", healthy.read("data/rows.csv") + "999,yes,1\n")
    healthy.dvc("add", "--quiet", "data/rows.csv")
    answer = ask(healthy)
    assert told(answer, "lock-chain") == [
        "fault: train ran on another data/rows.csv than data/rows.csv.dvc records"
    ]
    (lacking,) = told(answer, "pushes")
    assert lacking.startswith("fault: remote store (")
    assert "has no object of data/rows.csv" in lacking
    (healthy.home / "remote").rename(healthy.home / "gone")
    answer = ask(healthy)
    (gone,) = told(answer, "remote")
    assert gone.startswith("warning: remote store can't be read: the folder ")
    assert unseen(answer) == {"pushes": "a remote could not be asked"}


def test_a_remote_that_others_can_not_reach_is_told_once_there_are_others(healthy: Project) -> None:
    healthy.git("remote", "add", "origin", "https://example.invalid/a/b.git")
    (outside,) = told(ask(healthy), "remote")
    assert outside.startswith("warning: the remote store is a folder of this machine: ")


def test_bars_are_held_against_the_predictions_that_are_here(healthy: Project) -> None:
    text = healthy.read("mergegate.yaml")
    healthy.write(
        "mergegate.yaml",
        text.replace(
            "        - {name: roc_auc, min: 0.6}\n",
            "        - {name: roc_auc, min: 0.1}\n"
            "        - {name: accuracy, max_regression: 0.9}\n"
            "        - {name: average_precision, min: 0.5, max_regression: 0.01, min_rows: 5000}\n",
        ),
    )
    healthy.commit("Lower the bars")
    found = told(ask(healthy), "bars")
    assert len(found) == 3
    assert found[0].startswith("warning: late/roc_auc: `min: 0.1` lies far below the 0.")
    assert found[1].startswith(
        "warning: late/accuracy: `max_regression: 0.9` is wide; this evaluation can judge"
    )
    assert found[2].startswith("warning: late/average_precision: ")
    assert found[2].endswith(" rows carry it, and `min_rows` asks for 5,000")
    fresh = healthy.clone("fresh")
    (why,) = (each for check, each in unseen(ask(fresh)).items() if check == "bars")
    assert why == (
        "late: reports/predictions.parquet is not in the cache here; next: dvc pull "
        "reports/predictions.parquet"
    )
    assert not (fresh.root / ".dvc/cache/files").exists()


def test_secrets_are_found_in_the_history_too_and_printed_nowhere(healthy: Project) -> None:
    secret = "made-up-and-long-enough"
    config = healthy.read(".dvc/config")
    healthy.write(".dvc/config", f"{config}    password = {secret}\n")
    sha = healthy.commit("Make it work")
    healthy.write(".dvc/config.local", f"[core]\n    note = {secret}\n")
    healthy.git("add", "--force", ".dvc/config.local")
    ended = healthy.mergegate("doctor", "--json")
    assert secret not in ended.out
    assert told(json.loads(ended.out), "secrets") == [
        "fault: .dvc/config line 5 holds the setting `password` (remote store)",
        "fault: .dvc/config.local is tracked by git",
    ]
    healthy.git("rm", "--quiet", "--cached", ".dvc/config.local")
    healthy.write(".dvc/config", config)
    healthy.commit("Take it away")
    healthy.write(
        "more.dvc", f"deps: [{{path: 'https://ada:{secret}@example.org/x'}}]\nouts: [{{path: x}}]\n"
    )
    healthy.git("add", "more.dvc")
    assert told(ask(healthy), "secrets") == [
        "fault: more.dvc line 1 holds a password or token in an address",
        f"warning: .dvc/config held the setting `password` (remote store) in commit {sha[:10]}",
    ]


def test_large_files_hooks_and_the_merge_driver_are_looked_for(healthy: Project) -> None:
    healthy.write("weights.bin", bytes(11_000_000))
    healthy.commit("Add weights")
    healthy.write("more.bin", bytes(12_000_000))
    healthy.git("config", "core.hooksPath", "hooks")
    healthy.git("config", "--unset", "merge.mergegate.driver")
    answer = ask(healthy)
    assert told(answer, "large-files") == [
        "warning: git holds weights.bin, 11 MB",
        "note: more.bin has 12 MB, and neither git nor DVC knows it",
    ]
    assert told(answer, "hooks") == ["note: no hook looks before a push"]
    (mend,) = (each["mend"] for each in answer["ailments"] if each["check"] == "hooks")
    assert mend == 'add the line `mergegate hook run -- "$@"` to hooks/pre-push'
    assert told(answer, "merge-driver") == [
        "warning: the repository wants mergegate to merge DVC's files, and this clone was not told how"
    ]
    healthy.write("hooks/pre-push", "#!/bin/sh\nexec pre-commit hook-impl\n").chmod(0o755)
    healthy.write(".pre-commit-config.yaml", "repos: [{repo: local, hooks: [{id: dvc-pre-push}]}]\n")
    assert told(ask(healthy), "hooks") == [
        "note: before a push hooks/pre-push runs DVC's hook and not mergegate's"
    ]


def test_a_project_in_a_subfolder_is_looked_at_with_the_repositorys_own_files(project: Project) -> None:
    inner = Project(project.home / "mono/models/late", project.home)
    shutil.copytree(project.root, inner.root, ignore=shutil.ignore_patterns(".git"))
    inner.write(
        ".dvc/config", "[core]\n    remote = store\n['remote \"store\"']\n    url = ../../../../remote\n"
    )
    inner.write("../../.github/CODEOWNERS", "/mergegate.yaml @ada\n/.github/ @ada\n")
    inner.run("git", "init", "--quiet", "--initial-branch", "main", "../..")
    inner.commit("Begin")
    answer = ask(inner, code=1)
    assert told(answer, "owners") == [
        "warning: .github/CODEOWNERS on main names no owner of models/late/mergegate.yaml"
    ]
    assert told(answer, "lock-chain") == []
    assert told(answer, "pushes") == []
    assert unseen(answer) == {}


def test_a_file_that_dvc_refuses_hides_nothing_else(healthy: Project) -> None:
    healthy.write("dvc.yaml", "stages: [train]\n")
    answer = ask(healthy)
    assert told(answer, "lock-chain") == ["fault: dvc.yaml:1, stages: should be a mapping, and is a list"]
    assert set(unseen(answer)) == {"remote", "pushes"}
    healthy.write("dvc.yaml", b"# " + bytes(b"x" * 9_000_000))
    (huge,) = told(ask(healthy), "lock-chain")
    assert huge.startswith("fault: dvc.yaml: has 9,000,002 bytes, and at most ")


def test_a_policy_of_a_newer_mergegate_is_said_to_be_one(healthy: Project) -> None:
    healthy.write("mergegate.yaml", healthy.read("mergegate.yaml").replace("version: 1", "version: 2"))
    healthy.commit("Try the next one")
    answer = ask(healthy)
    assert answer["skippable"] == "unknown"
    (here, there) = told(answer, "policy")
    assert here.startswith("fault: the policy is wrong: mergegate.yaml:1, version: ")
    assert there.startswith("fault: the policy at main is wrong: mergegate.yaml:1, version: ")
    assert set(unseen(answer)) == {"advisory", "strength", "bars", "waivers", "branches"}


def test_plain_git_without_dvc_is_no_fault(project: Project) -> None:
    plain = Project(project.home / "plain", project.home)
    plain.root.mkdir()
    plain.git("init", "--quiet", "--initial-branch", "main")
    answer = ask(plain, code=1)
    assert told(answer, "policy") == ["hole: there is no mergegate.yaml, so nothing is judged"]
    assert told(answer, "lock-chain") == ["note: there is no DVC here: neither a pipeline nor tracked data"]
    assert unseen(answer) == {}
    plain.write("mergegate.yaml", POLICY)
    plain.commit("Begin")
    assert told(ask(plain, code=1), "policy") == []


def test_without_a_repository_there_is_nothing_to_look_at(tmp_path: Path, project: Project) -> None:
    outside = Project(tmp_path / "outside", project.home)
    outside.root.mkdir()
    ended = outside.mergegate("doctor")
    assert (ended.code, ended.out) == (2, "")
    assert "is not inside a git repository with files checked out" in ended.err
    outside.git("init", "--quiet", "--bare")
    ended = outside.mergegate("doctor")
    assert (ended.code, ended.out) == (2, "")
    assert "is not inside a git repository with files checked out" in ended.err
    ended = project.mergegate("doctor", env={"PATH": str(outside.root)})
    assert (ended.code, ended.out) == (2, "")
    assert "git is not installed" in ended.err


def test_a_remote_that_never_answers_is_left_behind() -> None:
    never = threading.Event()

    def ask_for_ever() -> Presence:
        never.wait(timeout=60)
        return Presence()

    answer = begin(ask_for_ever, 3, patience=0.05)
    assert answer() == Presence(
        wanted=3, slow="the remote did not answer within 0.05 s; next: mergegate verify --remote"
    )
    never.set()
