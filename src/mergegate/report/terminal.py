"""The review for a person at a terminal: any width, any encoding, with or without colour."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mergegate.records.comparison import MetricComparison
from mergegate.records.review import (
    DataChange,
    LockFinding,
    ModelReview,
    ParamChange,
    ReportedMetric,
    Review,
    StageChange,
)
from mergegate.records.verdict import GateResult, Outcome
from mergegate.report import lines, metrics, numbers, wording
from mergegate.report.escaping import visible
from mergegate.report.lines import SENTENCE, VALUE

Item = TypeVar("Item")

_ROWS = 40
_MODELS = 10
_PARAGRAPH = 4000
_ENDLESS = 10_000
_MARK: dict[Outcome, tuple[str, str]] = {
    "fail": ("✗ fail", "bold red"),
    "insufficient": ("? can't tell", "yellow"),
    "skipped": ("- skipped", "dim"),
    "pass": ("✓ pass", "green"),
}
_ASCII = str.maketrans(
    {"✗": "x", "✓": "+", "→": "->", "−": "-", "–": "-", "…": "...", "“": '"', "”": '"', "·": "|"}
)


def render(review: Review, console: Console) -> None:
    """Print the review; the verdict is the first line and, because a long review scrolls, the last."""
    _Page(console).show(review)


@dataclass(frozen=True)
class _Page:
    """The console. Every text becomes a `Text`, in which rich sees no markup, and is made visible before."""

    console: Console

    def show(self, review: Review) -> None:
        """The review from top to bottom."""
        headline = self.headline(review)
        head, base = lines.revision(review.head), lines.revision(review.base)
        self.say(headline)
        orientation = f"This change, {head}, compared with {base}. {wording.changes(review)}"
        self.say(self.text(orientation, limit=_PARAGRAPH))
        losses = [change for change in review.data if wording.lost(change)]
        self.warn(lines.loss, losses)
        if losses:
            self.say(self.text(wording.LOST))
        self.list_gates(review.gates)
        title = wording.lock_title(review.lock, review.lock_total)
        self.section(title, wording.breaks(review.lock), self.finding, "finding", review.lock_total)
        self.warn(lines.problem, review.problems)
        judged = next((model for model in review.models if model.metrics), None)
        for model in review.models[:_MODELS]:
            self.show_model(model, remark=wording.POINT_VALUES if model is judged else "")
        self.count_rest(len(review.models) - _MODELS, "model")
        self.changed("Params", review.params, self.param, "param", review.params_total)
        self.changed("Stages", review.stages, self.stage, "stage", review.stages_total)
        self.changed("Tracked data", review.data, self.dataset, "dataset", review.data_total)
        self.section("Notes", review.notes, self.note, "note")
        self.say(Text())
        self.say(self.text(lines.footer(review), "dim", _PARAGRAPH))
        self.say(headline)

    def say(self, line: Text) -> None:
        """One paragraph."""
        self.console.print(line, highlight=False, overflow="fold")

    def text(self, value: str, style: str = "", limit: int = SENTENCE) -> Text:
        """Anything as inert text that this console's encoding can print."""
        shown = visible(value, limit)
        if self.console.options.ascii_only:
            shown = shown.translate(_ASCII).encode("ascii", "backslashreplace").decode("ascii")
        return Text(shown, style=style)

    def headline(self, review: Review) -> Text:
        """The verdict in words."""
        opening, style = wording.opening(review), "bold red"
        if review.verdict.outcome == "passed":
            style = "bold green" if opening == wording.verdict(review.verdict) else "bold yellow"
        return self.text(f"{opening}: {review.verdict.headline}", style)

    def warn(self, sentence: Callable[[Item], str], items: Sequence[Item]) -> None:
        """Loud paragraphs, one for each of the first items."""
        if items:
            self.say(Text())
        for item in items[:_ROWS]:
            loud = self.text(sentence(item), "bold", _PARAGRAPH)
            self.say(Text.assemble(self.text("WARNING", "bold reverse"), " ", loud))
        self.count_rest(len(items) - _ROWS, "warning")

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

    def section(
        self,
        title: str,
        items: Sequence[Item],
        row: Callable[[Item], tuple[Text, Text]],
        noun: str,
        total: int = 0,
    ) -> None:
        """A heading and a list in two columns, a row for each of the first items; nothing for no items.

        `total` counts the items where not all of them are at hand.
        """
        if not items:
            return
        self.say(Text())
        self.say(self.text(title, "bold underline"))
        self.list_rows([row(item) for item in items[:_ROWS]])
        self.count_rest(wording.total(items, total) - len(items[:_ROWS]), noun)

    def list_rows(self, rows: Sequence[tuple[Text, Text]]) -> None:
        """Two columns, or where a label would be split in them, each label above its text."""
        if max(label.cell_len for label, _ in rows) > max(12, self.console.width // 2):
            for label, text in rows:
                self.console.print(Padding(label, (0, 0, 0, 2)))
                self.console.print(Padding(text, (0, 0, 0, 6)))
            return
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(no_wrap=True)
        grid.add_column(overflow="fold")
        for label, text in rows:
            grid.add_row(label, text)
        self.console.print(Padding(grid, (0, 0, 0, 2), expand=False))

    def count_rest(self, number: int, noun: str) -> None:
        """The line that stands for what isn't shown."""
        if number > 0:
            self.say(self.text(f"  … and {numbers.plural(number, f'more {noun}')}, see review.json"))

    def list_gates(self, gates: Sequence[GateResult]) -> None:
        """Gates, what blocks first."""
        self.section(f"Gates: {wording.tally(gates)}", wording.ordered(gates), self.gate, "gate")
        if not gates:
            self.say(Text())
            self.say(self.text("Gates: the policy has none, so nothing was judged.", "bold"))

    def gate(self, gate: GateResult) -> tuple[Text, Text]:
        """A gate's number and bar, why, and what mends it; a passed one needs no more than its number."""
        parts = [self.text(gate.id, "bold" if gate.outcome == "fail" else "", VALUE)]
        if gate.value is not None:
            parts[0].append_text(self.text(f"  {numbers.against(gate.value, gate.bar)}"))
            if gate.bar is not None:
                bar = f"{wording.direction(gate)} {numbers.bar(gate.bar)}".strip()
                parts[0].append_text(self.text(f", bar {bar}", "dim"))
        if gate.outcome != "pass" or gate.value is None:
            parts.append(self.text(gate.sentence))
        if gate.mend:
            parts.append(self.mend(gate.mend))
        return self.text(*_MARK[gate.outcome]), Text("\n").join(parts)

    def mend(self, command: str) -> Text:
        """The command that mends."""
        return Text.assemble(self.text("to mend: ", "dim"), self.text(command, "bold"))

    def finding(self, finding: LockFinding) -> tuple[Text, Text]:
        """A break in the lock chain."""
        parts = [self.text(finding.message)] + ([self.mend(finding.mend)] if finding.mend else [])
        label = finding.side + ("" if wording.blocks(finding) else " (noted)")
        return self.text(label), Text("\n").join(parts)

    def show_model(self, model: ModelReview, *, remark: str) -> None:
        """One model: problems, rows, metrics, notes, what its pipeline reports."""
        self.say(Text())
        self.say(self.text(f"Model {model.name}", "bold underline", VALUE))
        self.warn(lines.problem, model.problems)
        self.say(self.text(f"{wording.rows(model)} {remark}".strip()))
        if model.metrics:
            self.say(Text())
            table = self.metric_table(model)
            endless = self.console.options.update(width=_ENDLESS)
            fits = self.console.measure(table, options=endless).maximum <= self.console.width
            self.console.print(table if fits else self.metric_list(model))
            self.count_rest(len(model.metrics) - _ROWS, "metric")
        self.section("Notes on this model", model.notes, self.note, "note")
        self.section(
            "As the pipeline reports, not judged",
            model.reported,
            self.reported,
            "metric",
            model.reported_total,
        )

    def metric_table(self, model: ModelReview) -> Padding:
        """The metrics in columns."""
        table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
        table.add_column("metric", no_wrap=True)
        table.add_column("better is", no_wrap=True)
        for column in metrics.columns(model):
            table.add_column(column, justify="right", no_wrap=True)
        for metric, cells in zip(model.metrics[:_ROWS], metrics.cells(model), strict=False):
            table.add_row(self.metric_name(metric, "\n"), *map(self.text, (wording.better(metric), *cells)))
        return Padding(table, (0, 0, 0, 2), expand=False)

    def metric_list(self, model: ModelReview) -> Group:
        """The metrics one below the other, for a narrow terminal."""
        parts = []
        for metric, cells in zip(model.metrics[:_ROWS], metrics.cells(model), strict=False):
            named = [f"{name} {cell}" for name, cell in zip(metrics.columns(model), cells, strict=True)]
            better = self.text(f", {wording.better(metric)} is better", "dim")
            parts.append(Padding(self.metric_name(metric, " ").append_text(better), (0, 0, 0, 2)))
            parts.append(Padding(self.text("; ".join(named)), (0, 0, 0, 6)))
        return Group(*parts)

    def metric_name(self, metric: MetricComparison, separator: str) -> Text:
        """A metric's name and what there is to say about it."""
        note = (
            Text.assemble(separator, "(", self.text(metric.note), ")", style="dim") if metric.note else Text()
        )
        return self.text(metric.name, limit=VALUE).append_text(note)

    def reported(self, metric: ReportedMetric) -> tuple[Text, Text]:
        """A number that the pipeline says of itself."""
        return self.text(metric.name, limit=VALUE), self.step(metric.base, metric.head)

    def param(self, change: ParamChange) -> tuple[Text, Text]:
        """A changed param and what it feeds."""
        key, step = self.text(change.key, "bold", VALUE), self.step(change.old, change.new)
        feeds = self.text(
            f"   feeds {lines.names(change.stages, change.stages_total) or 'no stage'}", "dim", _PARAGRAPH
        )
        return self.text(change.file, limit=VALUE), Text.assemble(key, "  ", step, feeds)

    def stage(self, stage: StageChange) -> tuple[Text, Text]:
        """A changed stage and why."""
        reasons = [f"{reason.kind} {visible(reason.what, VALUE)}" for reason in stage.reasons]
        why = lines.names(reasons, stage.reasons_total)
        sentence = f"{stage.change}: {why}" if why else stage.change
        return self.text(stage.name, "bold", VALUE), self.text(sentence, limit=_PARAGRAPH)

    def dataset(self, change: DataChange) -> tuple[Text, Text]:
        """A changed dataset and the files inside."""
        parts = [self.text(lines.dataset(change))]
        if change.note:
            parts.append(self.text(change.note, "dim"))
        parts += [self.text(line) for line in lines.files(change)]
        return self.text(change.path, "bold", VALUE), Text("\n").join(parts)

    def note(self, note: str) -> tuple[Text, Text]:
        """A remark of the review."""
        return self.text("-"), self.text(note)

    def step(self, old: str | None, new: str | None) -> Text:
        """An old and a new value as their file has them."""
        before, after = (self.text("absent" if text is None else text, limit=VALUE) for text in (old, new))
        return Text.assemble(before, self.text(f" {numbers.ARROW} "), after)
