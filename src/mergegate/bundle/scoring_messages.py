"""What the review and the child process that runs a bundle say to each other: JSON, never pickled."""

from typing import Literal

import msgspec

JOB, ASKED, REPORT, LOG = "job.json", "asked.arrow", "report.json", "log.txt"
ROWS, ANSWERS, PROBABILITIES = "rows.bin", "answers.bin", "probabilities.bin"
"""Files of the folder that both share; the last three are plain little-endian arrays."""


class Files(msgspec.Struct, frozen=True):
    """Files at hand: `name` is what people call all of them, `parts` maps each one's to where it is."""

    name: str
    parts: dict[str, str]


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """Run the bundle in the folder `bundle` on those of the asked row_ids that are in `inputs`.

    Rows that are in `without` are left out. `asked` says whose row_ids they are. Limits: `seconds` of
    processor time, bytes of `memory`, bytes of each file of `output`.
    """

    bundle: str
    files: Files
    task: str
    asked: str
    inputs: Files
    without: Files | None
    seconds: int
    memory: int
    output: int


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """Why it could not be done: a file's fault (`contract`), that of the surroundings, or of the limits."""

    kind: Literal["contract", "broken", "memory"]
    message: str
    file: str = ""
    hint: str = ""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What was done: `rows` answered, `left_out` asked rows that are in `without`.

    `classes` as the manifest has them, `probabilities` whether there are any.
    """

    failure: Failure | None = None
    rows: int = 0
    left_out: int = 0
    classes: tuple[str, ...] = ()
    probabilities: bool = False


def gigabytes(memory: int) -> str:
    """Bytes as people say them: `4 GB`."""
    return f"{memory / 1e9:g} GB"
