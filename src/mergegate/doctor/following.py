"""Does the workflow that judges follow each run of the one that reviews?"""

from collections.abc import Iterator

from mergegate.doctor.check import seen
from mergegate.doctor.facts import Facts
from mergegate.doctor.workflows import find_pair
from mergegate.records.doctor import Ailment

LOOKS_FOR = "runs of review.yml that nothing judges"
FINDS_HOLES = False

CHECK = "following"


def check(facts: Facts) -> Iterator[Ailment]:
    """Whether the one starts the other, at its beginning and its end, whatever the branch is called."""
    reviewing, judging = find_pair(seen(facts.workflows))
    if reviewing is None or judging is None:
        return
    (file, review), (follower, judge) = reviewing, judging
    filters = judge.on["workflow_run"]
    names = filters.get("workflows", ())
    called = review.name or file.path
    if called not in names:
        yield Ailment(
            check=CHECK,
            level="fault",
            what=f"{follower.where} waits for {', '.join(names) or 'no workflow'}, and {file.name} is "
            f"called {called}",
            why="it never starts, so the status never comes",
            mend=f"write `name: {names[0] if names else 'review'}` into {file.path}",
            where=follower.where,
        )
    types = filters.get("types", ("completed", "requested", "in_progress"))
    if "completed" not in types:
        yield Ailment(
            check=CHECK,
            level="fault",
            what=f"{follower.where} does not start when a review has ended",
            why="nothing is judged, so the status never comes",
            mend=f"write `types: [requested, completed]` below workflow_run in {follower.path}",
            where=follower.where,
        )
    if "requested" not in types:
        yield Ailment(
            check=CHECK,
            level="warning",
            what=f"{follower.where} does not start when a review begins",
            why="a green of an older run or of another target stands until the new one has ended",
            mend=f"write `types: [requested, completed]` below workflow_run in {follower.path}",
            where=follower.where,
        )
    if any(key.startswith("branches") for key in filters):
        yield Ailment(
            check=CHECK,
            level="fault",
            what=f"{follower.where} starts for some branches only",
            why="whoever names a branch so that it is left out gets no verdict, and waits for ever",
            mend=f"take `branches` from workflow_run in {follower.path}",
            where=follower.where,
        )
    if judge.cancels:
        yield Ailment(
            check=CHECK,
            level="fault",
            what=f"{follower.where} cancels a run of its own when the next one starts",
            why="a verdict that is cancelled leaves the status pending, and nobody is told",
            mend=f"write `cancel-in-progress: false` into {follower.path}",
            where=follower.where,
        )
