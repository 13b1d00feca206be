"""What the trusted job *judge* hands to the job that posts: one bounded file, one entry per pull request."""

from typing import Literal

from mergegate.records.record import Record
from mergegate.records.review import Review

SCHEMA = 1
"""Version of judgement.json; raised when a reader of the old one would misread the new."""

State = Literal["pending", "success", "failure", "error"]
"""A commit status of GitHub's: only `success` lets a required one pass."""


class Judged(Record, frozen=True, kw_only=True):
    """One pull request, or one group of a merge queue (`number` None), as it was judged.

    `base` is the branch that it wants to enter, `context` the name of its status, `description` that status's
    sentence (at most 140 characters). `sentence` says, where it is not empty, what else a reader must know:
    why there is no review, or what failed beside it.
    """

    number: int | None
    base: str
    context: str
    state: State
    description: str
    sentence: str = ""
    review: Review | None = None


class Judgement(Record, frozen=True, kw_only=True):
    """Everything that is to be posted on the commit `sha`, judged of the run `run_id` at `run_url`.

    Empty where there is nothing to post: `sentence` then says why.
    """

    schema: int
    mergegate: str
    repository: str
    sha: str
    run_id: int
    run_attempt: int
    run_url: str
    judged: tuple[Judged, ...] = ()
    sentence: str = ""
