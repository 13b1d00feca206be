"""The key tells rows apart: no two rows of head have the same, and none lacks it."""

from collections.abc import Iterator

from mergegate.config.datasets import key_columns
from mergegate.gates.case import rows
from mergegate.gates.data.held import Asked, Held, Kind, allowed_by
from mergegate.records.data import RowChanges
from mergegate.records.verdict import GateResult

WORD = "unique_key"


def ask(held: Held) -> Iterator[Asked]:
    """Where the policy names a key."""
    level = held.gates.unique_key or "forbid"
    if key_columns(held.dataset) and level != "ignore":
        yield Asked(WORD, level=level)


def judge(held: Held, asked: Asked) -> Iterator[GateResult]:
    """Count rows beyond the first of their key, rows without one, and added rows with a key that base has."""
    found, key = held.review.rows, ", ".join(key_columns(held.dataset))
    if found is None or found.key != key_columns(held.dataset):
        sentence = f"rows were not told apart by {key}, the key that the policy names."
        yield held.result(asked, "fail", sentence, bar=0.0)
        return
    twice, without = found.duplicates_new, found.keyless_new
    parts = []
    if found.repeated:
        parts.append(_repeated(found, key))
    if twice:
        parts.append(f"{rows(twice)} of head {'has' if twice == 1 else 'have'} the {key} of another")
    if without:
        parts.append(f"{rows(without)} of head {'lacks' if without == 1 else 'lack'} a value in {key}")
    if parts:
        old = found.duplicates_old + found.keyless_old
        before = f"; base has {old:,} such" if old else ""
        sentence = f"{' and '.join(parts)}{before}; mend them, or {allowed_by(WORD)}."
    else:
        where = _where(found, held.review.files_skipped)
        sentence = f"no two rows{where} have the same {key}, and none lacks it."
    yield held.judged(asked, not parts, sentence, value=float(twice + without + found.repeated), bar=0.0)


def _repeated(found: RowChanges, key: str) -> str:
    """Added rows that files alike on both sides have already."""
    have = "added row has" if found.repeated == 1 else "added rows have"
    labels = f", {found.relabelled:,} of them with another label" if found.relabelled else ""
    return f"{found.repeated:,} {have} the {key} of a row in a file that did not change{labels}"


def _where(found: RowChanges, alike: int) -> str:
    """Which files were looked at, where some did not change."""
    if not alike:
        return ""
    more = f" and {found.alike_read:,} of {alike:,} alike" if found.added else ""
    return f" in the files that differ{more}"


UNIQUE_KEY = Kind(ask, judge, of_head=True)
