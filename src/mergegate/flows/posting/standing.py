"""What of a judgement still stands when it is posted: GitHub is asked again about every word of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from mergegate import __version__
from mergegate.errors import ContractError
from mergegate.flows.judging.conclusions import describe, refuse
from mergegate.flows.judging.contexts import REQUIRED
from mergegate.flows.judging.document import read_judgement
from mergegate.flows.judging.subject import Nothing, find_newer, find_subject
from mergegate.forge.event_kinds import Event
from mergegate.records.judgement import SCHEMA, Judged, Judgement

if TYPE_CHECKING:
    from mergegate.forge.github import GitHub


class Standing(msgspec.Struct, frozen=True):
    """What is to be posted: `judged` of the `judgement`; `notes` say what is not, and why.

    `broken` is why there is no judgement that can be used; what is posted then says so.
    """

    judgement: Judgement
    judged: tuple[Judged, ...]
    notes: tuple[str, ...] = ()
    broken: ContractError | None = None


def find_standing(github: "GitHub", event: Event, environment: Mapping[str, str], file: Path) -> Standing:
    """Read the judgement in `file`, and leave out what no longer holds.

    Where there is none that can be used, every pull request that the event is about gets an error in its
    place. Raises UsageError for an event of another kind, ForgeError.
    """
    try:
        judgement = read_judgement(file)
        _check_is_of(judgement, event, environment, file)
    except ContractError as error:
        return _without_judgement(github, event, environment, error)
    if not judgement.judged:
        return Standing(judgement, (), (judgement.sentence,) if judgement.sentence else ())
    if event.run is not None:
        alone = sum(each.number is not None for each in judgement.judged) < 2
        newer = find_newer(github, event.run, alone=alone)
        if newer:
            return Standing(judgement, (), (newer,))
    kept, notes = [], []
    for judged in judgement.judged:
        gone = _why_gone(github, judgement.sha, judged)
        if gone:
            notes.append(gone)
        else:
            kept.append(judged)
    return Standing(judgement, tuple(kept), tuple(notes))


def _why_gone(github: "GitHub", sha: str, judged: Judged) -> str:
    """Why nothing is posted for a pull request; empty where it stands as it was judged."""
    if judged.number is None:
        return ""
    pull = github.pull_request(judged.number)
    name = f"pull request {judged.number}"
    if pull.state != "open":
        return f"{name} is closed"
    if pull.head_sha != sha:
        return f"{name} has moved on to {pull.head_sha[:10]}, which another run judges"
    if pull.base_ref != judged.base:
        return f"{name} wants to enter another branch now, for which another run judges it"
    return ""


def _check_is_of(judgement: Judgement, event: Event, environment: Mapping[str, str], file: Path) -> None:
    """Raises ContractError for the judgement of another run, commit or repository."""
    if event.run is not None:
        asked = (event.run.id, event.run.attempt, event.run.head_sha)
    else:
        sha = event.inputs.sha if event.inputs else None
        own = environment.get("GITHUB_RUN_ID", ""), environment.get("GITHUB_RUN_ATTEMPT", "")
        # The job that judges and this one may be of different attempts of one run.
        asked = (int(own[0]) if own[0].isdigit() else 0, judgement.run_attempt, sha or "")
    found = (judgement.run_id, judgement.run_attempt, judgement.sha)
    if found != asked or judgement.repository.lower() != event.repository.lower():
        raise ContractError(
            "it is of another run, commit or repository than this event",
            file=file,
            hint="let the job take the artifact of its own run",
        )


def _without_judgement(
    github: "GitHub", event: Event, environment: Mapping[str, str], error: ContractError
) -> Standing:
    """An error for every pull request that the event is about."""
    subject = find_subject(github, event, environment)
    about = subject.run
    judgement = Judgement(
        schema=SCHEMA,
        mergegate=__version__,
        repository=github.repository,
        sha=about.sha,
        run_id=about.run_id,
        run_attempt=about.attempt,
        run_url=about.url,
    )
    if isinstance(subject, Nothing):
        return Standing(judgement, (), (subject.sentence,))
    gone = refuse(
        "the job that judges ended without a judgement", "look at its log, and run the workflow again"
    )
    targets = [(pull.number, pull.base_ref) for pull in subject.pulls]
    judged = tuple(
        Judged(
            number=number,
            base=base,
            context=REQUIRED,
            state=gone.state,
            description=gone.description,
            sentence=gone.sentence,
        )
        for number, base in ([(None, subject.queue)] if subject.queue is not None else targets)
    )
    return Standing(judgement, judged, (describe(error.message),), error)
