"""judgement.json: written by the job that judges, read with bounds by the job that posts."""

from pathlib import Path

import msgspec

from mergegate import atomic
from mergegate.errors import ContractError
from mergegate.flows.judging.conclusions import describe, refuse
from mergegate.flows.judging.contexts import LONGEST, REQUIRED
from mergegate.records.judgement import SCHEMA, Judged, Judgement

LARGEST = 8 * 1024 * 1024
"""Bytes of a judgement."""

MOST = 100
"""Pull requests in a judgement."""

_HINT = "run the workflow again; the job that judges and the one that posts must be of one version"


def write_judgement(judgement: Judgement, file: Path) -> Judgement:
    """Write the judgement atomically; as written: reviews that make it too large give way to an error."""
    while len(data := _encode(judgement)) > LARGEST and any(each.review for each in judgement.judged):
        judgement = _without_largest(judgement)
    atomic.write_bytes(file, data)
    return judgement


def read_judgement(file: Path) -> Judgement:
    """Read a judgement. Raises ContractError where it is missing, too large, or not what it should be."""
    try:
        with file.open("rb") as stream:
            data = stream.read(LARGEST + 1)
    except OSError as error:
        raise ContractError(f"it can't be read: {error.strerror or error}", file=file, hint=_HINT) from error
    if len(data) > LARGEST:
        raise ContractError(f"it has more than {LARGEST:,} bytes", file=file, hint=_HINT)
    try:
        judgement = msgspec.json.decode(data, type=Judgement)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        reason = str(error)[:200]
        raise ContractError(f"it is no judgement: {reason}", file=file, hint=_HINT) from error
    _check(judgement, file)
    return msgspec.structs.replace(judgement, judged=tuple(_bounded(each) for each in judgement.judged))


def _check(judgement: Judgement, file: Path) -> None:
    """What the types don't say."""
    if judgement.schema != SCHEMA:
        raise ContractError(
            f"it has schema {judgement.schema}, and {SCHEMA} is understood", file=file, hint=_HINT
        )
    if len(judgement.judged) > MOST:
        raise ContractError(f"it judges more than {MOST} pull requests", file=file, hint=_HINT)
    for each in judgement.judged:
        named = each.context == REQUIRED or each.context.startswith(f"{REQUIRED}/")
        if not named or len(each.context) > LONGEST or not each.context.isprintable():
            raise ContractError("it names a status that is none of ours", file=file, hint=_HINT)
        if each.number is not None and not 0 < each.number < 2**53:
            raise ContractError("it names no pull request", file=file, hint=_HINT)


def _bounded(judged: Judged) -> Judged:
    return msgspec.structs.replace(judged, description=describe(judged.description))


def _without_largest(judgement: Judgement) -> Judgement:
    sizes = [len(msgspec.json.encode(each.review)) for each in judgement.judged]
    largest = sizes.index(max(sizes))
    gone = refuse(f"the review has over {LARGEST:,} bytes", "split the change")
    return msgspec.structs.replace(
        judgement,
        judged=tuple(
            msgspec.structs.replace(
                each, state=gone.state, description=gone.description, sentence=gone.sentence, review=None
            )
            if index == largest
            else each
            for index, each in enumerate(judgement.judged)
        ),
    )


def _encode(judgement: Judgement) -> bytes:
    return msgspec.json.encode(judgement) + b"\n"
