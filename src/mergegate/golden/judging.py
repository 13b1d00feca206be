"""What golden rows say of two models' answers: which fail, and what each of them owes."""

import math
from collections.abc import Collection, Mapping, Sequence

import msgspec

from mergegate.golden.row import Cell, Row, is_missing, shown, to_number, to_text
from mergegate.records.explain import FlipInput, Golden, GoldenRow

MOST_SHOWN = 20
MOST_INPUTS = 500
LONGEST_VALUE = 200
ROUNDING = 1e-6
"""What float32 can't tell: of a probability, and of a number as a share of it."""


class Answer(msgspec.Struct, frozen=True):
    """A model's answer: a class with the chances of every class where it gives them, or a number."""

    label: str = ""
    number: float | None = None
    chances: Mapping[str, float] | None = None

    @property
    def text(self) -> str:
        """The answer as people read it."""
        return self.label if self.number is None else f"{self.number:.6g}"


class Answers(msgspec.Struct, frozen=True):
    """What one side's model says of n golden rows, None where it was not asked.

    `problems` says why, by place; `classes` are the model's, empty for regression.
    """

    given: Sequence[Answer | None]
    classes: tuple[str, ...] = ()
    problems: Mapping[int, str] = {}


def judge(
    rows: Sequence[Row],
    base: Answers | None,
    head: Answers,
    *,
    base_problem: str = "",
    private: Collection[str] = (),
) -> Golden:
    """Judge `rows` by the answers of head; those of base are shown, and are the bar of `not_worse` rows.

    `base` None: base has no model yet, and no row is worse than it; with `base_problem`, why it could not be
    asked, such rows fail. Inputs among `private` are hidden.
    """
    failures: list[GoldenRow] = []
    failed = unheld = 0
    for place, row in enumerate(rows):
        old = None if base is None else base.given[place]
        judged = _Judged(row, old, head.given[place])
        problem = head.problems.get(place, "") or _misasked(row, head.classes)
        if row.not_worse and not problem and old is None:
            why = base_problem or ("" if base is None else base.problems.get(place, "it has no answer"))
            problem = f"base's model can't be asked: {why}" if why else ""
            unheld += not why
        fault = "" if problem else judged.fault()
        if not problem and not fault:
            continue
        failed += 1
        if len(failures) < MOST_SHOWN:
            failures.append(judged.record(fault, problem, private))
    return Golden(
        files=tuple(dict.fromkeys(row.file for row in rows)),
        rows=len(rows),
        failed=failed,
        failures=tuple(failures),
        notes=(_note_unheld(unheld),) if unheld else (),
    )


def _note_unheld(count: int) -> str:
    rows = "1 golden row asks" if count == 1 else f"{count:,} golden rows ask"
    return f"{rows} head to be no worse than base, which has no bundle yet: nothing was held against it."


def _misasked(row: Row, classes: tuple[str, ...]) -> str:
    """Why what a row asks is nothing that this kind of model can owe; empty when it can."""
    if classes:
        if row.expected is not None and row.expected not in classes:
            named = ", ".join(shown(label) for label in classes[:10])
            return f"it expects {shown(row.expected)}, which is no class of the model ({named})"
        if row.tolerance is not None and not (row.not_worse and row.expected is not None):
            return "`tolerance` is for numbers and for `not_worse`; of a class, ask for `min_probability`"
        return ""
    if row.min_probability is not None:
        return "`min_probability` is for classes, and the model answers with a number"
    if row.expected is not None and _expected(row) is None:
        return f"it expects {shown(row.expected)}, and the model answers with a number"
    return ""


def _expected(row: Row) -> float | None:
    return to_number(row.expected, typed=False)


class _Judged(msgspec.Struct, frozen=True):
    """A golden row beside both answers."""

    row: Row
    base: Answer | None
    head: Answer | None

    def fault(self) -> str:
        """What head owes and does not give, empty when it gives it."""
        row, head, base = self.row, self.head, self.base
        if head is None:
            return "head gives no answer"
        if row.not_worse:
            return "" if base is None else self._worse(base, head)
        if head.number is not None:
            return self._distant(head.number)
        if row.min_probability is None:
            if head.label == row.expected:
                return ""
            return f"head answers {shown(head.label)}, where {shown(row.expected)} is expected"
        chance = _score(row, head)
        if chance is None:
            return "head gives no probabilities to hold against `min_probability`"
        if chance >= row.min_probability - ROUNDING:
            return ""
        return (
            f"head gives {shown(row.expected)} a probability of {chance:.4g}, where at least "
            f"{row.min_probability:g} is asked"
        )

    def _distant(self, number: float) -> str:
        expected, tolerance = _expected(self.row), self.row.tolerance or 0.0
        if expected is None or _within(abs(number - expected), tolerance, number, expected):
            return ""
        most = f"at most {tolerance:g} away from {expected:g}" if tolerance else f"{expected:g}"
        return f"head answers {number:.6g}, where {most} is expected"

    def _worse(self, base: Answer, head: Answer) -> str:
        tolerance = self.row.tolerance or 0.0
        allowed = f" by more than {tolerance:g}" if tolerance else ""
        if self.row.expected is None:
            if head.number is None or base.number is None:
                return "" if head.label == base.label else self._other()
            near = _within(abs(head.number - base.number), tolerance, head.number, base.number)
            return "" if near else self._other() + allowed
        old, new = _score(self.row, base), _score(self.row, head)
        if old is None or new is None:
            # Without probabilities a class is right or wrong.
            old, new = float(base.label == self.row.expected), float(head.label == self.row.expected)
            return "" if new >= old else self._other()
        if head.number is None or base.number is None:
            if new >= old - tolerance - ROUNDING:
                return ""
            of = f"head gives {shown(self.row.expected)} a probability of {new:.4g}, base {old:.4g}"
            return f"{of}: it may not fall{allowed}"
        if _within(new - old, tolerance, head.number, base.number):
            return ""
        return f"head is {new:.6g} away from {self.row.expected}, base {old:.6g}: it may not grow{allowed}"

    def _other(self) -> str:
        old, new = (each.text if each else "" for each in (self.base, self.head))
        return f"head answers {shown(new)}, base {shown(old)}: it may not change"

    def record(self, fault: str, problem: str, private: Collection[str]) -> GoldenRow:
        """The row whole, as the review shows it."""
        row = self.row
        return GoldenRow(
            file=row.file,
            name=row.name,
            expected=row.expected,
            tolerance=row.tolerance,
            min_probability=row.min_probability,
            not_worse=row.not_worse,
            reason=row.reason,
            author=row.author,
            base=None if self.base is None else self.base.text,
            head=None if self.head is None else self.head.text,
            base_score=None if self.base is None else _score(row, self.base),
            head_score=None if self.head is None else _score(row, self.head),
            inputs=tuple(
                to_input(name, cell, private) for name, cell in list(row.inputs.items())[:MOST_INPUTS]
            ),
            fault=fault,
            problem=problem,
        )


def _score(row: Row, answer: Answer) -> float | None:
    """The probability of `expected`, or the absolute error; None where there is neither."""
    if row.expected is None:
        return None
    if answer.number is None:
        return None if answer.chances is None else answer.chances.get(row.expected, 0.0)
    expected = _expected(row)
    return None if expected is None else abs(answer.number - expected)


def _within(distance: float, tolerance: float, *numbers: float) -> bool:
    return math.isfinite(distance) and distance <= tolerance + ROUNDING * max(map(abs, numbers))


def to_input(name: str, cell: Cell, private: Collection[str]) -> FlipInput:
    """An input as people see it, cut where it is long; the value of a private one is hidden."""
    if name in private:
        return FlipInput(name=name, value=None, hidden=True)
    if is_missing(cell):
        return FlipInput(name=name, value=None)
    text = to_text(cell)
    return FlipInput(name=name, value=text if len(text) <= LONGEST_VALUE else text[:LONGEST_VALUE] + "…")
