"""One repository of GitHub's, through one token."""

import time
from collections.abc import Callable

from mergegate.forge.artifacts import Artifact, Artifacts
from mergegate.forge.branches import Branches
from mergegate.forge.comments import Comment, Comments
from mergegate.forge.pulls import PullRequest, Pulls
from mergegate.forge.rest import Rest
from mergegate.forge.runs import Run, Runs
from mergegate.forge.statuses import State, Status, Statuses

__all__ = ["Artifact", "Comment", "GitHub", "PullRequest", "Run", "State", "Status"]


class GitHub(Branches, Pulls, Runs, Artifacts, Statuses, Comments):
    """A repository, `owner/name`, at an API (`https://api.github.com`, `https://HOST/api/v3`).

    Every method may raise ForgeError. Requests are tried again with back-off, for at most `patience` seconds
    each; `sleep` and `clock` are the tests'. Raises UsageError for an address, name or token that is none.
    """

    def __init__(
        self,
        api_url: str,
        repository: str,
        token: str,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.time,
        patience: float = 300.0,
    ) -> None:
        super().__init__(Rest(api_url, token, sleep=sleep, clock=clock, patience=patience), repository)
