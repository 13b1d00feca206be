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
    if found.changed:
        many = max(found.changed_total, len(found.changed))
        names = listed([voice.name(name) for name in found.changed[:_LOUD]])
        rest = f" and {count(many - _LOUD)} more" if many > _LOUD else ""
        altered = "altered or removed by the change, and judged as the target branch has"
        lines.append(Line("Golden rows", f"{names}{rest}: {altered} {'it' if many == 1 else 'them'}."))
    more = found.failed - len(lines)
    if more > 0:
        lines.append(Line("Golden rows", f"{plural(more, 'more row')} fail{'s' if more == 1 else ''}."))
    return lines


def tell_golden(found: Golden, voice: Voice) -> Part:
    """All failing rows at hand."""
    if found.problem:
        return Part("golden", "Golden rows: could not be asked", (voice.sentence(found.problem),))
    said = (f"From {listed([voice.name(file) for file in found.files])}.", *map(voice.sentence, found.notes))
    if not found.failed:
        return Part("golden", f"Golden rows: all {plural(found.rows, 'row')} hold", said)
    title = f"Golden rows: {count(found.failed)} of {plural(found.rows, 'row')} fail"
    heads = ("Row", "Required", "Base", "Head", "Why it is golden", "By", "Inputs")
    rows = tuple(_row(row, voice) for row in found.failures)
    return Part("golden", title, said, (Table("", heads, rows, "failing row", found.failed),))


def _sentence(row: GoldenRow, voice: Voice) -> str:
    name, reason = voice.name(row.name), voice.sentence(row.reason) if row.reason else ""
    if row.problem:
        return f"{name}: {voice.sentence(row.problem)} {reason}".rstrip()
    answers = f"head says {voice.value(row.head)}, base said {voice.value(row.base)}"
    return f"{name} must be {_required(row, voice)}: {answers}. {reason}".rstrip()


def _required(row: GoldenRow, voice: Voice) -> str:
    wanted = "" if row.expected is None else voice.value(row.expected)
    if wanted and row.tolerance is not None:
        wanted += f" within {numbers.bar(row.tolerance)}"
    if row.not_worse:
        return f"no worse than base{f', towards {wanted}' if wanted else ''}"
    return wanted or numbers.UNKNOWN


def _row(row: GoldenRow, voice: Voice) -> tuple[str, ...]:
    why = voice.text(row.reason) if row.reason else numbers.UNKNOWN
    return (
        voice.name(row.name),
        _required(row, voice),
        voice.value(row.base),
        voice.value(row.head),
        f"{why} ({voice.text(row.problem)})" if row.problem else why,
        voice.name(row.author) if row.author else numbers.UNKNOWN,
        tell_inputs(row.inputs, voice),
    )
