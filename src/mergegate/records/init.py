"""What `mergegate init` found, wrote and left alone."""

from typing import Literal

from mergegate.records.record import Record

SCHEMA = 1

Done = Literal["created", "updated", "extended", "unchanged", "left"]
"""What became of a file. `extended`: lines were added. `left`: a person's, not touched, and `why` says so."""


class WrittenFile(Record, frozen=True, kw_only=True):
    """A file by its path from the top of the repository; `diff` is what was, or would be, changed in it.

    Of a file that was `left` the diff leads to what would have been written.
    """

    path: str
    done: Done
    why: str = ""
    diff: str = ""


class ChosenModel(Record, frozen=True, kw_only=True):
    """A model of the policy: `reason` says how its task was told, `gates` how many bars were proposed."""

    name: str
    predictions: str
    task: str
    reason: str
    rows: int
    gates: int = 0
    inputs: str | None = None
    training_rows: str | None = None
    bundle: str | None = None


class FirstReview(Record, frozen=True, kw_only=True):
    """The first local review: its outcome and headline, or the problem for which there was none."""

    outcome: str = ""
    headline: str = ""
    problem: str = ""
    hint: str = ""


class InitAnswer(Record, frozen=True, kw_only=True):
    """What was found, what became of each file, and what to do next.

    `found` says in sentences what is there, `unknown` what could not be told, `next` what to do, in order.
    `snippet` writes a predictions file, where the project has none. `dry_run`: nothing was written.
    """

    schema: int = SCHEMA
    project: str
    forge: str
    mode: str
    dry_run: bool
    found: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    models: tuple[ChosenModel, ...] = ()
    datasets: tuple[str, ...] = ()
    files: tuple[WrittenFile, ...] = ()
    snippet: tuple[str, ...] = ()
    review: FirstReview | None = None
    next: tuple[str, ...] = ()
