"""A run of a workflow: what started it, what came of it, and everything that it wrote."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.actions.language import Workflow
from support.github.server import GitHubServer

MOST_MEMBERS = 1000
LONGEST = 10_000_000
"""Of an artifact that a test forged, so much is searched."""


@dataclass
class StepRun:
    """One step: `outcome` before and `conclusion` after continue-on-error."""

    name: str
    outcome: str
    conclusion: str
    outputs: dict[str, str] = field(default_factory=dict)
    sentence: str = ""


@dataclass
class JobRun:
    """One job: success, failure, skipped or cancelled; `permissions` and `token` are what it was given."""

    id: str
    result: str
    folder: Path
    outputs: dict[str, str] = field(default_factory=dict)
    steps: list[StepRun] = field(default_factory=list)
    permissions: dict[str, str] = field(default_factory=dict)
    token: str = ""
    summaries: list[str] = field(default_factory=list)
    annotations: list[tuple[str, str]] = field(default_factory=list)

    @property
    def log(self) -> str:
        file = self.folder / "log.txt"
        return file.read_text(errors="replace") if file.exists() else ""


@dataclass
class Run:
    """One run, every attempt of it in turn.

    `workflow` is None for a file that GitHub would refuse. `writes` says whether its tokens may bear what its
    jobs declare (not for forks and Dependabot), which also decides about secrets and identities. `secrets`
    are what roles gave to its jobs.
    """

    id: int
    path: str
    name: str
    workflow: Workflow | None
    event: str
    payload: dict[str, Any]
    sha: str
    ref: str
    actor: str
    repository: str
    folder: Path
    server: GitHubServer
    writes: bool = True
    waits: bool = False
    attempt: int = 1
    status: str = "queued"
    conclusion: str | None = None
    cancelled: bool = False
    group: str = ""
    depth: int = 0
    base_ref: str = ""
    head_ref: str = ""
    jobs: dict[str, JobRun] = field(default_factory=dict)
    artifacts: dict[str, bytes] = field(default_factory=dict)
    secrets: list[str] = field(default_factory=list)

    def job(self, name: str) -> JobRun:
        return self.jobs[name]

    def results(self) -> dict[str, str]:
        """Job → result."""
        return {name: job.result for name, job in self.jobs.items()}

    @property
    def log(self) -> str:
        """The logs of all jobs."""
        return "".join(f"== {job.id}: {job.result}\n{job.log}" for job in self.jobs.values())

    @property
    def summary(self) -> str:
        return "\n".join(text for job in self.jobs.values() for text in job.summaries)

    def keep_artifact(self, name: str, data: bytes) -> int:
        """Keep an artifact instead of another of its name; its id."""
        self.artifacts[name] = data
        for each in list(self.server.artifacts.values()):
            if (each.run_id, each.name) == (self.id, name):
                del self.server.artifacts[each.id]
        return self.server.add_artifact(self.id, name, data).id

    def show(self, status: str, conclusion: str | None = None) -> None:
        """Have REST show the run so."""
        self.status, self.conclusion = status, conclusion
        shown = self.server.runs[self.id]
        shown.status, shown.conclusion, shown.attempt = status, conclusion, self.attempt

    def describe(self) -> dict[str, Any]:
        """The run as the event `workflow_run` shows it."""
        return self.server.wire.run(self.server.runs[self.id]) | {"name": self.name}

    def everything(self) -> Iterator[tuple[str, bytes]]:
        """(place, bytes) of all that the run wrote: logs, files, git's settings, artifacts, outputs."""
        for file in sorted(self.folder.rglob("*")):
            if file.is_file() and not file.is_symlink():
                yield str(file.relative_to(self.folder)), file.read_bytes()
            elif file.is_symlink():
                yield str(file.relative_to(self.folder)), bytes(file.readlink())
        for name, data in self.artifacts.items():
            yield f"artifact {name}", data
            yield from _members(name, data)
        for job in self.jobs.values():
            told = [*job.summaries, *(text for _, text in job.annotations), *job.outputs.values()]
            told += [value for step in job.steps for value in step.outputs.values()]
            yield f"what {job.id} told", "\n".join(told).encode()


def _members(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    """The beginnings of what a zip holds; nothing where it is none."""
    with suppress(zipfile.BadZipFile), zipfile.ZipFile(io.BytesIO(data)) as archive:
        for each in archive.infolist()[:MOST_MEMBERS]:
            with suppress(zipfile.BadZipFile, zlib.error), archive.open(each) as file:
                yield f"artifact {name} {each.filename}", file.read(LONGEST)
