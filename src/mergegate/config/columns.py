"""The columns of the predictions file that a policy may name: all but the contract's own."""

from collections.abc import Iterator, Sequence

from mergegate.config.document import Document
from mergegate.config.problem import KeyPath, Problem, printable
from mergegate.config.section import MOST_SLICES

RESERVED = ("row_id", "y_true", "y_pred")
PROBABILITY = "proba_"


def check(column: str | None, use: str, place: KeyPath, document: Document) -> Iterator[Problem]:
    """A column with a name of its own, if one is named; `use` is what for, such as "a weight"."""
    if column is None:
        return
    if not column.strip():
        hint = "name a column of the predictions file, or remove the key"
        yield document.problem(place, "a column's name is empty", hint)
    elif column in RESERVED or column.startswith(PROBABILITY):
        message = f"{printable(column)} is one of the contract's own columns, and can't be {use}"
        hint = "name a further column of the predictions file; not row_id, y_true, y_pred or proba_<class>"
        yield document.problem(place, message, hint)


def check_list(columns: Sequence[str], use: str, at: KeyPath, document: Document) -> Iterator[Problem]:
    """Columns by which rows can be told apart, each once, and not too many."""
    if len(columns) > MOST_SLICES:
        message = f"{len(columns):,} columns, more than the {MOST_SLICES} that rows may be told apart by"
        hint = (
            "keep those that matter: each value of each column is a claim, and the more, the fewer can stand"
        )
        yield document.problem(at, message, hint)
        return
    for index, column in enumerate(columns):
        yield from check(column, use, (*at, index), document)
        if column.strip() and column in columns[:index]:
            message = f"the column {printable(column)} stands twice"
            yield document.problem((*at, index), message, "name each column once")
