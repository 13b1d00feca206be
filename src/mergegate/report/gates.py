"""Gates and waivers as Markdown: one table, what blocks first."""

from collections.abc import Iterator, Sequence

from mergegate.amounts import amount
from mergegate.records.review import Review
from mergegate.records.verdict import GateResult, Waiver
from mergegate.report import judgement, numbers
from mergegate.report.blocks import Bounds, bold, fold, mended, script, table
from mergegate.report.escaping import code, prose
from mergegate.report.judgement import State

SIGN: dict[State, str] = {
    "fail": "❌",
    "strict": "❌",
    "waived": "⏸️",
    "warn": "⚠️",
    "insufficient": "⚠️",
    "skipped": "⏭️",
    "pass": "✅",
}


def gates(review: Review, bounds: Bounds) -> Iterator[str]:
    """Every gate in one table; when there are many, those of slices that don't block are folded."""
    if not review.gates:
        yield "### Gates\n\nThe policy has no gate, so nothing was judged."
        return
    found = judgement.ordered(review.gates)
    loud = sum(judgement.state(gate) in judgement.LOUD for gate in found)
    shown = found
    if len(found) > bounds.open_rows:
        whole = [gate for gate in found[loud:] if not judgement.sliced(gate)]
        shown = [*found[:loud], *whole[: max(0, bounds.open_rows - loud)]]
    yield f"### Gates: {judgement.tally(found)}"
    if shown:
        yield _table(review, shown, bounds, limit=bounds.rows)
    if any(gate.blocking for gate in found):
        yield judgement.NEXT
    rest = judgement.worst_first(found[len(shown) :])
    if rest:
        more = amount(len(rest), "more gate" if shown else "gate")
        passed = all(gate.outcome == "pass" for gate in rest)
        said = f"{more} passed" if passed else f"{more} that block nothing: {judgement.tally(rest)}"
        yield fold(said, _table(review, rest, bounds, limit=bounds.folded))


def waivers(review: Review, bounds: Bounds) -> str:
    """The waivers that the table of gates does not show: whoever counts on them should know."""
    found = judgement.waivers(review, bounds.rows)
    if not found:
        return ""

    def cells(waiver: Waiver) -> Sequence[str]:
        return (
            code(waiver.gate, bounds.value),
            bold(judgement.waived(waiver)) if waiver.state != "idle" else judgement.waived(waiver),
            code(waiver.expires, bounds.value),
            prose(waiver.by, bounds.value),
            prose(waiver.reason, bounds.sentence),
        )

    columns = ("Gate", "State", "Last day", "By", "Reason")
    body = table(columns, found, cells, limit=bounds.rows, noun="waiver")
    return f"### {judgement.waiver_title(found)}\n\n{body}"


def _table(review: Review, gates: list[GateResult], bounds: Bounds, *, limit: int) -> str:
    """Gate, number, bar, interval, outcome, and the sentence with what mends it."""
    reader = judgement.Reader(review, script(bounds))

    def cells(gate: GateResult) -> Sequence[str]:
        state, figures, where = judgement.state(gate), reader.figures(gate), reader.where(gate)
        label, waiver = judgement.label(gate), reader.waiver(gate)
        return (
            code(gate.id, bounds.value) + (f"<br>{where}" if where else ""),
            figures.number or numbers.UNKNOWN,
            figures.bar or numbers.UNKNOWN,
            figures.interval or numbers.UNKNOWN,
            f"{SIGN[state]} {bold(label) if state in judgement.LOUD else label}",
            (f"{waiver}<br>" if waiver else "") + mended(gate.sentence, gate.mend, bounds),
        )

    columns = ("Gate", "Number:", "Bar:", "Interval:", "Outcome", "Why, and what to do")
    return table(columns, gates, cells, limit=limit, noun="gate")
