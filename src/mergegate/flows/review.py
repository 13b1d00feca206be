"""The review: one straight walk from two revisions to a verdict.

repo and dag read base and head → compare and dataset say what changed → gates judge → a Review.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from mergegate import __version__, dag, gates, repo
from mergegate.compare import Evidence
from mergegate.config.policy import POLICY_FILE
from mergegate.errors import ConfigError, ObjectError, UsageError
from mergegate.flows import data
from mergegate.flows.bounds import bounded
from mergegate.flows.datasets import Change, count_unread, hide_files, review_datasets
from mergegate.flows.evidence import Reading, name_in_errors, needed_files
from mergegate.flows.exams import count_exams
from mergegate.flows.locks import check_locks, find_unpushed
from mergegate.flows.models import review_model
from mergegate.flows.points import review_points
from mergegate.flows.policies import ChosenPolicy, choose_policy, find_base, forgive_unedited
from mergegate.flows.reproduced import find_reproduction
from mergegate.flows.sides import Sides
from mergegate.flows.strength import overall, what_the_judge_asks, with_strength
from mergegate.flows.surroundings import find_imports, find_packages
from mergegate.records.pipeline import Pipeline
from mergegate.records.review import SCHEMA, ModelReview, ParamChange, Problem, Review, Revision

if TYPE_CHECKING:
    from mergegate.records.reproduce import Reproduction

WORKSPACE = repo.WORKSPACE
COMMIT_HINT = "commit what you have as the baseline, then change something"


class Request(msgspec.Struct, frozen=True):
    """What to review.

    `start` is the folder that the project lies around; `review_project` does not look at it. `target` is the
    revision that the change wants to enter, None for the policy's baseline; `base` None means the merge base
    of the two. `head` is a revision or `workspace`.
    `explain` measures importances and latency of every bundle, whatever the policy asks.
    `score` runs head's bundles and holds their answers against the predictions. `judging` is for the trusted
    job alone: the policy's `required_strength` is held. `reproduced`: a trusted run has reproduced this head.
    `own_code`: the policy's functions may be called; base's code is that of who can push to the target.
    `reproduction` is what a run of `mergegate reproduce` claims; without one it is looked for in the
    workspace, where there is one.
    """

    start: Path = Path()
    target: str | None = None
    base: str | None = None
    head: str = WORKSPACE
    policy: Path | None = None
    explain: bool = False
    score: bool = False
    judging: bool = False
    reproduced: bool = False
    own_code: bool = True
    reproduction: "Reproduction | None" = None


def review(
    request: Request,
    *,
    progress: Callable[[str], None] = lambda step: None,
    opened: dict[str, Path] | None = None,
) -> Review:
    """Review a change.

    Reads git and DVC objects only; checks nothing out, writes nothing but fetched objects into DVC's cache.
    `opened` takes every object that was opened: where a cache keeps it, from its root → the file.
    Raises UsageError for a question that can't be answered, BrokenError when git, DVC or the remote fail.
    """
    return review_project(repo.locate(request.start), request, progress=progress, opened=opened)


def review_project(
    project: repo.Project,
    request: Request,
    *,
    progress: Callable[[str], None] = lambda step: None,
    opened: dict[str, Path] | None = None,
) -> Review:
    """Review a change of a project that was found, or made of a bare repository, as `review` does."""
    # Held open, git's one process answers for both sides, the policy and the history.
    with repo.Blobs(project.git_root), ExitStack() as stack:
        progress("reading revisions")
        head_revision, head_files = _open(stack, project, request.head)
        if head_revision.sha is None:
            raise UsageError(
                "the repository has no commit yet, so there is no base", hint=COMMIT_HINT, code="no-commit"
            )
        chosen = choose_policy(
            project, head_files, base=request.base, file=request.policy, target=request.target
        )
        base_revision = find_base(project, request.base, chosen.target, head_revision)
        base_files = stack.enter_context(repo.open_commit(project, base_revision))
        chosen = forgive_unedited(chosen, head_files, base_files)
        base = _read_base(base_revision, base_files)
        head = Reading(
            "head", head_revision, head_files, dag.read(head_files, at=name_in_errors(head_revision))
        )
        objects = repo.Objects(project)
        found = bounded(_compare_and_judge(objects, chosen, base, head, progress, request))
        if opened is not None:
            opened |= objects.opened
        return found


def _open(stack: ExitStack, project: repo.Project, name: str) -> tuple[Revision, repo.Snapshot]:
    """Open one side; its files close with the stack."""
    if name == WORKSPACE:
        if project.bare:
            raise UsageError("a bare repository has no workspace to review", hint="name head's revision")
        return repo.workspace_revision(project), stack.enter_context(repo.open_workspace(project))
    revision = repo.resolve(project, name)
    return revision, stack.enter_context(repo.open_commit(project, revision))


def _read_base(revision: Revision, files: repo.Snapshot) -> Reading:
    """Read base; its own broken files must not stop the review of the change that mends them."""
    try:
        return Reading("base", revision, files, dag.read(files, at=revision.name))
    except ConfigError as error:
        problem = Problem(side="base", path=error.file, message=error.message, hint=error.hint)
        return Reading("base", revision, files, Pipeline(), problems=(problem,))


def _compare_and_judge(
    objects: repo.Objects,
    chosen: ChosenPolicy,
    base: Reading,
    head: Reading,
    progress: Callable[[str], None],
    request: Request,
) -> Review:
    """Compare two sides and judge the change."""
    project, policy = objects.project, chosen.policy
    changed = data.changed_paths(policy, base, head)
    progress("fetching what is missing")
    # What the remote lacks, or holds with other bytes, is told where it is opened: as a problem of its side.
    with suppress(ObjectError):
        needed = [hash_ for side in (base, head) for hash_ in needed_files(policy, side, objects)]
        objects.fetch([*needed, *data.needed_lists(changed)])
    progress("comparing")
    sides = Sides(
        project,
        policy,
        chosen.target,
        base,
        head,
        objects,
        progress,
        explain=request.explain,
        score=request.score,
        own_code=request.own_code,
    )
    reviewed = _review_models(sides)
    evidence = {name: found for name, (_, found) in reviewed.items()}
    datasets = review_datasets(policy, Change(project, base, head, objects), progress)
    # What is opened from here on is told of, or blocks by itself.
    lacking = tuple(sorted(objects.lacking))
    points, unusable = review_points(policy, base, head, objects)
    # Only now: files that a dataset's review fetched can be counted too.
    described = hide_files(policy, data.describe_changes(changed, objects))
    datasets = count_unread(datasets, described)
    unlike, reproduced = find_reproduction(
        project, base.revision, head.revision, claimed=request.reproduction
    )
    lock = (*unlike, *check_locks(project, objects, policy, base, head), *find_unpushed(changed, objects))
    problems = (*base.problems, *_check_policy(chosen), *unusable)
    found = (review for review, _ in reviewed.values())
    models = with_strength(found, lock, reproduced=request.reproduced)
    judgement = gates.judge(
        policy,
        models,
        lock,
        problems,
        evidence=evidence,
        datasets=datasets,
        today=datetime.now(UTC).date(),
        scored=request.score,
        judging=request.judging,
        lacking=lacking,
        unreadable=_unreadable(project, chosen, base) if request.judging else "",
        staged=bool(head.pipeline.stages or head.pipeline.locked),
    )
    packages = find_packages(policy, base, head, objects)
    return Review(
        schema=SCHEMA,
        mergegate=__version__,
        strength=overall(
            policy,
            models,
            lock,
            reproduced=request.reproduced,
            recorded=bool(head.pipeline.locked or head.pipeline.tracked),
        ),
        base=base.revision,
        head=head.revision,
        policy=chosen.source,
        verdict=judgement.verdict,
        gates=judgement.gates,
        waivers=judgement.waivers,
        models=models,
        params=_param_changes(base, head),
        stages=dag.stage_changes(base.pipeline, head.pipeline),
        packages=packages.changes,
        undeclared=find_imports(base, head),
        data=described,
        datasets=datasets,
        reported=points,
        problems=problems,
        lock=lock,
        notes=(
            *_notes(chosen, base, head),
            *reproduced,
            *(() if request.judging else what_the_judge_asks(policy, models)),
            *data.unknown_datasets(policy, base, head),
            *(f"{sentence}." for sentence in packages.unread),
        ),
    )


def _review_models(sides: Sides) -> dict[str, tuple[ModelReview, Evidence]]:
    """Review every model, while git walks the history that tells how often its evaluation set has judged."""
    with ThreadPoolExecutor(max_workers=1) as beside:
        exams = {
            name: beside.submit(
                count_exams, sides.project, sides.target, model.evaluation, sides.head.pipeline
            )
            for name, model in sides.policy.models.items()
        }
        return {name: review_model(sides, name, exam.result) for name, exam in exams.items()}


def _param_changes(base: Reading, head: Reading) -> tuple[ParamChange, ...]:
    return dag.param_changes(
        base.files, head.files, base.pipeline, head.pipeline, base_at=base.at, head_at=head.at
    )


def _unreadable(project: repo.Project, chosen: ChosenPolicy, base: Reading) -> str:
    """Why base is none to be held against, where it is an older commit than the target's tip, which would be.

    Nothing where it is that tip: of a fault of its own no other commit is free, and what it lacks is new.
    """
    target = chosen.target
    if base.revision.sha == target.sha:
        return ""
    if base.problems:
        return f"{base.problems[0].path}: {base.problems[0].message}"
    named = (model.evaluation.predictions for model in chosen.policy.models.values())
    absent = [path for path in named if not data.knows(base, path)]
    if not absent:
        return ""
    with repo.open_commit(project, target) as files:
        try:
            tip = Reading("base", target, files, dag.read(files, at=target.name))
        except ConfigError:
            return ""
        since = next((path for path in absent if data.knows(tip, path)), None)
    return f"{since} is not there yet, and at {target.name} it is" if since else ""


def _check_policy(chosen: ChosenPolicy) -> tuple[Problem, ...]:
    """Head's own policy does not judge this change, but once merged it would judge every other."""
    if chosen.head_problem is None:
        return ()
    hint = "mend it and run `mergegate policy check`"
    return (Problem(side="head", path=POLICY_FILE, message=chosen.head_problem, hint=hint),)


def _notes(chosen: ChosenPolicy, base: Reading, head: Reading) -> tuple[str, ...]:
    """What a reader must know about how this review came to be."""
    notes = []
    if chosen.source.origin == "head":
        notes.append(f"The target has no {POLICY_FILE} yet: this change was judged by its own.")
    if chosen.source.origin == "file":
        notes.append(
            f"The policy came from the command line ({chosen.source.path}), not from the target branch."
        )
    if base.revision.sha == head.revision.sha and not head.revision.workspace:
        notes.append("Base and head are the same commit: there is nothing to compare.")
    return tuple(notes)
