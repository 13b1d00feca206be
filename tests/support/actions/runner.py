"""Runs a repository's workflows for an event, as GitHub would, one after the other in this process."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from support.actions import triggers
from support.actions.contexts import conclude, condition_scope, describe, results_before
from support.actions.jobs import JobRunner, Site
from support.actions.language import InvalidFileError, holds, interpolate, read_workflow, text
from support.actions.programs import base_environment
from support.actions.runs import JobRun, Run
from support.github.server import GitHubServer

FOLDER = ".github/workflows"

Records = dict[tuple[str, ...], tuple[dict[str, JobRun], dict[str, bytes]]]
"""Jobs and artifacts of runs, by path, event, commit, base, what the branches were at then, and trust."""

LEVELS = 3
"""Of workflows that one another's runs start, after which GitHub starts no more."""


class Runner:
    """The workflows of one repository.

    `remote` is its bare git repository, which holds `refs/pull/N/merge`. A workflow whose path is in
    `held` does not go on by itself: its runs stay queued until `proceed`. `before[(path, job)]` is called
    before that job, even where it is skipped, and `after[path]` when all jobs have ended but nobody knows.
    A run of a path in `replayed` whose commit, event and base `records` has, ends as that one did, with
    its artifacts, and takes no time. Of a run's `requested` or `completed` that is in `unheard` nobody hears.
    """

    def __init__(
        self,
        server: GitHubServer,
        remote: Path,
        folder: Path,
        site: Site,
    ) -> None:
        self.server, self.remote, self.folder, self.site = server, remote, folder, site
        self.repository, self.default_branch = server.repository, server.default_branch
        self.runs: list[Run] = []
        self.held: set[str] = set()
        self.after: dict[str, Callable[[Run], None]] = {}
        self.replayed: set[str] = set()
        self.records: Records = {}
        self.before: dict[tuple[str, str], Callable[[Run], None]] = {}
        self.unheard: set[str] = set()

    def dispatch(self, event: str, payload: dict[str, Any], *, depth: int = 0) -> list[Run]:
        """Start what listens to the event and run it to its end; the runs it started, not what followed.

        `depth` counts the runs whose beginning or end led to the event.
        """
        place = triggers.locate(
            event,
            payload,
            tip=self._commit(f"refs/heads/{self.default_branch}") or "",
            default=self.default_branch,
            merge=self._commit(f"refs/pull/{payload.get('number')}/merge"),
            repository=self.repository,
        )
        if place is None or (event in ("push", "pull_request") and self._skips(place.head_sha)):
            return []
        made = [
            run
            for path in self._paths(place.sha)
            if (run := self._make(path, event, payload, place, depth)) is not None
        ]
        for run in made:
            self._tell(run, "requested")
        for run in made:
            self._go(run)
        return made

    def proceed(self, run: Run) -> None:
        """Run a held or pending run to its end, then what waited for it."""
        assert run.conclusion is None, f"{run.path} has ended: {run.conclusion}"
        self._execute(run)
        waiting = [each for each in self.runs if each.group == run.group and each.status == "pending"]
        if run.group and waiting:
            self.proceed(waiting[-1])

    def approve(self, run: Run) -> None:
        """Let a run that waits for a maintainer go on."""
        assert run.conclusion == "action_required"
        run.waits, run.conclusion = False, None
        self._execute(run)

    def rerun(self, run: Run) -> None:
        """Run all jobs again: a new attempt of the same run."""
        assert run.conclusion is not None
        run.attempt += 1
        run.conclusion, run.cancelled, run.jobs, run.artifacts = None, False, {}, {}
        self._execute(run)

    def cancel(self, run: Run) -> None:
        """Cancel a run that has not ended."""
        run.cancelled = True
        if run.status in ("queued", "pending"):
            self._end(run, "cancelled")

    def end(self, run: Run, conclusion: str, *, like: Run | None = None) -> None:
        """End a run that has not begun in a way of GitHub's own, with the artifacts of another one."""
        assert run.status == "queued"
        for name, data in (like.artifacts if like else {}).items():
            run.keep_artifact(name, data)
        self._end(run, conclusion)

    def by_path(self, name: str) -> list[Run]:
        """The runs of `.github/workflows/NAME`, in order."""
        return [run for run in self.runs if run.path == f"{FOLDER}/{name}"]

    def everything(self) -> list[tuple[str, bytes]]:
        """(place, bytes) of all that all runs wrote."""
        return [
            (f"{run.path} {run.id} {place}", data) for run in self.runs for place, data in run.everything()
        ]

    def _make(
        self, path: str, event: str, payload: dict[str, Any], place: triggers.Place, depth: int
    ) -> Run | None:
        content = self._git("cat-file", "blob", f"{place.sha}:{path}")
        try:
            workflow = read_workflow(path, content)
        except InvalidFileError:
            # GitHub shows a run that could not start for what would have been started by a push or a change.
            if event not in ("push", "pull_request"):
                return None
            workflow = None
        if workflow is not None and not triggers.starts(workflow.events, event, payload, place):
            return None
        if event == "workflow_dispatch":
            if payload["workflow"] != path or workflow is None:
                return None
            payload = {**payload, "inputs": triggers.fill(workflow.events[event], payload["inputs"] or {})}
        found = re.search(r"(?m)^name:\s*(.+)$", content)
        name = workflow.name if workflow is not None else (found[1].strip() if found else "")
        own = event == "pull_request" and not triggers.is_fork(payload, self.repository)
        shown = self.server.add_run(
            head_sha=place.head_sha,
            head_branch=place.head_branch,
            head_repository=place.head_repository,
            path=path,
            event=event,
            status="queued",
            conclusion=None,
            actor=payload["sender"]["login"],
            pull_requests=[payload["number"]] if own else [],
        )
        folder = self.folder / f"run-{shown.id}"
        folder.mkdir(parents=True)
        run = Run(
            shown.id,
            path,
            name or path,
            workflow,
            event,
            payload,
            place.sha,
            place.ref,
            payload["sender"]["login"],
            self.repository,
            folder,
            self.server,
            writes=triggers.may_write(event, payload, self.repository),
            waits=triggers.waits(event, payload, self.repository),
            depth=depth,
        )
        run.base_ref, run.head_ref = place.base_ref, place.head_ref
        self.runs.append(run)
        return run

    def _go(self, run: Run) -> None:
        """Let a new run go on, unless it waits: for approval, for an older one of its group, for the test."""
        if run.workflow is None:
            self._end(run, "startup_failure")
            return
        if run.waits:
            self._end(run, "action_required")
            return
        rivals = self._rivals(run)
        if rivals:
            run.show("pending")
        elif run.path not in self.held:
            self._execute(run)

    def _rivals(self, run: Run) -> list[Run]:
        """The older runs of its group that are still to end, after those that it cancels."""
        assert run.workflow is not None
        asked = run.workflow.concurrency
        if asked is None:
            return []
        scope = condition_scope(run, self.site.variables, describe(run), {})
        group = asked if isinstance(asked, str) else asked["group"]
        run.group = text(group, scope)
        cancels = not isinstance(asked, str) and bool(
            interpolate(asked.get("cancel-in-progress", False), scope)
        )
        older = [each for each in self.runs if each is not run and each.group == run.group]
        active = [each for each in older if each.conclusion is None]
        for each in active:
            # Of those that wait only the newest stays, whatever is asked.
            if cancels or each.status == "pending":
                self.cancel(each)
        return [each for each in active if each.conclusion is None and not each.cancelled]

    def _execute(self, run: Run) -> None:
        run.show("in_progress")
        tips = [self._commit(f"refs/heads/{name}") or "" for name in (self.default_branch, run.base_ref)]
        key = (run.path, run.event, run.sha, run.base_ref, *tips, str(run.writes))
        if run.path in self.replayed and key in self.records:
            jobs, artifacts = self.records[key]
            run.jobs = dict(jobs)
            for name, data in artifacts.items():
                run.keep_artifact(name, data)
        else:
            self._perform(run)
            self.records[key] = dict(run.jobs), dict(run.artifacts)
        if run.path in self.after:
            self.after[run.path](run)
        self._end(run, conclude(run))

    def _perform(self, run: Run) -> None:
        """Run all jobs."""
        assert run.workflow is not None
        for job in run.workflow.jobs:
            if (run.path, job.id) in self.before:
                self.before[run.path, job.id](run)
            needs = {
                name: {"result": run.jobs[name].result, "outputs": run.jobs[name].outputs}
                for name in job.needs
            }
            scope = condition_scope(run, self.site.variables, describe(run), needs, results_before(run, job))
            if holds(job.condition, scope):
                run.jobs[job.id] = JobRunner(run, job, self.site, describe(run), needs).perform()
            else:
                result = "cancelled" if run.cancelled else "skipped"
                run.jobs[job.id] = JobRun(job.id, result, run.folder / f"{run.attempt}-{job.id}")

    def _end(self, run: Run, conclusion: str) -> None:
        run.show("completed", conclusion)
        self._tell(run, "completed")

    def _tell(self, run: Run, action: str) -> None:
        """Start what listens to a run's beginning or end."""
        if run.depth == LEVELS or action in self.unheard:
            return
        payload = {
            "action": action,
            "workflow_run": run.describe(),
            "workflow": {"name": run.name, "path": run.path},
            "repository": self.server.wire.repository(),
            "sender": {"login": run.actor},
        }
        self.dispatch("workflow_run", payload, depth=run.depth + 1)

    def _paths(self, commit: str) -> list[str]:
        names = self._git("ls-tree", "-z", "--name-only", commit, f"{FOLDER}/").split("\0")
        return [name for name in names if name.endswith((".yml", ".yaml"))]

    def _skips(self, commit: str) -> bool:
        return triggers.SKIPPING.search(self._git("show", "--no-patch", "--format=%B", commit)) is not None

    def _commit(self, ref: str) -> str | None:
        found = self._git("for-each-ref", "--format=%(objectname)", ref).strip()
        return found or None

    def _git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", "--git-dir", str(self.remote), *arguments],
            env=base_environment(self.folder),
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        return done.stdout
