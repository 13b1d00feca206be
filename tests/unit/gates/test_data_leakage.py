"""The exam's honesty: each sign by itself, forbidden, warned of or let be."""

from typing import Any

import pytest

from mergegate.config.policy import Dataset
from mergegate.records.data import Leak, LeakKind
from support.held import entry, judged, outcomes, review

ALLOW = "allow it first, in the target's policy, by `leakage.{}` in the dataset's `gates`."
EVERYTHING: dict[str, Any] = {
    "label": "late",
    "group": "tail",
    "time": "day",
    "known_later": ("dep_delay",),
}


def exam(**gates: Any) -> Dataset:
    return entry(gates={"leakage": None, **gates}, **EVERYTHING)


def leak(kind: LeakKind, sentence: str, **more: Any) -> Leak:
    return Leak(kind=kind, sentence=sentence, **{"found": 0, "of": 100, **more})


CLEAR = (
    leak("key", "No evaluation row is a training row too, by id."),
    leak("content", "No evaluation row equals a training row in all 9 inputs."),
    leak("group", "No tail is in both."),
    leak("time", "No evaluation row is before the last day of training."),
    leak("base_training", "No evaluation row was a training row of base."),
    leak("known_later", "dep_delay, known only after the outcome, is no input."),
    leak(
        "single_feature",
        "No column tells the label too well alone; the strongest: hour alone ranks late with AUC 0.62.",
        column="hour",
        measure="AUC",
        strength=0.62,
    ),
    leak("rows_gone", "None of base's 100 evaluation rows is gone."),
)


def found(dataset: Dataset, *leaks: Leak, changed: bool = True) -> dict[str, Any]:
    """Gates on leakage, of what was found in place of the clear ones of its kind."""
    kinds = {each.kind for each in leaks}
    every = (*(each for each in CLEAR if each.kind not in kinds), *leaks)
    results = judged(dataset, review(leaks=every, changed=changed), exam=True)
    return {name: result for name, result in results.items() if name.startswith("leakage/")}


def test_an_honest_exam_passes_each_sign_with_what_was_looked_for() -> None:
    results = found(exam())
    assert {name: result.sentence for name, result in results.items()} == {
        f"leakage/{each.kind}": each.sentence for each in CLEAR
    }
    assert set(outcomes(results).values()) == {"pass"}
    assert (results["leakage/single_feature"].value, results["leakage/single_feature"].bar) == (0.62, 0.85)


@pytest.mark.parametrize(
    ("kind", "outcome", "advice"),
    [
        ("key", "fail!", "keep each row on one side"),
        ("content", "warn", "keep each row on one side"),
        ("group", "fail!", "keep each group on one side"),
        ("time", "fail!", "train on what was before the exam"),
        ("base_training", "warn", "keep base's training rows out of the exam"),
        ("rows_gone", "warn", "keep base's exam rows"),
    ],
)
def test_a_sign_comes_to_what_the_default_says(kind: LeakKind, outcome: str, advice: str) -> None:
    result = found(exam(), leak(kind, "7 of 100 rows.", found=7))[f"leakage/{kind}"]
    assert outcomes({"": result}) == {"": outcome}
    assert (result.value, result.bar) == (7.0, 0.0)
    assert result.sentence == f"7 of 100 rows; {advice}, or {ALLOW.format(kind)}"


def test_the_policy_says_what_a_sign_does_for_all_or_by_kind() -> None:
    leaks = (leak("key", "7 of 100.", found=7), leak("content", "8 of 100.", found=8))
    forbidden = outcomes(found(exam(leakage="forbid"), *leaks))
    assert (forbidden["leakage/key"], forbidden["leakage/content"]) == ("fail!", "fail!")
    chosen = outcomes(found(exam(leakage={"key": "warn", "content": "ignore"}), *leaks))
    assert chosen["leakage/key"] == "warn"
    assert "leakage/content" not in chosen
    assert found(exam(leakage="ignore"), *leaks) == {}


def strong(column: str, strength: float, **more: Any) -> Leak:
    sentence = f"{column} alone ranks late with AUC {strength:.2f} (base: not there)."
    return leak(
        "single_feature",
        sentence,
        **{"found": None, "column": column, "measure": "AUC", "strength": strength, **more},
    )


def test_a_feature_that_tells_the_label_alone_is_caught_by_name_and_by_strength() -> None:
    late = leak("known_later", "dep_delay is known only after the outcome.", column="dep_delay", found=99)
    results = found(exam(), strong("dep_delay", 0.923), strong("gate", 0.8), late)
    assert outcomes(results)["leakage/single_feature[dep_delay]"] == "warn"
    assert outcomes(results)["leakage/known_later[dep_delay]"] == "fail!"
    by_strength = results["leakage/single_feature[dep_delay]"]
    assert (by_strength.value, by_strength.bar) == (0.923, 0.85)
    assert by_strength.sentence == (
        "dep_delay alone ranks late with AUC 0.92 (base: not there), where at most 0.85 may be; find out "
        "what it knows, and remove it if it is known only after the outcome, or "
        + ALLOW.format("single_feature")
    )
    assert results["leakage/known_later[dep_delay]"].sentence == (
        "dep_delay is known only after the outcome; remove it from the inputs, or "
        + ALLOW.format("known_later")
    )
    assert "leakage/single_feature" not in results
    assert "leakage/single_feature[gate]" not in results


def test_each_strong_feature_is_a_gate_of_its_own_by_the_policys_bar() -> None:
    leaks = (strong("a", 0.8), strong("b", 0.71), strong("c", 0.69))
    dataset = exam(max_single_feature_strength=0.7, leakage={"single_feature": "forbid"})
    results = outcomes(found(dataset, *leaks))
    assert {name: outcome for name, outcome in results.items() if "single" in name} == {
        "leakage/single_feature[a]": "fail!",
        "leakage/single_feature[b]": "fail!",
    }


def test_a_strength_that_is_no_number_is_no_pass() -> None:
    results = outcomes(found(exam(leakage="forbid"), strong("a", float("nan"))))
    assert results["leakage/single_feature[a]"] == "fail!"


def test_what_could_not_be_looked_for_blocks_where_it_is_forbidden() -> None:
    blind = (
        leak("key", "Whether rows are shared can't be told: no rows.", found=None, judged=False),
        leak("content", "Whether rows are alike can't be told: no rows", found=None, judged=False),
    )
    results = found(exam(), *blind)
    assert outcomes(results)["leakage/key"] == "insufficient!"
    assert outcomes(results)["leakage/content"] == "insufficient"
    assert results["leakage/content"].sentence == "Whether rows are alike can't be told: no rows."


def test_a_column_that_can_not_be_measured_is_no_pass_beside_one_that_can() -> None:
    blind = leak("single_feature", "vec (binary) can't be measured.", found=None, judged=False, column="vec")
    weak, known = strong("hour", 0.6, found=0), strong("delay", 0.9)
    forbid = exam(leakage={"single_feature": "forbid"})

    assert outcomes(found(forbid, blind, weak))["leakage/single_feature[vec]"] == "insufficient!"
    both = outcomes(found(forbid, blind, known))
    assert both["leakage/single_feature[vec]"] == "insufficient!"
    assert both["leakage/single_feature[delay]"] == "fail!"


def test_an_exam_that_nobody_looked_at_is_no_honest_one() -> None:
    results = judged(exam(), review(), exam=True)
    assert outcomes(results)["leakage/key"] == "insufficient!"
    assert results["leakage/key"].sentence == (
        "can't tell: nobody looked for it in data/flights and data/train."
    )


def test_what_is_of_base_is_skipped_where_base_has_no_exam() -> None:
    rest = tuple(each for each in CLEAR if each.kind not in {"base_training", "rows_gone"})
    results = judged(exam(), review(leaks=rest), exam=True)
    assert results["leakage/base_training"].outcome == results["leakage/rows_gone"].outcome == "skipped"
    assert results["leakage/rows_gone"].sentence == ("base has no exam or no training rows to compare with.")


def test_signs_are_looked_for_only_where_the_dataset_has_what_they_need() -> None:
    results = judged(entry(gates={"leakage": "forbid"}, key=()), review(leaks=CLEAR), exam=True)
    assert [name for name in results if name.startswith("leakage/")] == [
        "leakage/content",
        "leakage/base_training",
        "leakage/rows_gone",
    ]
    alone = judged(exam(leakage="forbid"), review(leaks=CLEAR))
    assert not any(name.startswith("leakage/") for name in alone)
    named = entry(gates={"leakage": "forbid"}, train="data/train")
    assert "leakage/key" in judged(named, review(leaks=CLEAR))


def test_an_exam_that_stayed_is_judged_when_its_training_rows_moved() -> None:
    dirty = leak("key", "7 of 100 rows.", found=7)
    results = judged(exam(), review(changed=False, rows=None, leaks=(*CLEAR[1:], dirty)), exam=True)
    assert set(results) == {f"leakage/{each.kind}" for each in CLEAR}
    assert outcomes(results)["leakage/key"] == "fail!"
