"""Head's dataset is there, and both sides could be read and compared: nothing else holds without it."""

from collections.abc import Iterator

from mergegate.gates.case import rows
from mergegate.gates.data.held import Asked, Held, Kind
from mergegate.records.verdict import GateResult

WORD = "readable"


def ask(held: Held) -> Iterator[Asked]:
    """Always."""
    yield Asked(WORD)


def judge(held: Held, asked: Asked) -> Iterator[GateResult]:
    """Fail with what could not be read; nothing else is judged by it then."""
    review, path = held.review, held.dataset.path
    if review.problem:
        advice = f"; {review.hint.rstrip('.')}" if review.hint else ""
        yield held.result(asked, "fail", f"it can't be compared: {review.problem.rstrip('.')}{advice}.")
    elif not held.has_head:
        sentence = f"head no longer has {path}; restore it, or take it out of the target's policy first."
        yield held.result(asked, "fail", sentence, mend=f"dvc checkout {path}" if _plain(path) else "")
    elif review.rows is None:
        yield held.result(asked, "pass", f"head's {path} can be read.")
    else:
        where = " in the files that differ" if review.files_skipped else ""
        yield held.result(asked, "pass", f"head's {path} can be read: {rows(review.rows.new)}{where}.")


def _plain(path: str) -> bool:
    """Whether a path needs no quotes in a shell."""
    return all(sign.isalnum() or sign in "/._-" for sign in path) and not path.startswith("-")


READABLE = Kind(ask, judge, of_head=True)
