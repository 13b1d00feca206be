"""What `mergegate status` answers: where am I, what changed, what will the gate say, what to do next."""

from typing import Literal

from mergegate.records.plan import PlannedStage
from mergegate.records.record import Record
from mergegate.records.review import Change, ParamChange, Revision

SCHEMA = 1
"""Version of the answer; raised when a reader of the old one would misread the new."""


class Place(Record, frozen=True, kw_only=True):
    """Where git stands. `branch` is None where HEAD is detached, `doing` is what is half done: `rebase`.

    `ahead` and `behind` count commits against the target, None where there is none; `unpushed` those that
    `upstream` lacks, None without one. `edited`, `untracked` and `conflicted` count files of the project.
    """

    branch: str | None
    head: Revision
    target: str = ""
    base: Revision | None = None
    ahead: int | None = None
    behind: int | None = None
    upstream: str = ""
    unpushed: int | None = None
    edited: int = 0
    untracked: int = 0
    conflicted: int = 0
    doing: str = ""

    @property
    def dirty(self) -> bool:
        """Whether something is not committed; files that git doesn't know count too."""
        return bool(self.edited or self.untracked or self.conflicted)


class MovedData(Record, frozen=True, kw_only=True):
    """Tracked data that changed; the counts of files are None where a folder's list is not here.

    `added_yet` is False for data in the workspace that its .dvc file does not name yet.
    """

    path: str
    change: Change
    files_added: int | None = None
    files_removed: int | None = None
    files_changed: int | None = None
    added_yet: bool = True


class Moves(Record, frozen=True, kw_only=True):
    """What changed since the base: the first of each, and how many there are in all.

    `files` are those of git that are neither data, params, locks nor outputs. `stages` are those that
    run again, may run, or are frozen though they should. `seconds` is how long they take, None if not known.
    """

    data: tuple[MovedData, ...] = ()
    params: tuple[ParamChange, ...] = ()
    params_total: int = 0
    files: tuple[str, ...] = ()
    files_total: int = 0
    stages: tuple[PlannedStage, ...] = ()
    stages_total: int = 0
    seconds: float | None = None
    policy: bool = False
    problems: tuple[str, ...] = ()

    @property
    def nothing(self) -> bool:
        """Whether nothing differs from the base."""
        return not (self.data or self.params or self.files or self.stages or self.policy)


class Asked(Record, frozen=True, kw_only=True):
    """What a model or a dataset is held to: the words of its gates."""

    subject: str
    gates: tuple[str, ...]


class Forecast(Record, frozen=True, kw_only=True):
    """What the gate will say. `source`: `review`, the last one is of this very state; `predicted`; `none`.

    `outcome` is `unknown` where only a review can tell. `failing` are the ids of the gates that block, or of
    those that are sure to; `why` a sentence for each of the first. `held` is what a review will judge.
    """

    source: Literal["review", "predicted", "none"]
    outcome: Literal["passes", "fails", "unknown"]
    sentence: str
    enforced: bool = True
    failing: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
    held: tuple[Asked, ...] = ()


class Step(Record, frozen=True, kw_only=True):
    """What to do next: one command, empty where it is no command; and why."""

    command: str
    why: str


class Status(Record, frozen=True, kw_only=True):
    """The whole screen."""

    schema: int = SCHEMA
    mergegate: str
    project: str
    place: Place
    moves: Moves
    forecast: Forecast
    next: Step
    notes: tuple[str, ...] = ()
