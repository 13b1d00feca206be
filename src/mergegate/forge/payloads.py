"""What GitHub sends, in its own words: only the fields that are read, the others are ignored."""

from typing import Annotated, Any

from msgspec import Meta, Struct

Number = Annotated[int, Meta(ge=1, le=2**53)]
Text = Annotated[str, Meta(max_length=4096)]
Name = Annotated[str, Meta(max_length=512)]


class Account(Struct, frozen=True):
    """A user, an organisation or a bot."""

    login: Name


class RepositoryPayload(Struct, frozen=True):
    """A repository."""

    full_name: Name
    default_branch: Name | None = None
    owner: Account | None = None


class Side(Struct, frozen=True):
    """Head or base of a pull request; `repo` and `user` are null once the fork or its owner is gone."""

    ref: Name
    sha: Name
    label: Name | None = None
    repo: RepositoryPayload | None = None
    user: Account | None = None


class Pull(Struct, frozen=True):
    """A pull request; a list and some events leave `mergeable` out."""

    number: Number
    state: Name
    head: Side
    base: Side
    title: Text = ""
    draft: bool = False
    mergeable: bool | None = None
    html_url: Text = ""
    user: Account | None = None


class Numbered(Struct, frozen=True):
    """A pull request that a run names."""

    number: Number


class RunPayload(Struct, frozen=True):
    """A workflow run; GitHub's own schema lets most be null."""

    id: Number
    path: Name
    event: Name
    head_sha: Name
    head_branch: Name | None
    status: Name | None
    conclusion: Name | None = None
    run_attempt: Number = 1
    run_number: Number = 1
    html_url: Text = ""
    head_repository: RepositoryPayload | None = None
    pull_requests: tuple[Numbered, ...] | None = None

    @property
    def file(self) -> str:
        """The workflow's path, without the ref that some of GitHub's answers add: `…/review.yml@main`.

        A run of a change is a claim whatever its file says, so one named to look like ours gains nothing.
        """
        return self.path.partition("@")[0]


class Group(Struct, frozen=True):
    """A group of a merge queue; older servers leave `base_sha` out."""

    head_sha: Name
    head_ref: Name
    base_ref: Name
    base_sha: Name | None = None


class Payload(Struct, frozen=True):
    """An event's file; each kind has its own part of it."""

    action: Name | None = None
    repository: RepositoryPayload | None = None
    workflow_run: RunPayload | None = None
    pull_request: Pull | None = None
    merge_group: Group | None = None
    ref: Name | None = None
    before: Name | None = None
    after: Name | None = None
    inputs: dict[str, Any] | None = None
