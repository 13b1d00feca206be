"""The gate on golden rows: how many fail, and what could not be judged fails."""

import pytest

from mergegate.config.policy import Evaluation, Gates, GoldenGate, Model, Policy
from mergegate.gates import golden
from mergegate.gates.case import Case
from mergegate.records.comparison import RowCounts
from mergegate.records.explain import Golden, GoldenRow
from mergegate.records.review import ModelReview
from mergegate.records.verdict import GateResult

ROW = GoldenRow(
    file="golden/rows.csv",
    name="evening",
    expected="late",
    reason="They missed a wedding",
    author="Ada",
    base="late",
    head="on_time",
    fault="head answers `on_time`, where `late` is expected",
)


def judge(found: Golden | None, *, path: str | None = "golden", most: int | None = None) -> list[GateResult]:
    model = Model(
        evaluation=Evaluation(task="binary", predictions="p.parquet"),
        bundle="models/bundle",
        golden=path,
        gates=Gates(golden=GoldenGate(max_failed=most)),
    )
    rows = RowCounts(base=10, head=10)
    review = ModelReview(name="late", task="binary", predictions="p.parquet", rows=rows, golden=found)
    return list(golden.judge(Case(Policy(version=1, models={"late": model}), (review,), ())))


def said(found: Golden | None, most: int | None = None) -> tuple[str, str]:
    (only,) = judge(found, most=most)
    return only.outcome, only.sentence


def test_a_policy_without_golden_rows_has_no_gate() -> None:
    assert judge(None, path=None) == []


def test_a_model_that_was_not_reviewed_has_no_gate_of_its_own() -> None:
    model = Model(evaluation=Evaluation(task="binary", predictions="p"), bundle="b", golden="golden")
    assert list(golden.judge(Case(Policy(version=1, models={"late": model}), (), ()))) == []


def test_rows_that_hold_pass() -> None:
    assert judge(Golden(rows=12)) == [
        GateResult(
            id="late/golden/max_failed",
            kind="golden",
            outcome="pass",
            sentence="all 12 golden rows hold.",
            subject="late",
            value=0.0,
            bar=0.0,
        )
    ]
    assert said(Golden(rows=1)) == ("pass", "the golden row holds.")


def test_a_row_that_fails_is_named_with_its_reason_and_both_answers() -> None:
    assert judge(Golden(rows=12, failed=1, failures=(ROW,))) == [
        GateResult(
            id="late/golden/max_failed",
            kind="golden",
            outcome="fail",
            sentence="1 of 12 golden rows fails: `evening` (golden/rows.csv): head answers `on_time`, where "
            "`late` is expected; base answers `late`. Why it must hold: They missed a wedding.",
            subject="late",
            value=1.0,
            bar=0.0,
        )
    ]


def test_the_first_of_many_is_named() -> None:
    problem = GoldenRow(
        file="g.csv", name="b", expected="late", reason="Why?", base="late", problem="it lacks the input `x`"
    )
    found = Golden(rows=12, failed=3, failures=(problem, ROW, ROW))
    assert said(found, most=2) == (
        "fail",
        "3 of 12 golden rows fail, where at most 2 may: first, `b` (g.csv): it lacks the input `x`. Why it "
        "must hold: Why?",
    )
    assert said(found, most=3) == ("pass", "3 of 12 golden rows fail; up to 3 may.")


def test_a_row_that_is_held_against_base_tells_bases_answer_itself() -> None:
    row = GoldenRow(
        file="g.csv", name="a", expected="late", not_worse=True, reason="r", base="late", fault="head fell"
    )
    assert said(Golden(rows=1, failed=1, failures=(row,)))[1] == (
        "1 of 1 golden row fails: `a` (g.csv): head fell. Why it must hold: r."
    )


def test_a_long_reason_is_cut() -> None:
    row = GoldenRow(file="g.csv", name="a", expected="late", reason="r" * 400, fault="head fell")
    sentence = said(Golden(rows=1, failed=1, failures=(row,)))[1]
    assert sentence.endswith(f"Why it must hold: {'r' * 300}…")


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (None, "they were not asked; run the review again"),
        (Golden(), "there are none"),
        (
            Golden(problem="golden/rows.csv: the file is empty; write a golden row"),
            "golden/rows.csv: the file is empty; write a golden row",
        ),
    ],
)
def test_what_could_not_be_judged_fails(found: Golden | None, why: str) -> None:
    (result,) = judge(found, most=100)
    assert (result.outcome, result.value) == ("fail", None)
    assert result.sentence == f"the golden rows can't be judged: {why}."


def test_failures_that_nobody_listed_fail_all_the_same() -> None:
    assert said(Golden(rows=2, failed=1)) == (
        "fail",
        "1 of 2 golden rows fails: none of them is shown; run the review again.",
    )
