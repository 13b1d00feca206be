"""Gates and waivers: what blocks first, each beside its bar."""

from collections.abc import Iterator, Sequence

from mergegate.records.review import Review
from mergegate.records.verdict import GateResult, Waiver
from mergegate.report import judgement, numbers
from mergegate.report.data.markup import VOICE
from mergegate.report.data.parts import Cell
from mergegate.report.html.bounds import Bounds
from mergegate.report.html.frame import Section
from mergegate.report.html.intervals import Kind, draw_interval, gains
from mergegate.report.html.markup import Markup, folded, join, paragraph, tag
from mergegate.report.html.tables import PICTURE, WORDS, draw_rows, stacked
from mergegate.report.judgement import Reader, State

SIGN: dict[State, str] = {
    "fail": "✗",
    "strict": "✗",
    "waived": "‖",
    "warn": "!",
    "insufficient": "?",
    "skipped": "–",
    "pass": "✓",
}
_KIND: dict[State, Kind] = {"fail": "worse", "strict": "untold", "insufficient": "untold", "pass": "better"}
_OPEN = 12
"""Gates that stand open; of more, those of slices that don't block are folded."""


def gates(review: Review, bounds: Bounds) -> Iterator[Section]:
    """Every gate, and the waivers that stand with none of them."""
    if not review.gates:
        yield Section("gates", "Gates", "Gates", paragraph("The policy has no gate, so nothing was judged."))
    else:
        found = judgement.ordered(review.gates)
        yield Section(
            "gates", "Gates", f"Gates: {judgement.tally(found)}", _gates(review, found, bounds), "how-gates"
        )
    left = judgement.waivers(review, bounds.rows)
    if left:
        title = judgement.waiver_title(left)
        yield Section("waivers", "Waivers", title, _waivers(left, bounds))


def _gates(review: Review, found: Sequence[GateResult], bounds: Bounds) -> Markup:
    """A table of what a reader must see, another, folded, of slices that block nothing."""
    loud = sum(judgement.state(gate) in judgement.LOUD for gate in found)
    shown = list(found)
    if len(found) > _OPEN:
        shown = [*found[:loud], *(gate for gate in found[loud:] if not judgement.sliced(gate))]
    rest = [gate for gate in found[loud:] if judgement.sliced(gate)] if len(found) > _OPEN else []
    if not shown:
        shown, rest = rest, []
    reader = Reader(review, VOICE)
    legend = "The line in the middle of each picture is the bar: right of it the gate holds."
    pictured = any(gate.bar is not None and gate.value is not None for gate in shown)
    return join(
        paragraph(legend, kind="note") if pictured else "",
        _table(shown, reader, bounds, bounds.rows, "Gates"),
        paragraph(VOICE.text(judgement.NEXT)) if any(gate.blocking for gate in found) else "",
        folded(
            f"{numbers.plural(len(rest), 'gate')} of slices that block nothing: {judgement.tally(rest)}",
            _table(rest, reader, bounds, bounds.slices, "Gates of slices"),
        )
        if rest
        else "",
    )


def _table(found: Sequence[GateResult], reader: Reader, bounds: Bounds, most: int, label: str) -> Markup:
    heads = ("Gate", "Outcome", "Number:", "Bar:", f"Against its bar{PICTURE}", f"Why{WORDS}")
    return draw_rows(
        found, lambda gate: _row(gate, reader), heads, "gate", bounds, label=label, sortable=True, most=most
    )


def _row(gate: GateResult, reader: Reader) -> tuple[Cell, ...]:
    state, figures, where = judgement.state(gate), reader.figures(gate), reader.where(gate)
    waiver = reader.waiver(gate)
    return (
        join(_named(gate), *([tag("div", where, class_="note")] if where else [])),
        outcome(state, judgement.label(gate)),
        stacked(figures.number or numbers.UNKNOWN, figures.interval),
        figures.bar or numbers.UNKNOWN,
        _picture(gate, state, figures),
        join(
            VOICE.text(gate.sentence),
            *([tag("div", Markup(waiver))] if waiver else []),
            *([tag("div", "To mend: ", tag("code", VOICE.text(gate.mend)))] if gate.mend else []),
        ),
    )


def _named(gate: GateResult) -> Markup:
    """The gate's whole name, which breaks behind whose gate it is before it breaks anywhere else."""
    whose = f"{gate.subject}/"
    if not gate.subject or not gate.id.startswith(whose) or gate.id == whose:
        return Markup(VOICE.name(gate.id))
    return join(VOICE.name(whose), VOICE.name(gate.id.removeprefix(whose)))


def outcome(state: State, words: str) -> Markup:
    """An outcome as a sign and in words."""
    return tag("span", tag("span", SIGN[state], aria_hidden="true"), f" {words}", class_=f"state {state}")


def _picture(gate: GateResult, state: State, figures: judgement.Figures) -> Markup:
    """The number with its limits beside the bar, where both are known and it is known which side is right."""
    direction = judgement.direction(gate)
    if gate.bar is None or not direction:
        return Markup()
    kind = _KIND.get(state, "even")
    upward = direction == "at least"
    seen = gains(gate.value, gate.low, gate.high, line=gate.bar, upward=upward, kind=kind)
    if seen is None:
        return Markup()
    interval = f"interval {figures.interval}" if figures.interval else "no interval"
    label = f"{figures.number}, {interval}, bar {figures.bar}"
    return draw_interval(seen, label)


def _waivers(found: Sequence[Waiver], bounds: Bounds) -> Markup:
    heads = ("Gate", "State", "Last day", "By", f"Reason{WORDS}")
    return draw_rows(found, _waiver, heads, "waiver", bounds, label="Waivers")


def _waiver(waiver: Waiver) -> tuple[Cell, ...]:
    return (
        VOICE.name(waiver.gate),
        join(judgement.waived(waiver)),
        VOICE.name(waiver.expires),
        VOICE.text(waiver.by),
        VOICE.text(waiver.reason),
    )
