"""A stranger's pull request: a fork, whatever lock and evidence it likes, and what may never come of it."""

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from ruamel.yaml import YAML

from mergegate.flows.judging.judging import EVIDENCE, Source, judge
from mergegate.flows.posting.body import build_body
from mergegate.forge.connection import connect
from mergegate.forge.events import read_event
from mergegate.records.judgement import Judged
from support.actions.runs import Run
from support.attacks import REFERENCES
from support.github import payloads
from support.github.state import Pull
from support.loop import REVIEW, Scene
from support.rendered import inline, seen

FORK = "mallory/flights"
JUDGE = {"actions": "read", "contents": "read", "pull-requests": "read"}
TOKEN = "ghs_4pZ0secretOfTheJudge"

WORKFLOW = """\
name: review
on: pull_request
permissions: {statuses: write, pull-requests: write, contents: write, actions: write, id-token: write}
jobs:
  review:
    runs-on: ubuntu-24.04
    steps:
      - run: %s
"""
"""A review.yml of the stranger's own, which asks for all that it would like to have."""

MANIFEST = b'{"schema": 1, "mergegate": "0.1.0"}'

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
ELEMENT = re.compile(r"</?(?:sub|code|details|summary|br)>")


class Stranger:
    """Mallory's clone of the project in a scene, on a branch of a fork that begins at `start`.

    `objects` are what the evidence holds, by md5: at first all that the project has of DVC. What is hostile
    asks a shell for `touch pwned`.
    """

    def __init__(self, stage: Scene, start: str = "better") -> None:
        self.stage, self.project = stage, stage.project
        self.objects = {
            file.parent.name + file.name: file.read_bytes()
            for file in (self.project.root / ".dvc/cache/files/md5").glob("??/*")
        }
        self.project.git("switch", "--quiet", "--create", "change", start)

    def take_over(self, script: str = "'true'") -> None:
        """Bring a review.yml that runs this instead."""
        self.project.write(REVIEW, WORKFLOW % script)

    def hold(self, content: bytes, suffix: str = "") -> str:
        """Put an object into the evidence; its name."""
        name = hashlib.md5(content, usedforsecurity=False).hexdigest() + suffix
        self.objects[name] = content
        return name

    def named(self, path: str) -> str:
        """The md5 that dvc.lock names for an output."""
        found: str = next(
            entry["md5"]
            for stage in self._lock()["stages"].values()
            for entry in stage["outs"]
            if entry["path"] == path
        )
        return found

    def read(self, path: str) -> bytes:
        return self.objects[self.named(path)]

    def folder(self, path: str) -> dict[str, bytes]:
        """The files of an output that is a folder."""
        return {each["relpath"]: self.objects[each["md5"]] for each in json.loads(self.read(path))}

    def lie(self, path: str, content: bytes | Mapping[str, bytes]) -> None:
        """Have dvc.lock and the evidence hold other bytes, or other files of a folder, than a stage wrote."""
        entry: dict[str, Any] = {"path": path, "hash": "md5"}
        if isinstance(content, bytes):
            entry |= {"md5": self.hold(content), "size": len(content)}
        else:
            listed = [{"md5": self.hold(content[name]), "relpath": name} for name in sorted(content)]
            size = sum(map(len, content.values()))
            entry |= {"md5": self.hold(json.dumps(listed).encode(), ".dir"), "size": size}
            entry["nfiles"] = len(listed)
        lock = self._lock()
        for stage in lock["stages"].values():
            for kind in ("deps", "outs"):
                stage[kind] = [entry if each["path"] == path else each for each in stage.get(kind, [])]
        stream = io.StringIO()
        YAML().dump(lock, stream)
        self.project.write("dvc.lock", stream.getvalue())

    def evidence(self, more: Mapping[str, bytes] | None = None) -> bytes:
        """The zip of the objects, and of `more` by name."""
        files = {f"objects/files/md5/{name[:2]}/{name[2:]}": data for name, data in self.objects.items()}
        return packed({"evidence.json": MANIFEST, **files, **(more or {})})

    def submit(self, evidence: bytes | None, head: str = "") -> Judged:
        """Commit, open a pull request, and judge it at once, without a workflow or a status.

        `evidence` is what its run left, `head` another commit than all that lies in the folder. What a
        comment would be is checked.
        """
        server = self.stage.server
        head = head or self.project.commit("Change")
        pull = server.add_pull(
            head_sha=head,
            head_ref="change",
            head_repository=FORK,
            base_ref="main",
            base_sha=server.branches["main"],
        )
        ref = f"{head}:refs/pull/{pull.number}/head"
        self.project.git("push", "--quiet", "--force", str(self.stage.hosting.remote), ref)
        run = server.add_run(head_sha=head, head_branch="change", head_repository=FORK, path=REVIEW)
        if evidence is not None:
            server.add_artifact(run.id, EVIDENCE, evidence)
        return self.judge(run.id)

    def publish(self) -> None:
        """Put the objects into the DVC remote too, which is a folder of the repository."""
        for name, content in self.objects.items():
            self.project.write(f"data/remote/files/md5/{name[:2]}/{name[2:]}", content)

    def judge(self, run_id: int) -> Judged:
        """What the trusted job makes of a run."""
        stage = self.stage
        stage.server.add_token(TOKEN, JUDGE)
        payload = payloads.workflow_run(stage.server, stage.server.runs[run_id])
        file = stage.hosting.folder / "event.json"
        said = payloads.environment(stage.server, "workflow_run", payload, file, token=TOKEN)
        remote = Source(url=stage.hosting.remote.as_uri(), local=True)
        with connect(said) as github:
            judgement = judge(github, read_event(said), remote, said, tell=lambda _: None)
        (judged,) = judgement.judged
        assert_safe(build_body(judgement, judged), stage)
        assert not Path("pwned").exists()
        return judged

    def propose(self, evidence: bytes | None = None, **asked: Any) -> Pull:
        """Commit, push to the fork, open a pull request; the workflows have run when this returns.

        `evidence` takes the place of what the run of review.yml uploaded.
        """
        self.project.commit("Change")
        self.stage.push("change", to=FORK, by="mallory")
        if evidence is not None:
            self.leave(evidence)
        return self.stage.open("change", fork=FORK, by="mallory", **asked)

    def leave(self, evidence: bytes, name: str = EVIDENCE) -> None:
        """Have every run of review.yml from now on end with this artifact."""

        def keep(run: Run) -> None:
            run.keep_artifact(name, evidence)

        self.stage.runner.after[REVIEW] = keep

    def _lock(self) -> Any:
        return YAML(typ="safe").load((self.project.root / "dvc.lock").read_text())


def packed(files: Mapping[str, bytes]) -> bytes:
    """A zip of files by name."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def assert_harmless(stage: Scene) -> None:
    """Nothing ran that should not, no token is anywhere, and only ours was written: statuses and comments."""
    stage.hosting.assert_secret()
    assert not Path("pwned").exists()
    assert [str(path) for path in stage.hosting.folder.rglob("pwned*")] == []
    trusted = {
        job.token
        for run in stage.runner.runs
        if run.event in ("workflow_run", "workflow_dispatch")
        for job in run.jobs.values()
    }
    heads = {pull.head_sha for pull in stage.server.pulls.values()}
    for request in stage.server.requests:
        if request.method != "GET" and request.status < 400:
            assert request.token in trusted, f"{request.method} {request.path}"
            if request.path == "/graphql":  # whoever asks who it is
                continue
            place = re.fullmatch(r"/repos/team/flights/(statuses/(\w+)|issues/.*comments.*)", request.path)
            assert place, f"{request.method} {request.path}"
            assert place[2] is None or place[2] in heads
    for pull in stage.server.pulls.values():
        ours = [each for each in stage.comments(pull) if each.author == "github-actions[bot]"]
        assert len(ours) <= 1
        for comment in ours:
            assert_safe(comment.body, stage)


def assert_safe(body: str, stage: Scene) -> None:
    """A comment is short enough, calls nobody, and has no picture, link or element but ours."""
    assert len(body) < 65_000
    tokens = MARKDOWN.parse(body)
    outside = "\n".join(seen(token) for token in tokens)
    assert not REFERENCES["mention"].search(outside)
    for token in [*tokens, *inline(tokens)]:
        if token.type == "image":
            assert str(token.attrs["src"]).startswith("https://cml.dev/watermark.png#")
        if token.type == "link_open":
            assert str(token.attrs["href"]).startswith(f"{stage.server.site}/team/flights/")
        if token.type in ("html_block", "html_inline"):
            assert "<" not in ELEMENT.sub("", token.content), token.content
