"""The trusted job *judge*: from a run's evidence, and git's objects, to one bounded judgement."""

import tempfile
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from mergegate import __version__, config, repo
from mergegate.config.policy import POLICY_FILE
from mergegate.errors import BrokenError, ConfigError, MergegateError, UsageError
from mergegate.flows.judging.archive import Evidence, Limits, open_evidence
from mergegate.flows.judging.conclusions import (
    REVIEWED,
    Conclusion,
    conclude,
    conclude_broken,
    conclude_unreviewed,
    refuse,
)
from mergegate.flows.judging.contexts import REQUIRED, name_context
from mergegate.flows.judging.repository import Wanted, open_repository
from mergegate.flows.judging.subject import Nothing, Subject, find_subject
from mergegate.flows.judging.verification import covers, read_end
from mergegate.flows.review import Request, review_project
from mergegate.forge.event_kinds import Event
from mergegate.records.judgement import SCHEMA, Judged, Judgement
from mergegate.records.reproduce import Reproduction
from mergegate.records.review import Review

if TYPE_CHECKING:
    from mergegate.forge.github import GitHub, PullRequest

EVIDENCE = "mergegate-evidence"
"""Name of the artifact that a run's evidence is in."""

MOST_PULLS = 100
"""Pull requests of one commit that are judged; with more none is, so that none passes."""

MOST_BASES = 20
"""Branches that they may want to enter: for each there is a review."""

Tell = Callable[[str], None]


class Source(msgspec.Struct, frozen=True):
    """Where git objects come from: `url`, fetched with `token`; `local` where it may be a folder.

    `prefix` is the way to the project in the repository, empty at its top.
    """

    url: str
    token: str = ""
    prefix: str = ""
    local: bool = False


class Target(msgspec.Struct, frozen=True):
    """What wants to enter `base`: pull request `number`, or a merge queue's group (None)."""

    number: int | None
    base: str


class Bench(msgspec.Struct, frozen=True):
    """What a judge has at hand: the repository, and what the run claims of a reproduction."""

    project: repo.Project
    default_branch: str
    protected: tuple[str, ...] | None
    reproduction: Reproduction | None


def judge(
    github: "GitHub", event: Event, source: Source, environment: Mapping[str, str], *, tell: Tell
) -> Judgement:
    """Judge what the event is about: every open pull request of its commit, or a merge queue's group.

    What stands in the way of a review becomes a state and a sentence that never passes. Raises UsageError for
    an event of another kind, ForgeError where not even the pull requests are known.
    """
    tell("finding the run and its pull requests")
    subject = find_subject(github, event, environment)
    if isinstance(subject, Nothing):
        return _judgement(github.repository, subject)
    if subject.verified:
        subject = msgspec.structs.replace(subject, ended=read_end(environment))
    targets = (
        [Target(None, subject.queue)]
        if subject.queue is not None
        else [Target(pull.number, pull.base_ref) for pull in subject.pulls]
    )
    bases = {target.base for target in targets}
    if len(targets) > MOST_PULLS or len(bases) > MOST_BASES:
        what = f"{len(targets)} open pull requests have this commit, and they are too many to judge"
        many = refuse(what, "close those that are not needed, then run the workflow again")
        judged = tuple(_judged(target, REQUIRED, many) for target in targets[:MOST_PULLS])
        return _judgement(github.repository, subject, judged)
    try:
        default = github.default_branch()
        with tempfile.TemporaryDirectory(prefix="mergegate-judge-") as folder:
            judged = _judge_all(github, subject, targets, source, default, Path(folder), tell)
    except MergegateError as error:
        judged = tuple(_judged(target, REQUIRED, conclude_broken(error)) for target in targets)
    return _judgement(github.repository, subject, judged)


def _judge_all(
    github: "GitHub",
    subject: Subject,
    targets: list[Target],
    source: Source,
    default: str,
    folder: Path,
    tell: Tell,
) -> tuple[Judged, ...]:
    into = folder / "evidence"
    evidence: Evidence | None = None
    refused: Conclusion | None = None
    if subject.ended in REVIEWED:
        tell("fetching the evidence")
        try:
            evidence = _fetch_evidence(github, subject, folder, into)
        except MergegateError as error:
            refused = conclude_broken(error)
    tell("fetching git objects")
    into.mkdir(exist_ok=True)
    wanted = Wanted(default, tuple(target.base for target in targets), (subject.run.sha,))
    cache = into if evidence is None else evidence.cache
    project = open_repository(
        source.url,
        wanted,
        folder,
        cache=cache,
        token=source.token,
        prefix=source.prefix,
        local=source.local,
    )
    bench = Bench(project, default, _read_protected(project), evidence.reproduction if evidence else None)
    if evidence is None and refused is None:
        refused = _without_evidence(subject, github.repository)
    # Two that want to enter one branch are one change: a stranger's copy costs no second review.
    first = {target.base: target for target in reversed(targets)}
    found = {base: _judge_one(subject, target, bench, refused, tell) for base, target in first.items()}
    return tuple(msgspec.structs.replace(found[target.base], number=target.number) for target in targets)


def _judge_one(
    subject: Subject, target: Target, bench: Bench, refused: Conclusion | None, tell: Tell
) -> Judged:
    if bench.protected is None and target.base != bench.default_branch:
        # Were it judged, a branch with a lax policy could give the required status.
        what = f"whether {target.base} is protected can't be told: the default branch's policy can't be read"
        return _judged(target, REQUIRED, refuse(what, f"mend {POLICY_FILE} on {bench.default_branch}"))
    context = name_context(target.base, default_branch=bench.default_branch, protected=bench.protected or ())
    if refused is not None:
        return _judged(target, context, refused)
    tell(f"reviewing pull request {target.number}" if target.number else "reviewing the merge queue's group")
    record = bench.reproduction
    believed = subject.verified and record is not None and record.head.sha == subject.run.sha
    if subject.verified and not believed:
        what = "the verification left no word on the reproduction of this commit"
        return _judged(target, context, refuse(what, "look at the run's log"))
    sha = subject.run.sha
    request = Request(
        target=f"origin/{target.base}",
        base=_base_of_group(bench.project, sha) if target.number is None else None,
        head=sha,
        score=True,
        judging=True,
        reproduced=believed and record is not None and covers(record, bench.project, target.base, sha),
        reproduction=record,
        # Whoever can push a branch that nothing protects may have written base's.
        own_code=context == REQUIRED,
    )
    try:
        review = review_project(bench.project, request, progress=tell)
    except MergegateError as error:
        return _judged(target, context, conclude_broken(error))
    except Exception as error:
        # What a hostile change can provoke must end in a status that doesn't pass, and in no one else's way.
        what = f"the review broke off by a fault of its own: {type(error).__name__} at {_place(error)}"
        return _judged(target, context, refuse(what, "report it, with the log of the job that judges"))
    ended = subject.ended or "failure"
    if believed and record is not None and record.outcome != "reproduced":
        ended = "failure"
    return _judged(target, context, conclude(ended, review), review)


def _base_of_group(project: repo.Project, sha: str) -> str | None:
    """What a merge queue's group is compared with: its first parent, as groups before it are not its doing.

    None, the merge base with the target, for a queue that rebases or squashes: there the first parent may be
    a commit of the group's own, with all that is wrong with it.
    """
    try:
        repo.resolve(project, f"{sha}^2")
    except UsageError:
        return None
    return f"{sha}^1"


def _place(error: Exception) -> str:
    """The file and line of the fault; what its message says may be of the change's own making."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "an unknown place"


def _fetch_evidence(github: "GitHub", subject: Subject, folder: Path, into: Path) -> Evidence | None:
    """Open the evidence of all runs that count into one cache; the first run's word on a reproduction.

    None where no run left any. Raises ForgeError, ContractError, BrokenError.
    """
    limits = Limits()
    found: Evidence | None = None
    for run_id in subject.runs:
        left = [artifact for artifact in github.artifacts(run_id) if artifact.name == EVIDENCE]
        if not left:
            continue
        file = folder / f"{EVIDENCE}-{run_id}.zip"
        github.download(left[0], file, limits.packed)
        opened = open_evidence(file, into, limits)
        file.unlink()
        if found is None:
            own = opened.reproduction if run_id == subject.run.run_id else None
            found = msgspec.structs.replace(opened, reproduction=own)
    return found


def _without_evidence(subject: Subject, repository: str) -> Conclusion:
    if subject.ended == "failure" and any(_has_no_role(pull, repository) for pull in subject.pulls):
        return refuse(
            "the run failed before there was anything to judge; a fork's and Dependabot's runs get no role",
            "look at its log; where it could not read the data, a maintainer who has read the change starts "
            "verify.yml",
        )
    if subject.ended == "failure":
        what, next_step = "the run failed before there was anything to judge", "look at its log"
        return refuse(what, next_step)._replace(state="failure")
    if subject.ended in REVIEWED:
        return refuse(
            f"the run left no artifact {EVIDENCE}, so there is nothing to judge",
            "let review.yml run `mergegate review --evidence` and upload what that writes",
        )
    return conclude_unreviewed(subject.ended)


def _has_no_role(pull: "PullRequest", repository: str) -> bool:
    """Whether GitHub lets its runs ask for no role: data that needs one could not be read."""
    return pull.head_repository != repository or pull.head_ref.startswith("dependabot/")


def _read_protected(project: repo.Project) -> tuple[str, ...] | None:
    """The protected branches that the default branch's policy names; None where that can't be read."""
    default = repo.find_default_branch(project)
    try:
        data = repo.read_at(project, default, POLICY_FILE) if default is not None else None
        return () if data is None else config.load(data, file=POLICY_FILE).protected
    except (ConfigError, BrokenError):
        return None


def _judged(target: Target, context: str, conclusion: Conclusion, review: Review | None = None) -> Judged:
    return Judged(
        number=target.number,
        base=target.base,
        context=context,
        state=conclusion.state,
        description=conclusion.description,
        sentence=conclusion.sentence,
        review=review,
    )


def _judgement(repository: str, found: Subject | Nothing, judged: tuple[Judged, ...] = ()) -> Judgement:
    return Judgement(
        schema=SCHEMA,
        mergegate=__version__,
        repository=repository,
        sha=found.run.sha,
        run_id=found.run.run_id,
        run_attempt=found.run.attempt,
        run_url=found.run.url,
        judged=judged,
        sentence=found.sentence if isinstance(found, Nothing) else "",
    )


def exit_code(judgement: Judgement) -> int:
    """0 all passes, waits, or nothing is judged; 1 a change fails; 3 there is no verdict on one."""
    states = {judged.state for judged in judgement.judged}
    return 3 if "error" in states else 1 if "failure" in states else 0
