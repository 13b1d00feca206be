"""The two sides made ready: the rows that both judged with one and the same label, and each side's own.

Weights, clusters and slices of shared rows are taken as base has them, where it has them: a change must not
choose how it is weighed.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cached_property
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from mergegate.compare import columns, overlay
from mergegate.compare.exam import Exam
from mergegate.compare.metrics import evaluate
from mergegate.compare.own import Options
from mergegate.compare.pairing import Pairing
from mergegate.compare.sample import EVERY, Rows, Sample, joint_classes
from mergegate.compare.slicing import NO_BASE, NO_HEAD, Slicing, column_of, take
from mergegate.compare.times import Part
from mergegate.records.predictions import Predictions
from mergegate.stats import Design, Estimate, UndefinedError

NONE_SHARED = "base and head have no row_id in common, so there is nothing to compare"
NO_LABEL = "y_true differs in every row that base and head share, so there is nothing to compare"

Read = Callable[[Any, str], NDArray[Any]]
Overlaid = Callable[[Any, Any, Pairing, str], NDArray[Any]]


class Setting(msgspec.Struct, frozen=True):
    """How to compare: the team's own metrics, the columns that weigh and cluster rows, the defaults.

    `bands` says of slice columns into how many bins, or by what part of a time, they are cut.
    """

    options: Options = msgspec.field(default_factory=Options)
    weight: str | None = None
    cluster: str | None = None
    confidence: float = 0.95
    min_rows: int = 50
    bands: Mapping[str, int | Part] = {}


class Paired(msgspec.Struct, frozen=True, eq=False):
    """The compared rows of each side, row by row the same, with their weights and clusters."""

    base: Rows
    head: Rows
    weight: NDArray[np.float64] | None
    cluster: NDArray[np.int64] | None


class Sides:
    """Base and head, either of which may be missing; `why` says why they can't be compared.

    `notes` are what a reader must know about the columns used, but those of `slicing`.
    """

    def __init__(
        self, base: Predictions | None, head: Predictions | None, pairing: Pairing | None, setting: Setting
    ) -> None:
        self.base, self.head, self.setting = base, head, setting
        self.notes: list[str] = []
        self._pairing = pairing if pairing is not None and pairing.shared else None
        self.why = _why_not(base, head, pairing)
        self._left: Rows = EVERY
        self._right: Rows = EVERY
        if pairing is not None and not self.why:
            same = ~pairing.labels_changed
            self._left, self._right = pairing.base, pairing.head
            if not same.all():
                self._left, self._right = _pick(self._left, same), _pick(self._right, same)
        self.slicing = Slicing(base, head, self._pairing, (self._left, self._right), setting.bands)

    @cached_property
    def exam(self) -> Exam | None:
        """The rows that both judged; None where there are none, and `why` says so."""
        if self.why or self.base is None or self.head is None:
            return None
        try:
            classes = joint_classes(self.base, self.head) or None
            base = Sample(self.base, self._left, classes=classes)
            head = Sample(self.head, self._right, classes=classes)
            return Exam(base, head, self._shared_design(head.rows))
        except UndefinedError as error:
            self.why = str(error)
            return None

    def paired(self) -> Paired | None:
        """Which rows are compared, and their weights and clusters; None where none are."""
        if self.exam is None:
            return None
        return Paired(self._left, self._right, self._shared_weight(), self.exam.design.cluster)

    def covers(self, side: str) -> bool:
        """Whether the shared rows are all of a side's, weighed alike, so that its numbers are the same."""
        own = self.base if side == "base" else self.head
        whole = own is not None and self.exam is not None and self.exam.rows == own.rows
        return whole and (side == "base" or self.setting.weight is None)

    def whole(self, side: str) -> Sample | None:
        """All rows of a side."""
        return self._whole_base if side == "base" else self._whole_head

    @cached_property
    def _whole_base(self) -> Sample | None:
        if self.base is None:
            return None
        in_order = self.covers("base") and isinstance(self._left, slice)
        return self.exam.base if self.exam and in_order else Sample(self.base)

    @cached_property
    def _whole_head(self) -> Sample | None:
        if self.head is None:
            return None
        in_order = self.covers("head") and isinstance(self._right, slice)
        return self.exam.head if self.exam and in_order else Sample(self.head)

    def weight(self, side: str) -> NDArray[np.float64] | None:
        """The weights of all rows of a side; head's shared rows are weighed as base has them.

        Raises UndefinedError without a column that can be used.
        """
        own, name = self.base if side == "base" else self.head, self.setting.weight
        if own is None or name is None:
            return None
        if side == "base":
            return columns.numbers(column_of(own, name), name)
        return self._own(own, name, columns.numbers, overlay.weights)

    def cluster(self) -> NDArray[np.int64] | None:
        """The clusters of all of head's rows, as `weight`."""
        name = self.setting.cluster
        if self.head is None or name is None:
            return None
        return self._own(self.head, name, columns.groups, overlay.clusters)

    def _own(self, head: Predictions, name: str, read: Read, overlaid: Overlaid) -> NDArray[Any]:
        """A column of all of head's rows, as base has it on those that are shared, where base's is of use."""
        own, base = column_of(head, name), self.base.columns.get(name) if self.base else None
        if base is not None and self._pairing is not None:
            with suppress(UndefinedError):
                return overlaid(own, base, self._pairing, name)
        return read(own, name)

    def base_alone(self, metric: str, column: str, level: str) -> Estimate | None:
        """Base's own value on all of its rows, or a slice's; None where it has none."""
        if self.base is None:
            return None
        rows: Rows = EVERY
        base = self.slicing.whole("base", column) if column else None
        if base is not None and level in base.texts:
            rows = np.flatnonzero(base.codes == base.texts.index(level))
        elif column:
            return None
        try:
            weight = self.weight("base")
            name = self.setting.cluster
            cluster = None if name is None else columns.groups(column_of(self.base, name), name)
        except UndefinedError:
            return None
        return evaluate(
            metric,
            Sample(self.base, rows),
            weight=None if weight is None else weight[rows],
            cluster=None if cluster is None else cluster[rows],
            options=self.setting.options,
            interval=True,
        ).estimate

    def _shared_design(self, rows: int) -> Design:
        cluster, weight = self.setting.cluster, self._shared_weight()
        if weight is not None:
            self._compare_weights(weight)
        return Design(
            rows, weight=weight, cluster=None if cluster is None else self._use(cluster, columns.groups)
        )

    def _shared_weight(self) -> NDArray[np.float64] | None:
        """The weights as the file has them; a Design's are a share of the largest."""
        name = self.setting.weight
        return None if name is None else self._use(name, columns.numbers)

    def _use(self, name: str, read: Read) -> NDArray[Any]:
        """A column of the shared rows, read. Raises UndefinedError that names the side at fault."""
        side = "base" if self.base is not None and name in self.base.columns else "head"
        try:
            return read(self._shared(name), name)
        except UndefinedError as error:
            raise UndefinedError(f"{side}: {error}") from error

    def _shared(self, name: str) -> Any:
        """A column on the shared rows, as base has it, else as head has it."""
        if self.base is not None and name in self.base.columns:
            return take(self.base.columns[name], self._left)
        if self.head is None:
            raise UndefinedError(NO_HEAD)
        return take(column_of(self.head, name), self._right)

    def _compare_weights(self, base: NDArray[np.float64]) -> None:
        """Note where head weighs the same rows otherwise; what it can't use is told of its own rows."""
        name = self.setting.weight
        if self.head is None or name is None or name not in self.head.columns:
            return
        with suppress(UndefinedError):
            head = columns.numbers(take(self.head.columns[name], self._right), name)
            moved = int(np.count_nonzero(head != base))
            if moved:
                note = f"{name} differs in {moved:,} of the shared rows: they are weighed as base has it"
                self.notes.append(note)


def _why_not(base: Predictions | None, head: Predictions | None, pairing: Pairing | None) -> str:
    """Why nothing can be compared; empty when something can."""
    if pairing is None:
        return NO_BASE if base is None else NO_HEAD
    if not pairing.shared:
        return pairing.problem or NONE_SHARED
    return NO_LABEL if pairing.labels_changed.all() else ""


def _pick(rows: Rows, kept: NDArray[np.bool_]) -> NDArray[np.int64]:
    return np.flatnonzero(kept) if isinstance(rows, slice) else rows[kept]
