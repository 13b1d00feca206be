"""What the stand-in knows: plain structures that a test sets and looks at."""

import re
from collections.abc import Mapping

from msgspec import Struct, field

ACTIONS = "github-actions[bot]"
"""Who a job's own token is."""

MOMENT = "2026-01-01T00:00:00Z"

WRITE_ALL = {
    "actions": "write",
    "contents": "write",
    "issues": "write",
    "pull_requests": "write",
    "statuses": "write",
    "metadata": "read",
}


class Token(Struct):
    """Who asks, and what may be asked: `permissions` as a job declares them, `pull-requests: write`."""

    login: str = ACTIONS
    permissions: dict[str, str] = field(default_factory=lambda: dict(WRITE_ALL))
    user: bool = False
    """A person's token: it may ask /user, and is refused in other words."""

    def may(self, needed: Mapping[str, str]) -> bool:
        """Whether one of the permissions that would do is there."""
        granted = {name.replace("-", "_"): level for name, level in self.permissions.items()}
        granted.setdefault("metadata", "read")
        return not needed or any(
            granted.get(name) == "write" or granted.get(name) == level for name, level in needed.items()
        )


class Pull(Struct):
    """A pull request; `head_repository` None is a deleted fork. None is answered `unknown` times at first."""

    number: int
    head_ref: str
    head_sha: str
    head_repository: str | None
    base_ref: str
    base_sha: str
    title: str = "A change"
    body: str = ""
    state: str = "open"
    draft: bool = False
    locked: bool = False
    mergeable: bool | None = True
    unknown: int = 0
    author: str = "ada"
    head_owner: str | None = None
    labels: list[str] = field(default_factory=list)
    updated_at: str = MOMENT
    merged_at: str | None = None


class Run(Struct):
    """A workflow run."""

    id: int
    number: int
    head_sha: str
    head_branch: str
    path: str = ".github/workflows/review.yml"
    event: str = "pull_request"
    status: str = "completed"
    conclusion: str | None = "success"
    attempt: int = 1
    head_repository: str | None = ""
    pull_requests: list[int] = field(default_factory=list)
    actor: str = "ada"


class Artifact(Struct):
    """What a run left; `data` is the zip."""

    id: int
    run_id: int
    name: str
    data: bytes
    expired: bool = False
    digest: str | None = None


class Status(Struct):
    """A status of a commit."""

    id: int
    sha: str
    context: str
    state: str
    description: str | None = None
    target_url: str | None = None
    creator: str = ACTIONS


class Comment(Struct):
    """A comment below a pull request."""

    id: int
    number: int
    body: str
    author: str


class Request(Struct):
    """A request that came in; `token` is what it bore, `status` what it was answered with, 0 for a cut."""

    method: str
    path: str
    query: dict[str, str]
    token: str | None
    headers: dict[str, str]
    body: object = None
    status: int = 0


class Failure(Struct):
    """What is answered instead, `times` times, to requests that match.

    `carried_out` does first what was asked. `status` 0 cuts the connection, without an answer or, where
    `body` is there, in the midst of it.
    """

    method: str
    path: re.Pattern[str]
    status: int
    headers: dict[str, str]
    body: bytes
    times: int
    carried_out: bool
