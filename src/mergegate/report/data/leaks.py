"""Whether the exam is honest: what was looked for, and found or not."""

from collections.abc import Iterator

from mergegate.records.data import DatasetReview, Leak, LeakKind
from mergegate.report.data.amounts import effect, joined, share
from mergegate.report.data.parts import Line, Part, Table
from mergegate.report.data.voice import Voice
from mergegate.report.numbers import UNKNOWN, count

KIND: dict[LeakKind, str] = {
    "key": "training rows in the evaluation, by key",
    "content": "training rows in the evaluation, by content",
    "group": "groups on both sides",
    "time": "evaluation before training in time",
    "base_training": "base's training rows in head's evaluation",
    "single_feature": "a column that tells the label alone",
    "known_later": "a column known only after the outcome",
    "rows_gone": "evaluation rows removed",
}


def caught(leak: Leak) -> bool:
    """Whether it was found."""
    return leak.judged and leak.found != 0


def lines(dataset: DatasetReview, voice: Voice) -> Iterator[Line]:
    """What was found; then what could not be looked for."""
    for leak in dataset.leaks:
        if caught(leak):
            some = (
                f" For example {joined(list(map(voice.value, leak.examples[:3])))}." if leak.examples else ""
            )
            yield Line("Leak", f"{voice.sentence(leak.sentence)}{some}")
    for leak in dataset.leaks:
        if not leak.judged:
            yield Line("Leak not looked for", voice.sentence(leak.sentence), loud=False)


def part(dataset: DatasetReview, voice: Voice) -> Part | None:
    """Everything that was looked for."""
    if not dataset.leaks:
        return None
    found = sum(map(caught, dataset.leaks))
    unjudged = sum(not leak.judged for leak in dataset.leaks)
    clear = len(dataset.leaks) - found - unjudged
    words = ((found, "found"), (clear, "looked for and not found"), (unjudged, "could not be looked for"))
    title = f"Leaks: {', '.join(f'{count(number)} {word}' for number, word in words if number)}"
    rows = tuple(
        (
            KIND[leak.kind],
            voice.name(leak.column) if leak.column else UNKNOWN,
            _number(leak.found, leak.of, leak.measure, leak.strength, voice),
            _number(leak.found_old, None, leak.measure, leak.strength_old, voice),
            _outcome(leak, voice),
        )
        for leak in dataset.leaks
    )
    table = Table("", ("Looked for", "Column", "Head:", "Base:", "Outcome"), rows, "leak")
    return Part("leaks", title, (), (table,))


def _outcome(leak: Leak, voice: Voice) -> str:
    if not leak.judged:
        return "not looked for"
    return voice.loud("found") if caught(leak) else "not found"


def _number(found: int | None, of: int | None, measure: str, strength: float | None, voice: Voice) -> str:
    """Rows and their share, or how strongly a column tells the label."""
    if strength is not None:
        return f"{voice.text(measure)} {effect(strength)}" if measure else effect(strength)
    if found is None:
        return UNKNOWN
    return f"{count(found)} ({share(found, of)})" if of and found else count(found)
