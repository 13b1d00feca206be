"""Bars for a policy, from base's own interval and from what its evaluation set can tell apart."""

import math
from collections.abc import Sequence
from contextlib import ExitStack, suppress

import msgspec
import numpy as np

from mergegate import compare, dag, repo, stats
from mergegate.compare import Ask, Comparison, Key
from mergegate.compare.columns import levels
from mergegate.compare.comparison import HEADLINE
from mergegate.config.policy import Evaluation, Model, Policy
from mergegate.errors import ObjectError, UsageError
from mergegate.flows.bars import FEW_ROWS, MANY_ROWS, SURE, margin, outward
from mergegate.flows.evidence import Evidence, Reading, name_in_errors, needed_files
from mergegate.flows.pairs import read_pair
from mergegate.flows.policies import choose_policy, find_revision
from mergegate.flows.questions import setting
from mergegate.flows.review import COMMIT_HINT, WORKSPACE, Request
from mergegate.records.metrics import Task
from mergegate.records.predictions import Predictions
from mergegate.records.review import Revision
from mergegate.records.suggestion import SuggestedGate, SuggestedModel, Suggestions
from mergegate.stats import Estimate, UndefinedError

CORRELATION = 0.9
"""Assumed of two models' errors where there is only one to look at."""

FEWEST_IN_SLICE = 200
MOST_VALUES = 50
MOST_SLICES = 60
"""Values of all slice columns together: each is a claim, and all claims are corrected together."""

_SLICED: dict[Task, tuple[str, ...]] = {
    "binary": ("brier_score_loss", "balanced_accuracy"),
    "multiclass": ("balanced_accuracy",),
    "regression": ("median_absolute_error",),
}
"""What slices are held to: a metric of its own, because `min` or `max` would bind each slice too."""


class _Sides(msgspec.Struct, frozen=True):
    """What a model's bars are read from: base alone, and head against base where they differ."""

    policy: Policy
    evaluation: Evaluation
    base: Predictions
    alone: Comparison
    paired: Comparison | None

    def own(self, name: str, column: str = "", level: str = "") -> Estimate | None:
        """Base's own value."""
        return _usable(self.alone, Key(name, "head", column, level))

    def difference(self, name: str, column: str = "", level: str = "") -> tuple[float, float] | None:
        """Standard error and degrees of freedom of a difference; of an assumed one where there is none."""
        found = _usable(self.paired, Key(name, "shared", column, level)) if self.paired else None
        if found is not None and found.standard_error:
            return found.standard_error, found.df
        own = self.own(name, column, level)
        if own is None:
            return None
        interval = own.interval(0.95)
        # A model without a mistake has no standard error, but still an interval.
        error = own.standard_error or (interval.high - interval.low) / 3.92
        return (error * math.sqrt(2 * (1 - CORRELATION)), own.df) if math.isfinite(error) else None


def suggest(request: Request, *, model: str | None = None) -> Suggestions:
    """Suggest metric gates for each model of the policy that `mergegate review` would choose, or for one.

    Raises UsageError where there is no policy, base or model of that name; what one model lacks is a note.
    """
    project = repo.locate(request.start)
    with ExitStack() as stack:
        head_revision, files = _open(stack, project, request.head)
        chosen = choose_policy(project, files, base=request.base, file=request.policy)
        base_revision = _find_base(project, request.base, chosen.target, head_revision)
        base_files = stack.enter_context(repo.open_commit(project, base_revision))
        base = Reading("base", base_revision, base_files, dag.read(base_files, at=base_revision.name))
        head = Reading("head", head_revision, files, dag.read(files, at=name_in_errors(head_revision)))
        policy, objects = chosen.policy, repo.Objects(project)
        if model is not None and model not in policy.models:
            known = ", ".join(policy.models) or "none"
            raise UsageError(f"the policy has no model {model}", hint=f"it has {known}", code="unknown-name")
        with suppress(ObjectError):  # told again by reading the file
            objects.fetch([hash_ for side in (base, head) for hash_ in needed_files(policy, side, objects)])
        names = [model] if model is not None else list(policy.models)
        found = tuple(_suggest(policy, name, base, head, objects) for name in names)
    return Suggestions(
        base=base_revision.name, head=head_revision.name, policy=chosen.source.path, models=found
    )


def _open(stack: ExitStack, project: repo.Project, name: str) -> tuple[Revision, repo.Snapshot]:
    if name == WORKSPACE:
        revision = repo.workspace_revision(project)
        if revision.sha is None:
            raise UsageError(
                "the repository has no commit yet, so there is no base", hint=COMMIT_HINT, code="no-commit"
            )
        return revision, stack.enter_context(repo.open_workspace(project))
    revision = repo.resolve(project, name)
    return revision, stack.enter_context(repo.open_commit(project, revision))


def _find_base(project: repo.Project, asked: str | None, target: Revision, head: Revision) -> Revision:
    """The base as asked for, else where head left the target."""
    if asked is not None:
        return find_revision(project, asked)
    base = repo.resolve(project, repo.merge_base(project, target, head))
    return target if target.sha == base.sha else base


def _suggest(
    policy: Policy, name: str, base: Reading, head: Reading, objects: repo.Objects
) -> SuggestedModel:
    model = policy.models[name]
    old, new = read_pair(base, head, objects, model.evaluation)
    if old.predictions is None:
        why = old.problem.clause if old.problem else "there are none"
        note = f"base's {model.evaluation.predictions} can't be used: {why}"
        return SuggestedModel(name=name, rows=None, notes=(note,))
    sides, notes = _compare(policy, model, old.predictions, new)
    gates = []
    for metric in (*setting(policy, model.evaluation).options.names, *HEADLINE[model.evaluation.task]):
        gate = _gate(sides, metric)
        if gate is None:
            notes.append(f"{metric}: {_why_none(sides, metric)}")
        else:
            gates.append(gate)
    sliced = _slices(sides)
    return SuggestedModel(
        name=name,
        rows=old.predictions.rows,
        gates=(*gates, *([sliced] if sliced else [])),
        notes=tuple(notes),
    )


def _compare(policy: Policy, model: Model, base: Predictions, head: Evidence) -> tuple[_Sides, list[str]]:
    """Everything measured, and how differences are known."""
    evaluation = model.evaluation
    columns = tuple(_columns(base, evaluation))
    names = (*setting(policy, evaluation).options.names, *HEADLINE[evaluation.task])
    asks = [Ask(name, bars=True) for name in names]
    asks += [Ask(name, bars=True, slices=columns) for name in _SLICED[evaluation.task]]
    context = setting(policy, evaluation)
    alone = compare.compare(None, base, metrics=(), asks=asks, setting=context)
    paired = None
    notes = []
    if head.predictions is not None:
        paired = compare.compare(base, head.predictions, metrics=(), asks=asks, setting=context)
    if paired is None or paired.identical or not paired.rows.compared:
        paired = None
        notes.append(
            "base and head do not differ, or can't be compared: `max_regression` assumes that the errors of "
            f"a changed model and of base's correlate by {CORRELATION:g}. Run this again on a change."
        )
    return _Sides(policy, evaluation, base, alone, paired), notes


def _usable(found: Comparison, key: Key) -> Estimate | None:
    measured = found.evidence.get(key)
    estimate = measured.estimate if measured else None
    return None if estimate is None or estimate.problem or not math.isfinite(estimate.value) else estimate


def _gate(sides: _Sides, name: str) -> SuggestedGate | None:
    """A metric's own bar and margin; None where it can't be judged."""
    own, noise = sides.own(name), sides.difference(name)
    if own is None or noise is None or own.carried < FEW_ROWS:
        return None
    interval = own.interval(SURE)
    greater = _greater(sides, name)
    limit, other = (interval.low, interval.high) if greater else (interval.high, interval.low)
    if not (math.isfinite(limit) and math.isfinite(other)):
        return None
    bar, word = outward(limit, abs(other - limit), up=not greater), "min" if greater else "max"
    reasons = {
        word: f"base has {own.value:.4g}; the worse limit of its {100 * SURE:g} % interval, "
        f"{interval.low:.4g} to {interval.high:.4g}, rounded outward",
        "max_regression": _margin_reason(sides, *noise),
    }
    least = MANY_ROWS if own.carried >= 2 * MANY_ROWS else FEW_ROWS
    reasons["min_rows"] = (
        f"{own.carried:,.0f} rows carry it in base; from {least:,} on its interval holds its word"
    )
    allowed = margin(noise[0], noise[1], sides.policy.confidence)
    return SuggestedGate(
        name=name,
        min=bar if greater else None,
        max=None if greater else bar,
        max_regression=allowed,
        min_rows=least,
        reasons=reasons,
    )


def _margin_reason(sides: _Sides, error: float, df: float) -> str:
    how = "between base and head" if sides.paired else f"assumed by a correlation of {CORRELATION:g}"
    least = stats.smallest_detectable(error, df=df, confidence=sides.policy.confidence)
    return (
        f"from {least:.3g} on a model as good as base passes with 80 % probability "
        f"(standard error of a difference {error:.2g}, {how})"
    )


def _why_none(sides: _Sides, name: str) -> str:
    measured = sides.alone.evidence.get(Key(name, "head"))
    if measured is None or measured.estimate is None:
        return f"base has no value ({measured.head_reason if measured else 'it was not measured'})"
    if measured.estimate.problem:
        return measured.estimate.problem
    if measured.estimate.carried < FEW_ROWS:
        return f"only {measured.estimate.carried:,.0f} of base's rows carry it, and {FEW_ROWS} must"
    return "its interval is unbounded"


def _greater(sides: _Sides, name: str) -> bool:
    return next(metric.greater_is_better for metric in sides.alone.metrics if metric.name == name)


def _columns(base: Predictions, evaluation: Evaluation) -> Sequence[str]:
    """Further columns with a few values, each on many rows; those with the fewest values first."""
    taken = {evaluation.weight, evaluation.cluster, *(loss.column for loss in evaluation.losses)}
    sizes: dict[str, int] = {}
    for name in base.columns:
        if name in taken:
            continue
        with suppress(UndefinedError):  # too many values, or nested
            found = levels(base.columns[name], name)
            counts = np.bincount(found.codes, minlength=len(found.texts))
            if 2 <= len(found.texts) <= MOST_VALUES and counts.min() >= FEWEST_IN_SLICE:
                sizes[name] = len(found.texts)
    chosen: list[str] = []
    for name in sorted(sizes, key=lambda name: (sizes[name], name)):
        if sum(sizes[each] for each in (*chosen, name)) <= MOST_SLICES:
            chosen.append(name)
    return chosen


def _slices(sides: _Sides) -> SuggestedGate | None:
    """A gate for slices, its margin what the least certain of them can judge; None without a column."""
    names = [name for name in _SLICED[sides.evaluation.task] if sides.own(name) is not None]
    if not names:
        return None
    name = names[0]
    known = {}
    for key in sides.alone.evidence:
        own = sides.own(name, key.column, key.level) if key.metric == name and key.level else None
        noise = sides.difference(name, key.column, key.level) if own and own.carried >= FEW_ROWS else None
        if noise:
            known[key] = noise
    if not known:
        return None
    widest = max(known, key=lambda key: known[key][0])
    error, df = known[widest]
    columns = tuple(dict.fromkeys(key.column for key in known))
    reasons = {
        "max_regression": f"what the least certain slice ({widest.column} is {widest.level}) can judge: "
        + _margin_reason(sides, error, df),
        "min_rows": f"every slice has {FEWEST_IN_SLICE:,} rows or more; below {FEW_ROWS} none could tell",
        "slices": f"{len(known):,} slices, each a claim; no `min` or `max`, which would bind each too",
    }
    return SuggestedGate(
        name=name,
        max_regression=margin(error, df, sides.policy.confidence),
        min_rows=FEW_ROWS,
        slices=columns,
        reasons=reasons,
    )
