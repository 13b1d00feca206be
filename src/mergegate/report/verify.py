"""A verification and a push in words for a terminal."""

from collections.abc import Iterator

from mergegate.amounts import amount
from mergegate.records.verify import PushAnswer, Verification, VerifyFinding
from mergegate.report.escaping import visible

_LINE = 600
_COMMAND = 1_000
MOST_LACKING = 20
"""Objects that a push names one by one."""


def verification_lines(answer: Verification) -> Iterator[str]:
    """The findings, the gravest first, then what was looked at."""
    for finding in answer.findings:
        yield from _finding_lines(finding)
    blocking = sum(finding.blocking for finding in answer.findings)
    notes = len(answer.findings) - blocking
    shown = _name(answer.revision.name, answer.revision.sha, workspace=answer.revision.workspace)
    if blocking:
        yield f"{shown}: {amount(blocking, 'finding')} that {'breaks' if blocking == 1 else 'break'} it" + (
            f", and {amount(notes, 'note')}" if notes else ""
        )
    else:
        whole = "whole and true" if answer.remotes else "true, as far as its files tell"
        yield f"{shown} is {whole}" + (f"; {amount(notes, 'note')}" if notes else "")
    yield f"  {amount(answer.stages, 'stage')}, {amount(answer.tracked, 'tracked path')}" + (
        f", told from {_name(answer.base.name, answer.base.sha)}" if answer.base else ""
    )
    for remote in answer.remotes:
        hashed = f", {remote.hashed:,} of them read and hashed" if remote.hashed else ""
        name = visible(remote.name or "(default)", 80)
        yield (
            f"  remote {name}: {amount(remote.objects, 'object')} looked for{hashed}, "
            f"{remote.missing:,} missing, {remote.bytes:,} bytes there"
        )
    for note in answer.notes:
        yield f"  {visible(note, _LINE)}"


def push_lines(answer: PushAnswer) -> Iterator[str]:
    """What was sent, what was there, what is still lacking."""
    for each in answer.lacking[:MOST_LACKING]:
        where = f" of {', '.join(each.paths)}" if each.paths else ""
        yield visible(f"lacking: {each.md5}{where}: {each.message}", _LINE)
    if len(answer.lacking) > MOST_LACKING:
        yield f"and {len(answer.lacking) - MOST_LACKING:,} more"
    where = ", ".join(answer.remotes) or "no remote"
    told = (
        f"{amount(answer.sent, 'object')} sent ({answer.bytes_sent:,} bytes), {answer.present:,} there before"
    )
    lacking = f", {len(answer.lacking):,} lacking" if answer.lacking else ", each seen there with its size"
    yield visible(f"{where}: {told}{lacking}", _LINE)
    for note in answer.notes:
        yield f"  {visible(note, _LINE)}"


def _finding_lines(finding: VerifyFinding) -> Iterator[str]:
    mark = "breaks" if finding.blocking and finding.known else "can't tell" if not finding.known else "note"
    yield f"{mark}: {finding.kind}: {visible(finding.message, _LINE)}"
    yield f"    why: {finding.why}"
    yield f"    mend: {visible(finding.mend, _COMMAND)}"


def _name(name: str, sha: str | None, *, workspace: bool = False) -> str:
    shown = visible(name, 100)
    return shown if workspace or sha is None or sha.startswith(name) else f"{shown} ({sha[:7]})"
