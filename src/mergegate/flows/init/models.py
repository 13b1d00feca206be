"""The models to propose: each predictions file that keeps the contract, with what stands beside it."""

import posixpath
import re
from collections.abc import Iterable

import msgspec

from mergegate import predictions
from mergegate.config.policy import NAME_PATTERN
from mergegate.dataset.source import format_of
from mergegate.errors import ContractError, UsageError
from mergegate.flows.init.beside import Beside, find_beside
from mergegate.flows.init.inspection import Inspection, fits_policy
from mergegate.flows.init.request import Ask, Request
from mergegate.flows.init.tables import Table, looks_like_predictions, read_table
from mergegate.flows.init.tasks import Told, tell_task
from mergegate.predictions.contract import REQUIRED
from mergegate.records.metrics import Task

MOST_LOOKED_AT = 400
MOST_MODELS = 20
_LIKELY = re.compile(r"pred|eval|score|test|forecast|output|result", re.IGNORECASE)
_GENERIC = {
    "reports",
    "report",
    "predictions",
    "prediction",
    "preds",
    "outputs",
    "output",
    "results",
    "data",
    "eval",
}


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """A model of the policy to be: where its files are, its task, and how that was told."""

    name: str
    predictions: str
    task: Task
    positive: str | int | None = None
    open_classes: tuple[str, ...] = ()
    reason: str
    rows: int
    metrics: str | None = None
    beside: Beside = Beside()


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """What looking for predictions came to; `near` are files that almost are, with what they lack."""

    proposals: tuple[Proposal, ...] = ()
    near: tuple[tuple[Table, str], ...] = ()
    unknown: tuple[str, ...] = ()


def find_models(inspection: Inspection, request: Request) -> Looked:
    """Find every predictions file, or take those that were named.

    Raises UsageError for a file that was named and is not there, or keeps no contract, and for flags that
    don't fit one another.
    """
    named = request.predictions
    paths = named or _candidates(inspection)
    inspection.fetch(path for path in paths if named or _LIKELY.search(path))
    proposals: list[Proposal] = []
    near: list[tuple[Table, str]] = []
    unknown: list[str] = []
    # What people put under DVC by hand is data, whatever its columns are called.
    tracked = {entry.path for entry in inspection.pipeline.tracked}
    for path in paths:
        place = inspection.locate(path)
        if place is None:
            if named:
                why = inspection.unread.get(path, "there is no such file, and DVC's cache holds none")
                raise UsageError(f"{path}: {why}", hint="name a file of the project, from its folder")
            continue
        table = read_table(place, path)
        if table is None or not (named or looks_like_predictions(table)):
            continue
        if not table.keeps_contract:
            if named or path not in tracked:
                near.append((table, _lacks(table)))
            continue
        made = _propose(inspection, table, request)
        if isinstance(made, str):
            unknown.append(f"{path} is no model yet: {made}")
        else:
            proposals.append(made)
    if named and not proposals:
        told = (
            unknown[0]
            if unknown
            else f"{near[0][0].path} {near[0][1]}"
            if near
            else f"{named[0]} holds no rows"
        )
        raise UsageError(told, hint="docs/contracts.md says what a predictions file holds")
    if len(proposals) > MOST_MODELS:
        unknown.append(
            f"{len(proposals) - MOST_MODELS:,} more predictions files: the policy names the first only"
        )
    kept = proposals[:MOST_MODELS]
    names = _names([each.predictions for each in kept], inspection, request)
    return Looked(
        proposals=tuple(
            msgspec.structs.replace(each, name=name) for each, name in zip(kept, names, strict=True)
        ),
        near=tuple(near[:10]),
        unknown=tuple(unknown[:20]),
    )


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
    ordered = sorted(found, key=lambda path: (not _LIKELY.search(path), path.endswith(".csv"), path))
    return tuple(ordered[:MOST_LOOKED_AT])


def _is_table(path: str) -> bool:
    return format_of(posixpath.basename(path)) in ("parquet", "csv") and fits_policy(path)


def _lacks(table: Table) -> str:
    """What keeps a file from being predictions as the contract has them."""
    missing = [name for name in REQUIRED if name not in table.columns]
    roles = table.find_roles()
    renames = [f"{roles[name]} → {name}" for name in missing if name in roles]
    lacking = [name for name in missing if name not in roles]
    parts = [
        *(["is no Parquet file"] if table.format != "parquet" else []),
        *([f"would need the names {', '.join(renames)}"] if renames else []),
        *([f"lacks {', '.join(lacking)}"] if lacking else []),
    ]
    return " and ".join(parts) or "is no predictions file"


def _propose(inspection: Inspection, table: Table, request: Request) -> Proposal | str:
    """A proposal that is known to be readable, or the sentence that says why there is none."""
    place = inspection.locate(table.path)
    if place is None:
        return "it is gone"
    told = _task(request, tell_task(place, table))
    if isinstance(told, str):
        return told
    told = _positive(told, request.ask, table.path)
    try:
        found = predictions.read(place, task=told.task, positive=told.positive, name=table.path)
    except ContractError as error:
        return f"{error.reason} (next: {error.hint})"
    return Proposal(
        name="",
        predictions=table.path,
        task=told.task,
        positive=told.positive,
        open_classes=told.open_classes,
        reason=told.reason,
        rows=found.rows,
        metrics=_metrics_beside(inspection, table.path),
        beside=find_beside(inspection, table.path, found.row_id),
    )


def _task(request: Request, told: Told | str) -> Told | str:
    """The task as flags say it, else as the file does."""
    if request.positive is not None:
        return Told("binary", request.positive, "as --positive says")
    if request.task == "binary" and not isinstance(told, str) and told.task == "binary":
        return told
    match request.task:
        case "binary" | "multiclass" | "regression" as task:
            return Told(task, None, "as --task says")
    return told


def _positive(told: Told, ask: Ask | None, path: str) -> Told:
    """Ask which of two classes is the positive one, where that is written nowhere."""
    if not told.open_classes or ask is None:
        return told
    answer = ask(f"{path}: which class is the positive one?", (*told.open_classes, "none"), "none")
    if answer not in told.open_classes:
        return told
    return Told("binary", answer, "as answered")


def _metrics_beside(inspection: Inspection, path: str) -> str | None:
    """The one JSON metrics file of the stage that writes the predictions, or of one that reads them."""
    writing = [
        stage for stage in inspection.pipeline.stages if any(_holds(out.path, path) for out in stage.outs)
    ]
    reading = [stage for stage in inspection.pipeline.stages if any(_holds(dep, path) for dep in stage.deps)]
    for stages in (writing, reading):
        found = {
            out.path
            for stage in stages
            for out in stage.outs
            if out.kind == "metrics" and out.path.endswith(".json")
        }
        if len(found) == 1:
            return found.pop()
    return None


def _holds(path: str, inside: str) -> bool:
    return inside == path or inside.startswith(f"{path}/")


def _names(paths: list[str], inspection: Inspection, request: Request) -> list[str]:
    """A name for each model: as flags say, else by what its path has that others have not."""
    if request.models:
        if len(request.models) != len(paths):
            raise UsageError(
                f"--model names {len(request.models)}, and there are {len(paths)} predictions files",
                hint="give each --predictions its --model, in the same order",
            )
        for name in request.models:
            if not re.fullmatch(NAME_PATTERN, name):
                hint = "up to 64 of a-z, 0-9, `.`, `_` and `-`, beginning with a letter or digit"
                raise UsageError(f"{name!r:.80} can't be a model's name", hint=hint)
        return list(request.models)
    if len(paths) == 1:
        return [slug(_project_name(inspection)) or "model"]
    words = [[slug(part) for part in posixpath.splitext(path)[0].split("/")] for path in paths]
    common = set.intersection(*map(set, words)) if words else set()
    taken: dict[str, None] = {}
    for number, parts in enumerate(words):
        own = [part for part in parts if part and part not in common and part not in _GENERIC]
        own = [
            re.sub(r"^(predictions|preds|pred)[-_]|[-_](predictions|preds|pred)$", "", part) for part in own
        ]
        name = slug("-".join(own)) or f"model-{number + 1}"
        while name in taken:
            name = f"{name[:60]}-{number + 1}"
        taken[name] = None
    return list(taken)


def _project_name(inspection: Inspection) -> str:
    project = inspection.project
    return project.prefix.rsplit("/", 1)[-1] or project.git_root.name


def slug(text: str) -> str:
    """A text as a model may be called; empty where nothing of it can be."""
    return re.sub(r"[^a-z0-9._]+", "-", text.lower()).strip("-._")[:64].strip("-._")


def imported_packages(texts: Iterable[str]) -> frozenset[str]:
    """The packages that Python sources import or requirements name, as far as their lines say so."""
    found = set()
    for text in texts:
        found |= set(re.findall(r"^\s*(?:import|from)\s+([A-Za-z_]\w*)", text, re.MULTILINE))
        found |= {name.lower() for name in re.findall(r"^\s*[\"']?([A-Za-z][\w-]*)", text, re.MULTILINE)}
    return frozenset(found)
