"""What the gate will say: the last review's word where it is of this very state, else what can be told."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from mergegate import __version__, repo
from mergegate.config.datasets import effective_gates, training_path
from mergegate.config.metric_gates import BARS
from mergegate.config.policy import POLICY_FILE, Model, Policy
from mergegate.errors import MergegateError
from mergegate.flows.policies import ChosenPolicy
from mergegate.flows.status.stores import find_stored
from mergegate.records.pipeline import Pipeline
from mergegate.records.review import LockFinding, Review, Revision
from mergegate.records.status import Asked, Forecast, Moves
from mergegate.repo.state import State, list_changed
from mergegate.report import stored

REVIEW = "reports/review/review.json"
POLICY_GATE = f"{POLICY_FILE}/contract"
"""The gate that a change fails whose own policy can't be used."""

MOST = 20


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What was read of the project: `lock` are the findings on the workspace's lock chain."""

    project: repo.Project
    state: State
    base: Revision
    head: Revision
    moves: Moves
    lock: tuple[LockFinding, ...]
    pipeline: Pipeline


def foresee(known: Known, chosen: ChosenPolicy) -> Forecast:
    """The last review's word, or a prediction."""
    if known.moves.nothing and not known.moves.problems and not known.lock:
        same = f"Nothing differs from {known.base.name}: there is nothing to judge."
        return Forecast(source="predicted", outcome="unknown", sentence=same)
    review = _last(known.project.root / REVIEW)
    if review is not None and _is_of_now(review, known, chosen):
        return _repeat(review)
    return _predict(known, chosen)


def _repeat(review: Review) -> Forecast:
    blocking = [gate for gate in review.gates if gate.blocking]
    return Forecast(
        source="review",
        outcome="passes" if review.verdict.outcome == "passed" else "fails",
        sentence=review.verdict.headline,
        enforced=review.verdict.enforced,
        failing=tuple(gate.id for gate in blocking[:MOST]),
        why=tuple(gate.sentence for gate in blocking[:MOST]),
    )


def _predict(known: Known, chosen: ChosenPolicy) -> Forecast:
    policy = chosen.policy
    unusable = chosen.head_problem
    breaks = [finding for finding in known.lock if finding.blocking and finding.kind != "unchecked"]
    problems = known.moves.problems
    stale = (*problems, *(finding.message for finding in breaks))
    why = (unusable, *stale) if unusable else stale
    held = tuple(_held(known, policy))
    failing = (*((POLICY_GATE,) if unusable else ()), *(("lock/chain",) if stale else ()))
    if unusable:
        sentence = f"The policy here can't be used: {POLICY_GATE} will fail."
    elif stale:
        sentence = "The lock is stale: lock/chain will fail." if breaks else "The pipeline can't be read."
    elif not held:
        sentence = "The policy asks for nothing that this change moves."
    else:
        sentence = "Nothing is known to fail; only a review can tell."
    return Forecast(
        source="predicted",
        outcome="fails" if why else "unknown",
        sentence=sentence,
        enforced=policy.mode == "enforce",
        failing=failing,
        why=tuple(f"{sentence.rstrip('.')}." for sentence in why[:MOST]),
        held=held[:MOST],
    )


def _held(known: Known, policy: Policy) -> Iterator[Asked]:
    """What a review of this change will judge: every model, and the datasets that moved."""
    for name, model in policy.models.items():
        yield Asked(subject=name, gates=tuple(_model_gates(model)))
    moved = {move.path for move in known.moves.data} | {
        out.path
        for stage in known.pipeline.stages
        for out in stage.outs
        if stage.address in {each.name for each in known.moves.stages}
    }
    for dataset in policy.datasets:
        paths = [dataset.path, training_path(policy, dataset) or dataset.path]
        if any(_within(path, place) for path in paths for place in moved):
            gates = effective_gates(policy, dataset)
            words = [
                key
                for key in ("schema", "max_removed_share", "max_added_share", "max_label_change_share")
                if getattr(gates, key) is not None and (key != "max_label_change_share" or dataset.label)
            ]
            words += ["unique_key"] if dataset.key and gates.unique_key != "ignore" else []
            words += ["leakage"] if training_path(policy, dataset) else []
            yield Asked(subject=f"data:{dataset.path}", gates=tuple(words))


def _model_gates(model: Model) -> Iterator[str]:
    yield "contract"
    for gate in model.gates.metrics:
        bars = [bar for bar in BARS if getattr(gate, bar) is not None]
        by = f" by {', '.join(gate.slices)}" if gate.slices else ""
        yield from (f"{gate.name}/{bar}{by}" for bar in bars)
    yield from ("rows_gone", "labels_changed")
    yield from (word for word in ("max_share", "max_broken") if getattr(model.gates.flips, word) is not None)
    yield from (f"{gap.metric}/max_gap[{gap.column}]" for gap in model.gates.gaps)
    yield from (word for word in ("max_size_mb", "parity") if getattr(model.gates.bundle, word) is not None)
    yield from ["max_failed"] if model.golden else []
    yield "strength"


def _last(path: Path) -> Review | None:
    """The last review, None where there is none that can be read."""
    try:
        return stored.read(path)
    except (MergegateError, OSError):
        return None


def _is_of_now(review: Review, known: Known, chosen: ChosenPolicy) -> bool:
    """Whether a review is of the very state that the workspace is in.

    By its commits and policy, by what it says of params and the lock, and by no file being newer than it.
    """
    if review.mergegate != __version__ or review.base.sha != known.base.sha:
        return False
    if review.policy.origin == "file" or review.policy.sha256 != chosen.source.sha256:
        return False
    paths = set(known.state.paths)
    paths -= find_stored(known.project, paths)
    if review.head.sha != known.head.sha:
        if not review.head.workspace or review.head.sha is None or paths:
            return False
        try:
            # Reviewed, then committed: the same files.
            paths |= set(list_changed(known.project, review.head.sha, known.head.sha))
        except MergegateError:
            return False
        paths -= find_stored(known.project, paths)
    elif paths and not review.head.workspace:
        return False
    if not _says_the_same(review, known):
        return False
    written = (known.project.root / REVIEW).stat().st_mtime_ns
    return all(_changed_at(known.project.root / path) <= written for path in paths)


def _says_the_same(review: Review, known: Known) -> bool:
    """Whether the review saw these params, and these breaks of the lock, and no other."""
    params = known.moves.params
    if review.params[: len(params)] != params or known.moves.params_total != (
        review.params_total or len(review.params)
    ):
        return False
    ours = {(each.kind, each.stage, each.path) for each in known.lock if each.kind != "unchecked"}
    theirs = {(each.kind, each.stage, each.path) for each in review.lock if each.side == "head"}
    told_alike = {kind for kind, _, _ in ours} | _OF_THE_CHAIN
    return bool(review.lock_total) or ours == {each for each in theirs if each[0] in told_alike}


_OF_THE_CHAIN = frozenset({"not-run", "command", "param-value", "edited", "broken-link", "missing"})


def _changed_at(path: Path) -> int:
    """When a file, or the folder that it is gone from, was last written, in nanoseconds."""
    try:
        return path.lstat().st_mtime_ns
    except OSError:
        try:
            return path.parent.lstat().st_mtime_ns
        except OSError:
            return 1 << 62


def _within(path: str, place: str) -> bool:
    return path == place or path.startswith(f"{place}/") or place.startswith(f"{path}/")
