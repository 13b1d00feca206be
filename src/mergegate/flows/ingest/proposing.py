"""One pull request a dataset: found, opened or given new text; one that a person closed stays closed."""

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from mergegate import dag, repo
from mergegate.errors import ForgeError, MergegateError, UsageError
from mergegate.flows.ingest.origin import Origin
from mergegate.flows.ingest.targets import Target
from mergegate.forge.connection import connect
from mergegate.records.review import Revision

if TYPE_CHECKING:
    from mergegate.forge.github import GitHub, PullRequest

TOKEN = "MERGEGATE_TOKEN"  # noqa: S105  the variable's name
JOBS_TOKEN = "GITHUB_TOKEN"  # noqa: S105
_JOB = "github-actions[bot]"
_SITE = "https://github.com"
_MOST_CLOSED = 20
_REFUSED = 422


class Forge(msgspec.Struct, frozen=True):
    """GitHub through the token of this run; `checks_start`: its pull requests start workflows."""

    github: "GitHub"
    token: str
    site: str
    checks_start: bool

    def label(self, branch: str) -> str:
        """The branch as GitHub names the head of a pull request."""
        return f"{self.github.repository.partition('/')[0]}:{branch}"

    def find_open(self, branch: str, base: str) -> "PullRequest | None":
        """The open pull request of a branch. Raises ForgeError."""
        found = self.github.pull_requests(head=self.label(branch), base=base)
        return found[0] if found else None

    def propose(
        self, branch: str, base: str, title: str, body: str, found: "PullRequest | None"
    ) -> "PullRequest":
        """Open the pull request, or give the one that is there new title and text. Raises ForgeError."""
        if found is None:
            try:
                return self.github.create_pull_request(head=branch, base=base, title=title, body=body)
            except ForgeError as error:
                # Another run may have opened it since we looked.
                found = self.find_open(branch, base) if error.status == _REFUSED else None
                if found is None:
                    raise
        return self.github.update_pull_request(found.number, title=title, body=body)

    def find_declined(
        self, origin: Origin, branch: str, base: str, target: Target, files: Mapping[str, str]
    ) -> "PullRequest | None":
        """A closed pull request that had all of `files`, {path inside: md5}, or None. Raises ForgeError."""
        closed = self.github.pull_requests(head=self.label(branch), base=base, state="closed")
        for pull in closed[:_MOST_CLOSED]:
            # One whose commits nobody has any more says nothing.
            with suppress(MergegateError):
                origin.fetch([pull.head_sha])
                if files.items() <= files_at(origin.project, pull.head_sha, target).items():
                    return pull
        return None


def open_forge(environment: Mapping[str, str]) -> Forge:
    """Connect by MERGEGATE_TOKEN, else GITHUB_TOKEN. Raises UsageError without one, or a repository."""
    token = environment.get(TOKEN) or environment.get(JOBS_TOKEN) or ""
    if not token:
        raise UsageError(
            "there is no token to open a pull request with",
            hint=f"set {TOKEN} to an App's token: docs/ingest.md; or leave out --open-pr",
        )
    github = connect({**environment, JOBS_TOKEN: token})
    site = environment.get("GITHUB_SERVER_URL") or _SITE
    own = bool(environment.get(TOKEN)) and token != environment.get(JOBS_TOKEN)
    return Forge(github, token, site, _starts_checks(github, own=own))


def _starts_checks(github: "GitHub", *, own: bool) -> bool:
    """Whether the token is another than the job's, whose pull requests start nothing."""
    try:
        return github.whoami() != _JOB
    except ForgeError:
        return own


def files_at(project: repo.Project, sha: str, target: Target) -> Mapping[str, str]:
    """The dataset's files at a commit; none where it has no such dataset."""
    revision = Revision(name=sha[:10], sha=sha)
    with repo.open_commit(project, revision) as files:
        name = dag.read(files, at=revision.name).hash_of(target.dataset.path)
    if name is None:
        return {}
    if not name.is_dir:
        return {"": name.md5}
    objects = repo.Objects(project)
    objects.fetch([name], remote=target.remote)
    return objects.tree(name)
