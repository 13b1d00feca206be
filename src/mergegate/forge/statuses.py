"""Commit statuses over the REST API."""

from typing import Literal

from msgspec import Struct

from mergegate.forge.names import check_sha
from mergegate.forge.payloads import Account
from mergegate.forge.routes import Routes

LONGEST_DESCRIPTION = 140
"""Characters of a status's description; GitHub refuses more."""

State = Literal["pending", "success", "failure", "error"]


class Status(Struct, frozen=True, kw_only=True):
    """One status of a commit; `creator` is the login of who set it."""

    id: int
    context: str
    state: str
    description: str
    target_url: str
    creator: str


class _StatusPayload(Struct, frozen=True):
    id: int
    context: str
    state: str
    description: str | None = None
    target_url: str | None = None
    creator: Account | None = None


class Statuses(Routes):
    """Reads and sets statuses."""

    def statuses(self, sha: str) -> tuple[Status, ...]:
        """The statuses of a commit, newest first: of one context the first counts. Raises ForgeError."""
        pages = self._rest.pages(f"{self._at}/commits/{check_sha(sha)}/statuses", list[_StatusPayload])
        found = {one.id: _status(one) for page in pages for one in page}
        return tuple(sorted(found.values(), key=lambda one: one.id, reverse=True))

    def set_status(
        self, sha: str, context: str, state: State, description: str, target_url: str = ""
    ) -> Status:
        """Set a commit's status. Set twice it is the same, so it is simply tried again. Raises ForgeError."""
        body = {"state": state, "context": context, "description": description}
        if target_url:
            body["target_url"] = target_url
        path = f"{self._at}/statuses/{check_sha(sha)}"
        return _status(self._rest.send("POST", path, body, _StatusPayload))


def _status(status: _StatusPayload) -> Status:
    return Status(
        id=status.id,
        context=status.context,
        state=status.state,
        description=status.description or "",
        target_url=status.target_url or "",
        creator=status.creator.login if status.creator else "",
    )
