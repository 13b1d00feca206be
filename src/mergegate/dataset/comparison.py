"""Two sides of a dataset compared: schema, columns, rows, labels, shift; an exam held against training."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import ibis.expr.types as ir
from msgspec import structs

from mergegate.dataset.categories import find_categories
from mergegate.dataset.engine import DuckDB, Engine
from mergegate.dataset.keys import find_key
from mergegate.dataset.labels import diff_labels
from mergegate.dataset.leakage import find_leaks
from mergegate.dataset.profile import profile
from mergegate.dataset.question import Exam, Question, Sides
from mergegate.dataset.reading import Pair, read, read_pair
from mergegate.dataset.renames import same_content
from mergegate.dataset.rows import RowDiff, diff_rows
from mergegate.dataset.samples import cut
from mergegate.dataset.schema import diff_schema
from mergegate.dataset.shift import find_shift
from mergegate.errors import ContractError
from mergegate.records.data import (
    ColumnChange,
    ColumnProfile,
    DatasetReview,
    LabelChanges,
    Leak,
    SchemaChange,
    Shift,
)

_OfColumn = TypeVar("_OfColumn", ColumnChange, ColumnProfile, Shift)


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
        return _Comparison(self._engine, path, sides, question).review()

    def examine(self, exam: Exam) -> tuple[Leak, ...]:
        """Whether an evaluation set is honest beside what is trained on. Raises ContractError."""
        tables = {
            name: None if source is None else read(self._engine, source)
            for name, source in (
                ("train", exam.train),
                ("base_evaluation", exam.base_evaluation),
                ("base_train", exam.base_train),
            )
        }
        evaluation = read(self._engine, exam.evaluation)
        apart = {*exam.key, exam.label, exam.group, exam.time}
        return find_leaks(
            self._engine,
            evaluation=evaluation,
            key=exam.key,
            label=exam.label,
            group=exam.group,
            time=exam.time,
            known_later=exam.known_later,
            inputs=exam.inputs or tuple(name for name in evaluation.columns if name not in apart),
            private=exam.private,
            strong=exam.strong,
            **tables,
        )


@dataclass(frozen=True)
class _Tables:
    """What was read: both sides alike in types, and what new rows are held against."""

    pair: Pair
    reference: ir.Table | None

    @property
    def old(self) -> ir.Table | None:
        """Base's files that differ."""
        return self.pair.old

    @property
    def new(self) -> ir.Table | None:
        """Head's files that differ."""
        return self.pair.new


class _Comparison:
    """One comparison under way."""

    def __init__(self, engine: Engine, path: str, sides: Sides, question: Question) -> None:
        self._engine, self._path, self._sides, self._question = engine, path, sides, question
        pair = read_pair(engine, sides.old, sides.new)
        reference = None if sides.reference is None else read(engine, sides.reference)
        self._tables = _Tables(pair, reference)
        inside = pair.naming.inside
        self._key = tuple(map(inside, question.key))
        self._private = tuple(map(inside, question.private))

    def review(self) -> DatasetReview:
        """Everything that was asked; what stops one part is told beside the others."""
        pair = self._tables.pair
        profiles = profile(
            self._engine,
            pair.old,
            pair.new,
            private=self._private,
            old_schema=pair.old_schema,
            new_schema=pair.new_schema,
        )
        schema = self._schema(profiles)
        found = DatasetReview(
            path=self._path,
            format=next(side.format for side in (self._sides.new, self._sides.old) if side),
            files_read_old=len(self._sides.old.files) if self._sides.old else 0,
            files_read_new=len(self._sides.new.files) if self._sides.new else 0,
            schema=schema,
            profiles=self._outside(profiles),
            notes=self._notes(),
        )
        try:
            rows = self._rows({change.old: change.new for change in schema if change.kind == "renamed"})
            found = structs.replace(
                found, rows=rows.changes, columns=self._outside(rows.columns), facts=rows.facts
            )
            found = structs.replace(found, labels=self._labels(rows))
        except ContractError as error:
            return structs.replace(found, problem=error.reason, hint=error.hint)
        shift = self._shift(rows)
        return structs.replace(found, shift=self._outside(shift), shift_columns=len(shift))

    def _outside(self, items: tuple[_OfColumn, ...]) -> tuple[_OfColumn, ...]:
        """Columns by the files' own names."""
        outside = self._tables.pair.naming.outside
        return tuple(structs.replace(item, column=outside(item.column)) for item in items)

    def _schema(self, profiles: Sequence[ColumnProfile]) -> tuple[SchemaChange, ...]:
        """How the columns moved; a side none of whose files differ is known by one that is alike on both."""
        pair, reference = self._tables.pair, self._tables.reference
        known = None if reference is None else reference.schema()
        old, new = pair.old_schema or known, pair.new_schema or known
        if old is None or new is None:
            return ()
        if pair.old is None or pair.new is None:
            return diff_schema(old, new)
        categories = find_categories(self._engine, pair.old, pair.new, profiles, private=self._private)
        if reference is not None:
            # What these files lack, others may have.
            categories = {}
        return diff_schema(
            old,
            new,
            profiles=profiles,
            categories=categories,
            same_content=same_content(self._engine, pair.old, pair.new),
        )

    def _rows(self, renamed: Mapping[str, str]) -> RowDiff:
        old, new = self._tables.old, self._tables.new
        key = self._key or find_key(self._engine, old, new)
        return diff_rows(
            self._engine,
            old,
            new,
            key,
            private=self._private,
            rename=renamed,
            schemas=(self._tables.pair.old_schema, self._tables.pair.new_schema),
            guessed=not self._key and bool(key),
            name=self._path,
        )

    def _labels(self, rows: RowDiff) -> LabelChanges | None:
        new, label = self._tables.new, self._question.label
        if label is None or new is None:
            return None
        return diff_labels(
            self._engine,
            rows,
            self._tables.old,
            new,
            label=label,
            inputs=self._question.inputs,
            slices=self._question.slices,
            private=self._private,
            reference=self._tables.reference,
            name=self._path,
        )

    def _shift(self, rows: RowDiff) -> tuple[Shift, ...]:
        """Added rows against base's: those that differ, else some that are alike on both sides."""
        base = self._tables.reference if self._tables.reference is not None else self._tables.old
        if not self._question.shift or base is None or not rows.changes.added:
            return ()
        apart = {*rows.changes.key, self._question.label}
        return find_shift(
            self._engine,
            base,
            rows.added,
            columns=[name for name in base.columns if name in rows.added.columns and name not in apart],
            private=self._private,
            slices=self._question.slices,
        )

    def _notes(self) -> tuple[str, ...]:
        pair, foreign = self._tables.pair, self._sides.new.foreign if self._sides.new else ()
        notes = [*pair.notes_old, *pair.notes_new]
        if foreign:
            some = ", ".join(cut(name) for name in foreign[:5])
            notes.append(f"Not read, since they hold no rows: {some}{' …' if len(foreign) > 5 else ''}.")
        return tuple(dict.fromkeys(notes))
