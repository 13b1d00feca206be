"""The columns: none changed, or only so that who reads the old ones still can."""

from collections.abc import Iterator

from mergegate.gates.data.held import Asked, Held, Kind, allowed_by
from mergegate.records.data import SchemaChange
from mergegate.records.verdict import GateResult

WORD = "schema"
_SHOWN = 3


def ask(held: Held) -> Iterator[Asked]:
    """Unless any change may be."""
    if held.gates.schema != "any":
        yield Asked(WORD)


def judge(held: Held, asked: Asked) -> Iterator[GateResult]:
    """Count the changes that the policy does not let pass."""
    changes, strict = held.review.schema, held.gates.schema != "additive"
    refused = [change for change in changes if strict or not change.additive]
    if refused:
        sentence = f"{_listed(refused)}; restore the old columns, or {allowed_by('schema')}."
    elif changes:
        sentence = f"who reads base's columns still can: {_listed(changes)}."
    else:
        sentence = "the columns are base's."
    yield held.judged(asked, not refused, sentence, value=float(len(refused)), bar=0.0)


def _listed(changes: list[SchemaChange] | tuple[SchemaChange, ...]) -> str:
    said = [change.sentence.rstrip(".") or f"{change.column} is {change.kind}" for change in changes[:_SHOWN]]
    rest = len(changes) - _SHOWN
    return "; ".join(said) + (f"; and {rest:,} more" if rest > 0 else "")


SCHEMA = Kind(ask, judge)
