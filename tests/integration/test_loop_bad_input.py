"""What GitHub, a token or an artifact may do wrong: a sentence, a status that does not pass, and no token."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.github.server import GitHubServer
from support.jobs import TOKEN, Jobs, open_jobs
from support.projects import POLICY, Project

GONE = "the job that judges ended without a judgement"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """`main` with a policy, and nothing that it could judge; copied for each test."""
    home = tmp_path_factory.mktemp("bad") / "home"
    project = Project(home / "project", home)
    project.root.mkdir(parents=True)
    project.git("init", "--quiet", "--initial-branch", "main")
    project.write("mergegate.yaml", POLICY)
    project.commit("Start")
    return project


@pytest.fixture
def jobs(built: Project, tmp_path: Path) -> Iterator[Jobs]:
    with GitHubServer() as github:
        yield open_jobs(built.copy(tmp_path / "home"), github)


def written(jobs: Jobs) -> str:
    """All that jobs wrote and posted, as one text."""
    files = [path for path in jobs.folder.rglob("*") if path.is_file() and path.name != "event.json"]
    texts = [path.read_text(errors="replace") for path in files]
    texts += [comment.body for comment in jobs.github.comments]
    texts += [f"{status.description} {status.target_url}" for status in jobs.github.statuses]
    return "\n".join(texts)


ANSWERS = {
    "a page for people": (200, {}, b"<html>Unicorn!</html>"),
    "an outage": (502, {"Retry-After": "0"}, b"<html>Bad Gateway</html>"),
    "another host": (301, {"Location": "https://elsewhere.example/repos"}, b""),
    "a token that expired": (401, {}, b'{"message": "Bad credentials"}'),
    "a token without the scope": (403, {}, b'{"message": "Resource not accessible by integration"}'),
    "what is no list": (200, {}, b'{"number": "one"}'),
    "an echo of the token": (400, {}, f'{{"message": "no {TOKEN}"}}'.encode()),
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_judge_that_github_answers_wrongly_leaves_an_error(jobs: Jobs, answer: str) -> None:
    status, headers, body = ANSWERS[answer]
    head = jobs.project.git("rev-parse", "main").strip()
    jobs.github.add_pull(head_sha=head)
    run = jobs.add_run(head)
    jobs.github.fail("GET", "/pulls", status, body=body, headers=headers, times=100)
    ended, judgement = jobs.judge(run)
    assert (ended.code, judgement, ended.out) == (3, None, "")
    assert ended.err.startswith("mergegate: ")
    assert "\n  next: " in ended.err
    jobs.github.failures.clear()
    assert jobs.status(run).code == 3
    assert jobs.stands(head) == {"mergegate": ("error", GONE)}
    assert jobs.comment(run).code == 3
    (comment,) = jobs.github.comments
    assert GONE in comment.body
    assert TOKEN not in written(jobs)


def packed(**files: bytes) -> bytes:
    """A zip of the files."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, data in files.items():
            archive.writestr(f"{name}.json", data)
    return held.getvalue()


ARTIFACTS = {
    "empty": packed(),
    "of an older form": packed(evidence=b'{"schema": 0, "mergegate": "0.0.1"}'),
    "of a form to come": packed(evidence=b'{"schema": 9, "mergegate": "9.0"}'),
    "with a review in it": packed(evidence=b'{"schema": 1, "mergegate": "0.1.0"}', review=b"{}"),
}
SAID = {
    "empty": "it has no evidence.json, and this mergegate reads the form 1",
    "of an older form": "it has the form 0 of mergegate 0.0.1, and this mergegate reads the form 1",
    "of a form to come": "it has the form 9 of mergegate 9.0, and this mergegate reads the form 1",
    "with a review in it": "review.json is neither a DVC object nor one of evidence.json, reproduce.json",
}


@pytest.mark.parametrize("artifact", ARTIFACTS)
def test_an_artifact_that_is_no_evidence_is_an_error_in_words(jobs: Jobs, artifact: str) -> None:
    head = jobs.project.git("rev-parse", "main").strip()
    # Its fork was deleted meanwhile.
    jobs.github.add_pull(head_sha=head, head_repository=None, head_owner=None)
    run = jobs.add_run(head, evidence=ARTIFACTS[artifact], head_repository=None)
    ended, judgement = jobs.judge(run)
    assert ended.code == 3
    (judged,) = judgement["judged"]
    assert (judged["state"], judged["review"]) == ("error", None)
    assert SAID[artifact] in judged["sentence"]
    assert " Next: " in judged["sentence"]
    assert jobs.status(run).code == 0
    assert jobs.stands(head)["mergegate"][0] == "error"
    assert TOKEN not in written(jobs)
