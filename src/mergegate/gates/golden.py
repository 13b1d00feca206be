"""Golden rows: answers that the model owes, whatever its metrics say."""

from collections.abc import Iterator

from mergegate.amounts import amount
from mergegate.config.policy import Model
from mergegate.gates.case import Case
from mergegate.records.explain import Golden, GoldenRow
from mergegate.records.verdict import GateResult, Outcome

KIND = "golden"
LONGEST_REASON = 300


def judge(case: Case) -> Iterator[GateResult]:
    """Judge each model that has golden rows by how many fail; what could not be judged fails."""
    for name, model in case.policy.models.items():
        review = case.model(name)
        if model.golden is None or review is None:  # without a review its contract gate fails
            continue
        yield _judge(name, model, review.golden)


def _judge(name: str, model: Model, found: Golden | None) -> GateResult:
    bar = model.gates.golden.max_failed or 0
    if found is None or found.problem or not found.rows:
        why = "they were not asked; run the review again" if found is None else found.problem
        sentence = f"the golden rows can't be judged: {(why or 'there are none').rstrip('.')}."
        return _result(name, "fail", sentence, None, bar)
    if not found.failed:
        sentence = "the golden row holds." if found.rows == 1 else f"all {found.rows:,} golden rows hold."
        return _result(name, "pass", sentence, 0, bar)
    counted = (
        f"{found.failed:,} of {amount(found.rows, 'golden row')} {'fails' if found.failed == 1 else 'fail'}"
    )
    if found.failed <= bar:
        return _result(name, "pass", f"{counted}; up to {bar:,} may.", found.failed, bar)
    most = f", where at most {bar:,} may" if bar else ""
    sentence = f"{counted}{most}: {_first(found)}"
    return _result(name, "fail", sentence, found.failed, bar)


def _first(found: Golden) -> str:
    """The first failing row in words, with its reason."""
    if not found.failures:
        return "none of them is shown; run the review again."
    row = found.failures[0]
    said = (row.problem or row.fault).rstrip(".")
    beside = f"; base answers {_quoted(row.base)}" if _tells(row) else ""
    first = "" if found.failed == 1 else "first, "
    reason = row.reason if len(row.reason) <= LONGEST_REASON else row.reason[:LONGEST_REASON] + "…"
    end = "" if reason.endswith((".", "!", "?", "…")) else "."
    return f"{first}{_quoted(row.name)} ({row.file}): {said}{beside}. Why it must hold: {reason}{end}"


def _tells(row: GoldenRow) -> bool:
    """Whether base's answer tells something beside what is said of the row."""
    return row.base is not None and not row.problem and not row.not_worse


def _quoted(text: str | None) -> str:
    return f"`{text}`"


def _result(name: str, outcome: Outcome, sentence: str, value: int | None, bar: int) -> GateResult:
    return GateResult(
        id=f"{name}/{KIND}/max_failed",
        kind=KIND,
        outcome=outcome,
        sentence=sentence,
        subject=name,
        value=None if value is None else float(value),
        bar=float(bar),
    )
