"""What `mergegate ingest` answers, as lines for people."""

from collections.abc import Iterator

from mergegate.records.ingest import IngestAnswer, Ingested
from mergegate.report.escaping import visible
from mergegate.report.numbers import count, plural, size

_TEXT = 600
_NAME = 200
_SHOWN = 20

_SAID = {
    "nothing": "nothing new",
    "planned": "would be proposed",
    "committed": "committed",
    "opened": "pull request opened",
    "updated": "pull request updated",
    "current": "nothing to do: it is proposed already",
    "declined": "nothing to do",
    "refused": "REFUSED",
    "failed": "FAILED",
}


def ingest_lines(answer: IngestAnswer) -> Iterator[str]:
    """Each dataset: what came of it, which files are new, what to do next."""
    for told in answer.datasets:
        yield from _dataset(told)
    for sentence in answer.warnings:
        yield f"WARNING: {visible(sentence, _TEXT)}"


def _dataset(told: Ingested) -> Iterator[str]:
    where = f" ({visible(told.source, _NAME)})" if told.source else ""
    yield f"{visible(told.path, _NAME)}{where}: {_SAID[told.outcome]}"
    if told.problem:
        first, *rest = told.problem.splitlines() or [""]
        yield f"  {visible(first, _TEXT)}"
        yield from (f"    {visible(line, _TEXT)}" for line in rest)
    if told.hint:
        yield f"  next: {visible(told.hint, _TEXT)}"
    for file in told.files[:_SHOWN]:
        rows = f", {count(file.rows)} rows" if file.rows is not None else ""
        what = "corrected" if file.corrects else "new"
        name = visible(file.path or told.path.rpartition("/")[2], _NAME)
        yield f"  {what}: {name}, {size(file.bytes)}{rows}"
    if len(told.files) > _SHOWN:
        yield f"  and {len(told.files) - _SHOWN:,} more"
    if told.files and not told.problem:
        yield f"  together: {plural(told.files_before, 'file')} before, {told.files_after:,} after"
    if told.reproduced:
        yield f"  ran again: {', '.join(visible(each, 80) for each in told.reproduced)}"
    if told.commit:
        yield f"  commit {told.commit[:10]} on {visible(told.branch, _NAME)}"
    if told.outcome == "committed":
        branch = visible(told.branch, _NAME)
        yield f"  next: mergegate push {branch} && git push origin {branch}"
    if told.pull_request is not None:
        yield f"  pull request {told.pull_request}: {visible(told.url, _TEXT)}"
    for sentence in told.warnings:
        yield f"  warning: {visible(sentence, _TEXT)}"
    for sentence in told.notes:
        yield f"  note: {visible(sentence, _TEXT)}"
