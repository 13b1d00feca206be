"""Lines of plain text that the terminal shows; every piece of them is visible and bounded."""

from collections.abc import Sequence

from mergegate.records.review import DataChange, FileChange, Problem, Review, Revision
from mergegate.report import numbers, wording
from mergegate.report.escaping import visible

VALUE = 160
"""Characters of a name or value."""
SENTENCE = 600
"""Characters of a sentence."""
_NAMES = 8
_SHA = 10


def names(names: Sequence[str], total: int = 0) -> str:
    """The first few names, and how many more; `total` counts them where not all are at hand."""
    rest = max(total, len(names)) - len(names[:_NAMES])
    shown = ", ".join(visible(name, VALUE) for name in names[:_NAMES])
    return shown + (f" and {rest:,} more" if rest > 0 else "")


def revision(revision: Revision) -> str:
    """A revision by name and subject."""
    name = "the workspace" if revision.workspace else visible(revision.name, VALUE)
    return name + (f" (“{visible(revision.subject, VALUE)}”)" if revision.subject else "")


def loss(change: DataChange) -> str:
    """What a dataset lost, with the names that fit."""
    gone = names([file.path for file in change.files if file.change == "removed"])
    path = visible(change.path, VALUE)
    return f"{path} {wording.lost(change)}{f': {gone}' if gone else ''}."


def problem(problem: Problem) -> str:
    """A file that can't be used, why, and what to do."""
    hint = f" Next: {visible(problem.hint, SENTENCE)}" if problem.hint else ""
    message = visible(f"{problem.clause}.", SENTENCE)
    return f"{problem.side.capitalize()}'s {visible(problem.path, VALUE)} can't be used: {message}{hint}"


def dataset(change: DataChange) -> str:
    """A dataset's counts, as far as they are known."""
    files = numbers.step(change.files_old, change.files_new, numbers.count)
    counts = wording.file_counts(change)
    parts = [f"files {files}{f', {counts}' if counts else ''}", *_sizes(change)]
    return f"{change.change}: {'; '.join(parts)}"


def files(change: DataChange) -> list[str]:
    """The dataset's files, and how many are not listed."""
    sign = {"added": "+", "removed": "-", "changed": "~"}
    lines = [
        "; ".join([f"{sign[file.change]} {visible(file.path, VALUE)} {file.change}", *_sizes(file)])
        for file in change.files[:_NAMES]
    ]
    rest = change.files_added + change.files_removed + change.files_changed - len(lines)
    return [*lines, f"… {rest:,} more, see review.json"] if rest > 0 else lines


def _sizes(change: DataChange | FileChange) -> list[str]:
    """Rows and bytes, where known."""
    rows = numbers.step(change.rows_old, change.rows_new, numbers.count)
    size = numbers.step(change.bytes_old, change.bytes_new, numbers.size)
    return [f"{name} {text}" for name, text in (("rows", rows), ("size", size)) if text != numbers.UNKNOWN]


def footer(review: Review) -> str:
    """What was judged by what."""
    at = f" at {_sha(review.policy.revision)}" if review.policy.revision else ""
    policy = f"policy {visible(review.policy.path, VALUE)}{at}, {wording.origin(review.policy)}"
    parts = (
        f"base {_sha(review.base)}",
        f"head {_sha(review.head)}",
        policy,
        f"mergegate {review.mergegate}",
    )
    return " · ".join(parts)


def _sha(revision: Revision) -> str:
    """A revision by its commit."""
    sha = revision.sha[:_SHA] if revision.sha else "without a commit"
    return f"workspace on {sha}" if revision.workspace else sha
