"""What `mergegate ingest` answers."""

from typing import Literal

from mergegate.records.record import Record

SCHEMA = 1
"""Version of the answer; raised when a reader of the old one would misread the new."""

IngestOutcome = Literal[
    "nothing", "planned", "committed", "opened", "updated", "current", "declined", "refused", "failed"
]
"""`nothing`: the source has no new file. `planned`: what a dry run would have done. `committed`: on a local
branch, nothing pushed. `opened`, `updated`: a pull request. `current`: the pull request, or the branch, holds
it already. `declined`: a person closed a pull request with these files. `refused`: the files are not what the
dataset's are. `failed`: it could not be done."""


class IngestedFile(Record, frozen=True, kw_only=True):
    """A file that a source brought: `path` in the dataset, "" for a dataset of one file.

    `corrects`: it stands in place of other bytes under its name. `rows` are what a Parquet file says of
    itself, None for others.
    """

    path: str
    md5: str
    bytes: int
    rows: int | None = None
    corrects: bool = False


class Ingested(Record, frozen=True, kw_only=True):
    """What became of one dataset. `files` are those that are new; `rows` are theirs together, None where not
    counted.

    `problem` says why nothing came of it, `hint` what to do next; `notes` and `warnings` are sentences.
    `reproduced` are the stages that ran again. `base` is the commit that it was added to. `exit_code` is this
    dataset's own.
    """

    path: str
    outcome: IngestOutcome
    source: str = ""
    base: str = ""
    branch: str = ""
    commit: str = ""
    pull_request: int | None = None
    url: str = ""
    files: tuple[IngestedFile, ...] = ()
    files_before: int = 0
    files_after: int = 0
    bytes: int = 0
    rows: int | None = None
    reproduced: tuple[str, ...] = ()
    objects_sent: int = 0
    problem: str = ""
    hint: str = ""
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    exit_code: int = 0


class IngestAnswer(Record, frozen=True, kw_only=True):
    """What became of each dataset that was asked for.

    `checks_start`: a pull request that this token opens starts workflows; None where none was asked for.
    """

    schema: int = SCHEMA
    mergegate: str
    dry_run: bool
    target: str
    datasets: tuple[Ingested, ...]
    checks_start: bool | None = None
    warnings: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 done or nothing to do, 1 files were refused, 2 configuration, 3 something could not be done."""
        return max((each.exit_code for each in self.datasets), default=0)
