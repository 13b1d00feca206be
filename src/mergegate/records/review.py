"""The review as data: everything that a renderer shows, and nothing that it has to work out."""

from typing import Literal

from mergegate.records.comparison import BundleFacts, Finding, MetricComparison, Rescored, RowCounts
from mergegate.records.data import DatasetReview
from mergegate.records.explain import Confusion, Curves, Flips, Gap, Golden, SegmentSearch
from mergegate.records.record import Record
from mergegate.records.surroundings import ModelChange, PackageChange, UndeclaredImport
from mergegate.records.verdict import GateResult, Verdict, Waiver

SCHEMA = 1
"""Version of review.json; raised when a reader of the old one would misread the new."""

Side = Literal["base", "head"]
Change = Literal["added", "removed", "changed"]

Strength = Literal["claimed", "consistent", "scored", "reproduced"]
"""How far what was judged is known to be head's own, each more than the one before. `claimed`: nothing ties
the files to head; `consistent`: head's dvc.lock names them; `scored`: head's bundle was run again and gives
these predictions; `reproduced`: a trusted run trained again, and got what dvc.lock says."""


class Revision(Record, frozen=True, kw_only=True):
    """One side. `name` as asked for; `sha` 40 hex digits, None only for a workspace without commits."""

    name: str
    sha: str | None
    workspace: bool = False
    subject: str = ""


class ParamChange(Record, frozen=True, kw_only=True):
    """One changed leaf of a params file. `old` and `new` are JSON text, None where the key is absent.

    The middle of a very long text is left out; `stages_total` counts the stages where not all are listed.
    """

    file: str
    key: str
    old: str | None
    new: str | None
    stages: tuple[str, ...] = ()
    stages_total: int = 0


class PolicySource(Record, frozen=True, kw_only=True):
    """Where the policy came from: `origin` is `target`, `head` (the target has none yet) or `file`.

    `changes` are what head's own policy would demand otherwise, the first fifty, after the merge.
    """

    path: str
    origin: Literal["target", "head", "file"]
    revision: Revision | None
    sha256: str
    changed_in_head: bool = False
    changes: tuple[ParamChange, ...] = ()


class LockFinding(Record, frozen=True, kw_only=True):
    """A break in the lock chain: `kind` a stable word, `message` a sentence, `mend` a command."""

    side: Side
    kind: str
    stage: str
    path: str
    message: str
    mend: str
    blocking: bool = True


class Reason(Record, frozen=True, kw_only=True):
    """Why a stage changed; `what` names the file, key or command."""

    kind: Literal["code", "data", "params", "command", "definition", "outputs"]
    what: str


class StageChange(Record, frozen=True, kw_only=True):
    """A stage whose lock block or definition differs between base and head; `name` is its address.

    `reasons_total` counts the reasons where not all are listed.
    """

    name: str
    change: Change
    reasons: tuple[Reason, ...] = ()
    reasons_total: int = 0


class FileChange(Record, frozen=True, kw_only=True):
    """A file inside a changed dataset. Rows are known only for Parquet at hand; None means unknown."""

    path: str
    change: Change
    rows_old: int | None = None
    rows_new: int | None = None
    bytes_old: int | None = None
    bytes_new: int | None = None


class DataChange(Record, frozen=True, kw_only=True):
    """A tracked file or folder that differs. Counts are of the whole path; the list `files` is bounded."""

    path: str
    change: Change
    rows_old: int | None = None
    rows_new: int | None = None
    bytes_old: int | None = None
    bytes_new: int | None = None
    files_old: int | None = None
    files_new: int | None = None
    files: tuple[FileChange, ...] = ()
    files_added: int = 0
    files_removed: int = 0
    files_changed: int = 0
    note: str = ""


class ReportedMetric(Record, frozen=True, kw_only=True):
    """A number from the pipeline's own metrics file that predictions can't give: shown, never judged."""

    name: str
    base: str | None
    head: str | None


class Point(Record, frozen=True, kw_only=True):
    """A single number of a metrics file; `difference` is head less base, None where there is none."""

    name: str
    base: str | None
    head: str | None
    difference: str | None = None


class ReportedFile(Record, frozen=True, kw_only=True):
    """A metrics file that is of no model of the policy: single numbers, shown, never judged.

    What differs stands first. `total` counts the metrics where not all are listed; `note` says of which side
    the file could not be read, and why.
    """

    path: str
    metrics: tuple[Point, ...] = ()
    total: int = 0
    note: str = ""


_PREDICATES = {
    "is", "isn't", "has", "holds", "lacks", "can't", "does", "doesn't", "was", "were", "names", "ends",
    "says", "needs", "states", "expects",
}  # fmt: skip


class Problem(Record, frozen=True, kw_only=True):
    """A contract file that can't be used: what, where, and what to do next. `side` says whose."""

    side: Side
    path: str
    message: str
    hint: str = ""

    @property
    def clause(self) -> str:
        """The message to stand behind a colon: it tells of the file without naming it."""
        first, _, rest = self.message.partition(" ")
        said = f"it {self.message}" if rest and first in _PREDICATES else self.message
        return said.rstrip().rstrip(".")


class ModelReview(Record, frozen=True, kw_only=True):
    """One model of the policy. `locked`: head's predictions are the ones its dvc.lock names.

    `finding` is head against base in a word, over the metrics that have bars, corrected for their number;
    `mixed` when some are better and others worse. `identical`: every compared prediction is the same.
    `judged` counts the versions of the model that this evaluation set has judged before, as far as git knows.
    `reported_total` counts the reported metrics where not all are listed.
    """

    name: str
    task: Literal["binary", "multiclass", "regression"]
    predictions: str
    rows: RowCounts
    confidence: float = 0.95
    cluster: str | None = None
    weight: str | None = None
    finding: Finding | Literal["mixed"] | None = None
    identical: bool = False
    judged: int | None = None
    metrics: tuple[MetricComparison, ...] = ()
    rescored: Rescored | None = None
    bundle: BundleFacts | None = None
    reported: tuple[ReportedMetric, ...] = ()
    reported_total: int = 0
    flips: Flips | None = None
    segments: SegmentSearch | None = None
    gaps: tuple[Gap, ...] = ()
    curves: tuple[Curves, ...] = ()
    confusion: tuple[Confusion, ...] = ()
    golden: Golden | None = None
    model: ModelChange | None = None
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    locked: bool = False
    strength: Strength = "claimed"


class Review(Record, frozen=True, kw_only=True):
    """The whole review.

    Lists are bounded: `params_total` and the like count all there is where not all of it is listed, and are 0
    where it is. `files_lost` counts the files that are gone from tracked data, listed or not.
    """

    schema: int
    mergegate: str
    strength: Strength
    base: Revision
    head: Revision
    policy: PolicySource
    verdict: Verdict
    gates: tuple[GateResult, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    models: tuple[ModelReview, ...] = ()
    params: tuple[ParamChange, ...] = ()
    params_total: int = 0
    stages: tuple[StageChange, ...] = ()
    stages_total: int = 0
    packages: tuple[PackageChange, ...] = ()
    packages_total: int = 0
    undeclared: tuple[UndeclaredImport, ...] = ()
    undeclared_total: int = 0
    data: tuple[DataChange, ...] = ()
    data_total: int = 0
    datasets: tuple[DatasetReview, ...] = ()
    reported: tuple[ReportedFile, ...] = ()
    reported_total: int = 0
    files_lost: int = 0
    problems: tuple[Problem, ...] = ()
    lock: tuple[LockFinding, ...] = ()
    lock_total: int = 0
    notes: tuple[str, ...] = ()
