"""Seven pull requests of one project, each told by its comment: whole documents, read as a stranger would."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from mergegate import __version__
from support.golden import assert_golden
from support.stories import POLICY, TRAIN, Story, build_story

LOWERED = POLICY.replace("min: 0.65, max_regression: 0.01", "min: 0.5, max_regression: 0.2")


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """`main` as it stands before every story, never to be changed."""
    return build_story(tmp_path_factory.mktemp("shop") / "home")


@pytest.fixture
def story(shop: Story, tmp_path: Path) -> Story:
    return shop.copy(tmp_path / "home")


@pytest.fixture(scope="session")
def forgetful(shop: Story, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """A pull request that forgets what the model learned from; never to be changed."""
    story = shop.copy(tmp_path_factory.mktemp("forgetful") / "home")
    story.begin("forget-the-load")
    story.train(features="[distance]")
    story.commit("Forget how full the vans are")
    return story


def judge(story: Story) -> tuple[int, dict[str, Any]]:
    """Review the pull request: exit code and review."""
    ended = story.mergegate("review", "--head", "HEAD", "--json")
    assert "Traceback" not in ended.err
    review: dict[str, Any] = json.loads(ended.out)
    return ended.code, review


def assert_told(story: Story, review: dict[str, Any], name: str) -> None:
    """The comment is the golden one, but for what commits and this version are called."""
    comment = story.read("reports/review/comment.md")
    for side in ("base", "head"):
        comment = comment.replace(review[side]["sha"][:10], f"{side}-commit")
    comment = comment.replace(f"mergegate {__version__}</sub>", "mergegate VERSION</sub>")
    assert not re.search("`[0-9a-f]{7,}`", comment)
    assert_golden(f"stories/{name}.md", comment)


def outcomes(review: dict[str, Any], *ids: str) -> dict[str, str]:
    """Outcome by gate, without the model's name."""
    found = {gate["id"].removeprefix("late-parcel/"): gate["outcome"] for gate in review["gates"]}
    return {id_: found[id_] for id_ in ids}


def not_passed(review: dict[str, Any]) -> dict[str, list[str]]:
    """The gates that do not simply pass, in the review's order."""
    found: dict[str, list[str]] = {}
    for gate in review["gates"]:
        if gate["outcome"] != "pass":
            found.setdefault(gate["outcome"], []).append(gate["id"].removeprefix("late-parcel/"))
    return found


def test_a_feature_that_helps_is_called_better(story: Story) -> None:
    story.begin("heed-the-rain")
    story.train(features="[distance, load, rain]")
    story.commit("Let the model know of rain")
    code, review = judge(story)
    assert (code, review["models"][0]["finding"]) == (0, "better")
    assert not_passed(review) == {
        "insufficient": ["roc_auc/max_regression[region=islands]", "roc_auc/min[region=islands]"]
    }
    assert_told(story, review, "better")


def test_a_feature_that_is_missed_is_called_worse_and_blocks(forgetful: Story, tmp_path: Path) -> None:
    story = forgetful.copy(tmp_path / "home")
    code, review = judge(story)
    assert (code, review["models"][0]["finding"]) == (1, "worse")
    assert not_passed(review)["fail"] == [
        "roc_auc/max_regression",
        "log_loss/max_regression",
        "roc_auc/max_regression[region=north]",
    ]
    assert outcomes(review, "roc_auc/min") == {"roc_auc/min": "pass"}
    assert_told(story, review, "worse")


def test_another_seed_is_no_evidence_of_a_difference(story: Story) -> None:
    story.begin("another-seed")
    story.train(seed=3)
    story.commit("Try another seed")
    code, review = judge(story)
    model = review["models"][0]
    assert (code, model["finding"], model["identical"]) == (0, "no_evidence", False)
    assert outcomes(
        review,
        "roc_auc/max_regression",
        "log_loss/max_regression",
        "refund_eur/max_relative_regression",
    ) == {
        "roc_auc/max_regression": "pass",
        "log_loss/max_regression": "pass",
        "refund_eur/max_relative_regression": "pass",
    }
    assert_told(story, review, "noise")


def test_an_exam_without_the_stormy_days_blocks_though_its_score_rises(story: Story) -> None:
    story.begin("fair-weather")
    story.train(rain=1.2)
    story.commit("Leave stormy days out of the exam")
    code, review = judge(story)
    model = review["models"][0]
    assert (code, model["identical"]) == (1, True)
    auc = next(metric for metric in model["metrics"] if metric["name"] == "roc_auc")
    assert auc["head_all"] > auc["base_all"]
    assert auc["difference"] == 0
    assert not_passed(review)["fail"] == ["evaluation/rows_gone"]
    assert_told(story, review, "rows-gone")


def test_a_change_that_lowers_its_own_bar_is_judged_by_the_old_one(forgetful: Story, tmp_path: Path) -> None:
    story = forgetful.copy(tmp_path / "home")
    story.write("mergegate.yaml", LOWERED)
    story.commit("Expect less")
    code, review = judge(story)
    assert (code, review["policy"]["origin"], review["policy"]["changed_in_head"]) == (1, "target", True)
    (auc,) = [gate for gate in review["gates"] if gate["id"] == "late-parcel/roc_auc/max_regression"]
    assert (auc["outcome"], auc["bar"]) == ("fail", -0.01)
    assert_told(story, review, "policy-lowered")


def test_predictions_that_are_cut_off_block_and_no_number_is_claimed(story: Story) -> None:
    story.begin("cut-off")
    file = story.root / "reports/predictions.parquet"
    data = file.read_bytes()
    file.unlink()
    file.write_bytes(data[:30_000])
    story.dvc("commit", "--quiet", "--force")
    story.commit("Copy the predictions from the cluster")
    code, review = judge(story)
    model = review["models"][0]
    assert (code, model["finding"], model["rows"]["head"]) == (1, None, None)
    assert not_passed(review) == {
        "fail": [
            "predictions/contract",
            "roc_auc/max_regression",
            "log_loss/max_regression",
            "refund_eur/max_relative_regression",
            "roc_auc/min",
        ],
        "skipped": ["evaluation/rows_gone", "evaluation/labels_changed"],
    }
    assert [metric["difference"] for metric in model["metrics"]] == [None] * len(model["metrics"])
    assert_told(story, review, "broken-head")


def test_a_slice_that_pays_for_the_others_is_found_while_the_total_rises(story: Story) -> None:
    story.begin("heed-the-rain-up-north")
    blind = '    x[[row["region"] == "south" for row in rows], 1::2] = 0  # no routes, no rain gauge there\n'
    known = '    return rows, x, np.array([row["late"] == "late" for row in rows])\n'
    story.write("train.py", TRAIN.replace(known, blind + known))
    story.train(features="[distance, load, rain]")
    story.commit("Let the model know of rain; the south has no gauge and lost its routes")
    code, review = judge(story)
    model = review["models"][0]
    assert code == 1
    assert not_passed(review)["fail"] == ["roc_auc/max_regression[region=south]"]
    auc = next(metric for metric in model["metrics"] if metric["name"] == "roc_auc")
    assert auc["outcome"] == "better"
    assert model["segments"]["found"][0]["conditions"] == [{"column": "region", "level": "south"}]
    assert_told(story, review, "slice-hurt")
