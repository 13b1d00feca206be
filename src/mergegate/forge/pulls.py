"""Pull requests over the REST API."""

from collections.abc import Sequence

from msgspec import Struct

from mergegate.errors import ForgeError, UsageError
from mergegate.forge.names import check_branch, check_sha
from mergegate.forge.payloads import Pull
from mergegate.forge.routes import Routes

MOST_LOOKS = 6
"""Times that a pull request is read until GitHub knows whether it can be merged."""


class PullRequest(Struct, frozen=True, kw_only=True):
    """A pull request as it is now.

    `head_repository` and `head_owner` are None once the fork is gone, `head_label` is `owner:branch` where
    GitHub still knows it; `mergeable` is None while GitHub works it out, for what is closed, and in lists.
    """

    number: int
    state: str
    title: str
    draft: bool
    mergeable: bool | None
    head_sha: str
    head_ref: str
    head_label: str
    head_owner: str | None
    head_repository: str | None
    base_ref: str
    base_sha: str
    author: str
    html_url: str


class Pulls(Routes):
    """Reads, opens and edits pull requests."""

    def pull_request(self, number: int) -> PullRequest:
        """One pull request. Raises ForgeError."""
        return _pull(self._rest.get(f"{self._at}/pulls/{int(number)}", Pull))

    def settled_pull_request(self, number: int) -> PullRequest:
        """One pull request, asked for again while GitHub works out whether it can be merged.

        `mergeable` is None still where that takes longer than half a minute. Raises ForgeError.
        """
        pull = self.pull_request(number)
        for look in range(MOST_LOOKS - 1):
            if pull.mergeable is not None or pull.state != "open":
                break
            self._rest.pause(float(2**look))
            pull = self.pull_request(number)
        return pull

    def pull_requests(
        self, head: str | None = None, base: str | None = None, *, state: str = "open"
    ) -> tuple[PullRequest, ...]:
        """The open pull requests, or those of `state` (`closed`), the newest first; `head` is `owner:branch`.

        Raises ForgeError.
        """
        parameters: dict[str, str | int] = {"state": state}
        if head is not None:
            owner, _, branch = head.partition(":")
            parameters["head"] = f"{owner}:{check_branch(branch)}"
        if base is not None:
            parameters["base"] = check_branch(base)
        found = {
            pull.number: _pull(pull)
            for page in self._rest.pages(f"{self._at}/pulls", list[Pull], **parameters)
            for pull in page
        }
        # GitHub leaves a filter that it doesn't understand aside, and lists all.
        return tuple(
            pull
            for pull in found.values()
            if pull.state == state
            and (head is None or pull.head_label.lower() == head.lower())
            and (base is None or pull.base_ref == base)
        )

    def create_pull_request(
        self, *, head: str, base: str, title: str, body: str, draft: bool = False
    ) -> PullRequest:
        """Open a pull request from `head`, a branch of this repository. Raises ForgeError."""
        wanted = {"head": check_branch(head), "base": check_branch(base), "title": title, "body": body}

        def opened() -> Pull | None:
            label = f"{self.repository.partition('/')[0]}:{head}"
            found = self._rest.pages(f"{self._at}/pulls", list[Pull], state="open", head=label, base=base)
            return next((pull for page in found for pull in page if _is(pull, label, base)), None)

        return _pull(
            self._rest.send("POST", f"{self._at}/pulls", wanted | {"draft": draft}, Pull, done=opened)
        )

    def update_pull_request(
        self, number: int, *, title: str | None = None, body: str | None = None, state: str | None = None
    ) -> PullRequest:
        """Change a pull request's title, text or state. Raises ForgeError."""
        given = {"title": title, "body": body, "state": state}
        changes = {name: value for name, value in given.items() if value is not None}
        return _pull(self._rest.send("PATCH", f"{self._at}/pulls/{int(number)}", changes, Pull))

    def add_labels(self, number: int, labels: Sequence[str]) -> None:
        """Put labels on a pull request. Raises ForgeError."""
        path = f"{self._at}/issues/{int(number)}/labels"
        self._rest.send("POST", path, {"labels": list(labels)}, list[object])


def _is(pull: Pull, label: str, base: str) -> bool:
    return (pull.head.label or "").lower() == label.lower() and pull.base.ref == base


def _pull(pull: Pull) -> PullRequest:
    repository, user = pull.head.repo, pull.head.user
    try:
        head_sha, base_sha = check_sha(pull.head.sha), check_sha(pull.base.sha)
    except UsageError as error:
        raise ForgeError(
            f"GitHub's answer on pull request {pull.number} is not as documented: {error}",
            hint="look at GITHUB_API_URL",
            code="github-answer",
        ) from error
    return PullRequest(
        number=pull.number,
        state=pull.state,
        title=pull.title,
        draft=pull.draft,
        mergeable=pull.mergeable,
        head_sha=head_sha,
        head_ref=pull.head.ref,
        head_label=pull.head.label or "",
        head_owner=user.login if user else None,
        head_repository=repository.full_name if repository else None,
        base_ref=pull.base.ref,
        base_sha=base_sha,
        author=pull.user.login if pull.user else "",
        html_url=pull.html_url,
    )
