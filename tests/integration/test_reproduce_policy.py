"""What counts as reproduced is the policy's to say, and never the change's own."""

import json
from pathlib import Path
from typing import Any

import pytest

from support.projects import POLICY, Project, build_project, gates, review

NEAR = "signs = [sign * (1 + {drift}) for sign in signs]\nscores ="


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project on main, reproduced and pushed."""
    return build_project(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def near(built: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A change whose predictions are a rounding away from what its code gives."""
    return change(built.copy(tmp_path_factory.mktemp("near") / "home"), 1e-9)


@pytest.fixture(scope="module")
def far(built: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A change whose predictions are made up."""
    return change(built.copy(tmp_path_factory.mktemp("far") / "home"), 0.05)


def change(project: Project, size: float) -> Project:
    project.git("checkout", "--quiet", "-b", "change")
    drift(project, size)
    return project


def set_policy(of: Project, folder: Path, text: str) -> Project:
    """A copy of a project whose target branch has this `reproduce` section."""
    project = of.copy(folder / "home")
    project.git("checkout", "--quiet", "main")
    project.write("mergegate.yaml", f"{POLICY}reproduce: {{{text}}}\n")
    project.commit("Policy")
    project.git("checkout", "--quiet", "change")
    return project


def drift(project: Project, size: float) -> None:
    """Commit a run whose predictions are so far from what the committed code gives."""
    train = project.read("train.py")
    project.set_strength(0.7)
    project.write("train.py", train.replace("scores =", NEAR.format(drift=size), 1))
    project.dvc("repro", "--quiet")
    drifted = project.read("dvc.lock")
    project.write("train.py", train)
    project.dvc("repro", "--quiet")
    true = project.read("dvc.lock")
    # All of the true lock but the checksum of the predictions, as another machine would have written it.
    project.write("dvc.lock", true.replace(md5_of(true), md5_of(drifted)))
    project.commit("Change")


def md5_of(lock: str) -> str:
    """The checksum of the predictions in a dvc.lock."""
    return lock.split("reports/predictions.parquet")[1].split("md5: ")[1].split()[0]


def reproduce(project: Project, *options: str, code: int) -> dict[str, Any]:
    ended = project.mergegate("reproduce", "--json", *options)
    assert ended.code == code, f"{ended.out}\n{ended.err}"
    told: dict[str, Any] = json.loads(ended.out)
    return told


def kinds(told: dict[str, Any]) -> list[tuple[str, bool]]:
    return [(each["kind"], each["blocking"]) for each in told["differences"]]


def test_predictions_within_the_tolerance_are_reproduced_and_the_drift_is_told(
    near: Project, tmp_path: Path
) -> None:
    project = set_policy(near, tmp_path, "tolerance: 1.0e-6")
    told = reproduce(project, code=0)
    assert kinds(told) == [("numbers", False)]
    assert told["stages"][0]["outcome"] == "drifted"
    assert told["differences"][0]["columns"] == ["proba_no", "proba_yes"]


def test_the_same_drift_differs_by_bytes(near: Project, tmp_path: Path) -> None:
    project = set_policy(near, tmp_path, "equal: bytes")
    assert kinds(reproduce(project, code=1)) == [("numbers", True)]


def test_made_up_predictions_differ_and_not_by_their_verdict(far: Project, tmp_path: Path) -> None:
    project = set_policy(far, tmp_path, "equal: predictions")
    told = reproduce(project, code=1)
    assert kinds(told) == [("numbers", True)]
    assert told["differences"][0]["rows"] == 100
    # It blocks the review of this commit, and hides nothing of it.
    found = review(project, "--head", "HEAD")
    assert gates(found)["lock/chain"] == "fail"
    (finding,) = [each for each in found["lock"] if each["kind"] == "not-reproduced"]
    assert (finding["stage"], finding["mend"], finding["blocking"]) == ("train", told["mend"], True)
    assert found["models"][0]["metrics"]
    comment = project.read("reports/review/comment.md")
    assert "not reproduced: " in comment
    assert "it did not come out as dvc.lock says" in comment
    # Of another commit it says nothing; what nobody wrote so is no result.
    project.commit("Another")
    other = review(project, "--head", "HEAD")
    assert not [each for each in other["lock"] if each["kind"] == "not-reproduced"]
    project.write("reports/review/reproduce.json", '{"outcome": "reproduced"}')
    assert "reproduce.json is not what mergegate reproduce writes" in " ".join(
        review(project, "--head", "HEAD")["notes"]
    )


def test_only_the_verdict_must_be_equal_where_the_policy_says_so(far: Project, tmp_path: Path) -> None:
    project = set_policy(far, tmp_path, "equal: verdict")
    assert kinds(reproduce(project, code=0)) == [("numbers", False)]
    # All answers turned round: another verdict.
    drift(project, -2.0)
    told = reproduce(project, code=1)
    assert ("verdict", True) in kinds(told)
    assert told["differences"][-1]["old"] == "failed"


def test_a_changes_own_policy_loosens_nothing(far: Project, tmp_path: Path) -> None:
    project = set_policy(far, tmp_path, "equal: predictions")
    text = "equal: verdict, accept: [{stage: train, reason: dear, by: Eve, expires: '9999-12-31'}]"
    project.write("mergegate.yaml", f"{POLICY}reproduce: {{{text}}}\n")
    project.commit("Loosen")
    told = reproduce(project, code=1)
    assert (told["equal"], told["accepted"]) == ("predictions", [])


def test_an_accepted_stage_is_taken_from_the_lock_and_said_so(far: Project, tmp_path: Path) -> None:
    project = set_policy(
        far, tmp_path, "accept: [{stage: train, reason: hours on a GPU, by: Ada, expires: '9999-12-31'}]"
    )
    told = reproduce(project, code=0)
    assert told["stages"][0]["outcome"] == "accepted"
    assert told["accepted"] == [
        {"stage": "train", "reason": "hours on a GPU", "by": "Ada", "expires": "9999-12-31", "expired": False}
    ]
    assert "accepted until 9999-12-31: train, hours on a GPU (Ada)" in project.mergegate("reproduce").out
    review(project, "--head", "HEAD")
    said = (
        "mergegate reproduce took train from dvc.lock without a run, until 9999-12-31: hours on a GPU (Ada)"
    )
    assert said in project.read("reports/review/comment.md").replace("\\", "")
    # A lock that is not of this commit is accepted by nobody.
    project.set_strength(0.9)
    project.commit("Change without a run")
    assert reproduce(project, code=1)["accepted"] == []


def test_an_acceptance_that_expired_runs(far: Project, tmp_path: Path) -> None:
    project = set_policy(
        far, tmp_path, "accept: [{stage: train, reason: hours on a GPU, by: Ada, expires: '2020-01-01'}]"
    )
    told = reproduce(project, code=1)
    assert [each["expired"] for each in told["accepted"]] == [True]
