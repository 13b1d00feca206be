"""The jobs of the pull-request loop one by one: a project, the server that it is pushed to, and GitHub."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.evidence import pack
from support.github import payloads
from support.github.server import GitHubServer
from support.github.state import Run
from support.projects import Ended, Project

EVIDENCE = "mergegate-evidence"
TOKEN = "ghs_4pZ0secretOfTheJob"
PERMISSIONS = {"statuses": "write", "pull-requests": "write", "actions": "read", "contents": "read"}


@dataclass(frozen=True)
class Jobs:
    """A project pushed to `remote`, and the GitHub that its pull requests are on; `folder` is for files."""

    project: Project
    remote: Path
    github: GitHubServer
    folder: Path

    @property
    def judgement(self) -> Path:
        return self.folder / "judgement.json"

    def push(self, *branches: str) -> None:
        """Push branches to the server, and tell GitHub where they are."""
        self.project.git("push", "--quiet", "--force", "origin", *branches)
        for branch in branches:
            self.github.branches[branch] = self.project.git("rev-parse", branch).strip()

    def pack_evidence(
        self, head: str, target: str = "origin/main", *options: str, reproduction: object = None
    ) -> bytes:
        """What the run of review.yml uploads for a head, as the zip that GitHub makes of it."""
        folder = self.folder / f"evidence-{len(list(self.folder.iterdir()))}"
        asked = ("--target", target, "--head", head, "--out", str(self.folder / "out"), *options)
        ended = self.project.mergegate("review", *asked, "--evidence", str(folder))
        assert ended.code in (0, 1), ended.err
        if reproduction is not None:
            (folder / "reproduce.json").write_text(json.dumps(reproduction))
        return pack(folder, self.folder / f"{folder.name}.zip").read_bytes()

    def add_run(
        self, head: str, branch: str = "change", *, evidence: bytes | None = None, **said: Any
    ) -> Run:
        """A run of review.yml on a head, with its evidence."""
        run = self.github.add_run(head_sha=head, head_branch=branch, **said)
        if evidence is not None:
            self.github.add_artifact(run.id, EVIDENCE, evidence)
        return run

    def run(
        self, command: str, event: str, payload: Mapping[str, Any], *options: str, **variables: str
    ) -> Ended:
        """Run `mergegate COMMAND` as a job that the event started; its output may not hold the token."""
        environment = payloads.environment(
            self.github, event, dict(payload), self.folder / "event.json", token=TOKEN
        )
        environment["MERGEGATE_REMOTE"] = self.remote.as_uri()
        ended = self.project.mergegate(command, *options, env={**environment, **variables})
        assert TOKEN not in ended.out + ended.err
        return ended

    def judge(self, run: Run, *options: str, **variables: str) -> tuple[Ended, Any]:
        """`mergegate judge` of a run that has completed, and its judgement."""
        payload = payloads.workflow_run(self.github, run)
        return self.judge_event("workflow_run", payload, *options, **variables)

    def judge_event(
        self, event: str, payload: Mapping[str, Any], *options: str, **variables: str
    ) -> tuple[Ended, Any]:
        """`mergegate judge` of an event, and its judgement, None without one."""
        ended = self.run("judge", event, payload, "--out", str(self.judgement), *options, **variables)
        text = self.judgement.read_text() if self.judgement.exists() else "null"
        assert TOKEN not in text
        return ended, json.loads(text)

    def status(self, run: Run, *options: str, **variables: str) -> Ended:
        """`mergegate status --judgement` of the last judgement, or what `options` say."""
        payload = payloads.workflow_run(self.github, run)
        said = options or ("--judgement", str(self.judgement))
        return self.run("status", "workflow_run", payload, *said, **variables)

    def comment(self, run: Run, *options: str, **variables: str) -> Ended:
        """`mergegate comment --judgement` of the last judgement."""
        payload = payloads.workflow_run(self.github, run)
        said = ("--judgement", str(self.judgement), *options)
        return self.run("comment", "workflow_run", payload, *said, **variables)

    def stands(self, sha: str) -> dict[str, tuple[str, str]]:
        """The commit's statuses as GitHub counts them: context → state and description, the newest."""
        found = {}
        for status in self.github.statuses:
            if status.sha == sha:
                found[status.context] = (status.state, status.description or "")
        return found


def open_jobs(project: Project, github: GitHubServer) -> Jobs:
    """Push the project's `main` to a server beside it."""
    remote = project.home / "server.git"
    project.git("init", "--quiet", "--bare", "--initial-branch", "main", str(remote))
    # As GitHub does: a commit can be fetched by its name.
    project.git("--git-dir", str(remote), "config", "uploadpack.allowAnySHA1InWant", "true")
    project.git("remote", "add", "origin", remote.as_uri())
    folder = project.home / "files"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    github.add_token(TOKEN, PERMISSIONS)
    jobs = Jobs(project, remote, github, folder)
    jobs.push("main")
    project.git("fetch", "--quiet", "origin")
    project.git("remote", "set-head", "origin", "main")
    return jobs


def briefly(judgement: Any) -> list[tuple[int | None, str, str, str, bool]]:
    """Number, context, state, description, and whether there is a review, of each that was judged."""
    return [
        (each["number"], each["context"], each["state"], each["description"], each["review"] is not None)
        for each in judgement["judged"]
    ]
