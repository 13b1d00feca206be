"""The models to propose: each predictions file that keeps the contract, with what stands beside it."""

import posixpath
import re
from contextlib import suppress
from pathlib import Path

import msgspec
import pyarrow as pa

from mergegate import predictions, repo
from mergegate.config.policy import Model, Policy
from mergegate.dataset.source import format_of
from mergegate.errors import ContractError, UsageError
from mergegate.flows.init.beside import Beside, find_beside
from mergegate.flows.init.inspection import Inspection, fits_policy
from mergegate.flows.init.naming import name_models, slug
from mergegate.flows.init.request import Ask, Request
from mergegate.flows.init.tables import Table, looks_like_predictions, read_table
from mergegate.flows.init.tasks import Told, tell_task
from mergegate.records.metrics import Task
from mergegate.records.predictions import Predictions
from mergegate.repo import git

MOST_LOOKED_AT = 400
MOST_MODELS = 20
_LIKELY = re.compile(r"pred|eval|score|test|forecast|output|result", re.IGNORECASE)
_TASKS: tuple[Task, ...] = ("binary", "multiclass", "regression")


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """A model of the policy to be: where its files are, its task, and how that was told."""

    name: str
    predictions: str
    task: Task
    positive: str | int | bool | None = None
    open_classes: tuple[str, ...] = ()
    reason: str
    rows: int
    metrics: str | None = None
    beside: Beside = Beside()
    other_bundle: str = ""
    """A bundle beside the predictions that says it is of another task: it could not be run on them."""


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """What looking for predictions came to.

    `near` are files that almost are; `absent` are likely ones whose bytes are not here; `unknown` sentences.
    """

    proposals: tuple[Proposal, ...] = ()
    near: tuple[Table, ...] = ()
    absent: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def find_models(inspection: Inspection, request: Request, before: Policy | None) -> Looked:
    """Find every predictions file, or take those that were named; `before`: the policy that init wrote last.

    Raises UsageError for a file that was named and is not there, or keeps no contract, and for flags that
    don't fit one another.
    """
    search = _Search(inspection, request, before)
    named = tuple(posixpath.normpath(path) for path in request.predictions)
    paths = named or _candidates(inspection)
    inspection.fetch(path for path in paths if named or _LIKELY.search(path))
    for path in paths:
        search.look(path, named=bool(named))
        if named and (told := search.refused):
            raise UsageError(told, hint="docs/contracts.md says what a predictions file holds")
    rest = len(search.proposals) - MOST_MODELS
    if rest > 0:
        search.unknown.append(
            f"{rest:,} more predictions files: the policy names the first {MOST_MODELS} alone"
        )
    kept = search.proposals[:MOST_MODELS]
    names = search.name(kept)
    return Looked(
        proposals=tuple(
            msgspec.structs.replace(each, name=name) for each, name in zip(kept, names, strict=True)
        ),
        near=tuple(search.near[:10]),
        absent=tuple(search.absent[:10]),
        unknown=tuple(search.unknown[:20]),
    )


class _Search:
    """A search under way, and what it has found so far."""

    def __init__(self, inspection: Inspection, request: Request, before: Policy | None) -> None:
        self.inspection, self.request = inspection, request
        models = before.models.items() if before else ()
        self.known = {model.evaluation.predictions: (name, model) for name, model in models}
        # What people put under DVC by hand is data, whatever its columns are called.
        self.tracked = {entry.path for entry in inspection.pipeline.tracked}
        self.proposals: list[Proposal] = []
        self.near: list[Table] = []
        self.absent: list[str] = []
        self.unknown: list[str] = []
        self.refused = ""
        """Why the file that was looked at last is no predictions file."""

    def look(self, path: str, *, named: bool) -> None:
        """Look at one file."""
        place = self.inspection.locate(path)
        if place is None:
            why = self.inspection.unread.get(path, "there is no such file, and DVC's cache holds none")
            self.refused = f"{path}: {why}"
            if path in self.inspection.unread or re.search(r"pred", path, re.IGNORECASE):
                self.absent.append(path)
            return
        table = read_table(place, path)
        self.refused = f"{path} holds no rows that are read" if table is None else ""
        if table is None or not (named or looks_like_predictions(table)):
            return
        if not table.keeps_contract:
            self.refused = f"{path} {table.lacks}"
            self.near += [] if path in self.tracked else [table]
            return
        _, known = self.known.get(path, ("", None))
        made = _propose(self.inspection, table, self.request, known)
        if isinstance(made, str):
            self.refused = f"{path} is no model yet: {made}"
            self.unknown.append(self.refused)
            return
        proposal, doubt = made
        self.proposals.append(proposal)
        self.unknown += [doubt] if doubt else []

    def name(self, models: list[Proposal]) -> list[str]:
        """Names for the models: as known, as their bundles say; of a single one a person is asked."""
        paths = [each.predictions for each in models]
        alone, asked, ask = _project_name(self.inspection.project), self.request.models, self.request.ask
        said = {each.predictions: slug(each.beside.name) for each in models}
        known = {path: name for path, name in said.items() if name and [*said.values()].count(name) == 1}
        known |= {path: name for path, (name, _) in self.known.items()}
        names = name_models(paths, alone, asked=asked, known=known)
        if len(paths) == 1 and ask is not None and not asked:
            answer = ask(f"What is the model of {paths[0]} called?", (), names[0])
            names = name_models(paths, alone, asked=[answer], known={})
        return names


def _project_name(project: repo.Project) -> str:
    """What people call the project: its folder; at the top the repository on the forge, not one clone."""
    url = git.ask(project.git_root, "remote", "get-url", "origin") or ""
    last = url.rstrip("/").replace(":", "/").rsplit("/", 1)[-1].removesuffix(".git")
    return project.prefix.rsplit("/", 1)[-1] or last or project.git_root.name


def _candidates(inspection: Inspection) -> tuple[str, ...]:
    """Files that may hold predictions, the likeliest first."""
    found: dict[str, None] = {}
    for path in inspection.outputs():
        if _is_table(path):
            found[path] = None
        elif not posixpath.splitext(path)[1] and len(found) < MOST_LOOKED_AT * 10:
            inside = inspection.list_folder(path)
            found |= dict.fromkeys(each for each in inside if _is_table(each) and _LIKELY.search(each))
    found |= dict.fromkeys(path for path in inspection.files.paths() if _is_table(path))
    ordered = sorted(found, key=lambda path: (not _LIKELY.search(path), not path.endswith(".parquet"), path))
    return tuple(ordered[:MOST_LOOKED_AT])


def _is_table(path: str) -> bool:
    return format_of(posixpath.basename(path)) in ("parquet", "csv") and fits_policy(path)


def _propose(
    inspection: Inspection, table: Table, request: Request, known: Model | None
) -> tuple[Proposal, str] | str:
    """A proposal that is known to be readable, with what is in doubt, or the sentence why there is none."""
    place = inspection.locate(table.path)
    if place is None:
        return "it is gone"
    try:
        told = _choose(request, tell_task(place, table), known, table.path)
        if isinstance(told, str):
            return told
        told = _positive(told, request.ask, table.path)
        found, told = _read(place, table.path, told)
    except ContractError as error:
        return f"{error.reason} (next: {error.hint})"
    except (pa.ArrowException, OSError, ValueError):
        return "it is damaged"
    beside = find_beside(inspection, table.path, found.row_id)
    other = beside.bundle if beside.bundle and beside.task != told.task else ""
    proposal = Proposal(
        name="",
        predictions=table.path,
        task=told.task,
        positive=told.positive,
        open_classes=told.open_classes,
        reason=told.reason,
        rows=found.rows,
        metrics=_metrics_beside(inspection, table.path),
        beside=msgspec.structs.replace(beside, bundle=None) if other else beside,
        other_bundle=f"{other}, a bundle of a {beside.task} model" if other else "",
    )
    return proposal, told.doubt


def _read(place: Path, path: str, told: Told) -> tuple[Predictions, Told]:
    """The predictions, read as a review reads them. Raises ContractError."""
    try:
        return _read_as(place, path, told), told
    except ContractError:
        if told.task != "binary" or told.positive is not None or told.reason == "as chosen":
            raise
    # 0 and 1, false and true need no positive class as numbers and booleans, and one as text.
    for positive in ("1", "True"):
        with suppress(ContractError):
            again = told._replace(positive=positive)
            return _read_as(place, path, again), again
    return _read_as(place, path, told), told


def _read_as(place: Path, path: str, told: Told) -> Predictions:
    return predictions.read_named(place, path=path, task=told.task, positive=told.positive, name=path)


def _choose(request: Request, told: Told | str, known: Model | None, path: str) -> Told | str:
    """The task as flags say it, as it was chosen before, as a person answers, else as the file says."""
    task: str | None = request.task
    positive: str | int | bool | None = request.positive
    if task is None and positive is None and known is not None:
        task, positive = known.evaluation.task, known.evaluation.positive
    if positive is not None:
        task = "binary"
    if task is None and isinstance(told, str) and request.ask is not None:
        answer = request.ask(
            f"{path}: {told.partition(':')[0]}; which task is it?", (*_TASKS, "none"), "none"
        )
        task = None if answer == "none" else answer
    chosen = next((each for each in _TASKS if each == task), None)
    if chosen is None or (not isinstance(told, str) and (chosen, positive) == (told.task, told.positive)):
        return told
    if not isinstance(told, str) and chosen == told.task and positive is None:
        return told._replace(doubt="") if request.task else told
    return Told(chosen, positive, "as chosen")


def _positive(told: Told, ask: Ask | None, path: str) -> Told:
    """Ask which of two classes is the positive one, where that is written nowhere."""
    if not told.open_classes or ask is None:
        return told
    answer = ask(f"{path}: which class is the positive one?", (*told.open_classes, "none"), "none")
    if answer not in told.open_classes:
        return told
    return Told("binary", answer, "as chosen")


def _metrics_beside(inspection: Inspection, path: str) -> str | None:
    """The one JSON metrics file of the stage that writes the predictions, or of one that reads them."""
    stages = inspection.pipeline.stages
    writing = [stage for stage in stages if any(_holds(out.path, path) for out in stage.outs)]
    reading = [stage for stage in stages if any(_holds(dep, path) for dep in stage.deps)]
    for chosen in (writing, reading):
        found = {
            out.path
            for stage in chosen
            for out in stage.outs
            if out.kind == "metrics" and out.path.endswith(".json") and fits_policy(out.path)
        }
        if len(found) == 1:
            return found.pop()
    return None


def _holds(path: str, inside: str) -> bool:
    return inside == path or inside.startswith(f"{path}/")
