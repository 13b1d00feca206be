"""A reproduction in words for the terminal: each stage, what differs, and what to do."""

from collections.abc import Iterator

from mergegate.records.reproduce import Difference, ReproducedStage, Reproduction
from mergegate.report.escaping import visible

_NAME = 80
_TEXT = 400
_MOST = 30
"""Differences that are told one by one."""

_SAID = {
    "reproduced": "as dvc.lock says",
    "drifted": "other bytes, and equal as the policy asks",
    "differs": "not what dvc.lock says",
    "failed": "failed",
    "accepted": "taken from dvc.lock, as the policy allows",
    "frozen": "frozen: it must run, and DVC passes it by",
    "unchanged": "as in base",
    "not-run": "did not run",
}


def lines(told: Reproduction) -> Iterator[str]:
    """The whole result, line by line, without colours."""
    base = f" against {visible(told.base.name, _NAME)}" if told.base else ""
    yield f"{visible(told.head.name, _NAME)} ({(told.head.sha or '')[:10]}){base}"
    for stage in told.stages:
        yield from _stage(stage)
    for accepted in told.accepted:
        expired = ", which has expired: it ran" if accepted.expired else ""
        yield (
            f"  accepted until {accepted.expires}{expired}: {visible(accepted.stage, _NAME)},"
            f" {visible(accepted.reason, _TEXT)} ({visible(accepted.by, _NAME)})"
        )
    yield from _differences(told.differences)
    if told.again is not None:
        yield "a second run gave the same bytes" if not told.again else "a second run gave something else:"
        yield from _differences(told.again)
    for note in told.notes:
        yield f"note: {visible(note, _TEXT)}"
    yield _downloads(told)
    if told.pushed is not None:
        yield f"pushed {told.pushed:,} {'object' if told.pushed == 1 else 'objects'}"
    yield _verdict(told)
    if told.mend:
        yield f"  {told.mend}"


def _stage(stage: ReproducedStage) -> Iterator[str]:
    took = "" if stage.seconds is None else f" in {stage.seconds:.1f} s"
    yield f"  {visible(stage.name, _NAME)}: {_SAID[stage.outcome]}{took}{_why(stage)}"
    if stage.problem:
        yield f"    {visible(stage.problem, _TEXT)}"
    for line in stage.tail:
        yield f"    | {line}"
    if stage.tail and stage.log:
        yield f"    all of its output: {visible(stage.log, _TEXT)}"
    if stage.reads:
        yield "    it reads at least these too, so add to its `deps` in dvc.yaml:"
        for path in stage.reads:
            yield f"      - {visible(path, _TEXT)}"
    for path in stage.writes:
        yield f"    it wrote outside of the repository: {visible(path, _TEXT)}"


def _why(stage: ReproducedStage) -> str:
    reasons = [f"{why.cause} {visible(why.what, _NAME)}".strip() for why in stage.reasons[:3]]
    more = f" and {len(stage.reasons) - 3} more" if len(stage.reasons) > 3 else ""
    return f" ({', '.join(reasons)}{more})" if reasons else ""


def _differences(differences: tuple[Difference, ...]) -> Iterator[str]:
    for each in differences[:_MOST]:
        mark = "differs" if each.blocking else "note"
        # What no stage writes has none.
        place = ", ".join(filter(None, (visible(each.stage, _NAME), visible(each.path, _TEXT))))
        yield f"  {mark}: {place}: {visible(each.message, _TEXT)}"
        if each.old or each.new:
            yield f"    {visible(each.old or 'nothing', _NAME)} → {visible(each.new or 'nothing', _NAME)}"
        if each.likely:
            yield f"    likely {visible(each.likely, _TEXT)}"
    if len(differences) > _MOST:
        yield f"  and {len(differences) - _MOST:,} more differences"


def _downloads(told: Reproduction) -> str:
    count = told.downloaded.objects
    if not count:
        return "nothing was downloaded"
    return f"downloaded {count:,} {'object' if count == 1 else 'objects'}, {told.downloaded.bytes:,} bytes"


def _verdict(told: Reproduction) -> str:
    if told.outcome == "failed":
        return "FAILED: a stage of this commit can't be run as it is"
    if told.outcome == "differs":
        return f"DIFFERS: dvc.lock is not what this commit gives{'; to mend it:' if told.mend else ''}"
    ran = sum(stage.outcome in ("reproduced", "drifted") for stage in told.stages)
    left_out = any(stage.outcome == "not-run" for stage in told.stages)
    if not ran:
        return f"REPRODUCED: nothing {'of what was asked for ' if left_out else ''}had to run"
    stages = f"{ran:,} {'stage' if ran == 1 else 'stages'} ran"
    if left_out:
        return f"REPRODUCED: {stages}, and what dvc.lock says of {'it' if ran == 1 else 'them'} is true"
    return f"REPRODUCED: {stages}, and dvc.lock is true"
