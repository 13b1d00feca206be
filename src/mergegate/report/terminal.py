"""The review for a person at a terminal."""

from collections.abc import Callable, Sequence

from rich.console import Console
from rich.text import Text

from mergegate.records.comparison import RowCounts
from mergegate.records.review import (
    DataChange,
    LockFinding,
    ModelReview,
    ParamChange,
    ReportedMetric,
    Review,
    StageChange,
)
from mergegate.records.verdict import GateResult, Waiver
from mergegate.report import (
    comparison,
    explain,
    judgement,
    lines,
    metrics,
    numbers,
    points,
    tables,
    untold,
    wording,
)
from mergegate.report.data.terminal import FEW, VOICE, show_datasets, show_line, show_part
from mergegate.report.escaping import visible
from mergegate.report.judgement import Reader, State
from mergegate.report.lines import SENTENCE, VALUE
from mergegate.report.page import PARAGRAPH, ROWS, SCRIPT, Item, Page

_MODELS = 10
_MARK: dict[State, tuple[str, str]] = {
    "fail": ("✗", "bold red"),
    "strict": ("✗", "bold red"),
    "waived": ("!", "bold yellow"),
    "warn": ("!", "yellow"),
    "insufficient": ("?", "yellow"),
    "skipped": ("-", "dim"),
    "pass": ("✓", "green"),
}


def render(review: Review, console: Console) -> None:
    """Print the review; the verdict is the first line and, because a long review scrolls, the last."""
    page = _Page(console)
    headline = _headline(page, review)
    page.say(headline)
    _orientation(page, review)
    losses = [change for change in review.data if wording.lost(change)]
    page.warn(lines.loss, losses)
    if losses:
        page.say(page.text(wording.LOST))
    page.warn(
        lambda alarm: f"{visible(alarm[0], VALUE)}: {visible(alarm[1], SENTENCE)}", wording.alarms(review)
    )
    if edited := wording.policy_edit(review.policy):
        page.warn(lambda words: f"{words}.", [edited])
        page.changed("Policy keys", review.policy.changes, page.param, "key", len(review.policy.changes))
    page.show_gates(review)
    title = wording.lock_title(review.lock, review.lock_total)
    page.section(title, wording.breaks(review.lock), page.finding, "finding", review.lock_total)
    page.warn(lines.problem, review.problems)
    for model in review.models[:_MODELS]:
        page.warn(lines.problem, model.problems)
    page.warn(str, explain.alarms(review, VOICE))
    page.changed("Params", review.params, page.param, "param", review.params_total)
    page.changed("Stages", review.stages, page.stage, "stage", review.stages_total)
    for part in explain.surroundings(review, VOICE):
        show_part(page, part, FEW)
    show_datasets(page, review.datasets, review.data)
    rest, many = wording.unreviewed(review)
    title = "Other tracked data" if review.datasets else "Tracked data"
    page.changed(title, rest, page.dataset, "dataset", many)
    _points(page, review)
    for model in review.models[:_MODELS]:
        _model(page, review, model)
    page.count_rest(len(review.models) - _MODELS, "model")
    page.remarks("Notes", review.notes, "note")
    page.say(Text())
    page.paragraph(lines.footer(review), "dim")
    page.say(headline)


def _headline(page: Page, review: Review) -> Text:
    """The verdict in words, in a colour that calls neither a loss nor a waived gate fine."""
    opening, style = wording.opening(review), "bold red"
    if review.verdict.outcome == "passed":
        lossless = opening == wording.verdict(review.verdict) and not comparison.any_worse(review)
        fine = lossless and not judgement.any_waived(review.gates) and not wording.alarms(review)
        style = "bold green" if fine else "bold yellow"
    return page.text(f"{opening}: {review.verdict.headline}", style, PARAGRAPH)


def _orientation(page: Page, review: Review) -> None:
    """What was compared with what, on which rows, how far it can be trusted, and how much changed."""
    head, base = lines.revision(review.head), lines.revision(review.base)
    parts = [
        f"Head {head} against base {base}.",
        f"Strength {review.strength}: {wording.strength(review)}.",
        wording.changes(review),
    ]
    if len(review.models) == 1:
        parts.insert(1, comparison.placed(review.models[0], SCRIPT))
    page.paragraph(" ".join(parts))


def _model(page: "_Page", review: Review, model: ModelReview) -> None:
    """One model: what can't be told, its metrics, bundle, notes, what its pipeline reports."""
    said = comparison.finding(model)
    page.say(Text())
    page.say(page.text(f"Model {SCRIPT.name(model.name)}" + (f": {said}" if said else ""), "bold underline"))
    if len(review.models) > 1:
        page.paragraph(comparison.placed(model, SCRIPT))
    if lines := explain.findings(model, VOICE):
        page.say(Text())
        page.list_rows([show_line(page, line) for line in lines])
    gated = comparison.gated(review, model)
    margins = comparison.margins(review, model)
    page.remarks(untold.TITLE, untold.of_model(model, gated, SCRIPT, margins=margins), "sentence")
    columns = metrics.columns(model.metrics, model.rows, model.confidence)
    title = comparison.title(model)
    tables.show_metrics(page, title, model.metrics, columns)
    _rescored(page, model)
    if model.bundle:
        page.say(Text())
        page.paragraph(comparison.bundle(model.bundle, SCRIPT))
    for part in explain.behind(model, VOICE):
        show_part(page, part, FEW)
    page.remarks("Notes on this model", model.notes, "note")
    title = "As the pipeline reports, not judged"
    page.section(title, model.reported, page.reported, "metric", model.reported_total)


def _points(page: "_Page", review: Review) -> None:
    """Metrics files of no model."""
    if not review.reported:
        return
    found = points.rows(review)
    if not found:
        page.say(Text())
        page.say(page.text(points.title(review), "bold underline"))
    page.section(points.title(review), found, page.point, "metric", points.total(review))
    for said in points.remarks(review):
        page.paragraph(said, "dim")


def _rescored(page: Page, model: ModelReview) -> None:
    """Base's model on head's rows, and what speaks against it."""
    found = model.rescored
    if found is None:
        return
    if found.problem:
        page.say(Text())
        page.paragraph(comparison.unscored(found, SCRIPT))
    page.warn(str, [astray] if (astray := comparison.astray(found)) else [])
    rows = RowCounts(base=found.rows, head=found.rows, shared=found.rows)
    columns = metrics.columns(found.metrics, rows, model.confidence)
    tables.show_metrics(page, comparison.rescored(found), found.metrics, columns)


class _Page(Page, frozen=True):
    """A page that knows the parts of a review."""

    def changed(
        self,
        what: str,
        items: Sequence[Item],
        row: Callable[[Item], tuple[Text, Text]],
        noun: str,
        total: int,
    ) -> None:
        """A section with its count in the heading."""
        self.section(f"{what} changed: {wording.total(items, total):,}", items, row, noun, total)

    def show_gates(self, review: Review) -> None:
        """Gates, what blocks first; then the waivers that stand with none of them."""
        if not review.gates:
            self.say(Text())
            self.say(self.text("Gates: the policy has none, so nothing was judged.", "bold"))
        reader = Reader(review, SCRIPT)
        title = f"Gates: {judgement.tally(review.gates)}"
        self.section(title, judgement.ordered(review.gates), lambda gate: self.gate(gate, reader), "gate")
        if any(gate.blocking for gate in review.gates):
            self.paragraph(judgement.NEXT)
        idle = judgement.waivers(review, ROWS)
        self.section(judgement.waiver_title(idle), idle, self.waiver, "waiver")

    def gate(self, gate: GateResult, reader: Reader) -> tuple[Text, Text]:
        """A gate's number, interval, bar, why, and what mends it; a passed bar needs only its numbers."""
        state, figures = judgement.state(gate), reader.figures(gate)
        parts = [self.text(gate.id, "bold" if gate.blocking else "", VALUE)]
        if figures.number:
            interval = f" ({figures.interval})" if figures.interval else ""
            parts[0].append_text(self.text(f"  {figures.number}{interval}"))
        if figures.bar:
            joint = ", " if figures.number else "  "
            parts[0].append_text(self.text(f"{joint}bar {figures.bar}", "dim"))
        if where := reader.where(gate):
            parts.append(self.text(where, "dim"))
        if waiver := reader.waiver(gate):
            parts.append(self.text(waiver, "bold", PARAGRAPH))
        plain = gate.measured is None or gate.measured.exam == "head"
        if gate.outcome != "pass" or not figures.number or not plain:
            parts.append(self.text(gate.sentence))
        if gate.mend:
            parts.append(self.mend(gate.mend))
        mark, style = _MARK[state]
        return self.text(f"{mark} {judgement.label(gate)}", style), Text("\n").join(parts)

    def waiver(self, waiver: Waiver) -> tuple[Text, Text]:
        """A waiver that stands with no gate."""
        parts = [
            self.text(judgement.waived(waiver), "bold" if waiver.state != "idle" else ""),
            self.text(judgement.granted(waiver, SCRIPT), limit=PARAGRAPH),
        ]
        return self.text(waiver.gate, limit=VALUE), Text("\n").join(parts)

    def mend(self, command: str) -> Text:
        """The command that mends."""
        return Text.assemble(self.text("to mend: ", "dim"), self.text(command, "bold"))

    def finding(self, finding: LockFinding) -> tuple[Text, Text]:
        """A break in the lock chain."""
        parts = [self.text(finding.message)] + ([self.mend(finding.mend)] if finding.mend else [])
        label = finding.side + ("" if wording.blocks(finding) else " (noted)")
        return self.text(label), Text("\n").join(parts)

    def reported(self, metric: ReportedMetric) -> tuple[Text, Text]:
        """A number that the pipeline says of itself."""
        return self.text(metric.name, limit=VALUE), self.step(metric.base, metric.head)

    def point(self, row: points.Row) -> tuple[Text, Text]:
        """A number of a metrics file, and how far it moved."""
        file, metric = row
        parts = [self.step(metric.base, metric.head)]
        if metric.difference:
            parts.append(self.text(f"   {metric.difference}", "bold", VALUE))
        parts.append(self.text(f"   {file.path}", "dim", VALUE))
        return self.text(metric.name, limit=VALUE), Text.assemble(*parts)

    def param(self, change: ParamChange) -> tuple[Text, Text]:
        """A changed param and what it feeds."""
        key, step = self.text(change.key, "bold", VALUE), self.step(change.old, change.new)
        feeds = self.text(
            f"   feeds {lines.names(change.stages, change.stages_total) or 'no stage'}", "dim", PARAGRAPH
        )
        return self.text(change.file, limit=VALUE), Text.assemble(key, "  ", step, feeds)

    def stage(self, stage: StageChange) -> tuple[Text, Text]:
        """A changed stage and why."""
        reasons = [f"{reason.kind} {visible(reason.what, VALUE)}" for reason in stage.reasons]
        why = lines.names(reasons, stage.reasons_total)
        sentence = f"{stage.change}: {why}" if why else stage.change
        return self.text(stage.name, "bold", VALUE), self.text(sentence, limit=PARAGRAPH)

    def dataset(self, change: DataChange) -> tuple[Text, Text]:
        """A changed dataset and the files inside."""
        parts = [self.text(lines.dataset(change))]
        if change.note:
            parts.append(self.text(change.note, "dim"))
        parts += [self.text(line) for line in lines.files(change)]
        return self.text(change.path, "bold", VALUE), Text("\n").join(parts)

    def step(self, old: str | None, new: str | None) -> Text:
        """An old and a new value as their file has them."""
        before, after = (self.text("absent" if text is None else text, limit=VALUE) for text in (old, new))
        return Text.assemble(before, self.text(f" {numbers.ARROW} "), after)
