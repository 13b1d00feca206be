"""What a comparison of two sides of a dataset is asked; columns are named as the files have them."""

from collections.abc import Callable

import msgspec

from mergegate.dataset.source import Source


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What to look at.

    `key` identifies a row, `label` is what is learnt; `inputs` are what a model sees, by default every column
    but these; `private` columns are never shown. `rows_only`: rows, cells and labels are compared, and of the
    columns names and types. `strict`: a column that neither side has is a mistake.
    """

    key: tuple[str, ...] = ()
    label: str | None = None
    inputs: tuple[str, ...] = ()
    slices: tuple[str, ...] = ()
    private: tuple[str, ...] = ()
    shift: bool = True
    rows_only: bool = False
    strict: bool = False


class Sides(msgspec.Struct, frozen=True, kw_only=True):
    """The files of a dataset that differ: base's, head's, and some that are alike on both sides.

    `reference` tells the schema, and the distributions that new rows are held against; it is not compared.
    `alike` opens more of these files, for the keys of added rows to be looked for.
    """

    old: Source | None
    new: Source | None
    reference: Source | None = None
    alike: Callable[[], Source | None] | None = None


class Exam(msgspec.Struct, frozen=True, kw_only=True):
    """An evaluation set whole, and what it is held against.

    `known_later` columns are known after the outcome only; a column whose strength alone (AUC or eta²) is
    `strong` or more is a leak.
    """

    evaluation: Source
    train: Source | None
    base_evaluation: Source | None = None
    base_train: Source | None = None
    key: tuple[str, ...] = ()
    label: str | None = None
    group: str | None = None
    time: str | None = None
    inputs: tuple[str, ...] = ()
    known_later: tuple[str, ...] = ()
    private: tuple[str, ...] = ()
    strong: float | None = None
