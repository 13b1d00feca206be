"""What a policy's types can't say: bars that make sense, metrics of the task, paths inside the project."""

import difflib
import math
import posixpath
import re
from collections.abc import Iterator

from msgspec import structs

from mergegate.config.document import Document
from mergegate.config.policy import (
    NAME_PATTERN,
    Dataset,
    Evaluation,
    EvaluationGate,
    MetricGate,
    Model,
    Policy,
)
from mergegate.config.problem import KeyPath, Problem, printable
from mergegate.records.metrics import METRIC_TASKS, PER_CLASS, Task, split_class, tasks_of

LONGEST_PATH = 1024

_REF_FORBIDDEN = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(/|$)|^[-/.]|[/.]$|^@$")
_DRIVE = re.compile(r"[A-Za-z]:")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


def check(policy: Policy, document: Document) -> list[Problem]:
    """Every rule that the policy breaks, in the file's order of sections."""
    problems = list(_baseline(policy, document))
    if not policy.models and not policy.datasets:
        hint = "name at least one model under `models` or one path under `datasets`"
        problems.append(document.problem((), "the policy judges nothing", hint))
    for name, model in policy.models.items():
        problems += _model(name, model, document)
    problems += _datasets(policy.datasets, document)
    return problems


def normalized(policy: Policy) -> Policy:
    """The policy with every path in its one form: `./data//raw/` is `data/raw`."""
    models = {
        name: structs.replace(
            model, bundle=_normal(model.bundle), evaluation=_normal_evaluation(model.evaluation)
        )
        for name, model in policy.models.items()
    }
    datasets = tuple(structs.replace(item, path=posixpath.normpath(item.path)) for item in policy.datasets)
    return structs.replace(policy, models=models, datasets=datasets)


def _normal(path: str | None) -> str | None:
    return None if path is None else posixpath.normpath(path)


def _normal_evaluation(evaluation: Evaluation) -> Evaluation:
    return structs.replace(
        evaluation,
        predictions=posixpath.normpath(evaluation.predictions),
        inputs=_normal(evaluation.inputs),
        training_rows=_normal(evaluation.training_rows),
        metrics=_normal(evaluation.metrics),
    )


def _baseline(policy: Policy, document: Document) -> Iterator[Problem]:
    """A name that git takes for a branch, and never for an option."""
    name = policy.baseline
    if not name or len(name) > 255 or _REF_FORBIDDEN.search(name):
        hint = "write the branch that changes are merged into, such as main"
        yield document.problem(("baseline",), f'"{printable(name)}" can\'t be a branch', hint)


def _model(name: str, model: Model, document: Document) -> Iterator[Problem]:
    """One model's name, paths, positive class and gates."""
    at: KeyPath = ("models", name)
    if not re.fullmatch(NAME_PATTERN, name):
        hint = "up to 64 of a-z, 0-9, `.`, `_` and `-`, beginning with a letter or digit"
        yield document.problem(at, f"\"{printable(name)}\" can't be a model's name", hint)
    evaluation = model.evaluation
    paths = {(*at, "bundle"): model.bundle} | {
        (*at, "evaluation", key): getattr(evaluation, key)
        for key in ("predictions", "inputs", "training_rows", "metrics")
    }
    for place, path in paths.items():
        if path is not None:
            yield from _path(path, place, document)
    if evaluation.positive is not None and evaluation.task != "binary":
        message = f"`positive` is for binary tasks, and this one is {evaluation.task}"
        yield document.problem((*at, "evaluation", "positive"), message, "remove it, or write `task: binary`")
    if evaluation.positive == "":
        yield document.problem(
            (*at, "evaluation", "positive"), "the class is empty", "write it as `y_true` has it"
        )
    yield from _gates(model.gates.metrics, evaluation.task, (*at, "gates", "metrics"), document)
    yield from _shares(model.gates.evaluation, (*at, "gates", "evaluation"), document)


def _shares(gate: EvaluationGate, at: KeyPath, document: Document) -> Iterator[Problem]:
    """Shares from 0 to 1; NaN is none."""
    for key in ("max_rows_gone", "max_labels_changed"):
        share: float = getattr(gate, key)
        if not 0 <= share <= 1:
            yield document.problem((*at, key), f"{share:g} is no share", "write a number from 0 to 1")


def _gates(gates: tuple[MetricGate, ...], task: Task, at: KeyPath, document: Document) -> Iterator[Problem]:
    """Each gate by itself, and no metric twice."""
    first: dict[str, KeyPath] = {}
    for index, gate in enumerate(gates):
        place = (*at, index)
        yield from _metric(gate.name, task, (*place, "name"), document)
        yield from _bars(gate, place, document)
        if gate.name in first:
            line = document.lines.get(first[gate.name])
            message = f"a second gate for {printable(gate.name)}; the first is on line {line}"
            yield document.problem((*place, "name"), message, "put `min` and `max` into one gate")
        first.setdefault(gate.name, (*place, "name"))


def _metric(name: str, task: Task, place: KeyPath, document: Document) -> Iterator[Problem]:
    """A metric that exists and is of this task."""
    tasks = tasks_of(name)
    if task in tasks:
        return
    valid = [metric for metric in METRIC_TASKS if task in METRIC_TASKS[metric]]
    if task != "regression":
        valid += [f"{metric}[CLASS]" for metric in sorted(PER_CLASS)]
    choice = f"for {task}: {', '.join(valid)}"
    if tasks:
        message = f"{printable(name)} is a metric for {' and '.join(tasks)}, and this task is {task}"
        yield document.problem(place, message, choice)
        return
    close = difflib.get_close_matches(split_class(name)[0].lower().replace("-", "_"), valid, n=1)
    hint = (f"did you mean {close[0]}? " if close else "") + choice
    yield document.problem(place, f'no metric is called "{printable(name)}"', hint)


def _bars(gate: MetricGate, place: KeyPath, document: Document) -> Iterator[Problem]:
    """At least one bar, finite, and a range that something can meet."""
    if gate.min is None and gate.max is None:
        hint = f"`min:` or `max:`, such as {{name: {printable(gate.name)}, min: 0.6}}"
        yield document.problem(place, "a metric gate needs `min` or `max`", hint)
    bars = {"min": gate.min, "max": gate.max}
    infinite = [key for key, bar in bars.items() if bar is not None and not math.isfinite(bar)]
    for key in infinite:
        yield document.problem((*place, key), f"{bars[key]} is no bar", "write a finite number")
    if gate.min is not None and gate.max is not None and not infinite and gate.min > gate.max:
        message = f"min {gate.min:g} is above max {gate.max:g}: nothing could pass"
        yield document.problem((*place, "min"), message, "swap them, or remove one")


def _datasets(datasets: tuple[Dataset, ...], document: Document) -> Iterator[Problem]:
    """Each dataset's path and columns, and no path twice."""
    first: dict[str, KeyPath] = {}
    for index, dataset in enumerate(datasets):
        at: KeyPath = ("datasets", index)
        place = (*at, "path")
        yield from _path(dataset.path, place, document)
        path = posixpath.normpath(dataset.path)
        if path in first:
            line = document.lines.get(first[path])
            message = f"{printable(path)} stands a second time; the first is on line {line}"
            yield document.problem(place, message, "keep one of the two")
        first.setdefault(path, place)
        columns = (dataset.key,) if isinstance(dataset.key, str) else dataset.key
        if "" in columns or dataset.label == "":
            yield document.problem(at, "a column's name is empty", "name the column, or remove the key")
        if len(set(columns)) < len(columns):
            yield document.problem((*at, "key"), "a column stands twice in the key", "name each column once")


def _path(path: str, place: KeyPath, document: Document) -> Iterator[Problem]:
    """A path with `/`, inside the project."""
    if reason := _path_fault(path):
        hint = "write a path inside the project, from the policy's folder, with `/` between folders"
        yield document.problem(place, f'"{printable(path)}" {reason}', hint)


def _path_fault(path: str) -> str:
    """Why a path is refused; empty when it is fine."""
    parts = path.split("/")
    faults = {
        "is empty": not path.strip(),
        "is too long": len(path) > LONGEST_PATH,
        "holds a NUL": "\0" in path,
        "is a URL, not a path": bool(_URL.match(path)),
        "holds a backslash": "\\" in path,
        "is absolute": path.startswith("/") or bool(_DRIVE.match(path)),
        "climbs out with `..`": ".." in parts,
        "lies in .git": ".git" in (part.lower() for part in parts),
        "is the whole project": posixpath.normpath(path) == ".",
    }
    return next((fault for fault, found in faults.items() if found), "")
