"""Whether a review says the same of what a run wrote as of what was committed."""

from collections.abc import Iterator
from pathlib import Path

from mergegate import repo
from mergegate.flows import review as reviewing
from mergegate.flows.reproduce.case import Case
from mergegate.flows.reproduce.request import Teller
from mergegate.records.reproduce import Difference
from mergegate.records.review import Review


def compare_verdicts(case: Case, tree: repo.Project, teller: Teller) -> Iterator[Difference]:
    """The gates that come out otherwise, and the verdict; `tree` is where the run wrote its outputs.

    Raises UsageError when there is no base or policy to review against.
    """
    teller.step("reviewing what was committed and what was reproduced")
    # The committed side first: it fetches with the project's own settings, the other has none.
    old = _review(case.project.root, case, case.head.sha or "")
    new = _review(tree.root, case, reviewing.WORKSPACE)
    before, after = ({gate.id: gate.outcome for gate in each.gates} for each in (old, new))
    for gate in dict.fromkeys((*before, *after)):
        was, now = before.get(gate), after.get(gate)
        if was != now:
            yield _difference(gate, "the review judges it otherwise", was, now)
    if old.verdict.outcome != new.verdict.outcome:
        message = "the review comes to another verdict"
        yield _difference("", message, old.verdict.outcome, new.verdict.outcome)


def _review(start: Path, case: Case, head: str) -> Review:
    base = case.plan.base.sha if case.plan.base else None
    return reviewing.review(reviewing.Request(start=start, base=base, head=head))


def _difference(gate: str, message: str, old: str | None, new: str | None) -> Difference:
    return Difference(stage="", path=gate, kind="verdict", message=message, old=old, new=new)
