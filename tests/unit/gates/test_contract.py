"""Contract gates: head's files must be usable; base's only cost the comparison."""

from mergegate.config.policy import Evaluation, Model, Policy
from mergegate.gates import contract
from mergegate.gates.case import Case
from mergegate.records.comparison import MetricComparison, RowCounts
from mergegate.records.review import ModelReview, Problem, Side
from mergegate.records.verdict import GateResult, Outcome

PREDICTIONS, METRICS = "reports/predictions.parquet", "reports/metrics.json"


def judge(
    rows: RowCounts, *problems: Problem, note: str = "", metrics: str | None = None
) -> list[GateResult]:
    evaluation = Evaluation(task="binary", predictions=PREDICTIONS, metrics=metrics)
    review = ModelReview(
        name="late",
        task="binary",
        predictions=PREDICTIONS,
        rows=rows,
        metrics=(MetricComparison(name="roc_auc", greater_is_better=True, note=note),),
        problems=problems,
    )
    policy = Policy(version=1, models={"late": Model(evaluation=evaluation)})
    return list(contract.judge(Case(policy, (review,), ())))


def problem(side: Side, path: str, message: str = "has no rows", hint: str = "evaluate again") -> Problem:
    return Problem(side=side, path=path, message=message, hint=hint)


def result(name: str, outcome: Outcome, sentence: str, mend: str = "", kind: str = "contract") -> GateResult:
    return GateResult(
        id=f"late/{name}", kind=kind, outcome=outcome, sentence=sentence, subject="late", mend=mend
    )


HOLDS = result("predictions/contract", "pass", f"head's {PREDICTIONS} holds 30 rows and meets its contract.")


def test_files_that_can_be_used_pass() -> None:
    assert judge(RowCounts(base=30, head=30, shared=30), metrics=METRICS) == [
        HOLDS,
        result("metrics/contract", "pass", f"head's {METRICS} can be read."),
    ]


def test_broken_predictions_of_head_fail_with_what_to_do_next() -> None:
    assert judge(RowCounts(base=30, head=None), problem("head", PREDICTIONS)) == [
        result(
            "predictions/contract",
            "fail",
            f"head's {PREDICTIONS} can't be used: it has no rows; evaluate again.",
        )
    ]


def test_predictions_that_head_does_not_have_fail() -> None:
    assert judge(RowCounts(base=30, head=None)) == [
        result(
            "predictions/contract",
            "fail",
            f"head has no {PREDICTIONS}, so nothing can be judged by it.",
            "dvc repro",
        )
    ]


def test_a_broken_metrics_file_of_head_fails() -> None:
    found = problem("head", METRICS, "is not valid JSON")
    assert judge(RowCounts(base=30, head=30, shared=30), found, metrics=METRICS) == [
        HOLDS,
        result(
            "metrics/contract",
            "fail",
            f"head's {METRICS} can't be used: it is not valid JSON; evaluate again.",
        ),
    ]


def test_several_problems_of_one_file_are_one_gate() -> None:
    _, broken = judge(
        RowCounts(base=30, head=30, shared=30),
        problem("head", "models/bundle", "has no manifest."),
        problem("head", "models/bundle", "is too large"),
    )
    sentence = (
        "head's models/bundle can't be used: it has no manifest; evaluate again. "
        "1 more of its problems stand in the review."
    )
    assert broken == result("models/bundle/contract", "fail", sentence)


def test_broken_predictions_of_base_skip_the_comparison_and_never_fail() -> None:
    assert judge(RowCounts(base=None, head=30, new=30), problem("base", PREDICTIONS)) == [
        HOLDS,
        result(
            "comparison",
            "skipped",
            f"base and head are not compared: base's {PREDICTIONS} can't be used: it has no rows.",
            kind="comparison",
        ),
    ]


def test_a_new_model_has_no_base_to_compare_with() -> None:
    _, skipped = judge(RowCounts(base=None, head=30, new=30), note="base has no predictions to compare with")
    assert (skipped.outcome, skipped.sentence) == (
        "skipped",
        f"base and head are not compared: base has no {PREDICTIONS}: the model or its evaluation is new.",
    )


def test_rows_that_can_not_be_shared_skip_the_comparison_with_the_reason() -> None:
    _, skipped = judge(RowCounts(base=30, head=30, new=30, gone=30), note="row_id holds text in head")
    assert (skipped.outcome, skipped.sentence) == (
        "skipped",
        "base and head are not compared: row_id holds text in head.",
    )


def test_a_broken_metrics_file_of_base_is_said_and_never_fails() -> None:
    found = problem("base", METRICS, "is not valid JSON")
    skipped = judge(RowCounts(base=30, head=30, shared=30), found, metrics=METRICS)[-1]
    assert skipped == result(
        "metrics/comparison",
        "skipped",
        f"nothing that base reported is shown: its {METRICS} can't be used: it is not valid JSON.",
        kind="comparison",
    )


def test_a_model_that_was_not_reviewed_fails() -> None:
    evaluation = Evaluation(task="binary", predictions=PREDICTIONS)
    policy = Policy(version=1, models={"late": Model(evaluation=evaluation)})
    assert list(contract.judge(Case(policy, (), ()))) == [
        result("predictions/contract", "fail", "the model of the policy was not reviewed.")
    ]


def test_a_problem_of_no_model_fails_when_it_is_heads() -> None:
    problems = (problem("head", "mergegate.yaml", "unknown key “min”"), problem("base", "mergegate.yaml"))
    assert list(contract.judge(Case(Policy(version=1), (), (), problems))) == [
        GateResult(
            id="mergegate.yaml/contract",
            kind="contract",
            outcome="fail",
            sentence="head's mergegate.yaml can't be used: unknown key “min”; evaluate again.",
        )
    ]
