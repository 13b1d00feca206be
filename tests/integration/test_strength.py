"""What the trusted job sees by running head's bundle itself: forged predictions have no place to hide."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from mergegate import predictions
from mergegate.records.review import Review
from support import bundles, evidence
from support.projects import Project, gates, review

POLICY = evidence.POLICY[: evidence.POLICY.index("datasets:")].replace("    golden: golden.yaml\n", "")


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Base on `main`, head on `change`; never to be changed."""
    project = evidence.begin(tmp_path_factory.mktemp("base") / "home", policy=POLICY)
    evidence.move_on(project)
    return project


@pytest.fixture
def project(whole: Project, tmp_path: Path) -> Project:
    return whole.copy(tmp_path / "home")


def on_main(project: Project, policy: str) -> None:
    """Give `main` another policy, and be back on `change`."""
    project.git("switch", "--quiet", "main")
    project.write("mergegate.yaml", policy)
    project.commit("Ask for something else")
    project.git("switch", "--quiet", "change")


def judge(project: Project, tmp_path: Path, head: str, **asked: Any) -> tuple[dict[str, Any], Review]:
    """The review of the untrusted run, and the one of the trusted job."""
    folder, into = tmp_path / "evidence", tmp_path / "judge"
    local = review(project, "--head", head, "--target", "main", "--evidence", str(folder))
    into.mkdir()
    found = evidence.open_all(project.root, folder, head, into)
    return local, evidence.judge(found, head, judging=True, **asked)


def sentence(judged: Review) -> tuple[str, str]:
    gate = next(gate for gate in judged.gates if gate.id == "late/strength")
    return gate.outcome, gate.sentence


def forge(project: Project, path: str = "reports/predictions.parquet") -> None:
    """Predictions that know the truth."""
    table = pq.read_table(project.root / path)
    truth = table["y_true"].to_numpy(zero_copy_only=False)
    late = np.where(truth == "late", 0.95, 0.05)
    predictions.write(
        project.root / path,
        row_id=table["row_id"].combine_chunks(),
        y_true=truth,
        y_pred=truth,
        probabilities={"late": late, "on_time": 1 - late},
    )


def test_predictions_that_no_bundle_gave_are_refused(project: Project, tmp_path: Path) -> None:
    forge(project)
    evidence.track(project)
    head = project.commit("Be perfect")
    local, judged = judge(project, tmp_path, head)
    outcome, said = sentence(judged)
    assert (outcome, judged.strength, judged.verdict.outcome) == ("fail", "consistent", "failed")
    assert said.startswith(
        "reports/predictions.parquet is not what head's bundle answers: it gives something else in 200 of "
        "200 rows, in "
    )
    assert gates(local)["late/strength"] == "fail"


def test_probabilities_that_a_bundle_does_not_give_are_not_scored(project: Project, tmp_path: Path) -> None:
    bundles.edit_manifest(
        project.root / "models/bundle", lambda document: document["outputs"].update(probabilities=None)
    )
    evidence.track(project)
    _, judged = judge(project, tmp_path, project.commit("Hide the probabilities"))
    assert (sentence(judged)[0], judged.strength) == ("fail", "consistent")


def test_a_trusted_run_makes_it_reproduced_and_a_policy_may_ask_for_that(
    project: Project, tmp_path: Path
) -> None:
    on_main(project, f"{POLICY}required_strength: reproduced\n")
    head = project.git("rev-parse", "HEAD").strip()
    local, judged = judge(project, tmp_path, head)
    assert sentence(judged) == (
        "fail",
        "the policy requires the strength reproduced, and this is scored: no trusted run has trained this "
        "head again; a maintainer can start `verify.yml` for it.",
    )
    assert gates(local)["late/strength"] == "pass"
    assert (
        "On a pull request, late must be reproduced: a trusted run trains it again, and must get what "
        "dvc.lock says."
    ) in local["notes"]
    (tmp_path / "again").mkdir()
    found = evidence.open_all(project.root, tmp_path / "evidence", head, tmp_path / "again")
    again = evidence.judge(found, head, judging=True, reproduced=True)
    assert (sentence(again)[0], again.strength) == ("pass", "reproduced")


def test_a_local_review_says_what_the_trusted_job_will_ask(project: Project) -> None:
    found = review(project)
    assert found["strength"] == "consistent"
    assert "late/strength" not in gates(found)
    assert (
        "On a pull request, late must be scored: the trusted job runs head's bundle on the evaluation "
        "inputs, and must get these predictions."
    ) in found["notes"]


def test_the_label_as_an_input_of_the_model_is_refused(project: Project, tmp_path: Path) -> None:
    on_main(project, f"{POLICY}datasets: [{{path: data/evaluation, key: row_id, label: carrier}}]\n")
    head = project.git("rev-parse", "HEAD").strip()
    _, judged = judge(project, tmp_path, head)
    assert sentence(judged) == (
        "fail",
        "the policy requires the strength scored, and this is consistent: head's bundle could not be run "
        f"(models/bundle at {head}: it takes `carrier`, by which it can know the answer instead of "
        "predicting it; train without that column).",
    )


def test_the_target_says_which_policy_judges(project: Project) -> None:
    head = project.git("rev-parse", "HEAD").strip()
    project.git("switch", "--quiet", "--create", "release/1", "main")
    project.write(
        "mergegate.yaml", f"{evidence.POLICY}waivers: []\nmin_rows: 31\n".replace("min_rows: 30\n", "")
    )
    tip = project.commit("Be stricter")
    project.git("switch", "--quiet", "--create", "bare-branch", "main")
    project.git("rm", "--quiet", "mergegate.yaml")
    project.commit("Have no policy")
    project.git("switch", "--quiet", "change")
    found = review(project, "--head", head, "--target", "release/1")
    assert (found["policy"]["origin"], found["policy"]["revision"]["sha"]) == ("target", tip)
    assert found["base"]["name"] == "the merge base with release/1"
    # The change edited nothing: it is the target that became stricter meanwhile.
    assert not found["policy"]["changed_in_head"]
    found = review(project, "--head", head, "--target", "bare-branch")
    assert (found["policy"]["origin"], found["policy"]["revision"]["name"]) == ("target", "main")
    assert found["base"]["name"] == "the merge base with bare-branch"
    ended = project.mergegate("review", "--target", "nowhere")
    assert (ended.code, "'nowhere' is no revision of this repository" in ended.err) == (2, True)


def test_plan_and_reproduce_take_the_target_too(project: Project) -> None:
    project.git("branch", "release/1", "main")
    planned = project.mergegate("plan", "--target", "release/1", "--json")
    again = project.mergegate("reproduce", "HEAD", "--target", "release/1", "--json")
    for ended in (planned, again):
        assert json.loads(ended.out)["base"]["name"] == "release/1", ended.err
