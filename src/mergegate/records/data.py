"""What changed in a dataset, as data: rows, schema, columns, labels, leaks, shift. Every list is bounded.

Cells, keys, names and categories come from files that anyone may have written: they are text, cut to a bound,
and a renderer escapes them. A cell of a private column is never in a record.
"""

from typing import Literal

from mergegate.records.record import Record

SchemaKind = Literal["added", "removed", "renamed", "retyped", "nullability", "categories", "moved"]
FactKind = Literal["files_lost", "rekeyed", "repeated_keys", "duplicates", "keyless", "one_rule", "columns"]
LeakKind = Literal[
    "key", "content", "group", "time", "base_training", "single_feature", "known_later", "rows_gone"
]


class Fact(Record, frozen=True, kw_only=True):
    """A sentence that a reader must know of a dataset; `loud` comes first: something was lost."""

    kind: FactKind
    sentence: str
    loud: bool = False


class SchemaChange(Record, frozen=True, kw_only=True):
    """One change to `column`, named as in head, or as in base where it is gone.

    `old`, `new` are types; names for a guessed rename; categories that are gone and new. `additive`: a reader
    of the old schema still works (a nullable column more, a category more, a wider type).
    """

    kind: SchemaKind
    column: str
    old: str = ""
    new: str = ""
    additive: bool = False
    sentence: str = ""


class ColumnProfile(Record, frozen=True, kw_only=True):
    """A column of each side: type, missing cells (null), NaN, distinct values, lowest and highest as text.

    None where the side lacks the column, or its values have no order. Of all rows that were read.
    `distinct_about`: so many rows that distinct values were estimated, within some percent.
    """

    column: str
    type_old: str | None = None
    type_new: str | None = None
    missing_old: int | None = None
    missing_new: int | None = None
    nan_old: int | None = None
    nan_new: int | None = None
    distinct_old: int | None = None
    distinct_new: int | None = None
    low_old: str | None = None
    low_new: str | None = None
    high_old: str | None = None
    high_new: str | None = None
    distinct_about: bool = False
    private: bool = False


class Cell(Record, frozen=True, kw_only=True):
    """One changed cell: the key's values as text, and the value before and after, None for missing."""

    key: tuple[str, ...]
    old: str | None
    new: str | None


class ColumnChange(Record, frozen=True, kw_only=True):
    """Changed cells of a column on rows that both sides have.

    `emptied` went missing, `filled` were missing; `largest` is the largest absolute move of a number, `mean`
    the mean move. `pattern` says what all changed cells have in common: `× 1.8 + 32`.
    """

    column: str
    changed: int
    emptied: int = 0
    filled: int = 0
    mean: float | None = None
    largest: float | None = None
    pattern: str = ""
    examples: tuple[Cell, ...] = ()
    private: bool = False


class RowChanges(Record, frozen=True, kw_only=True):
    """Rows by key, of the files that were read; `guessed`: nobody named the key, we found it.

    Without a key (`key` empty) rows are compared as multisets, and `changed` is 0. `duplicates` are rows
    beyond the first of their key (or equal rows, without a key); `keyless` have a missing value in it.
    `added_keys`, `removed_keys` are examples. `repeated` are added rows whose key is in a file that is alike
    on both sides, `relabelled` those with another label there; `alike_read` such files were looked at.
    """

    key: tuple[str, ...]
    guessed: bool = False
    old: int
    new: int
    added: int
    removed: int
    changed: int
    same: int
    duplicates_old: int = 0
    duplicates_new: int = 0
    keyless_old: int = 0
    keyless_new: int = 0
    repeated: int = 0
    relabelled: int = 0
    alike_read: int = 0
    added_keys: tuple[tuple[str, ...], ...] = ()
    removed_keys: tuple[tuple[str, ...], ...] = ()


class LabelEdit(Record, frozen=True, kw_only=True):
    """How many shared rows went from one label to another; None is a missing label."""

    old: str | None
    new: str | None
    rows: int


class LabelMoves(Record, frozen=True, kw_only=True):
    """Edits of a label that is a quantity: how many went up, down, missing, or were missing.

    `mean` move and `largest` move by size, its sign kept, of edits from a number to a number.
    """

    raised: int = 0
    lowered: int = 0
    emptied: int = 0
    filled: int = 0
    mean: float | None = None
    largest: float | None = None


class LabelSlice(Record, frozen=True, kw_only=True):
    """Label edits where a column has a value: `changed` of `rows` shared rows."""

    column: str
    level: str
    rows: int
    changed: int


class LabelShare(Record, frozen=True, kw_only=True):
    """A label's rows among all of base, and among the rows that head adds."""

    label: str | None
    old: int
    added: int


class Author(Record, frozen=True, kw_only=True):
    """Who committed changes to the dataset between base and head, by git."""

    name: str
    commits: int


class LabelChanges(Record, frozen=True, kw_only=True):
    """What happened to the labels of the rows that both sides have, and to those of new rows.

    `contradictory` rows have inputs equal to another row's with a different label. `guideline` is the file
    that says how to label. `approved_by` are the names of the trailers that the policy wants. A label that is
    a quantity has `moves` instead of edits, and `shares` by ranges.
    """

    column: str
    compared: int
    changed: int
    edits: tuple[LabelEdit, ...] = ()
    edits_total: int = 0
    moves: LabelMoves | None = None
    examples: tuple[Cell, ...] = ()
    slices: tuple[LabelSlice, ...] = ()
    shares: tuple[LabelShare, ...] = ()
    old_rows: int = 0
    added_rows: int = 0
    contradictory_old: int | None = None
    contradictory_new: int | None = None
    authors: tuple[Author, ...] = ()
    guideline: str = ""
    guideline_changed: bool | None = None
    approved_by: tuple[str, ...] = ()
    approval_needed: bool = False


class Leak(Record, frozen=True, kw_only=True):
    """One way in which an exam may not be honest: `found` rows of `of`, or a column's `strength` alone.

    `strength` is AUC (two classes) or eta² (else), in `measure`; `strength_old` the same in base. `judged` is
    False where it could not be looked for, and the sentence says why.
    """

    kind: LeakKind
    sentence: str
    column: str = ""
    found: int | None = None
    of: int | None = None
    found_old: int | None = None
    measure: str = ""
    strength: float | None = None
    strength_old: float | None = None
    examples: tuple[str, ...] = ()
    judged: bool = True


class Shift(Record, frozen=True, kw_only=True):
    """How a column of the added rows differs from base's; `notable`: by effect and by corrected p-value.

    `psi` population stability index, `wasserstein` in base's standard deviations, `jensen_shannon` distance
    (base 2, 0 to 1), `ks` largest distance of the distribution functions, `chi2` statistic. `p` is of KS or
    chi², `p_adjusted` by `correction` over the columns. Shares of missing cells and of rows in categories
    that base has not.
    """

    column: str
    kind: Literal["number", "category", "time"]
    rows_old: int
    rows_new: int
    mean_old: float | None = None
    mean_new: float | None = None
    psi: float | None = None
    wasserstein: float | None = None
    jensen_shannon: float | None = None
    ks: float | None = None
    chi2: float | None = None
    p: float | None = None
    p_adjusted: float | None = None
    correction: str = ""
    missing_old: float = 0.0
    missing_new: float = 0.0
    new_categories: tuple[str, ...] = ()
    new_share: float = 0.0
    slice_column: str = ""
    slice_level: str = ""
    notable: bool = False
    sentence: str = ""


class DatasetReview(Record, frozen=True, kw_only=True):
    """One dataset between two sides. None where a part could not be looked at; `problems` say why.

    `files_skipped` are alike on both sides and were not read: row counts are of the files read, and
    `rows_skipped` are those of the others, None where not known.
    """

    path: str
    changed: bool = True
    format: str = ""
    files_read_old: int = 0
    files_read_new: int = 0
    files_skipped: int = 0
    rows_skipped: int | None = None
    facts: tuple[Fact, ...] = ()
    rows: RowChanges | None = None
    schema: tuple[SchemaChange, ...] = ()
    profiles: tuple[ColumnProfile, ...] = ()
    columns: tuple[ColumnChange, ...] = ()
    labels: LabelChanges | None = None
    leaks: tuple[Leak, ...] = ()
    shift: tuple[Shift, ...] = ()
    shift_columns: int = 0
    problem: str = ""
    hint: str = ""
    notes: tuple[str, ...] = ()
