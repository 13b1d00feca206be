"""A colleague changes a param: the review arrives by itself, as one comment and one status."""

from collections.abc import Callable

import pytest

from support.loop import Scene

pytestmark = pytest.mark.needs("node")


def test_a_params_change_gets_one_comment_and_a_green_status(scene: Callable[..., Scene]) -> None:
    stage = scene()
    pull = stage.propose("better")
    assert stage.runs() == [
        ("review.yml", "opened", "success"),
        ("comment.yml", "requested", "success"),
        ("comment.yml", "completed", "success"),
    ], stage.log()
    assert stage.history(pull.head_sha) == [("mergegate", "pending"), ("mergegate", "success")]
    (comment,) = stage.comments(pull)
    assert comment.author == "github-actions[bot]"
    assert "roc_auc" in comment.body
