"""The review for a person at a terminal: any width, any encoding, with or without colour."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mergegate.records.review import (
    DataChange,
    GateResult,
    LockFinding,
    MetricComparison,
    ModelReview,
    Outcome,
    Problem,
    Review,
)
from mergegate.report import lines, metrics, numbers, wording
from mergegate.report.escaping import visible
from mergegate.report.lines import SENTENCE, VALUE

_ROWS = 40
_PARAGRAPH = 4000
_NARROW = 80
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
        losses = [lines.loss(change) for change in review.data if wording.lost(change)]
        self.warn(losses)
        if losses:
            self.say(self.text(wording.LOST))
        self.list_gates(review.gates)
        self.list_lock(review.lock)
        self.list_problems(review.problems)
        judged = next((model for model in review.models if model.metrics), None)
        for model in review.models:
            self.show_model(model, remark=wording.POINT_VALUES if model is judged else "")
        self.list_params(review)
        self.list_stages(review)
        self.list_data(review.data)
        if review.notes:
            self.section("Notes", [(self.text("-"), self.text(note)) for note in review.notes], "note")
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
        style = "bold green" if review.verdict.outcome == "passed" else "bold red"
        return self.text(f"{wording.verdict(review.verdict)}: {review.verdict.headline}", style)

    def warn(self, sentences: Sequence[str]) -> None:
        """Loud paragraphs."""
        if sentences:
            self.say(Text())
        for sentence in sentences:
            loud = self.text(sentence, "bold", _PARAGRAPH)
            self.say(Text.assemble(self.text("WARNING", "bold reverse"), " ", loud))

    def section(self, title: str, rows: Sequence[tuple[Text, Text]], noun: str) -> None:
        """A heading and a list in two columns, bounded."""
        self.say(Text())
        self.say(self.text(title, "bold underline"))
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(max_width=max(12, self.console.width // 3), overflow="fold")
        grid.add_column(overflow="fold")
        for label, content in rows[:_ROWS]:
            grid.add_row(label, content)
        self.console.print(Padding(grid, (0, 0, 0, 2), expand=False))
        if len(rows) > _ROWS:
            self.say(
                self.text(f"  … and {numbers.plural(len(rows) - _ROWS, f'more {noun}')}, see review.json")
            )

    def list_gates(self, gates: Iterable[GateResult]) -> None:
        """Gates, what blocks first; a passed one needs no more than its number."""
        ordered = wording.ordered(gates)
        if not ordered:
            self.section("Gates", [(self.text("-"), self.text("The policy has no gate."))], "gate")
            return
        rows = [(self.text(*_MARK[gate.outcome]), self.gate(gate)) for gate in ordered]
        self.section(f"Gates: {wording.tally(ordered)}", rows, "gate")

    def gate(self, gate: GateResult) -> Text:
        """A gate's number and bar, why, and what mends it."""
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
        return Text("\n").join(parts)

    def mend(self, command: str) -> Text:
        """The command that mends."""
        return Text.assemble(self.text("to mend: ", "dim"), self.text(command, "bold"))

    def list_lock(self, findings: Iterable[LockFinding]) -> None:
        """Breaks in the lock chain."""
        rows = []
        for finding in sorted(findings, key=lambda finding: not finding.blocking):
            parts = [self.text(finding.message)] + ([self.mend(finding.mend)] if finding.mend else [])
            label = finding.side + ("" if finding.blocking else " (noted)")
            rows.append((self.text(label), Text("\n").join(parts)))
        if rows:
            self.section(f"Lock chain: {numbers.plural(len(rows), 'break')}", rows, "break")

    def list_problems(self, problems: Iterable[Problem]) -> None:
        """Files that can't be used."""
        self.warn([lines.problem(problem) for problem in problems])

    def show_model(self, model: ModelReview, *, remark: str) -> None:
        """One model: problems, rows, metrics, notes, what its pipeline reports."""
        self.say(Text())
        self.say(self.text(f"Model {model.name}", "bold underline", VALUE))
        self.list_problems(model.problems)
        self.say(self.text(f"{wording.rows(model)} {remark}".strip()))
        if model.metrics:
            self.say(Text())
            self.console.print(
                self.metric_list(model) if self.console.width < _NARROW else self.metric_table(model)
            )
        for note in model.notes:
            self.say(self.text(f"- {note}"))
        if model.reported:
            rows = [
                (self.text(metric.name, limit=VALUE), self.step(metric.base, metric.head))
                for metric in model.reported
            ]
            self.section("As the pipeline reports, not judged", rows, "metric")

    def metric_table(self, model: ModelReview) -> Padding:
        """The metrics in columns."""
        table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
        table.add_column("metric", overflow="fold")
        table.add_column("better is", no_wrap=True)
        for column in metrics.columns(model):
            table.add_column(column, justify="right", no_wrap=column != metrics.OWN_ROWS)
        for metric, cells in zip(model.metrics, metrics.cells(model), strict=True):
            table.add_row(self.metric_name(metric), *map(self.text, (wording.better(metric), *cells)))
        return Padding(table, (0, 0, 0, 2), expand=False)

    def metric_list(self, model: ModelReview) -> Group:
        """The metrics one below the other, for a narrow terminal."""
        parts = []
        for metric, cells in zip(model.metrics, metrics.cells(model), strict=True):
            named = [f"{name} {cell}" for name, cell in zip(metrics.columns(model), cells, strict=True)]
            better = self.text(f", {wording.better(metric)} is better", "dim")
            parts.append(Padding(self.metric_name(metric).append_text(better), (0, 0, 0, 2)))
            parts.append(Padding(self.text("; ".join(named)), (0, 0, 0, 6)))
        return Group(*parts)

    def metric_name(self, metric: MetricComparison) -> Text:
        """A metric's name and what there is to say about it."""
        note = Text.assemble(" (", self.text(metric.note), ")", style="dim") if metric.note else Text()
        return self.text(metric.name, limit=VALUE).append_text(note)

    def list_params(self, review: Review) -> None:
        """Changed params."""
        rows = []
        for change in review.params:
            feeds = f"   feeds {lines.names(change.stages)}" if change.stages else "   feeds no stage"
            what = [self.text(change.key, "bold", VALUE), Text("  "), self.step(change.old, change.new)]
            rows.append(
                (
                    self.text(change.file, limit=VALUE),
                    Text.assemble(*what, self.text(feeds, "dim", _PARAGRAPH)),
                )
            )
        if rows:
            self.section(f"Params changed: {len(rows):,}", rows, "param")

    def list_stages(self, review: Review) -> None:
        """Changed stages and why."""
        rows = []
        for stage in review.stages:
            why = lines.names([f"{reason.kind} {visible(reason.what, VALUE)}" for reason in stage.reasons])
            sentence = f"{stage.change}: {why}" if why else stage.change
            rows.append((self.text(stage.name, "bold", VALUE), self.text(sentence, limit=_PARAGRAPH)))
        if rows:
            self.section(f"Stages changed: {len(rows):,}", rows, "stage")

    def list_data(self, changes: Iterable[DataChange]) -> None:
        """Changed datasets and the files inside."""
        rows = []
        for change in changes:
            rows.append((self.text(change.path, "bold", VALUE), self.text(lines.dataset(change))))
            if change.note:
                rows.append((Text(), self.text(change.note, "dim")))
            rows += [(Text(), self.text(line)) for line in lines.files(change)]
        if rows:
            self.section("Tracked data changed", rows, "line")

    def step(self, old: str | None, new: str | None) -> Text:
        """An old and a new value as their file has them."""
        before, after = (self.text("absent" if text is None else text, limit=VALUE) for text in (old, new))
        return Text.assemble(before, self.text(f" {numbers.ARROW} "), after)
