"""A gate's explanation, and the list of gates, for a person at a terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from mergegate.records.review import Review
from mergegate.records.verdict import GateResult
from mergegate.report import judgement
from mergegate.report.explanation import Explanation
from mergegate.report.judgement import Reader
from mergegate.report.lines import VALUE
from mergegate.report.page import PARAGRAPH, SCRIPT, Page


def render(told: Explanation, console: Console) -> None:
    """Print one gate: what it says, how the number is had, where the bar stands, what would let it pass."""
    page = Page(console)
    bar = f", bar {told.bar}" if told.bar else ""
    number = f"  {told.number}{f' ({told.interval})' if told.interval else ''}{bar}" if told.number else ""
    page.say(Text.assemble(page.text(told.gate.id, "bold", VALUE), page.text(number)))
    _part(page, "Why", told.why)
    _part(page, "How it is computed", told.how)
    _part(page, "Where the bar stands", told.source)
    _part(
        page, "What would make it pass" if told.gate.outcome != "pass" else "How far it holds", told.passing
    )
    if told.waiver:
        page.say(Text())
        page.paragraph(
            "As a last resort, in the target branch's policy, after a review of its own:", "bold underline"
        )
        # Not folded: it is to be copied.
        for line in told.waiver.splitlines():
            console.print(page.text(line, limit=PARAGRAPH), soft_wrap=True, highlight=False)


def render_list(review: Review, console: Console) -> None:
    """Print every gate with its outcome, number and bar, what blocks first."""
    page, reader = Page(console), Reader(review, SCRIPT)
    if not review.gates:
        page.say(page.text("The review has no gate."))
        return
    page.say(page.text(f"Gates: {judgement.tally(review.gates)}", "bold underline"))
    page.list_rows([_row(page, reader, gate) for gate in judgement.ordered(review.gates)])


def _row(page: Page, reader: Reader, gate: GateResult) -> tuple[Text, Text]:
    figures = reader.figures(gate)
    interval = f" ({figures.interval})" if figures.interval else ""
    number = f"  {figures.number}{interval}" if figures.number else ""
    bar = f", bar {figures.bar}" if figures.number and figures.bar else ""
    name = page.text(gate.id, "bold" if gate.blocking else "", VALUE)
    return page.text(judgement.label(gate)), Text.assemble(name, page.text(number + bar))


def _part(page: Page, title: str, sentences: Sequence[str]) -> None:
    if not sentences:
        return
    page.say(Text())
    page.say(page.text(title, "bold underline"))
    page.list_rows([(page.text("-"), page.text(each, limit=PARAGRAPH)) for each in sentences])
