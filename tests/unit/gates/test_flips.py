"""How many answers may change or break, and how far groups may lie apart, judged as a review would."""

import numpy as np
import pytest

from mergegate.compare import GapAsk, Key, Measured, compare
from mergegate.compare.churn import share_of_compared
from mergegate.compare.flips import mark_changed
from mergegate.config.gates import FlipsGate, GapGate, Gates
from mergegate.config.policy import Evaluation, Model, Policy
from mergegate.flows.questions import gap_asks, setting
from mergegate.gates import judge
from mergegate.gates.flips import BROKEN, SHARE
from mergegate.records.predictions import Predictions
from mergegate.records.review import ModelReview
from mergegate.records.verdict import GateResult
from support.judged import ROWS, TODAY, scored

EVALUATION = Evaluation(task="binary", predictions="p.parquet")


def judged(base: Predictions | None, head: Predictions, gates: Gates) -> list[GateResult]:
    """The gates on flips and gaps of a review of two models."""
    policy = Policy(version=1, models={"late": Model(evaluation=EVALUATION, gates=gates)})
    model = policy.models["late"]
    found = compare(base, head, gaps=gap_asks(policy, model), setting=setting(policy, EVALUATION))
    evidence: dict[Key, Measured] = dict(found.evidence)
    if base is not None and found.paired is not None:
        marks = mark_changed(base, head, found.paired)
        for name, which in ((SHARE, marks.changed), (BROKEN, marks.broke)):
            share = share_of_compared(which, found.paired, base, weight=EVALUATION.weight, min_rows=50)
            evidence[Key(name, "shared")] = share
    review = ModelReview(name="late", task="binary", predictions="p.parquet", rows=found.rows)
    results = judge(policy, (review,), (), evidence={"late": evidence}, today=TODAY).gates
    return [each for each in results if each.kind in ("flips", "gap")]


def test_a_share_that_surely_holds_passes_and_one_that_surely_does_not_fails() -> None:
    base, head = scored(1, 3.0), scored(2, 3.0)
    share = float(np.mean(base.y_pred != head.y_pred))
    assert 0.02 < share < 0.2
    (passed,) = judged(base, head, Gates(flips=FlipsGate(max_share=0.2)))
    assert (passed.id, passed.outcome) == ("late/flips/max_share", "pass")
    assert passed.value == pytest.approx(share)
    assert passed.sentence == (
        "the share of answers that changed is below 0.2 with its whole interval, on the 4,000 rows that both "
        "judged."
    )
    (failed,) = judged(base, head, Gates(flips=FlipsGate(max_share=share - 0.02)))
    assert (failed.outcome, failed.blocking) == ("fail", True)
    (unsure,) = judged(base, head, Gates(flips=FlipsGate(max_share=round(share, 3))))
    assert unsure.outcome == "insufficient"
    assert "may be on either side of" in unsure.sentence


def test_what_broke_is_less_than_what_changed() -> None:
    base, head = scored(1, 3.0), scored(2, 3.0)
    broken = float(np.mean((base.y_pred == base.y_true) & (head.y_pred != head.y_true)))
    (result,) = judged(base, head, Gates(flips=FlipsGate(max_broken=0.5)))
    assert result.id == "late/flips/max_broken"
    assert result.value == pytest.approx(broken)
    assert result.low is not None
    assert result.low < broken


def test_a_few_changed_rows_can_not_tell() -> None:
    few = np.arange(40)
    (result,) = judged(scored(1, 3.0, few), scored(2, 3.0, few), Gates(flips=FlipsGate(max_share=0.9)))
    assert result.outcome == "insufficient"
    assert "only 40 rows carry" in result.sentence


def test_where_head_kept_few_of_bases_rows_the_change_took_the_answer_away() -> None:
    (result,) = judged(scored(1, 3.0), scored(2, 3.0, np.arange(40)), Gates(flips=FlipsGate(max_share=0.9)))
    assert (result.outcome, result.blocking) == ("fail", True)
    assert result.sentence == (
        "only 40 rows carry the share of answers that changed, fewer than 50; base had 4,000, so the change "
        "took them away."
    )


def test_without_a_base_there_is_nothing_to_flip_from() -> None:
    (result,) = judged(None, scored(1, 3.0), Gates(flips=FlipsGate(max_share=0.1)))
    assert (result.outcome, result.blocking) == ("skipped", False)
    assert result.sentence.startswith("which answers changed can't be told: ")


def grouped(seed: int, column: str = "origin") -> Predictions:
    """A model that answers one group's rows by a coin."""
    origin = np.array(["EWR", "JFK", "LGA"])[np.arange(ROWS) % 3]
    found = scored(seed, 3.0, **{column: origin})
    coin = np.random.default_rng(5).integers(0, 2, ROWS)
    found.y_pred[:] = np.where(origin == "EWR", coin, found.y_pred)
    return found


def test_groups_that_lie_apart_fail_and_the_gap_is_told() -> None:
    head = grouped(1)
    gap = GapGate(metric="accuracy", column="origin", max=0.05)
    (failed,) = judged(grouped(2), head, Gates(gaps=(gap,)))
    assert (failed.id, failed.outcome) == ("late/accuracy/max_gap[origin]", "fail")
    groups = [np.mean((head.y_pred == head.y_true)[np.arange(ROWS) % 3 == place]) for place in range(3)]
    assert failed.value == pytest.approx(max(groups) - min(groups))
    assert failed.sentence.startswith("the gap of accuracy over origin is above 0.05 with its whole interval")
    (passed,) = judged(grouped(2), head, Gates(gaps=(GapGate(metric="accuracy", column="origin", max=0.6),)))
    assert passed.outcome == "pass"


def test_groups_are_as_base_has_them_and_it_is_told_where_head_says_otherwise() -> None:
    base, head = grouped(2), scored(1, 3.0, origin=np.array(["JFK"] * ROWS))
    found = compare(base, head, gaps=(GapAsk("accuracy", "origin", 50),))
    assert found.notes == ("origin differs in 2,667 of the shared rows: they are sliced as base has it",)


def test_a_gap_needs_a_column_and_two_groups_that_can_tell() -> None:
    (gone,) = judged(
        None, scored(1, 3.0), Gates(gaps=(GapGate(metric="accuracy", column="origin", max=0.1),))
    )
    assert (gone.outcome, gone.blocking) == ("fail", True)
    assert "origin" in gone.sentence
    few = GapGate(metric="accuracy", column="origin", max=0.1, min_rows=5_000)
    (unsure,) = judged(None, grouped(1), Gates(gaps=(few,)))
    assert unsure.outcome == "insufficient"
    assert "fewer than two groups of origin have 5,000 rows that carry accuracy" in unsure.sentence


def test_a_group_that_base_could_tell_of_and_head_lost_fails() -> None:
    gap = GapGate(metric="accuracy", column="origin", max=0.6)
    kept = np.flatnonzero(np.arange(ROWS) % 3 != 0)
    origin = np.array(["EWR", "JFK", "LGA"])[np.arange(ROWS) % 3]
    (failed,) = judged(grouped(2), scored(1, 3.0, kept, origin=origin), Gates(gaps=(gap,)))
    assert (failed.outcome, failed.blocking) == ("fail", True)
    assert failed.sentence == (
        "the gap of accuracy over origin can't be judged: enough rows carry accuracy in base where origin is "
        "EWR, and too few in head."
    )
    # Answers alone can lose it too: of a class that is never called nobody knows the precision.
    silent = grouped(1)
    silent.y_pred[origin == "EWR"] = 0
    precise = GapGate(metric="precision", column="origin", max=0.9)
    (failed,) = judged(grouped(2), silent, Gates(gaps=(precise,)))
    assert (failed.outcome, failed.blocking) == ("fail", True)
    # A group that head alone has, or that base could not tell of either, is nobody's loss.
    (passed,) = judged(scored(1, 3.0, kept, origin=origin), grouped(1), Gates(gaps=(gap,)))
    assert passed.outcome == "pass"


def test_no_two_gaps_share_an_id() -> None:
    gates = Gates(gaps=(GapGate(metric="accuracy", column="a=b", max=0.5),))
    (result,) = judged(None, grouped(1, "a=b"), gates)
    assert result.id == 'late/accuracy/max_gap["a=b"]'
    assert GapAsk("accuracy", "a=b", 50).key == Key("the gap of accuracy over a=b", "head")


def test_head_without_predictions_fails() -> None:
    policy = Policy(
        version=1,
        models={
            "late": Model(
                evaluation=EVALUATION,
                gates=Gates(
                    flips=FlipsGate(max_share=0.1), gaps=(GapGate(metric="f1", column="origin", max=0.1),)
                ),
            )
        },
    )
    found = compare(scored(1, 3.0), None)
    review = ModelReview(name="late", task="binary", predictions="p.parquet", rows=found.rows)
    results = judge(policy, (review,), (), today=TODAY).gates
    assert {each.id: each.outcome for each in results if each.kind in ("flips", "gap")} == {
        "late/flips/max_share": "fail",
        "late/f1/max_gap[origin]": "fail",
    }
