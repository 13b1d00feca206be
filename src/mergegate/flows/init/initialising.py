"""The whole of `mergegate init`: look, propose, write all or nothing, try a first review."""

import re
from pathlib import Path

import msgspec

from mergegate import __version__, config, provenance, repo
from mergegate.config.document import MOST_BYTES
from mergegate.config.policy import POLICY_FILE, Policy
from mergegate.config.schema import HOME
from mergegate.errors import ConfigError, MergegateError, UsageError
from mergegate.flows import review as reviewing
from mergegate.flows.init.advice import Proposed, advise, choose_snippet
from mergegate.flows.init.bars import suggest_bars
from mergegate.flows.init.datasets import find_data
from mergegate.flows.init.existing import find_existing
from mergegate.flows.init.files import Ground, wanted_files
from mergegate.flows.init.hosting import Hosting, find_data_remote, find_hosting
from mergegate.flows.init.inspection import Inspection
from mergegate.flows.init.models import Proposal, find_models
from mergegate.flows.init.policy_text import Draft, render_policy
from mergegate.flows.init.request import Request
from mergegate.flows.init.toolchain import find_toolchain
from mergegate.flows.init.writing import EDITED, FOREIGN, Change, describe, plan_change, write_all
from mergegate.records.init import ChosenModel, FirstReview, InitAnswer, WrittenFile
from mergegate.records.suggestion import Suggestions
from mergegate.scaffold.mark import read_state

_ACTION = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+@[A-Za-z0-9._/-]+")
_FULL = re.compile(r".*@[0-9a-f]{40}")


def initialise(request: Request) -> InitAnswer:
    """Set a repository up for reviews, or say what that would do.

    Raises UsageError outside a git repository and for flags that fit nothing, ConfigError for a file of the
    repository that can't be read, OSError where nothing can be written; then nothing was.
    """
    project = _locate(request.start)
    action = choose_action(request)
    theirs, before = _read_policy(project)
    request.progress("reading the repository")
    inspection = Inspection(project, repo.workspace_revision(project))
    hosting = _choose_forge(find_hosting(project, request), request)
    stages = bool(inspection.pipeline.stages)
    if theirs is not None or request.upgrade:
        _refuse_idle(request)
        proposed = Proposed(kept=True)
    else:
        proposed = _propose(inspection, request, before, branch=hosting.branch, action=action)
    text = proposed.text
    if theirs is not None and request.dry_run and not request.upgrade:
        # What would be there if nobody had written one: shown, never placed.
        text = _propose(inspection, request, theirs, branch=hosting.branch, action=action).text
    whole = msgspec.structs.replace(project, root=project.git_root, prefix="")
    ground = Ground(
        project=project,
        hosting=hosting,
        remote=find_data_remote(project, request),
        toolchain=find_toolchain(project.root, inspection.files.paths(), stages=stages),
        existing=find_existing(project.git_root),
        paths=repo.open_workspace(whole).paths(),
        policy=text,
        action=action,
        dvc=project.dvc_root is not None or stages,
        stages=stages,
    )
    changes = [plan_change(project.git_root, each) for each in wanted_files(ground, upgrade=request.upgrade)]
    first = None
    if not request.dry_run:
        request.progress("writing")
        write_all(project.git_root, changes)
    if not request.dry_run and not request.upgrade:
        request.progress("trying a first review")
        first = _try_review(project)
    answer = InitAnswer(
        project=project.prefix or ".",
        forge=hosting.forge,
        mode=theirs.mode if theirs is not None else proposed.mode,
        dry_run=request.dry_run,
        models=proposed.models,
        datasets=proposed.datasets,
        files=(*_left(project, theirs, changes), *map(describe, changes)),
        snippet=() if proposed.kept else choose_snippet(inspection, proposed.looked),
        review=first,
    )
    pinned = bool(_FULL.match(action))
    return advise(answer, ground, inspection, proposed, pinned=pinned, upgrade=request.upgrade)


def _refuse_idle(request: Request) -> None:
    """Refuse flags that would change nothing. Raises UsageError."""
    told = {
        "--model": request.models,
        "--predictions": request.predictions,
        "--task": request.task,
        "--positive": request.positive,
        "--data": request.data,
        "--key": request.key,
        "--mode": request.mode,
    }
    if idle := [flag for flag, value in told.items() if value]:
        why = "--upgrade moves pins alone" if request.upgrade else f"{POLICY_FILE} is yours, and stays"
        raise UsageError(
            f"{why}: {', '.join(idle)} would change nothing", hint=f"write it into {POLICY_FILE} yourself"
        )


def _left(project: repo.Project, theirs: Policy | None, changes: list[Change]) -> tuple[WrittenFile, ...]:
    """The policy of a person, where nothing is proposed in its place."""
    path = f"{project.prefix}/{POLICY_FILE}" if project.prefix else POLICY_FILE
    if theirs is None or any(change.path == path for change in changes):
        return ()
    edited = read_state((project.root / POLICY_FILE).read_bytes()) == "edited"
    return (WrittenFile(path=path, done="left", why=EDITED if edited else FOREIGN),)


def _locate(start: Path) -> repo.Project:
    """The project. Raises UsageError outside of git, with the template as a way on from an empty folder."""
    try:
        return repo.locate(start)
    except UsageError as error:
        if start.is_dir() and not any(start.iterdir()):
            error.hint = "begin a project here: `mergegate init --template tabular`"
        raise


def _propose(
    inspection: Inspection, request: Request, before: Policy | None, *, branch: str, action: str
) -> Proposed:
    """A policy for what is there."""
    request.progress("looking at tables")
    looked = find_models(inspection, request, before)
    data = find_data(inspection, request, looked.proposals, before)
    draft = Draft(
        mode=request.mode or (before.mode if before else "advisory"),
        baseline=branch,
        models=looked.proposals,
        datasets=data,
        metrics=_loose_metrics(inspection),
        modeline=_modeline(action),
        recorded=bool(inspection.pipeline.stages or inspection.pipeline.tracked),
    )
    request.progress("proposing bars")
    suggested = suggest_bars(inspection.project, draft)
    if isinstance(suggested, Suggestions):
        bars = {model.name: model for model in suggested.models}
        draft = msgspec.structs.replace(draft, bars=bars, suggestions=suggested)
    text, draft = _render(draft, request)
    return Proposed(
        text=text,
        mode=draft.mode,
        looked=looked,
        models=tuple(_chosen(each, draft) for each in draft.models),
        datasets=tuple(each.path for each in data),
        no_bars=suggested if isinstance(suggested, str) else "",
    )


def _chosen(model: Proposal, draft: Draft) -> ChosenModel:
    return ChosenModel(
        name=model.name,
        predictions=model.predictions,
        task=model.task,
        reason=model.reason,
        rows=model.rows,
        gates=len(draft.bars[model.name].gates) if model.name in draft.bars else 0,
        inputs=model.beside.inputs,
        training_rows=model.beside.training_rows,
        bundle=model.beside.bundle,
    )


def choose_action(request: Request) -> str:
    """The action as workflows use it: as --action says, else at the commit that this mergegate is.

    Raises UsageError for one that is no `OWNER/REPO@REF`.
    """
    if request.action is not None:
        if not _ACTION.fullmatch(request.action):
            raise UsageError(
                f"--action takes OWNER/REPO@SHA, and is {request.action!r:.100}",
                hint="name a commit that you have read, all 40 digits of it",
            )
        return request.action
    commit = provenance.commit()
    return f"{HOME}@{commit} # v{__version__}" if commit else f"{HOME}@toolkit-v{__version__}"


def _modeline(action: str) -> str:
    """The line that tells editors the policy's schema: that of the commit which judges."""
    name, _, reference = action.partition(" ")[0].partition("@")
    return config.modeline(config.schema_address(reference, repository=name)).strip()


def _read_policy(project: repo.Project) -> tuple[Policy | None, Policy | None]:
    """The policy of a person, and one that init wrote and nobody touched since: one of them, or none.

    Raises ConfigError for one that can't be understood: nothing is written beside it.
    """
    file = project.root / POLICY_FILE
    if not file.is_file():
        return None, None
    content = file.read_bytes()
    try:
        found = config.load(content, file=POLICY_FILE)
    except ConfigError as error:
        error.hint = f"{error.hint}; or move it away, and run `mergegate init` again".lstrip("; ")
        raise
    return (None, found) if read_state(content) == "untouched" else (found, None)


def _render(draft: Draft, request: Request) -> tuple[str, Draft]:
    """The policy's text, which loads; the bars of some models are left out where it would be too long.

    Raises UsageError where nothing is there that `enforce` could judge.
    """
    while len((text := render_policy(draft)).encode()) > MOST_BYTES and draft.bars:
        kept = list(draft.bars.items())[: len(draft.bars) // 2]
        draft = msgspec.structs.replace(draft, bars=dict(kept))
    try:
        config.load(text.encode(), file=POLICY_FILE)
    except ConfigError as error:
        if draft.mode == "enforce" and request.mode is None:
            return _render(msgspec.structs.replace(draft, mode="advisory"), request)
        if request.mode == "enforce":
            raise UsageError(
                f"there is nothing to enforce yet: {error.message}", hint="begin with `--mode advisory`"
            ) from error
        raise
    return text, draft


def _choose_forge(hosting: Hosting, request: Request) -> Hosting:
    """Ask for the forge where nothing told it."""
    if not hosting.open or request.ask is None:
        return hosting
    answer = request.ask("Where will pull requests be opened?", ("github", "gitlab", "none"), "github")
    if answer == "github":
        return msgspec.structs.replace(hosting, forge="github", open=False, told="as answered")
    return msgspec.structs.replace(
        hosting, forge="gitlab" if answer == "gitlab" else "none", open=False, told="as answered"
    )


def _loose_metrics(inspection: Inspection) -> tuple[str, ...]:
    """Metrics files that no dvc.yaml names, by what people call them."""
    declared = set(inspection.outputs()) | set(inspection.pipeline.metrics_files)
    names = re.compile(r"(?:.*/)?(?:metrics|scores|evaluation|eval)\.(?:json|ya?ml|toml)")
    found = [path for path in inspection.files.paths() if names.fullmatch(path) and path not in declared]
    return tuple(found[:10])


def _try_review(project: repo.Project) -> FirstReview:
    """What a review of the workspace says, or why there is none."""
    try:
        found = reviewing.review(reviewing.Request(start=Path(project.root)))
    except MergegateError as error:
        return FirstReview(problem=error.message, hint=error.hint)
    return FirstReview(outcome=found.verdict.outcome, headline=found.verdict.headline)
