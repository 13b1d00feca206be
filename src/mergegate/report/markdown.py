"""The review as a pull request's comment: GitHub-flavoured Markdown of bounded length."""

from collections.abc import Iterator, Sequence

from mergegate.records.comparison import MetricComparison
from mergegate.records.review import LockFinding, ModelReview, Problem, ReportedMetric, Review, Revision
from mergegate.records.verdict import GateResult
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
_BETWEEN = "\n\n"


def render(review: Review, *, limit: int = MAX_BYTES) -> str:
    """The comment: at most `limit` bytes of UTF-8, whole blocks only, the verdict in the first line."""
    parts: list[str] = []
    for bounds in _BOUNDS:
        parts, whole = _fit(review, bounds, limit)
        if whole:
            break
    return _BETWEEN.join(parts) + "\n"


def _fit(review: Review, bounds: Bounds, limit: int) -> tuple[list[str], bool]:
    """The blocks that there is room for, and whether these are all."""
    parts: list[str] = []
    room = limit
    for part in filter(None, _parts(review, bounds)):
        room -= len(part.encode()) + len(_BETWEEN)
        if room < 0:
            return parts, False
        parts.append(part)
    return parts, True


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
    yield changes.data(review, bounds)
    yield changes.files(review, bounds)
    yield _notes(review, bounds)
    yield _footer(review, bounds)


def _headline(review: Review, bounds: Bounds) -> str:
    """The verdict in words, with a sign that does not call a change that loses files fine."""
    opening, sign = wording.opening(review), _SIGN["fail"]
    if review.verdict.outcome == "passed":
        sign = _SIGN["pass" if opening == wording.verdict(review.verdict) else "insufficient"]
    return f"## {sign} {opening}: {prose(review.verdict.headline, bounds.sentence)}"


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

    def cells(gate: GateResult) -> Sequence[str]:
        outcome = wording.OUTCOME[gate.outcome]
        return (
            code(gate.id, bounds.value),
            numbers.against(gate.value, gate.bar),
            f"{wording.direction(gate)} {numbers.bar(gate.bar)}".strip(),
            f"{_SIGN[gate.outcome]} {f'**{outcome}**' if gate.outcome == 'fail' else outcome}",
            mended(gate.sentence, gate.mend, bounds),
        )

    columns = ("Gate", "Value:", "Bar:", "Outcome", "Why, and what to do")
    return table(columns, gates, cells, limit=bounds.rows, noun="gate")


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
    found = wording.breaks(review.lock)

    def cells(finding: LockFinding) -> Sequence[str]:
        return (
            finding.side if wording.blocks(finding) else f"{finding.side} (only noted)",
            code(finding.stage, bounds.value) if finding.stage else numbers.UNKNOWN,
            code(finding.path, bounds.value) if finding.path else numbers.UNKNOWN,
            mended(finding.message, finding.mend, bounds),
        )

    heading = f"### {wording.lock_title(found, review.lock_total)}"
    why = "Where what `dvc.lock` records doesn't fit together, the numbers may not come from these files."
    columns = ("Side", "Stage", "Path", "What, and what to do")
    body = table(columns, found, cells, limit=bounds.rows, noun="finding", total=review.lock_total)
    return f"{heading}\n\n{why}\n\n{body}"


def _model(model: ModelReview, bounds: Bounds, *, remark: str) -> Iterator[str]:
    """One model: what can't be read, on which rows it is compared, its metrics, what its pipeline reports."""
    yield f"### Model {code(model.name, bounds.value)}"
    yield from _problems(model.problems, bounds)
    yield f"{wording.rows(model)} {remark}".strip()
    if model.metrics:
        yield _metrics(model, bounds)
    yield bullets(model.notes, bounds, "note")
    if model.reported:
        count = wording.total(model.reported, model.reported_total)
        title = f"{numbers.plural(count, 'metric')} as the pipeline reports, not judged"
        yield fold(title, _reported(model, bounds))


def _metrics(model: ModelReview, bounds: Bounds) -> str:
    """The metrics as a table."""

    def cells(item: tuple[MetricComparison, list[str]]) -> Sequence[str]:
        metric, shown = item
        note = f"<br>{prose(metric.note, bounds.sentence)}" if metric.note else ""
        return code(metric.name, bounds.value) + note, wording.better(metric), *shown

    heads = [f"{column.capitalize()}:" for column in metrics.columns(model)]
    rows = list(zip(model.metrics, metrics.cells(model), strict=True))
    return table(("Metric", "Better is", *heads), rows, cells, limit=bounds.rows, noun="metric")


def _reported(model: ModelReview, bounds: Bounds) -> str:
    """What the pipeline says of itself."""

    def cells(metric: ReportedMetric) -> Sequence[str]:
        return code(metric.name, bounds.value), value(metric.base, bounds), value(metric.head, bounds)

    columns = ("Metric", "Base:", "Head:")
    return table(columns, model.reported, cells, limit=bounds.rows, noun="metric", total=model.reported_total)


def _notes(review: Review, bounds: Bounds) -> str:
    """Remarks of the review."""
    return f"### Notes\n\n{bullets(review.notes, bounds, 'note')}" if review.notes else ""


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
