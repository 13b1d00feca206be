"""The exam's honesty: each sign of a leak by itself, as the review looked for it."""

from collections.abc import Iterator, Mapping

from mergegate.config.datasets import key_columns, leakage_level
from mergegate.gates.data.held import Asked, Held, Kind, allowed_by
from mergegate.records.data import Leak, LeakKind
from mergegate.records.verdict import GateResult

WORD = "leakage"

_ADVICE: Mapping[LeakKind, str] = {
    "key": "keep each row on one side",
    "content": "keep each row on one side",
    "group": "keep each group on one side",
    "time": "train on what was before the exam",
    "base_training": "keep base's training rows out of the exam",
    "single_feature": "find out what it knows, and remove it if it is known only after the outcome",
    "known_later": "remove it from the inputs",
    "rows_gone": "keep base's exam rows",
}
_BY_COLUMN = ("single_feature", "known_later")
"""Kinds of which each column is a gate of its own: to waive one must not hide the next."""

_OF_BASE = ("base_training", "rows_gone")
"""Kinds that are not looked for where base lacks what they are about."""


def ask(held: Held) -> Iterator[Asked]:
    """Each kind that is not ignored and can be looked for; by column where one was found, or is unjudged."""
    dataset = held.dataset
    needs: Mapping[LeakKind, bool] = {
        "key": bool(key_columns(dataset)),
        "content": True,
        "group": dataset.group is not None,
        "time": dataset.time is not None,
        "base_training": True,
        "single_feature": dataset.label is not None,
        "known_later": bool(dataset.known_later),
        "rows_gone": True,
    }
    if held.train is None:
        return
    for kind, there in needs.items():
        level = leakage_level(held.gates, kind)
        if not there or level == "ignore":
            continue
        leaks = [leak for leak in held.review.leaks if leak.kind == kind]
        # One that can't be measured counts beside others that can: it is where a leak would hide.
        found = [leak for leak in leaks if _is_found(held, leak) or not leak.judged]
        columns = dict.fromkeys(leak.column for leak in found) if kind in _BY_COLUMN else ()
        for column in columns or ("",):
            yield Asked(f"{WORD}/{kind}", column, level)


def judge(held: Held, asked: Asked) -> Iterator[GateResult]:
    """What was found of one kind; where it could not be looked for, nobody can tell."""
    kind = asked.word.removeprefix(f"{WORD}/")
    leaks = [leak for leak in held.review.leaks if leak.kind == kind and asked.column in ("", leak.column)]
    found = [leak for leak in leaks if _is_found(held, leak)]
    blind = [leak for leak in leaks if not leak.judged]
    bar = _bar(held) if kind == "single_feature" else 0.0
    if found:
        yield held.judged(asked, False, _sentence(held, found), value=_value(found), bar=bar)
    elif blind:
        yield held.result(asked, "insufficient", _stop(blind[0].sentence), bar=bar)
    elif not leaks and held.review.leaks and kind in _OF_BASE:
        yield held.result(asked, "skipped", "base has no exam or no training rows to compare with.")
    elif not leaks:
        sentence = f"can't tell: nobody looked for it in {held.dataset.path} and {held.train}."
        yield held.result(asked, "insufficient", sentence, bar=bar)
    else:
        strongest = max(leaks, key=lambda leak: leak.strength or 0.0)
        yield held.judged(asked, True, _stop(strongest.sentence), value=_value([strongest]), bar=bar)


def _is_found(held: Held, leak: Leak) -> bool:
    if not leak.judged:
        return False
    if leak.kind == "single_feature" and leak.strength is not None:
        return not leak.strength <= _bar(held)
    return leak.found != 0


def _bar(held: Held) -> float:
    bar = held.gates.max_single_feature_strength
    return 1.0 if bar is None else bar


def _sentence(held: Held, found: list[Leak]) -> str:
    first, kind = found[0], found[0].kind
    said = first.sentence.rstrip(".")
    if kind == "single_feature" and first.strength is not None:
        said += f", where at most {_bar(held):.15g} may be"
    more = f"; and {len(found) - 1:,} more" if len(found) > 1 else ""
    return f"{said}{more}; {_ADVICE[kind]}, or {allowed_by(f'leakage.{kind}')}."


def _value(found: list[Leak]) -> float | None:
    first = found[0]
    if first.strength is not None:
        return first.strength
    return None if first.found is None else float(first.found)


def _stop(sentence: str) -> str:
    return sentence if sentence.endswith((".", "!", "?")) else f"{sentence}."


LEAKAGE = Kind(ask, judge, of_head=True, unchanged=True)
