"""`mergegate ingest`: new files of the policy's sources, each dataset's as one commit, and one pull request.

Everything happens in a clean worktree of the target branch's tip, never in the user's. What others see comes
last, and in an order in which a killed run leaves nothing false: objects on the remote, then the branch, then
the pull request. The next run finds what is there and does the rest.
"""

import hashlib
import posixpath
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

import msgspec
from msgspec.structs import replace

from mergegate import __version__, config, dag, repo
from mergegate.config.datasets import Dataset
from mergegate.config.policy import POLICY_FILE, Policy
from mergegate.dataset.privacy import Mask
from mergegate.errors import MergegateError, UsageError
from mergegate.flows.evidence import Reading
from mergegate.flows.ingest.branches import branch_of
from mergegate.flows.ingest.dataset import Case, ingest_dataset
from mergegate.flows.ingest.origin import Origin, open_origin
from mergegate.flows.ingest.proposing import Forge, open_forge
from mergegate.flows.ingest.request import Progress, RefusedError, Request
from mergegate.flows.ingest.words import NO_CHECKS, source_of
from mergegate.records.ingest import IngestAnswer, Ingested
from mergegate.records.review import Revision
from mergegate.repo.worktree import open_room

_REFUSED = 1
_BROKEN = 3


class _Base(msgspec.Struct, frozen=True):
    """The branch that new files want to enter: its name, its tip, and the policy there."""

    branch: str
    tip: Revision
    policy: Policy


def ingest(request: Request, *, progress: Progress = lambda step: None) -> IngestAnswer:
    """Ingest each dataset; one that fails hides no other.

    Raises UsageError for a question that can't be answered, ConfigError for a wrong policy, BrokenError where
    git or GitHub can't be asked at all. What goes wrong with one dataset is in the answer.
    """
    project = repo.locate(request.start)
    with ExitStack() as stack:
        forge = stack.enter_context(_connected(request, progress))
        origin = None
        if forge is not None:
            progress("asking git's remote for its branches")
            origin = open_origin(project, forge.token, forge.site)
        base = _find_base(project, origin, forge)
        chosen = _choose(base, request.datasets)
        files = stack.enter_context(repo.open_commit(project, base.tip))
        reading = Reading("base", base.tip, files, dag.read(files, at=base.tip.name))
        every = [dataset.path for dataset in base.policy.datasets]
        told = []
        for dataset in chosen:
            case = Case(
                request=request,
                project=project,
                dataset=dataset,
                policy=base.policy,
                target=base.branch,
                base=reading,
                branch=branch_of(project, dataset.path, every),
                origin=origin,
                forge=forge,
                progress=progress,
            )
            told.append(_attempt(case))
    warns = forge is not None and not forge.checks_start
    return IngestAnswer(
        mergegate=__version__,
        dry_run=request.dry_run,
        target=base.branch,
        datasets=tuple(told),
        checks_start=None if forge is None else forge.checks_start,
        warnings=(NO_CHECKS,) if warns else (),
    )


@contextmanager
def _connected(request: Request, progress: Progress) -> Iterator[Forge | None]:
    """GitHub, where pull requests are asked for. Raises UsageError for a token that may not be this one."""
    if not request.open_pr:
        if request.require_checks:
            raise UsageError("--require-checks is about pull requests", hint="add --open-pr, or leave it out")
        yield None
        return
    progress("asking GitHub whose the token is")
    forge = open_forge(request.environment)
    with forge.github:
        if request.require_checks and not forge.checks_start:
            raise UsageError(
                "a pull request of this token would start no checks: it is the job's own GITHUB_TOKEN",
                hint="set MERGEGATE_TOKEN to an App's token: docs/ingest.md",
            )
        yield forge


def _attempt(case: Case) -> Ingested:
    """One dataset, in a room of its own; whatever goes wrong is told."""
    dataset, tip = case.dataset, case.base.revision.sha or ""
    source = source_of(dataset.source) if dataset.source else ""
    told = Ingested(path=dataset.path, outcome="nothing", source=source, base=tip, branch=case.branch)
    mask = Mask.of(dataset.private)
    key = f"ingest-{hashlib.sha256(case.branch.encode()).hexdigest()[:16]}"
    try:
        with open_room(case.project, tip, key, doing=f"ingesting into {dataset.path}") as room:
            # A run that is killed from here on leaves nothing that the next could take for whole.
            (room.folder / "ready").unlink()
            return ingest_dataset(case, room, told)
    except RefusedError as error:
        problem, hint = mask.text(error.message), mask.text(error.hint)
        return replace(told, outcome="refused", problem=problem, hint=hint, exit_code=_REFUSED)
    except MergegateError as error:
        problem, hint = mask.text(error.message), mask.text(error.hint)
        return replace(told, outcome="failed", problem=problem, hint=hint, exit_code=error.exit_code)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        said = f"{where}{error.strerror or error}"
        return replace(
            told, outcome="failed", problem=said, hint="mend this, run it again", exit_code=_BROKEN
        )


def _find_base(project: repo.Project, origin: Origin | None, forge: Forge | None) -> _Base:
    """The tip of the default branch, or of the one that its policy names as its baseline.

    As GitHub and git's remote have it now, where these are asked; else as this clone last saw it.
    """
    default = repo.find_default_branch(project)
    named = forge.github.default_branch() if forge is not None else ""
    if default is None and not named:
        raise UsageError(
            "there is no branch main or master to add files to",
            hint="run `git fetch origin`, then this again",
        )
    name = named or (default.name.removeprefix("origin/") if default else "")
    found = _read_base(project, origin, name)
    if found.policy.baseline != name:
        found = _read_base(project, origin, found.policy.baseline)
    return found


def _read_base(project: repo.Project, origin: Origin | None, branch: str) -> _Base:
    if origin is None:
        tip = repo.find_branch(project, branch)
    else:
        sha = origin.tip(branch)
        origin.fetch([sha] if sha else [])
        tip = replace(repo.resolve(project, sha), name=branch) if sha else None
    if tip is None:
        raise UsageError(
            f"the baseline {branch} is no branch here or of git's remote",
            hint="mend `baseline` in the policy",
        )
    data = repo.read_at(project, tip, POLICY_FILE)
    if data is None:
        raise UsageError(
            f"there is no {POLICY_FILE} at {tip.name}, and it says where new files come from",
            hint="write one, with a `source:` in a dataset, and merge it: docs/ingest.md",
        )
    return _Base(branch, tip, config.load(data, file=f"{POLICY_FILE} at {tip.name}"))


def _choose(base: _Base, asked: Sequence[str]) -> tuple[Dataset, ...]:
    """The datasets that are meant. Raises UsageError for one that is unknown, or has no source."""
    sources = {each.path: each for each in base.policy.datasets if each.source is not None}
    known = ", ".join(sources) or "none"
    where = f"{POLICY_FILE} at {base.tip.name}"
    if not sources:
        raise UsageError(
            f"no dataset of {where} has a `source`", hint="add one, and merge it: docs/ingest.md"
        )
    chosen = []
    for name in dict.fromkeys(posixpath.normpath(each) for each in asked):
        if name not in sources:
            there = any(each.path == name for each in base.policy.datasets)
            what = "has no `source` in" if there else "is no dataset of"
            raise UsageError(f"{name[:200]} {what} {where}", hint=f"with a source: {known[:500]}")
        chosen.append(sources[name])
    return tuple(chosen) or tuple(sources.values())
