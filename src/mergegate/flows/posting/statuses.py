"""Statuses: set once, never over a newer word, the strictest where several pull requests share one."""

import re
from itertools import groupby
from typing import TYPE_CHECKING, Literal

import msgspec

from mergegate.flows.judging.conclusions import describe
from mergegate.flows.judging.contexts import REQUIRED, name_context, strictest
from mergegate.flows.judging.subject import Run, Subject
from mergegate.flows.posting.standing import Standing
from mergegate.records.judgement import Judged, State

if TYPE_CHECKING:
    from mergegate.forge.github import GitHub, Status

_RUN = re.compile(r"/actions/runs/(\d{1,16})(?:/attempts/(\d{1,6}))?$")

PENDING = "the review is under way"


class Set(msgspec.Struct, frozen=True, kw_only=True):
    """A status as it stands now: `action` says whether it was set, stood so before, or is a newer one."""

    sha: str
    context: str
    state: State
    description: str
    target_url: str
    action: Literal["set", "unchanged", "newer"]


def set_judged(github: "GitHub", standing: Standing) -> tuple[Set, ...]:
    """Set the statuses of a judgement: one per name, of several verdicts the strictest. Raises ForgeError."""
    judgement = standing.judgement
    about = Run(
        sha=judgement.sha,
        run_id=judgement.run_id,
        attempt=judgement.run_attempt,
        url=judgement.run_url,
    )
    ordered = sorted(standing.judged, key=lambda judged: judged.context)
    found = []
    for context, group in groupby(ordered, key=lambda judged: judged.context):
        state, description = _combine(list(group))
        found.append(_set(github, about, context, state, description))
    return tuple(found)


def set_pending(github: "GitHub", subject: Subject, default_branch: str) -> tuple[Set, ...]:
    """Say of a run that has begun that it is under way, and take back what an older one said.

    Which name a branch's status bears the policy says, and it is not read here: for another branch than the
    default one a name is set that the commit bears already. Raises ForgeError.
    """
    bases = [pull.base_ref for pull in subject.pulls]
    if subject.queue is not None:
        bases.append(subject.queue)
    borne = {status.context for status in github.statuses(subject.run.sha)}
    contexts = set()
    for base in bases:
        if base == default_branch:
            contexts.add(REQUIRED)
        else:
            contexts |= borne & {REQUIRED, name_context(base, default_branch=default_branch)}
    return tuple(_set(github, subject.run, context, "pending", PENDING) for context in sorted(contexts))


def _combine(group: list[Judged]) -> tuple[State, str]:
    """The strictest verdict of those that share a name, and whose it is."""
    state = strictest(judged.state for judged in group)
    first = next(judged for judged in group if judged.state == state)
    if len(group) == 1 or first.number is None:
        return state, first.description
    return state, describe(f"#{first.number}: {first.description}")


def _set(github: "GitHub", about: Run, context: str, state: State, description: str) -> Set:
    """Set a status unless it stands so already, or a newer run has spoken."""
    url = f"{about.url}/attempts/{about.attempt}" if about.url else ""
    wanted = Set(
        sha=about.sha,
        context=context,
        state=state,
        description=description,
        target_url=url,
        action="set",
    )
    newest = next((each for each in github.statuses(about.sha) if each.context == context), None)
    if newest is not None:
        if (newest.state, newest.description, newest.target_url) == (state, description, url):
            return msgspec.structs.replace(wanted, action="unchanged")
        if _speaks_later(newest, about, state):
            return msgspec.structs.replace(
                wanted,
                state=msgspec.convert(newest.state, State),
                description=newest.description,
                target_url=newest.target_url,
                action="newer",
            )
    github.set_status(about.sha, context, state, description, url)
    return wanted


def _speaks_later(status: "Status", about: Run, state: State) -> bool:
    """Whether a status is the word of a newer run or attempt, or this one's verdict, and not only pending."""
    found = _RUN.search(status.target_url)
    if found is None:
        return False
    spoke = (int(found[1]), int(found[2] or 1))
    own = (about.run_id, about.attempt)
    return spoke > own or (spoke == own and state == "pending" and status.state != "pending")
