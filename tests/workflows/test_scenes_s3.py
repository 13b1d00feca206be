"""The loop with the data in a bucket: a role that reads it for a colleague's run, and for no stranger's.

The server enforces who may do what: a role's credentials are new in every job, and end with it.
"""

import re
import shutil
from collections.abc import Callable, Iterator

import pytest

from support import s3_rights
from support.actions.uses import Role
from support.loop import REVIEW, TOP, Scene, Template, set_variant, write_rows
from support.s3 import S3, serve
from support.strangers import FORK
from support.workflow_files import FOLDER, PAPER, fragments, shown

pytestmark = pytest.mark.needs("node")

Scenes = Callable[..., Scene]

BUCKET = "flights"
READS = (
    ("s3:ListBucket", f"arn:aws:s3:::{BUCKET}"),
    ("s3:GetObject", f"arn:aws:s3:::{BUCKET}/deep/*"),
)
TRUSTS = tuple(
    each.replace("OWNER/REPOSITORY", "team/flights")
    for each in re.findall("`(repo:OWNER/REPOSITORY:[^`]+)`", PAPER.read_text())
)
"""Whom the role's trust policy admits: a pull request, the merge queue, the environment of verify.yml."""


@pytest.fixture(scope="module")
def s3() -> Iterator[S3]:
    with serve() as server:
        server.make_bucket(BUCKET)
        yield server


@pytest.fixture(scope="module")
def template(template: Template, s3: S3, tmp_path_factory: pytest.TempPathFactory) -> Template:
    """The project with its data in the bucket, and the workflows that docs/github.md shows for that."""
    project = template.project.copy(tmp_path_factory.mktemp("bucket") / "home")
    objects = project.root / "data/remote"
    for path in objects.rglob("*"):
        if path.is_file():
            s3.put(f"{BUCKET}/deep/{path.relative_to(objects).as_posix()}", path.read_bytes())
    shutil.rmtree(objects)
    project.write(".dvc/config", s3.config(BUCKET))
    shutil.copy(project.root / "requirements/pipeline.txt", project.root / "requirements.txt")
    project.write(".github/workflows/review.yml", shown()["review-with-role.yml"])
    project.write(".github/workflows/verify.yml", with_role((FOLDER / "verify.yml").read_text()))
    project.commit("Keep the data in a bucket")
    return Template(project)


def with_role(text: str) -> str:
    """verify.yml after what docs/github.md says to add for the role."""
    (step,) = (each for each in fragments() if "configure-aws-credentials" in each)
    return changed(
        text,
        ("    name: reproduce\n", "    name: reproduce\n    environment: verify\n"),
        ("is compared with\n    steps:", "is compared with\n      id-token: write\n    steps:"),
        ("      - name: Set up Python\n", f"{step}      - name: Set up Python\n"),
    )


def changed(text: str, *replacements: tuple[str, str]) -> str:
    for old, new in replacements:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


@pytest.fixture(scope="module")
def pushes() -> dict[str, str]:
    """What colleagues have: they may write."""
    return s3_rights.add_user("ada", *READS, ("s3:PutObject", f"arn:aws:s3:::{BUCKET}/deep/*"))


@pytest.fixture(scope="module")
def role() -> str:
    return s3_rights.add_role("reads", *READS)


@pytest.fixture
def stage(scene: Scenes, role: str, s3: S3) -> Iterator[Scene]:
    assert [each.split(":")[2] for each in TRUSTS] == ["pull_request", "ref", "environment"]
    with s3_rights.enforced():
        yield scene(
            fresh=True,
            image={"BUCKET_SERVER": s3.url},
            actions={"mergegate/mergegate": TOP},
            variables={"MERGEGATE_READ_ROLE": role, "MERGEGATE_REGION": s3_rights.REGION},
            roles={role: Role(TRUSTS, lambda: s3_rights.assume(role))},
        )


TRIES = """\
import os
import pathlib

import botocore.exceptions
import botocore.session


def test_what_the_role_may() -> None:
    client = botocore.session.get_session().create_client("s3", endpoint_url=os.environ["BUCKET_SERVER"])
    said = []
    for bucket, key in (("flights", "deep/new"), ("flights", "other/secret"), ("others", "deep/secret")):
        for name, more in (("get_object", {}), ("put_object", {"Body": b"new"}), ("delete_object", {})):
            try:
                getattr(client, name)(Bucket=bucket, Key=key, **more)
                answer = "done"
            except botocore.exceptions.ClientError as error:
                answer = error.response["Error"]["Code"]
            said.append(f"{bucket}/{key} {name} {answer}")
    pathlib.Path("said.txt").write_text(chr(10).join(said))
"""


def test_data_that_nobody_pushed_is_named_then_read_by_the_runs_role_and_judged_without_one(
    stage: Scene, s3: S3, pushes: dict[str, str]
) -> None:
    stage.branch("data")
    write_rows(stage.project, 450)
    stage.project.dvc("repro", "--quiet")
    stage.project.write("tests/unit/pipeline/test_rows.py", TRIES)
    stage.project.commit("Add fifty rows")
    stage.push("data")
    pull = stage.open("data")
    (review, *_) = stage.runner.runs
    assert "mergegate: remote store (s3://flights/deep) has no object " in review.log
    assert "  next: whoever made this revision must run `mergegate push`" in review.log
    status = stage.status(pull)
    assert (status.state, str(status.description)[:18]) == ("failure", "the evidence lacks")
    (comment,) = stage.comments(pull)
    assert "push it by `mergegate push` and run the review workflow again" in comment.body
    # The change's code has the role too: it may read the data, and no more.
    (said,) = review.job("review").folder.rglob("said.txt")
    answers = [line.split(" ", 1) for line in said.read_text().splitlines()]
    assert [what for _, what in answers[:3]] == [
        "get_object NoSuchKey",
        "put_object AccessDenied",
        "delete_object AccessDenied",
    ]
    assert {what.split()[1] for _, what in answers[3:]} == {"AccessDenied"}
    assert len(answers) == 9

    pushed = stage.project.mergegate("push", env=pushes)
    assert pushed.code == 0, pushed.err
    s3.requests.clear()
    asked: list[list[tuple[str, str]]] = []
    stage.runner.after[REVIEW] = lambda run: asked.append(list(s3.requests))
    stage.runner.rerun(review)
    assert stage.runs()[-1] == ("comment.yml", "completed", "success"), stage.log()
    assert "REPRODUCED: 1 stage ran, and dvc.lock is true" in review.log
    # The new rows, to run the stage on; what base predicted, and the rows that it did on.
    assert [method for method, path in asked[0] if "/files/md5/" in path] == ["GET", "GET", "GET"]
    assert s3.requests == asked[0]
    assert [run.path for run in stage.runner.runs if run.secrets] == [REVIEW]
    assert "id-token" not in stage.runner.runs[-1].job("judge").permissions
    assert stage.status(pull).state == "success"
    (comment,) = stage.comments(pull)
    assert "Strength *scored*" in comment.body
    assert "50 rows added" in comment.body


def test_a_forks_change_is_judged_once_a_maintainer_ran_it_where_there_is_a_role(
    stage: Scene, s3: S3
) -> None:
    stage.branch("change")
    set_variant(stage.project, "better")
    stage.project.dvc("repro", "--quiet")
    stage.project.commit("Train the better variant")
    stage.push("change", to=FORK, by="mallory")
    s3.requests.clear()
    pull = stage.open("change", fork=FORK, by="mallory", association="CONTRIBUTOR")
    assert s3.requests == []
    assert "can't be read: NoCredentialsError: Unable to locate credentials" in stage.runner.runs[0].log
    status = stage.status(pull)
    assert (status.state, status.description) == (
        "error",
        "the run failed before there was anything to judge; a fork's and Dependabot's runs get no role",
    )
    (comment,) = stage.comments(pull)
    assert "a maintainer who has read the change starts verify.yml" in comment.body

    stage.hosting.start("verify.yml", pr=str(pull.number), sha=pull.head_sha)
    verified = stage.runner.runs[-1]
    assert verified.results() == {"reproduce": "success", "judge": "success", "post": "success"}, verified.log
    assert {name: job.permissions.get("id-token") for name, job in verified.jobs.items()} == {
        "reproduce": "write",
        "judge": None,
        "post": None,
    }
    assert stage.status(pull).state == "success"
    (comment,) = stage.comments(pull)
    assert "Strength *reproduced*" in comment.body
