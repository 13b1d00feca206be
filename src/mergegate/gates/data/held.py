"""One dataset as the policy holds it to its gates, and the result of one gate."""

import json
import re
from collections.abc import Callable, Iterable, Iterator

import msgspec

from mergegate.config.datasets import Dataset, DatasetGates, Level
from mergegate.records.data import DatasetReview
from mergegate.records.verdict import GateResult, Outcome

KIND = "data"
PREFIX = "data:"
"""Begins every id: no model's name has a colon, so that no model's gate bears such an id."""

_PLAIN = re.compile(r"[\w .-]+")


class Held(msgspec.Struct, frozen=True):
    """A dataset's entry in the policy, its effective gates, and what the review found.

    `train` is the path of the training rows that it is an exam against, None for no exam.
    """

    dataset: Dataset
    gates: DatasetGates
    review: DatasetReview
    train: str | None

    @property
    def has_base(self) -> bool:
        """Whether base has a file of it."""
        return self.review.files_read_old + self.review.files_skipped > 0

    @property
    def has_head(self) -> bool:
        """Whether head has."""
        return self.review.files_read_new + self.review.files_skipped > 0

    def id(self, word: str, column: str = "") -> str:
        """The id of a gate: `data:data/raw/flights/max_missing[wind_gust]`; odd columns stand in quotes."""
        name = f"{PREFIX}{self.dataset.path}/{word}"
        if not column:
            return name
        return f"{name}[{column if _PLAIN.fullmatch(column) else json.dumps(column, ensure_ascii=False)}]"

    def result(
        self,
        asked: "Asked",
        outcome: Outcome,
        sentence: str,
        *,
        value: float | None = None,
        bar: float | None = None,
        mend: str = "",
    ) -> GateResult:
        """One gate's result; one that forbids and can't tell blocks too."""
        return GateResult(
            id=self.id(asked.word, asked.column),
            kind=KIND,
            outcome=outcome,
            sentence=sentence,
            subject=f"{PREFIX}{self.dataset.path}",
            value=value,
            bar=bar,
            mend=mend,
            strict=outcome == "insufficient" and asked.level == "forbid",
        )

    def judged(
        self, asked: "Asked", holds: bool, sentence: str, *, value: float | None, bar: float | None
    ) -> GateResult:
        """Pass where it holds, else what its level says."""
        return self.result(asked, "pass" if holds else missed(asked.level), sentence, value=value, bar=bar)


class Asked(msgspec.Struct, frozen=True):
    """A gate that the policy asks for: its word in the policy, the column where it is of one, its level."""

    word: str
    column: str = ""
    level: Level = "forbid"


class Kind(msgspec.Struct, frozen=True):
    """A kind of gate: which of it a dataset is asked, and what comes of each.

    `of_head`: it is judged without a base too. `unchanged`: also where the dataset itself did not change.
    """

    asked: Callable[[Held], Iterable[Asked]]
    judge: Callable[[Held, Asked], Iterator[GateResult]]
    of_head: bool = False
    unchanged: bool = False


def missed(level: Level) -> Outcome:
    """What a gate that does not hold comes to."""
    return "warn" if level == "warn" else "fail"


def allowed_by(word: str) -> str:
    """How to allow what a gate refuses: which key of whose policy."""
    return f"allow it first, in the target's policy, by `{word}` in the dataset's `gates`"
