"""Golden rows: how many fail, and each that does, whole."""

from mergegate.records.explain import Golden, GoldenRow
from mergegate.report import numbers
from mergegate.report.data.amounts import listed
from mergegate.report.data.parts import Line, Part, Table
from mergegate.report.data.voice import Voice
from mergegate.report.explain.flips import tell_inputs
from mergegate.report.numbers import count, plural

_LOUD = 3


def find_failures(found: Golden, voice: Voice) -> list[Line]:
    """The first failing rows with their reasons."""
    if found.problem:
        return [Line("Golden rows", f"could not be asked: {voice.sentence(found.problem)}")]
    lines = [Line("Golden row", _sentence(row, voice)) for row in found.failures[:_LOUD]]
    more = found.failed - len(lines)
    if more > 0:
        lines.append(Line("Golden rows", f"{plural(more, 'more row')} fail{'s' if more == 1 else ''}."))
    if found.changed:
        lines.append(Line("Golden rows", tell_changed(found, voice)))
    return lines


def tell_changed(found: Golden, voice: Voice, most: int = _LOUD) -> str:
    """The rows that the change alters or removes; empty for none."""
    if not found.changed:
        return ""
    names = listed([voice.name(name) for name in found.changed], most, found.changed_total)
    them = "it" if max(found.changed_total, len(found.changed)) == 1 else "them"
    return f"{names}: altered or removed by the change, and judged as the target branch has {them}."


def tally(found: Golden) -> str:
    """How many rows fail, in words."""
    if found.problem:
        return "could not be asked"
    if not found.failed:
        return f"all {plural(found.rows, 'row')} hold" if found.rows else "there are none"
    return f"{count(found.failed)} of {plural(found.rows, 'row')} fail{'s' if found.rows == 1 else ''}"


def tell_golden(found: Golden, voice: Voice) -> Part:
    """All failing rows at hand."""
    title = f"Golden rows: {tally(found)}"
    if found.problem:
        return Part("golden", title, (voice.sentence(found.problem),))
    files = [voice.name(file) for file in found.files]
    said = (*([f"From {listed(files)}."] if files else []), *map(voice.sentence, found.notes))
    if not found.failures:
        return Part("golden", title, said)
    heads = ("Row", "Required", "Base", "Head", "Why it is golden", "By", "Inputs")
    rows = tuple(_row(row, voice) for row in found.failures)
    return Part("golden", title, said, (Table("", heads, rows, "failing row", found.failed),))


def _sentence(row: GoldenRow, voice: Voice) -> str:
    name, reason = voice.name(row.name), voice.sentence(row.reason) if row.reason else ""
    if row.problem:
        return f"{name}: {voice.sentence(row.problem)} {reason}".rstrip()
    beside = f"; base answers {voice.value(row.base)}" if row.base is not None and not row.not_worse else ""
    owed = voice.text(row.fault.rstrip(". ")) if row.fault else f"must be {required(row, voice)}"
    return f"{name}: {owed}{beside}. {reason}".rstrip()


def required(row: GoldenRow, voice: Voice) -> str:
    """What head owes: an answer, how near to it, how sure of it, or no worse than base's."""
    wanted = "" if row.expected is None else voice.value(row.expected)
    if row.not_worse:
        by = f" by more than {numbers.bar(row.tolerance)}" if row.tolerance else ""
        return f"no worse than base{by}, towards {wanted}" if wanted else f"no other than base{by}"
    if row.min_probability is not None:
        return f"{wanted} with at least {numbers.percent(row.min_probability)}".strip()
    within = f" within {numbers.bar(row.tolerance)}" if row.tolerance is not None else ""
    return f"{wanted or numbers.UNKNOWN}{within}"


def _row(row: GoldenRow, voice: Voice) -> tuple[str, ...]:
    why = voice.text(row.reason) if row.reason else numbers.UNKNOWN
    owed = row.problem or row.fault
    return (
        voice.name(row.name),
        required(row, voice),
        voice.value(row.base),
        voice.value(row.head),
        f"{why} ({voice.text(owed)})" if owed else why,
        voice.name(row.author) if row.author else numbers.UNKNOWN,
        tell_inputs(row.inputs, voice),
    )
