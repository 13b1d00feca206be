"""The review as a pull request's comment: GitHub-flavoured Markdown of bounded length."""

from collections.abc import Iterator, Sequence

from mergegate.records.review import LockFinding, Review, Revision
from mergegate.report import changes, comparison, explain, gates, judgement, models, numbers, points, wording
from mergegate.report.blocks import Bounds, bullets, mended, more, script, table, warn
from mergegate.report.data.markdown import fold_part, markdown_section, markdown_voice
from mergegate.report.escaping import code, prose

MAX_BYTES = 60_000
"""GitHub refuses a comment over 65,536 characters; the margin is for what is added when it is posted.

A character is at least one byte, so this bounds both.
"""

# The first that fits is taken; the last fits whatever the review holds.
_BOUNDS = (
    Bounds(rows=200, folded=200, slices=20, models=20, value=160, sentence=600),
    Bounds(rows=80, folded=40, slices=20, models=20, value=120, sentence=400),
    Bounds(rows=80, folded=10, slices=10, models=20, value=120, sentence=400),
    Bounds(rows=30, folded=10, slices=5, models=10, value=80, sentence=300),
    Bounds(rows=10, folded=5, slices=3, models=5, value=60, sentence=300),
    Bounds(rows=5, folded=3, slices=1, models=2, value=40, sentence=200, behind=4),
    Bounds(rows=2, folded=2, slices=1, models=1, value=30, sentence=120, behind=0),
)
_SHA = 10
_BETWEEN = "\n\n"


def render(review: Review, *, limit: int = MAX_BYTES, report_url: str = "") -> str:
    """The comment: at most `limit` bytes of UTF-8, whole blocks only, the verdict in the first line.

    `report_url`, our own word and no pull request's, is where the whole report can be read.
    """
    link = [f"[The whole report, with charts]({report_url})"] if report_url else []
    limit -= sum(len(line.encode()) + len(_BETWEEN) for line in link)
    parts: list[str] = []
    for bounds in _BOUNDS:
        parts, whole = _fit(review, bounds, limit)
        if whole:
            break
    return _BETWEEN.join([*parts, *link]) + "\n"


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
    yield changes.policy(review, bounds)
    yield from gates.gates(review, bounds)
    yield gates.waivers(review, bounds)
    yield _lock(review, bounds)
    yield from models.problems(review.problems, bounds)
    for model in review.models[: bounds.models]:
        yield from models.problems(model.problems, bounds)
    voice = markdown_voice(bounds)
    for alarm in explain.alarms(review, voice)[: bounds.rows]:
        yield warn(alarm)
    yield changes.params(review, bounds)
    yield changes.stages(review, bounds)
    for part in explain.surroundings(review, voice):
        yield fold_part(part, bounds)
    yield from markdown_section(review.datasets, review.data, bounds)
    yield changes.data(review, bounds)
    yield changes.files(review, bounds)
    yield points.points(review, bounds)
    for model in review.models[: bounds.models]:
        yield from models.model(review, model, bounds)
    yield more(len(review.models) - bounds.models, "model")
    yield _notes(review, bounds)
    yield _footer(review, bounds)


def _headline(review: Review, bounds: Bounds) -> str:
    """The verdict in words, with a sign that calls neither a loss nor a waived gate fine."""
    opening, sign = wording.opening(review), gates.SIGN["fail"]
    if review.verdict.outcome == "passed":
        lossless = opening == wording.verdict(review.verdict) and not comparison.any_worse(review)
        fine = lossless and not judgement.any_waived(review.gates) and not wording.alarms(review)
        sign = gates.SIGN["pass" if fine else "insufficient"]
    return f"## {sign} {opening}: {prose(review.verdict.headline, bounds.sentence)}"


def _orientation(review: Review, bounds: Bounds) -> str:
    """What was compared with what, on which rows, how far it can be trusted, and how much changed."""
    head, base = _revision(review.head, bounds), _revision(review.base, bounds)
    strength = f"Strength *{review.strength}*: {wording.strength(review)}."
    parts = [f"Head {head} against base {base}.", strength, wording.changes(review)]
    if len(review.models) == 1:
        parts.insert(1, comparison.placed(review.models[0], script(bounds)))
    return " ".join(parts)


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
