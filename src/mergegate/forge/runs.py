"""Workflow runs over the REST API."""

from msgspec import Struct

from mergegate.forge.names import check_sha
from mergegate.forge.payloads import RunPayload
from mergegate.forge.routes import Routes

REVIEW = ".github/workflows/review.yml"
"""Path of the workflow whose runs are believed to be reviews."""


class Run(Struct, frozen=True, kw_only=True):
    """A workflow run as it is now; `head_repository` and `head_owner` are None for a deleted fork."""

    id: int
    attempt: int
    number: int
    path: str
    event: str
    status: str
    conclusion: str | None
    head_sha: str
    head_branch: str
    head_owner: str | None
    head_repository: str | None
    html_url: str
    pull_requests: tuple[int, ...]


class _Runs(Struct, frozen=True):
    workflow_runs: list[RunPayload]


class Runs(Routes):
    """Reads workflow runs."""

    def run(self, identifier: int) -> Run:
        """One run, in its latest attempt. Raises ForgeError."""
        return _run(self._rest.get(f"{self._at}/actions/runs/{int(identifier)}", RunPayload))

    def runs_of(self, sha: str, *, path: str = REVIEW) -> tuple[Run, ...]:
        """The runs of one workflow, by its path, on a commit, newest first. Raises ForgeError."""
        pages = self._rest.pages(f"{self._at}/actions/runs", _Runs, head_sha=check_sha(sha))
        found = {run.id: _run(run) for page in pages for run in page.workflow_runs}
        ours = [run for run in found.values() if run.path == path and run.head_sha == sha]
        return tuple(sorted(ours, key=lambda run: (run.number, run.id), reverse=True))


def _run(run: RunPayload) -> Run:
    repository = run.head_repository
    return Run(
        id=run.id,
        attempt=run.run_attempt,
        number=run.run_number,
        path=run.file,
        event=run.event,
        status=run.status or "",
        conclusion=run.conclusion,
        head_sha=run.head_sha,
        head_branch=run.head_branch or "",
        head_owner=repository.owner.login if repository and repository.owner else None,
        head_repository=repository.full_name if repository else None,
        html_url=run.html_url,
        pull_requests=tuple(pull.number for pull in run.pull_requests or ()),
    )
