"""Two sides of a dataset compared: schema, columns, rows, labels, shift."""

import importlib
from collections.abc import Mapping, Sequence
from typing import Any

import ibis
import ibis.expr.types as ir
from msgspec import structs
from msgspec.structs import replace

from mergegate.dataset.alike import ease_floats, join_alike
from mergegate.dataset.categories import find_categories
from mergegate.dataset.engine import Engine
from mergegate.dataset.keys import find_key
from mergegate.dataset.labels import diff_labels
from mergegate.dataset.named import check_named
from mergegate.dataset.outward import outward
from mergegate.dataset.profile import profile
from mergegate.dataset.question import Question, Sides
from mergegate.dataset.reading import read_pair
from mergegate.dataset.renames import same_content
from mergegate.dataset.repeats import count_rekeyed, find_repeats, read_columns, tell_twice
from mergegate.dataset.rows import RowDiff, diff_rows
from mergegate.dataset.rules import tell_rules
from mergegate.dataset.schema import diff_schema
from mergegate.errors import ContractError
from mergegate.records.data import (
    ColumnProfile,
    DatasetReview,
    Fact,
    LabelChanges,
    RowChanges,
    SchemaChange,
    Shift,
)

_UNORDERED = "jsonl"
"""The format whose columns have no order."""
_LEFT_OUT = (
    "Only rows and cells are compared, by --rows-only: no column is profiled, and no shift, rename or "
    "category looked for."
)


class Comparison:
    """One comparison under way; columns go by their names in queries.

    Raises ContractError for a file that can't be read, or a column that neither side has.
    """

    def __init__(self, engine: Engine, path: str, sides: Sides, question: Question) -> None:
        self._engine, self._path, self._sides = engine, path, sides
        self._pair = pair = read_pair(
            engine,
            sides.old,
            sides.new,
            reference=sides.reference,
            private=question.private,
            hold=True,
            key=question.key if question.rows_only else (),
        )
        if question.strict:
            check_named(question, pair, path)
        inside = pair.naming.inside
        self._question = replace(
            question,
            key=tuple(map(inside, question.key)),
            label=None if question.label is None else inside(question.label),
            inputs=tuple(map(inside, question.inputs)),
            slices=tuple(map(inside, question.slices)),
            private=tuple(sorted(map(inside, pair.hidden))),
        )
        self._old, self._new, self._reference = (
            None if schema is None else ibis.schema({inside(name): schema[name] for name in schema.names})
            for schema in (pair.old_schema, pair.new_schema, pair.reference_schema)
        )
        self._joined, self._lacking = join_alike(self._old, self._new, self._reference)

    def review(self) -> DatasetReview:
        """Everything that was asked; what stops one part is told beside the others."""
        return outward(self._review(), self._pair.naming)

    def _review(self) -> DatasetReview:
        pair, sides = self._pair, self._sides
        profiles, left_out = self._profiles()
        schema = self._schema(profiles)
        found = DatasetReview(
            path=self._path,
            format=next(side.format for side in (sides.new, sides.old) if side),
            files_read_old=len(sides.old.files) if sides.old else 0,
            files_read_new=len(sides.new.files) if sides.new else 0,
            schema=schema,
            profiles=profiles,
            notes=tuple(dict.fromkeys([*pair.notes_old, *pair.notes_new, *left_out])),
        )
        try:
            rows = self._rows({change.old: change.new for change in schema if change.kind == "renamed"})
            changes, twice = self._repeats(rows)
            facts = (*twice, *tell_rules(rows), *rows.facts)
            found = structs.replace(found, rows=changes, columns=rows.columns, facts=facts)
            schema = ease_floats(self._engine, schema, self._joined, pair.new, rows)
            found = structs.replace(found, schema=schema)
            found = structs.replace(found, labels=self._labels(rows))
        except ContractError as error:
            return structs.replace(found, problem=error.reason, hint=error.hint)
        shift = self._shift(rows)
        return structs.replace(found, shift=shift, shift_columns=len(shift))

    def _profiles(self) -> tuple[tuple[ColumnProfile, ...], tuple[str, ...]]:
        """A profile of each column; or none, and that there is none."""
        pair = self._pair
        if self._question.rows_only:
            return (), (_LEFT_OUT,)
        found = profile(
            self._engine,
            pair.old,
            pair.new,
            private=self._question.private,
            old_schema=self._old,
            new_schema=self._new,
        )
        return found, ()

    def _schema(self, profiles: Sequence[ColumnProfile]) -> tuple[SchemaChange, ...]:
        """How the columns moved, over the files that differ and those that are alike on both sides."""
        pair = self._pair
        (old, new), lacking = self._joined, self._lacking
        if old is None or new is None:
            return ()
        if pair.old is None or pair.new is None or self._question.rows_only:
            return self._ordered(diff_schema(old, new, lacking=lacking))
        categories = find_categories(
            self._engine, pair.old, pair.new, profiles, private=self._question.private
        )
        if pair.reference is not None:
            # What these files lack, others may have.
            categories = {}
        return self._ordered(
            diff_schema(
                old,
                new,
                profiles=profiles,
                categories=categories,
                same_content=same_content(self._engine, pair.old, pair.new, key=self._question.key),
                lacking=lacking,
            )
        )

    def _ordered(self, changes: tuple[SchemaChange, ...]) -> tuple[SchemaChange, ...]:
        """Without moved columns where a side's have no order."""
        formats = {side.format for side in (self._sides.old, self._sides.new, self._sides.reference) if side}
        return tuple(change for change in changes if change.kind != "moved" or _UNORDERED not in formats)

    def _rows(self, renamed: Mapping[str, str]) -> RowDiff:
        pair, question = self._pair, self._question
        key = question.key or find_key(self._engine, self._whole(pair.old), self._whole(pair.new))
        return diff_rows(
            self._engine,
            pair.old,
            pair.new,
            key,
            private=question.private,
            rename=renamed,
            schemas=(self._old, self._new),
            guessed=not question.key and bool(key),
            name=self._path,
        )

    def _whole(self, side: ir.Table | None) -> ir.Table | None:
        """A side with rows that are alike on both: what is unique in a month need not be so in two."""
        reference = self._pair.reference
        if side is None or reference is None:
            return side
        common = [name for name in side.columns if name in reference.columns]
        return side.select(*common).union(reference.select(*common))

    def _repeats(self, rows: RowDiff) -> tuple[RowChanges, tuple[Fact, ...]]:
        """The changes with added rows that are there already, by a key that somebody named."""
        question, changes = self._question, rows.changes
        if not question.key or not changes.added or question.rows_only:
            return changes, ()
        for open_alike in (self._alike, self._some_alike):
            try:
                alike, files = open_alike()
                changes = find_repeats(self._engine, rows, alike, files=files, label=question.label)
            except ContractError:
                # A file that nobody touched can't be read: the others may do.
                continue
            if changes.alike_read:
                break
        rekeyed = count_rekeyed(self._engine, rows, inputs=question.inputs, label=question.label)
        return changes, tuple(tell_twice(changes, rekeyed))

    def _alike(self) -> tuple[ir.Table | None, int]:
        """Keys and labels of the files that are alike on both sides and at hand."""
        source, question = self._sides.alike() if self._sides.alike else None, self._question
        if source is None:
            return None, 0
        names = (*question.key, *([question.label] if question.label is not None else []))
        outside = self._pair.naming.outside
        return read_columns(self._engine, source, {name: outside(name) for name in names}), len(source.files)

    def _some_alike(self) -> tuple[ir.Table | None, int]:
        """Those of them that were read anyway."""
        return self._pair.reference, len(self._sides.reference.files) if self._sides.reference else 0

    def _labels(self, rows: RowDiff) -> LabelChanges | None:
        pair, question = self._pair, self._question
        if question.label is None or pair.new is None:
            return None
        return diff_labels(
            self._engine,
            rows,
            pair.old,
            pair.new,
            label=question.label,
            inputs=question.inputs,
            slices=question.slices,
            private=question.private,
            reference=pair.reference,
            name=self._path,
        )

    def _shift(self, rows: RowDiff) -> tuple[Shift, ...]:
        """Added rows against base's: those that differ, else some that are alike on both sides."""
        pair, question = self._pair, self._question
        base = pair.reference if pair.reference is not None else pair.old
        if not question.shift or question.rows_only or base is None or not rows.changes.added:
            return ()
        apart = {*rows.changes.key, question.label}
        # The statistics take a fiftieth of the time that a comparison of rows alone does: it imports none.
        shift: Any = importlib.import_module("mergegate.dataset.shift")
        found: tuple[Shift, ...] = shift.find_shift(
            self._engine,
            base,
            rows.added,
            columns=[name for name in base.columns if name in rows.added.columns and name not in apart],
            private=question.private,
            slices=question.slices,
        )
        return found
