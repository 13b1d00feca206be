"""New data arrives by itself: the schedule asks a source, and what is new is proposed and reviewed.

The project's DVC remote is a folder of its repository: what the review needs must be in the proposed commit.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from support.loop import POLICY, Scene

pytestmark = pytest.mark.needs("node")

CRON = "23 4 * * *"
APP = {
    "variables": {"MERGEGATE_APP_CLIENT_ID": "Iv1.flights"},
    "secrets": {"MERGEGATE_APP_KEY": "an App's key"},
}


def begin(stage: Scene, drop: Path) -> None:
    """Have `main` track a folder of calls, and name the folder that new ones come to."""
    drop.mkdir()
    project = stage.project
    project.write("data/calls/2013-01.csv", "id,seconds\n1,20\n2,35\n")
    project.dvc("add", "--quiet", "data/calls")
    project.dvc("push", "--quiet")
    project.write(
        "mergegate.yaml", f"{POLICY}  - {{path: data/calls, key: id, source: {{folder: {drop}}}}}\n"
    )
    project.commit("Track calls")
    stage.hosting.seed(project.root)


def test_a_new_file_becomes_one_reviewed_pull_request_whose_objects_are_in_its_commit(
    scene: Callable[..., Scene], tmp_path: Path
) -> None:
    stage = scene(**APP)
    drop = tmp_path / "drop"
    begin(stage, drop)
    (drop / "2013-02.csv").write_text("id,seconds\n3,12\n4,80\n")
    stage.hosting.tick(CRON)
    assert stage.runs() == [
        ("scheduled.yml", "schedule", "success"),
        ("review.yml", "opened", "success"),
        ("comment.yml", "requested", "success"),
        ("comment.yml", "completed", "success"),
    ], stage.log()
    (pull,) = stage.server.pulls.values()
    assert (pull.head_ref, pull.base_ref) == ("mergegate/ingest/data-calls", "main")
    assert "2013-02.csv" in pull.body
    assert stage.history(pull.head_sha) == [("mergegate", "pending"), ("mergegate", "success")]
    (comment,) = stage.comments(pull)
    assert "data/calls" in comment.body
    stage.hosting.assert_secret()


def test_without_an_app_the_schedule_sleeps_because_its_pull_request_would_start_no_review(
    scene: Callable[..., Scene], tmp_path: Path
) -> None:
    stage = scene()
    begin(stage, tmp_path / "drop")
    (tmp_path / "drop/2013-02.csv").write_text("id,seconds\n3,12\n")
    stage.hosting.tick(CRON)
    assert stage.runs() == [("scheduled.yml", "schedule", "skipped")]
    assert not stage.server.pulls
