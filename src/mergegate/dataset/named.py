"""The columns that a question names: each must be there, or nothing would be asked of it."""

from collections.abc import Sequence
from difflib import get_close_matches

from mergegate.dataset.privacy import HEADERLESS
from mergegate.dataset.question import Question
from mergegate.dataset.reading import Pair
from mergegate.dataset.samples import cut
from mergegate.errors import ContractError

_MOST_NAMED = 10


def check_named(question: Question, pair: Pair, path: str) -> None:
    """Raise ContractError for a column that neither side has: a misspelt private one would be shown."""
    known = [name for schema in (pair.new_schema, pair.old_schema) if schema for name in schema.names]
    hidden = {name.casefold() for name in pair.hidden}
    named = (*question.key, *question.slices, *question.inputs)
    private = [name for name in question.private if name.casefold() not in hidden]
    for name in (*named, *private, *([question.label] if question.label is not None else [])):
        if name not in known:
            hint = _hint(name, known, pair)
            raise ContractError(f"neither side has a column `{cut(name)}`", file=path, hint=hint)


def _hint(name: str, known: Sequence[str], pair: Pair) -> str:
    """Which columns there are; one that one side alone has may be a value of a headerless file."""
    if close := get_close_matches(name, known, n=1):
        return f"did you mean `{cut(close[0])}`?"
    schemas = [each for each in (pair.new_schema, pair.old_schema) if each is not None]
    there = [f"`{cut(each)}`" for each in schemas[0].names if all(each in schema for schema in schemas)]
    if not there:
        return f"the sides have no column in common: {HEADERLESS}"
    more = " …" if len(there) > _MOST_NAMED else ""
    return f"there are {', '.join(there[:_MOST_NAMED])}{more}"
