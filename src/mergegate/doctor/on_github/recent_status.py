"""Has the status been seen in the last seven days, and who set it?"""

from collections.abc import Iterator

from mergegate.doctor.check import seen
from mergegate.doctor.on_github.facts import STATUS, GitHubFacts, Moved
from mergegate.doctor.on_github.who import listed
from mergegate.records.doctor import Ailment

LOOKS_FOR = f"the status `{STATUS}` on the pull requests of the last seven days, set by no person"
FINDS_HOLES = False

CHECK = "recent-status"


def check(facts: GitHubFacts) -> Iterator[Ailment]:
    """Say whether the loop runs, and what of the last days looks as if it had been passed by."""
    moved = seen(facts.moved)
    if not moved:
        yield Ailment(
            check=CHECK,
            level="note",
            what="no pull request moved in the last seven days",
            why=f"whether `{STATUS}` is set can only be seen on one",
            mend="open a pull request, and ask again",
        )
        return
    silent = [each for each in moved if not each.words]
    if len(silent) == len(moved):
        yield Ailment(
            check=CHECK,
            level="fault",
            what=f"no pull request of the last seven days ({len(moved):,}) bears the status `{STATUS}`",
            why="review.yml or comment.yml does not run, or may not set statuses",
            mend=f"gh run list --workflow comment.yml --repo {facts.repository}",
        )
    yield from _find_passed_by(moved)
    yield from _find_by_hand(moved)
    yield from _find_several(moved)


def _find_passed_by(moved: tuple[Moved, ...]) -> Iterator[Ailment]:
    """What was merged without a green status."""
    past = [each for each in moved if each.merged and (not each.words or each.words[0].state != "success")]
    if past:
        yield Ailment(
            check=CHECK,
            level="warning",
            what=f"merged without a green `{STATUS}`: {listed([f'#{each.number}' for each in past])}",
            why="something let it by, then or now",
            mend="look at who merged it, and whether the rules were in force then (Settings → Audit log)",
        )


def _find_by_hand(moved: tuple[Moved, ...]) -> Iterator[Ailment]:
    """What a person, and no App or job, called a success."""
    by_hand = sorted(
        {
            (word.creator, each.number)
            for each in moved
            for word in each.words
            if word.state == "success" and not word.creator.endswith("[bot]")
        }
    )
    if by_hand:
        shown = listed([f"{creator} on #{number}" for creator, number in by_hand])
        yield Ailment(
            check=CHECK,
            level="warning",
            what=f"a person's token set `{STATUS}` to success: {shown}",
            why="the trusted job sets it as an App or as github-actions[bot], never as a person",
            mend="expect the status from an App (see status-source), and ask them",
        )


def _find_several(moved: tuple[Moved, ...]) -> Iterator[Ailment]:
    """More than one App or bot that sets it."""
    bots = sorted({word.creator for each in moved for word in each.words if word.creator.endswith("[bot]")})
    if len(bots) > 1:
        yield Ailment(
            check=CHECK,
            level="warning",
            what=f"`{STATUS}` was set by {listed(bots)}",
            why="one trusted job sets it; another that does may say something else",
            mend="find the workflow or App that should not: look at the statuses' creators and their links",
        )
