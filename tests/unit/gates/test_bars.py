"""Bars in slices: each value of a column is a gate of its own, and none can be made to vanish."""

from typing import Any

import numpy as np
import pytest

from mergegate.config.policy import Evaluation, MetricGate
from support.judged import outcomes, policy, results, scored

EVERY = np.arange(4_000)
GROUPS = np.random.default_rng(1).choice(["EWR", "JFK", "LGA"], 4_000)
RARE = np.where(EVERY % 100 == 0, "OO", "AA")  # OO has 40 rows
AUC = "late/roc_auc/max_regression"
MIN = "late/roc_auc/min"
BOTH = MetricGate(name="roc_auc", min=0.6, max_regression=0.05, slices=("origin",))


def test_every_value_of_a_column_is_a_gate_of_its_own() -> None:
    found = results(policy(BOTH), scored(1, 1.0, origin=GROUPS), scored(2, 1.0, origin=GROUPS))
    names = [f"{bar}{part}" for bar in (AUC, MIN) for part in ("", *(f"[origin={o}]" for o in set(GROUPS)))]
    assert outcomes(found) == dict.fromkeys(names, "pass")
    part = found[f"{AUC}[origin=JFK]"]
    rows = int((GROUPS == "JFK").sum())
    assert part.sentence == (
        "where origin is JFK: no evidence of a difference, and a loss over 0.05 is ruled out, "
        f"on the {rows:,} rows that both judged."
    )
    assert part.measured is not None
    assert (part.measured.column, part.measured.level, part.measured.rows) == ("origin", "JFK", rows)
    assert part.measured.claims == 5  # the slices of head's own rows are a family apart


def test_a_slice_that_lost_fails_though_the_whole_passes() -> None:
    head, weak = scored(1, 1.0), scored(2, -3.0)
    here = GROUPS == "JFK"
    assert head.probabilities is not None
    assert weak.probabilities is not None
    head.probabilities[here] = weak.probabilities[here]
    gate = MetricGate(name="roc_auc", max_regression=0.3, slices=("origin",))
    from_base = scored(1, 1.0, origin=GROUPS)
    found = results(policy(gate), from_base, head)
    assert outcomes(found)[f"{AUC}[origin=JFK]"] == "fail"
    assert outcomes(found)[f"{AUC}[origin=EWR]"] == "pass"


def test_a_slice_of_few_rows_can_not_be_told_and_blocks_nothing() -> None:
    found = results(
        policy(MetricGate(name="roc_auc", max_regression=0.05, min=0.6, slices=("carrier",))),
        scored(1, 1.0, carrier=RARE),
        scored(2, 1.0, carrier=RARE),
    )
    few = found[f"{AUC}[carrier=OO]"]
    assert (few.outcome, few.blocking) == ("insufficient", False)
    assert few.sentence == "where carrier is OO: can't tell: only 15 rows carry roc_auc, fewer than 50."
    assert found[f"{MIN}[carrier=OO]"].outcome == "insufficient"
    assert found[f"{MIN}[carrier=AA]"].outcome == "pass"


def test_a_slice_in_which_a_metric_has_no_value_on_either_side_can_not_be_told() -> None:
    truth = scored(1, 1.0).y_true == 1
    only = np.where(~truth & (EVERY < 30), "HA", "AA")  # not one of HA's is late
    sides = [scored(seed, 1.0, carrier=only) for seed in (1, 2)]
    gate = MetricGate(name="roc_auc", max_regression=0.05, min=0.6, slices=("carrier",))
    found = results(policy(gate), *sides)
    assert found[f"{AUC}[carrier=HA]"].outcome == "insufficient"
    assert found[f"{AUC}[carrier=HA]"].sentence == (
        "where carrier is HA: can't tell: roc_auc has no value (base: no row is truly 1; head: no row is "
        "truly 1)."
    )
    assert found[f"{MIN}[carrier=HA]"].outcome == "insufficient"


def test_a_slice_that_head_no_longer_evaluates_fails_where_base_had_enough_of_it() -> None:
    kept = np.flatnonzero(GROUPS != "LGA")
    found = results(policy(BOTH), scored(1, 1.0, origin=GROUPS), scored(2, 1.0, kept, origin=GROUPS))
    for name, left in ((AUC, "no row that both judged is left"), (MIN, "head has no row")):
        gone = found[f"{name}[origin=LGA]"]
        carried = int((scored(1, 1.0).y_true[GROUPS == "LGA"] == 1).sum())
        assert (gone.outcome, gone.value) == ("fail", None)
        assert gone.sentence == (
            f"where origin is LGA: {left}; base had {carried:,}, so the change took them away."
        )


def test_a_small_slice_that_is_gone_can_not_be_told() -> None:
    kept = np.flatnonzero(RARE != "OO")
    gate = MetricGate(name="roc_auc", max_regression=0.05, slices=("carrier",))
    found = results(policy(gate), scored(1, 1.0, carrier=RARE), scored(2, 1.0, kept, carrier=RARE))
    gone = found[f"{AUC}[carrier=OO]"]
    assert (gone.outcome, gone.blocking) == ("insufficient", False)
    assert gone.sentence == (
        "where carrier is OO: no row that both judged is left; base had fewer than 50 that carry roc_auc "
        "anyway: can't tell."
    )


@pytest.mark.parametrize("left", [0, 20])
def test_head_can_not_relabel_a_slice_out_of_its_own_bar(left: int) -> None:
    moved = GROUPS.copy()
    moved[np.flatnonzero(GROUPS == "JFK")[left:]] = "EWR"
    base, honest = scored(1, 1.0, origin=GROUPS), scored(2, 1.0, origin=GROUPS)
    assert results(policy(BOTH), base, scored(2, 1.0, origin=moved)) == results(policy(BOTH), base, honest)


def test_head_can_not_cluster_itself_out_of_its_own_bar() -> None:
    days, one = EVERY // 40, EVERY * 0
    evaluation = Evaluation(task="binary", predictions="p.parquet", cluster="day")
    asked = policy(MetricGate(name="roc_auc", min=0.9), evaluation=evaluation)
    honest = results(asked, scored(1, 1.0, day=days), scored(2, 1.0, day=days))
    assert outcomes(honest) == {MIN: "fail"}
    assert results(asked, scored(1, 1.0, day=days), scored(2, 1.0, day=one)) == honest
    both = results(asked, scored(1, 1.0, day=one), scored(2, 1.0, day=one))[MIN]
    assert (both.outcome, both.sentence) == (
        "insufficient",
        "can't tell: the rows come from 1 cluster, and an interval needs 30.",
    )


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        (None, "head: the file has no column origin"),
        (EVERY, "head: the column origin has 4,000 values, more than 200: name one with fewer, such as bins"),
    ],
)
def test_a_column_that_can_not_be_sliced_by_fails(column: Any, reason: str) -> None:
    columns = {} if column is None else {"origin": column}
    found = results(policy(BOTH), scored(1, 1.0, **columns), scored(2, 1.0, **columns))
    broken = found[f"{AUC}[origin]"]
    assert (broken.outcome, broken.sentence) == (
        "fail",
        f"where origin has each of its values: roc_auc can't be judged: {reason}.",
    )
    assert found[f"{MIN}[origin]"].outcome == "fail"
    assert (found[AUC].outcome, found[MIN].outcome) == ("pass", "pass")


def test_a_column_that_only_head_lost_fails_its_own_bar() -> None:
    found = results(policy(BOTH), scored(1, 1.0, origin=GROUPS), scored(2, 1.0))
    assert found[f"{AUC}[origin=JFK]"].outcome == "pass"
    assert found[f"{MIN}[origin]"].outcome == "fail"
    assert not any(name.startswith(f"{MIN}[origin=") for name in found)


def test_no_slice_of_identical_predictions_blocks_a_strict_policy() -> None:
    truth = scored(1, 1.0).y_true == 1
    carriers = np.where(~truth & (EVERY < 30), "HA", RARE)
    side = scored(1, 1.0, carrier=carriers)
    gate = MetricGate(name="roc_auc", max_regression=0.0, slices=("carrier",))
    found = results(policy(gate, on_insufficient="fail"), side, scored(1, 1.0, carrier=carriers))
    assert set(outcomes(found).values()) == {"pass"}
    assert found[f"{AUC}[carrier=OO]"].sentence.startswith(
        "where carrier is OO: every prediction is the same as base's, though only "
    )
    assert found[f"{AUC}[carrier=HA]"].sentence.startswith(
        "where carrier is HA: every prediction is the same as base's, though roc_auc has no value ("
    )


def test_ids_stay_unique_whatever_columns_and_values_are_called() -> None:
    gate = MetricGate(name="accuracy", max_regression=0.5, slices=("a", "a=b", '"a=b"'))
    columns = {"a": np.where(EVERY % 2, "b=c", '"x"'), "a=b": np.where(EVERY % 2, "c", "d")}
    columns['"a=b"'] = columns["a=b"]
    found = results(policy(gate), scored(1, 1.0, **columns), scored(2, 1.0, **columns))
    name = "late/accuracy/max_regression"
    assert list(found) == [
        name,
        f'{name}[a="x"]',
        f"{name}[a=b=c]",
        f'{name}["a=b"=c]',
        f'{name}["a=b"=d]',
        f'{name}["\\"a=b\\""=c]',
        f'{name}["\\"a=b\\""=d]',
    ]
