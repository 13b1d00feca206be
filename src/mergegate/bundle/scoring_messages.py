"""What the review and the child process that runs a bundle say to each other: JSON, never pickled."""

from typing import Literal

import msgspec

JOB, ASKED, REPORT, LOG = "job.json", "asked.arrow", "report.json", "log.txt"
ROWS, ANSWERS, PROBABILITIES = "rows.bin", "answers.bin", "probabilities.bin"
"""Files of the folder that both share; the last three are plain little-endian arrays."""


LONGEST_PROBLEM = 1_000
"""Characters of the problem that the child tells with its measures."""


class Files(msgspec.Struct, frozen=True):
    """Files at hand: `name` is what people call all of them, `parts` maps each one's to where it is."""

    name: str
    parts: dict[str, str]


class Measures(msgspec.Struct, frozen=True, kw_only=True):
    """What to measure of the bundle, beside that in the folder `base` (None where there is none).

    The asked rows then have a second column, their truths; `positive` is a binary task's positive class.
    `confidence` is that of the interval of the latencies' ratio.
    """

    base: str | None
    base_files: Files | None
    importance: bool
    latency: bool
    positive: str | None
    confidence: float


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """Run the bundle in the folder `bundle` on those of the asked row_ids that are in `inputs`.

    Rows that are in `without` are left out. `asked` says whose row_ids they are. Limits: `seconds` of
    processor time, bytes of `memory`, bytes of each file of `output`. With a `seed` the rows are asked in
    another order, a few at a time. A bundle that takes one of the columns `refused` is not run.
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
    measures: Measures | None = None
    seed: int | None = None
    refused: tuple[str, ...] = ()


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """Why it could not be done: a file's fault (`contract`), that of the surroundings, or of the limits."""

    kind: Literal["contract", "broken", "memory"]
    message: str
    file: str = ""
    hint: str = ""


class Shuffled(msgspec.Struct, frozen=True):
    """How much worse a bundle got with one input shuffled: mean and spread over the repeats."""

    mean: float
    spread: float


class Turns(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds per row of both bundles, asked in turns, and the interval of head's over base's.

    `rows` were asked one by one in each of `repeats` turns.
    """

    base: float
    head: float
    ratio: float
    low: float
    high: float
    rows: int
    repeats: int


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured: `head` and `base` have an entry for each input, in the order of the manifest.

    `problem` says why base's bundle could not be run, without a full stop.
    """

    metric: str = ""
    rows: int = 0
    head: tuple[Shuffled, ...] = ()
    base: tuple[Shuffled, ...] = ()
    latency: Turns | None = None
    problem: str = ""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What was done: `rows` answered, `left_out` asked rows that are in `without`.

    `classes` as the manifest has them, `probabilities` whether there are any; `measured` where the job asks.
    """

    failure: Failure | None = None
    rows: int = 0
    left_out: int = 0
    classes: tuple[str, ...] = ()
    probabilities: bool = False
    measured: Measured | None = None


def gigabytes(memory: int) -> str:
    """Bytes as people say them: `4 GB`."""
    return f"{memory / 1e9:g} GB"
