"""Head's contract files can be read and are whole; without base's, the comparison is skipped, and said so."""

from collections.abc import Iterator

from mergegate.config.policy import Model
from mergegate.gates.case import Case, found_at, rows
from mergegate.records.review import ModelReview, Problem
from mergegate.records.verdict import GateResult

KIND = "contract"
COMPARISON = "comparison"


def judge(case: Case) -> Iterator[GateResult]:
    """Judge the files of each model, then those of no model; a file that can't be used fails."""
    for name, model in case.policy.models.items():
        review = case.model(name)
        yield _predictions(name, model, review)
        if review is None:
            continue
        yield from _metrics_file(name, model, review)
        yield from _others(name, model, review)
        yield from _comparison(name, model, review)
    for path, found in _by_path(problem for problem in case.problems if problem.side == "head").items():
        yield _broken(f"{path}/contract", path, found)


def _predictions(name: str, model: Model, review: ModelReview | None) -> GateResult:
    path, gate = model.evaluation.predictions, f"{name}/predictions/contract"
    if review is None:
        sentence = "the model of the policy was not reviewed."
        return GateResult(id=gate, kind=KIND, outcome="fail", sentence=sentence, subject=name)
    found = found_at(review.problems, "head", path)
    if found:
        return _broken(gate, path, found, subject=name)
    if review.rows.head is None:
        sentence = f"head has no {path}, so nothing can be judged by it."
        return GateResult(
            id=gate, kind=KIND, outcome="fail", sentence=sentence, subject=name, mend="dvc repro"
        )
    sentence = f"head's {path} holds {rows(review.rows.head)} and meets its contract."
    return GateResult(id=gate, kind=KIND, outcome="pass", sentence=sentence, subject=name)


def _metrics_file(name: str, model: Model, review: ModelReview) -> Iterator[GateResult]:
    path = model.evaluation.metrics
    if path is None:
        return
    gate, found = f"{name}/metrics/contract", found_at(review.problems, "head", path)
    if found:
        yield _broken(gate, path, found, subject=name)
    else:
        sentence = f"head's {path} can be read."
        yield GateResult(id=gate, kind=KIND, outcome="pass", sentence=sentence, subject=name)


def _others(name: str, model: Model, review: ModelReview) -> Iterator[GateResult]:
    """Problems of head's files that no gate above is about."""
    known = {model.evaluation.predictions, model.evaluation.metrics}
    others = (each for each in review.problems if each.side == "head" and each.path not in known)
    for path, found in _by_path(others).items():
        yield _broken(f"{name}/{path}/contract", path, found, subject=name)


def _comparison(name: str, model: Model, review: ModelReview) -> Iterator[GateResult]:
    """Say that base and head are not compared, and why; head's own troubles are said above."""
    if review.rows.head is not None and not review.rows.shared:
        yield _skipped(
            f"{name}/{COMPARISON}", name, f"base and head are not compared: {why_not_compared(model, review)}"
        )
    path = model.evaluation.metrics
    found = found_at(review.problems, "base", path) if path else []
    if found:
        sentence = f"nothing that base reported is shown: its {path} can't be used: {found[0].clause}."
        yield _skipped(f"{name}/metrics/{COMPARISON}", name, sentence)


def why_not_compared(model: Model, review: ModelReview) -> str:
    """Why base and head share no row, as the end of a sentence."""
    path = model.evaluation.predictions
    found = found_at(review.problems, "base", path)
    if found:
        return f"base's {path} can't be used: {found[0].clause}."
    if review.rows.base is None:
        return f"base has no {path}: the model or its evaluation is new."
    return next((_stop(metric.note) for metric in review.metrics if metric.note), "they share no row_id.")


def _skipped(gate: str, subject: str, sentence: str) -> GateResult:
    return GateResult(id=gate, kind=COMPARISON, outcome="skipped", sentence=sentence, subject=subject)


def _broken(gate: str, path: str, found: list[Problem], *, subject: str = "") -> GateResult:
    first = found[0]
    advice = f"; {first.hint}" if first.hint else ""
    sentence = f"head's {path} can't be used: {_stop(first.clause + advice)}"
    if len(found) > 1:
        sentence += f" {len(found) - 1:,} more of its problems stand in the review."
    return GateResult(id=gate, kind=KIND, outcome="fail", sentence=sentence, subject=subject)


def _by_path(problems: Iterator[Problem]) -> dict[str, list[Problem]]:
    grouped: dict[str, list[Problem]] = {}
    for problem in problems:
        grouped.setdefault(problem.path, []).append(problem)
    return grouped


def _stop(message: str) -> str:
    """A message as the end of a sentence."""
    return message if message.endswith((".", "!", "?")) else f"{message}."
