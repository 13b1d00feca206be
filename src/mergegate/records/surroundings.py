"""What else a change brings: the model itself, its library versions, code that no stage declares."""

from mergegate.records.record import Record


class Importance(Record, frozen=True, kw_only=True):
    """How much a metric falls when an input is shuffled: mean and spread over repeats, and its rank."""

    name: str
    base: float | None = None
    head: float | None = None
    base_spread: float | None = None
    head_spread: float | None = None
    base_rank: int | None = None
    head_rank: int | None = None


class ModelFacts(Record, frozen=True, kw_only=True):
    """One side's bundle: size in bytes, parameters (numbers in the graph) and inputs."""

    size: int | None = None
    parameters: int | None = None
    inputs: tuple[str, ...] = ()


class Latency(Record, frozen=True, kw_only=True):
    """Time per row of both bundles, in seconds, asked in turns; `ratio` head over base, with its interval."""

    base: float | None = None
    head: float | None = None
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    rows: int = 0
    repeats: int = 0
    problem: str = ""


class ModelChange(Record, frozen=True, kw_only=True):
    """What else changed about the model. `importance` is by `importance_metric`, largest in head first."""

    base: ModelFacts | None = None
    head: ModelFacts | None = None
    importance: tuple[Importance, ...] = ()
    importance_metric: str = ""
    importance_rows: int = 0
    latency: Latency | None = None
    problem: str = ""


class PackageChange(Record, frozen=True, kw_only=True):
    """A library whose version differs; `touches_model` puts it first. `source` says where it is written."""

    name: str
    old: str | None
    new: str | None
    source: str = ""
    touches_model: bool = False


class UndeclaredImport(Record, frozen=True, kw_only=True):
    """Code of this repository that a stage runs and does not declare: a change to it reproduces nothing.

    `changed`: it differs between base and head.
    """

    stage: str
    script: str
    imported: str
    changed: bool = False
