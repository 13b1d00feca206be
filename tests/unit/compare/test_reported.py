import pytest

from mergegate.compare import reported
from mergegate.errors import ContractError
from mergegate.records.comparison import MetricComparison
from mergegate.records.review import ReportedMetric

AUC = MetricComparison(name="roc_auc", greater_is_better=True, base=0.7, head=0.71, head_all=0.715)


def test_a_nested_file_is_flattened_and_strings_are_kept() -> None:
    data = b'{"train": {"seconds": 1.5, "folds": [0.1, 0.2]}, "model": "logistic", "ok": true, "none": null}'
    assert reported.read(data, name="metrics.json") == {
        "train.seconds": 1.5,
        "train.folds.0": 0.1,
        "train.folds.1": 0.2,
        "model": "logistic",
        "ok": True,
        "none": None,
    }


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b'{"roc_auc": NaN}', "metrics.json: holds NaN, which is no number"),
        (b'{"loss": -Infinity}', "metrics.json: holds -Infinity, which is no number"),
        (b'{"a": {"loss": 1e999}}', "metrics.json: holds inf at a.loss, which is no number"),
        (
            b'{"roc_auc": 0.',
            "metrics.json: is not valid JSON: Expecting ',' delimiter: line 1 column 14 (char 13)",
        ),
        (b'{"rows": 1' + b"0" * 400 + b"}", "metrics.json: holds a number too large to compare at rows"),
        (b"\xff\xfe", "metrics.json: is not valid JSON: "),
        (b"[" * 100_000, "metrics.json: is not valid JSON: "),
        (b"[0.9]", "metrics.json: is not a JSON object of names and numbers"),
        (b'{"a":' * 30 + b"1" + b"}" * 30, "metrics.json: is nested deeper than 20 levels"),
        (b'{"a": [' + b"1," * 1000 + b"1]}", "metrics.json: holds more than 1000 values"),
    ],
)
def test_a_file_that_can_not_be_used_says_why_and_what_next(data: bytes, message: str) -> None:
    with pytest.raises(ContractError) as caught:
        reported.read(data, name="metrics.json")
    assert caught.value.message.startswith(message)
    assert caught.value.hint


def test_what_predictions_give_is_not_shown_again() -> None:
    base: dict[str, reported.Value] = {"roc_auc": 0.7, "seconds": 1.0, "gone": 3}
    head: dict[str, reported.Value] = {"roc_auc": 0.7, "seconds": 2.0, "note": "x" * 300}
    assert reported.compare(base, head, (AUC,)) == (
        ReportedMetric(name="seconds", base="1 s", head="2 s"),
        ReportedMetric(name="note", base=None, head="x" * 199 + "…"),
        ReportedMetric(name="gone", base="3", head=None),
    )


def test_a_reported_metric_that_the_predictions_do_not_give_is_named() -> None:
    assert reported.disagreements({"roc_auc": 0.9}, (AUC,), name="metrics.json") == (
        "metrics.json reports roc_auc 0.9, head's predictions give 0.715: the review trusts the predictions",
    )
    assert reported.disagreements({"roc_auc": 0.7150000001}, (AUC,), name="metrics.json") == ()
    assert reported.disagreements({"roc_auc": "0.9"}, (AUC,), name="metrics.json") == ()
