"""The room: an engine, and what compares datasets and examines evaluation sets with it."""

import importlib
from typing import Any

import ibis.expr.types as ir

from mergegate.dataset.comparison import Comparison
from mergegate.dataset.duck import DuckDB
from mergegate.dataset.engine import Engine
from mergegate.dataset.privacy import find_hidden
from mergegate.dataset.question import Exam, Question, Sides
from mergegate.dataset.reading import read_pair
from mergegate.dataset.samples import cut
from mergegate.dataset.source import Source
from mergegate.errors import ContractError
from mergegate.records.data import DatasetReview, Leak


class Room:
    """An engine and what compares datasets with it; a context, which lets the engine go."""

    def __init__(self, engine: Engine | None = None) -> None:
        self._engine = engine or DuckDB()

    def __enter__(self) -> "Room":
        return self

    def __exit__(self, *exception: object) -> None:
        self._engine.close()

    def compare(self, path: str, sides: Sides, question: Question) -> DatasetReview:
        """What changed in a dataset.

        Raises ContractError for a file that can't be read. A key that can't be used is told in the review,
        beside what could be found without it.
        """
        return Comparison(self._engine, path, sides, question).review()

    def examine(self, exam: Exam) -> tuple[Leak, ...]:
        """Whether an evaluation set is honest beside what is trained on. Raises ContractError."""
        tables: dict[str, ir.Table | None] = {
            name: None if source is None else self._read(source)
            for name, source in (
                ("train", exam.train),
                ("base_evaluation", exam.base_evaluation),
                ("base_train", exam.base_train),
            )
        }
        evaluation = self._read(exam.evaluation)
        apart = {*exam.key, exam.label, exam.group, exam.time}
        sides = (tables["base_evaluation"], tables["base_train"])
        base = [side.columns for side in sides if side is not None]
        hidden = find_hidden(exam.private, base, [evaluation.columns])
        # As with shift in a comparison: only who asks for statistics imports them.
        leakage: Any = importlib.import_module("mergegate.dataset.leakage")
        found: tuple[Leak, ...] = leakage.find_leaks(
            self._engine,
            evaluation=evaluation,
            key=exam.key,
            label=exam.label,
            group=exam.group,
            time=exam.time,
            known_later=exam.known_later,
            inputs=exam.inputs or tuple(name for name in evaluation.columns if name not in apart),
            private=tuple(sorted(hidden)),
            strong=exam.strong,
            **tables,
        )
        return found

    def _read(self, source: Source) -> ir.Table:
        """A table by itself. Raises ContractError for columns alike but for case, which tables would mix."""
        pair = read_pair(self._engine, None, source)
        assert pair.new is not None  # noqa: S101  the side was asked for
        for name in pair.naming.aliases:
            hint = "name each column unlike the others"
            raise ContractError(f"has other columns `{cut(name)}` but for case", file=source.name, hint=hint)
        return pair.new
