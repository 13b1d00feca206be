"""What the models of the policy have now, on the predictions that are here: nothing is fetched."""

import shlex
from collections.abc import Iterable, Iterator
from contextlib import ExitStack

from msgspec.structs import replace

from mergegate import compare, dag, repo
from mergegate.compare import Comparison, Key
from mergegate.config.policy import MetricGate, Model, Policy
from mergegate.doctor.facts import Measured, MeasuredGate
from mergegate.errors import ObjectError
from mergegate.flows.bars import SURE, margin
from mergegate.flows.evidence import Reading, find_object, find_predictions, read_found
from mergegate.flows.questions import asks, setting
from mergegate.flows.suggestions import CORRELATION
from mergegate.records.pipeline import ObjectHash
from mergegate.records.review import Revision

LARGEST = 64 * 1024 * 1024
"""Bytes of the predictions of one model; a larger file is not opened for a visit to the doctor."""


class _Here(repo.Objects):
    """The cache alone."""

    def fetch(self, names: Iterable[ObjectHash], *, remote: str = "") -> None:
        """Fetch nothing: what is not here is told by opening it."""


def measure(project: repo.Project, policy: Policy, revision: Revision) -> Measured:
    """Measure each gate on a metric at a revision; what can't be measured says why, model by model."""
    gates: list[MeasuredGate] = []
    unseen: list[tuple[str, str]] = []
    with ExitStack() as stack:
        files: repo.Snapshot
        if revision.workspace:
            files = stack.enter_context(repo.open_workspace(project))
        else:
            files = stack.enter_context(repo.open_commit(project, revision))
        head = Reading("head", revision, files, dag.read(files))
        objects = _Here(project)
        for name, model in policy.models.items():
            if not model.gates.metrics:
                continue
            why, found = _compare(policy, model, head, objects)
            if found is None:
                unseen.append((name, why))
            else:
                gates += _gates(policy, name, model, found)
    return Measured(tuple(gates), tuple(unseen))


def _compare(
    policy: Policy, model: Model, head: Reading, objects: repo.Objects
) -> tuple[str, Comparison | None]:
    """The model's own numbers, or why there are none."""
    path = model.evaluation.predictions
    if not _is_here(head, objects, path):
        return f"{path} is not in the cache here; next: dvc pull {shlex.quote(path)}", None
    place = find_predictions(head, objects, model.evaluation)
    if place.problem is None and place.size > LARGEST:
        return f"its predictions have {place.size:,} bytes: ask `mergegate gates suggest`", None
    evidence = read_found(head, place, model.evaluation)
    if evidence.predictions is None:
        problem = evidence.problem
        why = f"{problem.path}: {problem.message}" if problem else "it has no predictions"
        return why, None
    questions = [replace(ask, bars=True) for ask in asks(policy, model)]
    context = setting(policy, model.evaluation)
    return "", compare.compare(None, evidence.predictions, metrics=(), asks=questions, setting=context)


def _is_here(head: Reading, objects: repo.Objects, path: str) -> bool:
    """Whether the cache holds what the lock names; what git holds is here."""
    try:
        found = find_object(head, objects, path)
    except ObjectError:  # the list of a folder around it
        return False
    return found is None or found.is_dir or objects.have(found)


def _gates(policy: Policy, name: str, model: Model, found: Comparison) -> Iterator[MeasuredGate]:
    for gate in model.gates.metrics:
        measured = found.evidence.get(Key(gate.name, "head"))
        estimate = measured.estimate if measured else None
        if estimate is None:
            continue
        min_rows = policy.min_rows if gate.min_rows is None else gate.min_rows
        interval = None if estimate.problem else estimate.interval(SURE)
        error = estimate.standard_error * (2 * (1 - CORRELATION)) ** 0.5
        short = [_is_short(found, key, min_rows) for key in _slices(found, gate)]
        yield MeasuredGate(
            model=name,
            metric=gate.name,
            value=estimate.value,
            low=interval.low if interval else None,
            high=interval.high if interval else None,
            carried=estimate.carried,
            min_rows=min_rows,
            min=gate.min,
            max=gate.max,
            margin=_margin(gate, estimate.value),
            judged=margin(error, estimate.df, policy.confidence) if error > 0 else None,
            slices=len(short),
            slices_short=sum(short),
            strict=(gate.on_insufficient or policy.on_insufficient) == "fail",
        )


def _margin(gate: MetricGate, value: float) -> float | None:
    """The narrower margin of the two that a gate may have, in the metric's units."""
    relative = gate.max_relative_regression
    margins = [gate.max_regression, None if relative is None else relative * abs(value)]
    return min((each for each in margins if each is not None), default=None)


def _slices(found: Comparison, gate: MetricGate) -> list[Key]:
    return [key for key in found.evidence if key.metric == gate.name and key.exam == "head" and key.level]


def _is_short(found: Comparison, key: Key, min_rows: int) -> bool:
    estimate = found.evidence[key].estimate
    return estimate is None or bool(estimate.problem) or estimate.carried < min_rows
