"""The review as a pull request's comment: GitHub-flavoured Markdown of bounded length."""

from collections.abc import Iterator

from mergegate.records.review import GateResult, ModelReview, Problem, Review, Revision
from mergegate.report import changes, metrics, numbers, wording
from mergegate.report.blocks import Bounds, bullets, fold, mended, more, table, value, warn
from mergegate.report.escaping import code, prose

MAX_BYTES = 60_000
"""GitHub refuses a comment over 65,536 characters; the margin is for what is added when it is posted."""

# The first that fits is taken; the last fits whatever the review holds.
_BOUNDS = (
    Bounds(rows=200, models=20, value=160, sentence=600),
    Bounds(rows=80, models=20, value=120, sentence=400),
    Bounds(rows=30, models=10, value=80, sentence=300),
    Bounds(rows=10, models=5, value=60, sentence=300),
    Bounds(rows=5, models=2, value=40, sentence=200),
    Bounds(rows=2, models=1, value=30, sentence=120),
)
_SIGN = {"fail": "❌", "insufficient": "⚠️", "skipped": "⏭️", "pass": "✅"}
_SHA = 10


def render(review: Review) -> str:
    """The comment: at most 60,000 bytes of UTF-8, whole blocks only, the verdict in the first line."""
    text = ""
    for bounds in _BOUNDS:
        text = "\n\n".join(part for part in _parts(review, bounds) if part) + "\n"
        if len(text.encode()) <= MAX_BYTES:
            break
    return text


def _parts(review: Review, bounds: Bounds) -> Iterator[str]:
    """The comment's blocks from top to bottom."""
    yield _headline(review, bounds)
    yield _orientation(review, bounds)
    yield changes.losses(review, bounds)
    yield _gates(review, bounds)
    yield _lock(review, bounds)
    yield from _problems(review.problems, bounds)
    judged = next((model for model in review.models if model.metrics), None)
    for model in review.models[: bounds.models]:
        yield from _model(model, bounds, remark=wording.POINT_VALUES if model is judged else "")
    yield more(len(review.models) - bounds.models, "model")
    yield changes.params(review, bounds)
    yield changes.stages(review, bounds)
    yield from changes.data(review, bounds)
    yield _notes(review, bounds)
    yield _footer(review, bounds)


def _headline(review: Review, bounds: Bounds) -> str:
    """The verdict in words."""
    sign = _SIGN["pass" if review.verdict.outcome == "passed" else "fail"]
    return f"## {sign} {wording.verdict(review.verdict)}: {prose(review.verdict.headline, bounds.sentence)}"


def _orientation(review: Review, bounds: Bounds) -> str:
    """What was compared with what, and how much changed."""
    head, base = _revision(review.head, bounds), _revision(review.base, bounds)
    return f"This change, {head}, compared with {base}. {wording.changes(review)}"


def _gates(review: Review, bounds: Bounds) -> str:
    """Why: every gate in one table, what blocks first; passing gates are folded when there are many."""
    if not review.gates:
        return "### Gates\n\nThe policy has no gate, so nothing was judged."
    gates = wording.ordered(review.gates)
    passing = [gate for gate in gates if gate.outcome == "pass"]
    shown = gates if len(gates) <= bounds.open_rows else [gate for gate in gates if gate.outcome != "pass"]
    parts = [f"### Gates: {wording.tally(gates)}"]
    if shown:
        parts.append(_gate_table(shown, bounds))
    if len(shown) < len(gates):
        summary = f"{numbers.plural(len(passing), 'gate')} passed"
        parts.append(fold(summary, _gate_table(passing, bounds)))
    return "\n\n".join(parts)


def _gate_table(gates: list[GateResult], bounds: Bounds) -> str:
    """Gate, value, bar, outcome, and the sentence with what mends it."""
    rows = [
        (
            code(gate.id, bounds.value),
            numbers.against(gate.value, gate.bar),
            f"{wording.direction(gate)} {numbers.bar(gate.bar)}".strip(),
            _SIGN[gate.outcome]
            + (" **fail**" if gate.outcome == "fail" else f" {wording.OUTCOME[gate.outcome]}"),
            mended(gate.sentence, gate.mend, bounds),
        )
        for gate in gates
    ]
    columns = ("Gate", "Value:", "Bar:", "Outcome", "Why, and what to do")
    return table(columns, rows, limit=bounds.rows, noun="gate")


def _problems(problems: tuple[Problem, ...], bounds: Bounds) -> Iterator[str]:
    """Files that can't be used, loud."""
    for problem in problems[: bounds.rows]:
        what = f"**{problem.side.capitalize()}'s {code(problem.path, bounds.value)} can't be used.**"
        hint = f" Next: {prose(problem.hint, bounds.sentence)}" if problem.hint else ""
        yield warn(f"{what} {prose(problem.message, bounds.sentence)}{hint}")
    yield more(len(problems) - bounds.rows, "problem")


def _lock(review: Review, bounds: Bounds) -> str:
    """Breaks in the lock chain with the command that mends each."""
    if not review.lock:
        return ""
    found = sorted(review.lock, key=lambda finding: not finding.blocking)
    rows = [
        (
            f"{finding.side}{'' if finding.blocking else ' (only noted)'}",
            code(finding.stage, bounds.value) if finding.stage else numbers.UNKNOWN,
            code(finding.path, bounds.value) if finding.path else numbers.UNKNOWN,
            mended(finding.message, finding.mend, bounds),
        )
        for finding in found
    ]
    heading = f"### Lock chain: {numbers.plural(len(found), 'break')}"
    why = "What `dvc.lock` records doesn't fit together, so the numbers may not come from these files."
    columns = ("Side", "Stage", "Path", "What, and what to do")
    return f"{heading}\n\n{why}\n\n{table(columns, rows, limit=bounds.rows, noun='break')}"


def _model(model: ModelReview, bounds: Bounds, *, remark: str) -> Iterator[str]:
    """One model: what can't be read, on which rows it is compared, its metrics, what its pipeline reports."""
    yield f"### Model {code(model.name, bounds.value)}"
    yield from _problems(model.problems, bounds)
    yield f"{wording.rows(model)} {remark}".strip()
    if model.metrics:
        yield _metrics(model, bounds)
    if model.notes:
        notes = [prose(note, bounds.sentence) for note in model.notes]
        yield bullets(notes, limit=bounds.rows, noun="note")
    if model.reported:
        rows = [
            (code(metric.name, bounds.value), value(metric.base, bounds), value(metric.head, bounds))
            for metric in model.reported
        ]
        body = table(("Metric", "Base:", "Head:"), rows, limit=bounds.rows, noun="metric")
        yield fold(f"{numbers.plural(len(rows), 'metric')} as the pipeline reports, not judged", body)


def _metrics(model: ModelReview, bounds: Bounds) -> str:
    """The metrics as a table."""
    rows = []
    for metric, cells in zip(model.metrics, metrics.cells(model), strict=True):
        note = f"<br>{prose(metric.note, bounds.sentence)}" if metric.note else ""
        rows.append((code(metric.name, bounds.value) + note, wording.better(metric), *cells))
    heads = [f"{column.capitalize()}:" for column in metrics.columns(model)]
    return table(("Metric", "Better is", *heads), rows, limit=bounds.rows, noun="metric")


def _notes(review: Review, bounds: Bounds) -> str:
    """Remarks of the review."""
    items = [prose(note, bounds.sentence) for note in review.notes]
    return f"### Notes\n\n{bullets(items, limit=bounds.rows, noun='note')}" if items else ""


def _footer(review: Review, bounds: Bounds) -> str:
    """What was judged by what, in one line."""
    at = f" at {_sha(review.policy.revision, bounds)}" if review.policy.revision else ""
    policy = f"policy {code(review.policy.path, bounds.value)}{at}, {wording.origin(review.policy)}"
    parts = (
        f"base {_sha(review.base, bounds)}",
        f"head {_sha(review.head, bounds)}",
        policy,
        f"strength *{review.strength}*: {wording.STRENGTH[review.strength]}",
        f"mergegate {prose(review.mergegate, bounds.value)}",
    )
    return f"<sub>{' · '.join(parts)}</sub>"


def _revision(revision: Revision, bounds: Bounds) -> str:
    """A revision by name and subject."""
    name = "the workspace" if revision.workspace else code(revision.name, bounds.value)
    return name + (f" (“{prose(revision.subject, bounds.value)}”)" if revision.subject else "")


def _sha(revision: Revision, bounds: Bounds) -> str:
    """A revision by its commit."""
    sha = code(revision.sha[:_SHA], bounds.value) if revision.sha else "without a commit"
    return f"workspace on {sha}" if revision.workspace else sha
