"""How the added rows differ from base's, column by column: the size first, then how sure that is."""

from collections.abc import Iterator

from mergegate.records.data import DatasetReview, Shift
from mergegate.report.data.amounts import chance, effect, figure, listed, moved, share
from mergegate.report.data.parts import Bar, Cell, Line, Part, Table
from mergegate.report.data.voice import Voice
from mergegate.report.numbers import ARROW, UNKNOWN, count, plural

IN_WORDS = "In words"
_NAMED = 8
_FULL = 1.0
"""The PSI that fills a bar; beyond it, all of a column is elsewhere."""


def notable(dataset: DatasetReview) -> list[Shift]:
    """What differs by more than noise and by an amount that matters, the largest first."""
    return sorted((each for each in dataset.shift if each.notable), key=lambda each: -(each.psi or 0))


def lines(dataset: DatasetReview, voice: Voice) -> Iterator[Line]:
    """A sentence for each notable column."""
    found = notable(dataset)
    for each in found[:_NAMED]:
        yield Line("Shift", voice.sentence(each.sentence))
    if len(found) > _NAMED:
        yield Line("Shift", f"{plural(len(found) - _NAMED, 'more column')} differ notably.")


def part(dataset: DatasetReview, voice: Voice) -> Part | None:
    """Every compared column with its effects; in a narrow place the notable ones with the main effects."""
    if not dataset.shift:
        return None
    total = max(dataset.shift_columns, len(dataset.shift))
    many = len(notable(dataset))
    title = f"Shift: {count(many) if many else 'none'} of {plural(total, 'column')} notable in the added rows"
    ordered = sorted(dataset.shift, key=lambda each: (not each.notable, -(each.psi or 0)))
    rows = tuple(_wide(each, voice) if voice.wide else _narrow(each, voice) for each in ordered)
    return Part(
        "shift",
        title,
        _how(dataset, voice),
        (Table("", _WIDE if voice.wide else _NARROW, rows, "column", total),),
    )


_NARROW = ("Column", "Notable", "Mean:", "PSI:", "p corrected:", "Missing:")
_WIDE = (
    "Column", "Notable", IN_WORDS, "Mean:", "PSI:", "Wasserstein:", "Jensen–Shannon:", "KS:", "Chi²:",
    "p:", "p corrected:", "Missing:", "New categories",
)  # fmt: skip


def _how(dataset: DatasetReview, voice: Voice) -> tuple[str, ...]:
    """Which rows were held against which, and what the p-values allow for."""
    sides = {(each.rows_old, each.rows_new) for each in dataset.shift if not each.slice_column}
    said = []
    if len(sides) == 1:
        ((old, new),) = sides
        said.append(f"{plural(new, 'added row')} held against {count(old)} of base's.")
    corrections = sorted({each.correction for each in dataset.shift if each.correction})
    if corrections:
        named = ", ".join(map(voice.text, corrections[:2]))
        said.append(f"The p-values are corrected for the number of columns ({named}).")
    return (" ".join(said),) if said else ()


def _name(each: Shift, voice: Voice) -> str:
    where = (
        f" where {voice.name(each.slice_column)} = {voice.value(each.slice_level)}"
        if each.slice_column
        else ""
    )
    return f"{voice.name(each.column)}{where}"


def _missing(each: Shift) -> str:
    old, new = share(each.missing_old), share(each.missing_new)
    return old if old == new else f"{old} {ARROW} {new}"


def _narrow(each: Shift, voice: Voice) -> tuple[Cell, ...]:
    return (
        *_named(each, voice),
        moved(each.mean_old, each.mean_new, by=False),
        effect(each.psi),
        chance(each.p_adjusted),
        _missing(each),
    )


def _wide(each: Shift, voice: Voice) -> tuple[Cell, ...]:
    some = listed([voice.value(name) for name in each.new_categories], 5)
    return (
        *_named(each, voice),
        voice.sentence(each.sentence) if each.sentence else UNKNOWN,
        moved(each.mean_old, each.mean_new),
        UNKNOWN if each.psi is None else Bar(effect(each.psi), min(1.0, each.psi / _FULL)),
        effect(each.wasserstein),
        effect(each.jensen_shannon),
        effect(each.ks),
        figure(each.chi2),
        chance(each.p),
        chance(each.p_adjusted),
        Bar(_missing(each), each.missing_new, each.missing_old),
        f"{some} ({share(each.new_share)} of rows)" if each.new_categories else UNKNOWN,
    )


def _named(each: Shift, voice: Voice) -> tuple[str, str]:
    return _name(each, voice), voice.loud("yes") if each.notable else "no"
