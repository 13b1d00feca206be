"""The review for a person at a terminal: any width, any encoding, with or without colour."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mergegate.records.review import (
    DataChange,
    FileChange,
    GateResult,
    LockFinding,
    ModelReview,
    Outcome,
    Problem,
    Review,
    Revision,
)
from mergegate.report import metrics, numbers, wording
from mergegate.report.escaping import visible

_ROWS = 40
_NAMES = 8
_VALUE = 160
_SENTENCE = 600
_NARROW = 80
_SHA = 10
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
        head, base = _revision(review.head), _revision(review.base)
        self.say(headline)
        self.say(self.text(f"This change, {head}, compared with {base}. {wording.changes(review)}"))
        for change in review.data:
            if wording.lost(change):
                self.warn(_loss(change))
        self.list_gates(review.gates)
        self.list_lock(review.lock)
        self.list_problems(review.problems)
        for model in review.models:
            self.show_model(model)
        self.list_params(review)
        self.list_stages(review)
        self.list_data(review.data)
        if review.notes:
            self.section("Notes", [(self.text("-"), self.text(note)) for note in review.notes], "note")
        self.say(Text())
        self.say(self.text(_footer(review), "dim"))
        self.say(headline)

    def say(self, line: Text) -> None:
        """One paragraph."""
        self.console.print(line, highlight=False, overflow="fold")

    def text(self, value: str, style: str = "", limit: int = _SENTENCE) -> Text:
        """Anything as inert text that this console's encoding can print."""
        shown = visible(value, limit)
        if self.console.options.ascii_only:
            shown = shown.translate(_ASCII).encode("ascii", "backslashreplace").decode("ascii")
        return Text(shown, style=style)

    def headline(self, review: Review) -> Text:
        """The verdict in words."""
        style = "bold green" if review.verdict.outcome == "passed" else "bold red"
        return self.text(f"{wording.verdict(review.verdict)}: {review.verdict.headline}", style)

    def warn(self, sentence: str) -> None:
        """A loud paragraph."""
        self.say(Text())
        self.say(Text.assemble(self.text("WARNING", "bold reverse"), " ", self.text(sentence, "bold")))

    def section(self, title: str, rows: Sequence[tuple[Text, Text]], noun: str) -> None:
        """A heading and a list in two columns, bounded."""
        self.say(Text())
        self.say(self.text(title, "bold underline"))
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(max_width=max(12, self.console.width // 3), overflow="fold")
        grid.add_column(overflow="fold")
        for label, content in rows[:_ROWS]:
            grid.add_row(label, content)
        self.console.print(Padding(grid, (0, 0, 0, 2)))
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
        lines = [self.text(gate.id, "bold" if gate.outcome == "fail" else "", _VALUE)]
        if gate.value is not None:
            lines[0].append_text(self.text(f"  {numbers.against(gate.value, gate.bar)}"))
            if gate.bar is not None:
                bar = f"{wording.direction(gate)} {numbers.bar(gate.bar)}".strip()
                lines[0].append_text(self.text(f", bar {bar}", "dim"))
        if gate.outcome != "pass" or gate.value is None:
            lines.append(self.text(gate.sentence))
        if gate.mend:
            lines.append(self.mend(gate.mend))
        return Text("\n").join(lines)

    def mend(self, command: str) -> Text:
        """The command that mends."""
        return Text.assemble(self.text("to mend: ", "dim"), self.text(command, "bold"))

    def list_lock(self, findings: Iterable[LockFinding]) -> None:
        """Breaks in the lock chain."""
        rows = []
        for finding in sorted(findings, key=lambda finding: not finding.blocking):
            lines = [self.text(finding.message)] + ([self.mend(finding.mend)] if finding.mend else [])
            label = finding.side + ("" if finding.blocking else " (noted)")
            rows.append((self.text(label), Text("\n").join(lines)))
        if rows:
            self.section(f"Lock chain: {numbers.plural(len(rows), 'break')}", rows, "break")

    def list_problems(self, problems: Iterable[Problem]) -> None:
        """Files that can't be used."""
        for problem in problems:
            hint = f" Next: {problem.hint}" if problem.hint else ""
            path = visible(problem.path, _VALUE)
            self.warn(f"{problem.side.capitalize()}'s {path} can't be used. {problem.message}{hint}")

    def show_model(self, model: ModelReview) -> None:
        """One model: problems, rows, metrics, notes, what its pipeline reports."""
        self.say(Text())
        self.say(self.text(f"Model {model.name}", "bold underline", _VALUE))
        self.list_problems(model.problems)
        self.say(self.text(wording.rows(model)))
        if model.metrics:
            self.say(self.text(wording.POINT_VALUES))
            self.console.print(self.metric_table(model))
        for note in model.notes:
            self.say(self.text(f"- {note}"))
        if model.reported:
            rows = [
                (
                    self.text(metric.name, limit=_VALUE),
                    self.step(metric.base, metric.head),
                )
                for metric in model.reported
            ]
            self.section("As the pipeline reports, not judged", rows, "metric")

    def metric_table(self, model: ModelReview) -> Table:
        """The metrics in the columns that this model's rows can fill."""
        narrow = self.console.width < _NARROW
        table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold", safe_box=True)
        table.add_column("metric", overflow="fold")
        if not narrow:
            table.add_column("better is")
        for column in metrics.columns(model):
            table.add_column(column, justify="right", overflow="fold")
        for metric, cells in zip(model.metrics, metrics.cells(model), strict=True):
            name = self.text(metric.name, limit=_VALUE)
            if narrow:
                name.append_text(self.text(f"\n{wording.better(metric)} is better", "dim"))
            if metric.note:
                name.append_text(Text.assemble("\n", self.text(metric.note, "dim")))
            better = () if narrow else (self.text(wording.better(metric)),)
            table.add_row(name, *better, *(self.text(cell) for cell in cells))
        return table

    def list_params(self, review: Review) -> None:
        """Changed params."""
        rows = []
        for change in review.params:
            feeds = f"   feeds {_names(change.stages)}" if change.stages else "   feeds no stage"
            what = [self.text(change.key, "bold", _VALUE), Text("  "), self.step(change.old, change.new)]
            rows.append((self.text(change.file, limit=_VALUE), Text.assemble(*what, self.text(feeds, "dim"))))
        if rows:
            self.section(f"Params changed: {len(rows):,}", rows, "param")

    def list_stages(self, review: Review) -> None:
        """Changed stages and why."""
        rows = []
        for stage in review.stages:
            why = _names([f"{reason.kind} {visible(reason.what, _VALUE)}" for reason in stage.reasons])
            sentence = f"{stage.change}: {why}" if why else stage.change
            rows.append((self.text(stage.name, "bold", _VALUE), self.text(sentence)))
        if rows:
            self.section(f"Stages changed: {len(rows):,}", rows, "stage")

    def list_data(self, changes: Iterable[DataChange]) -> None:
        """Changed datasets and the files inside."""
        rows = []
        for change in changes:
            rows.append((self.text(change.path, "bold", _VALUE), self.text(_data_line(change))))
            if change.note:
                rows.append((Text(), self.text(change.note, "dim")))
            rows += [(Text(), self.text(line)) for line in _file_lines(change)]
        if rows:
            self.section("Tracked data changed", rows, "line")

    def step(self, old: str | None, new: str | None) -> Text:
        """An old and a new value as their file has them."""
        before, after = (self.text("absent" if text is None else text, limit=_VALUE) for text in (old, new))
        return Text.assemble(before, self.text(f" {numbers.ARROW} "), after)


def _names(names: Sequence[str]) -> str:
    """The first few names, and how many more."""
    rest = len(names) - _NAMES
    shown = ", ".join(visible(name, _VALUE) for name in names[:_NAMES])
    return shown + (f" and {rest:,} more" if rest > 0 else "")


def _revision(revision: Revision) -> str:
    """A revision by name and subject."""
    name = "the workspace" if revision.workspace else visible(revision.name, _VALUE)
    return name + (f" (“{visible(revision.subject, _VALUE)}”)" if revision.subject else "")


def _loss(change: DataChange) -> str:
    """What a dataset lost, with the names that fit."""
    gone = _names([file.path for file in change.files if file.change == "removed"])
    path = visible(change.path, _VALUE)
    return f"{path} {wording.lost(change)}{f': {gone}' if gone else ''}. {wording.LOST}"


def _data_line(change: DataChange) -> str:
    """A dataset's counts, as far as they are known."""
    files = numbers.step(change.files_old, change.files_new, numbers.count)
    counts = wording.file_counts(change)
    parts = [f"files {files}{f', {counts}' if counts else ''}", *_sizes(change)]
    return f"{change.change}: {'; '.join(parts)}"


def _file_lines(change: DataChange) -> list[str]:
    """The dataset's files, and how many are not listed."""
    sign = {"added": "+", "removed": "-", "changed": "~"}
    lines = [
        "; ".join([f"{sign[file.change]} {visible(file.path, _VALUE)} {file.change}", *_sizes(file)])
        for file in change.files[:_NAMES]
    ]
    rest = change.files_added + change.files_removed + change.files_changed - len(lines)
    return [*lines, f"… {rest:,} more, see review.json"] if rest > 0 else lines


def _sizes(change: DataChange | FileChange) -> list[str]:
    """Rows and bytes, where known."""
    rows = numbers.step(change.rows_old, change.rows_new, numbers.count)
    size = numbers.step(change.bytes_old, change.bytes_new, numbers.size)
    return [f"{name} {text}" for name, text in (("rows", rows), ("size", size)) if text != numbers.UNKNOWN]


def _footer(review: Review) -> str:
    """What was judged by what."""
    at = f" at {_sha(review.policy.revision)}" if review.policy.revision else ""
    policy = f"policy {visible(review.policy.path, _VALUE)}{at}, {wording.origin(review.policy)}"
    parts = (
        f"base {_sha(review.base)}",
        f"head {_sha(review.head)}",
        policy,
        f"strength {review.strength}: {wording.STRENGTH[review.strength]}",
        f"mergegate {review.mergegate}",
    )
    return " · ".join(parts)


def _sha(revision: Revision) -> str:
    """A revision by its commit."""
    sha = revision.sha[:_SHA] if revision.sha else "without a commit"
    return f"workspace on {sha}" if revision.workspace else sha
