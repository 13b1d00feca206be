"""What a change's own policy would demand otherwise, key by key."""

from mergegate import config
from mergegate.flows.policy_changes import MOST, policy_changes

JUDGE = """\
version: 1
models:
  late:
    evaluation: {task: binary, positive: late, predictions: p.parquet}
    gates:
      metrics:
        - {name: roc_auc, min: 0.65, max_regression: 0.01}
        - {name: log_loss, max: 0.6}
"""


def changes(head: str) -> list[tuple[str, str | None, str | None]]:
    policies = (config.load(text.encode(), file="mergegate.yaml") for text in (JUDGE, head))
    return [(change.key, change.old, change.new) for change in policy_changes(*policies)]


def test_a_bar_that_is_lowered_or_taken_away_is_told_by_its_metric() -> None:
    head = JUDGE.replace("min: 0.65, ", "").replace("max_regression: 0.01", "max_regression: 0.2")
    assert changes(head) == [
        ("models.late.gates.metrics[roc_auc].min", "0.65", None),
        ("models.late.gates.metrics[roc_auc].max_regression", "0.01", "0.2"),
    ]


def test_a_new_gate_a_mode_and_a_waiver_are_told_too() -> None:
    waiver = 'waivers: [{gate: late/x, reason: later, by: me, expires: "2030-01-01"}]\n'
    found = changes(
        JUDGE + f"        - {{name: accuracy, min: 0.5, slices: [a, b]}}\nmode: advisory\n{waiver}"
    )
    assert ("mode", '"enforce"', '"advisory"') in found
    assert ("models.late.gates.metrics[accuracy].slices", None, '["a", "b"]') in found
    assert ("waivers[late/x].reason", None, '"later"') in found


def test_the_first_waiver_is_told_by_what_it_says_alone() -> None:
    waiver = 'waivers: [{gate: late/x, reason: later, by: me, expires: "2030-01-01"}]\n'
    assert changes(JUDGE + waiver) == [
        ("waivers[late/x].gate", None, '"late/x"'),
        ("waivers[late/x].reason", None, '"later"'),
        ("waivers[late/x].by", None, '"me"'),
        ("waivers[late/x].expires", None, '"2030-01-01"'),
    ]
    gates = JUDGE.partition("    gates:")[0]
    assert [key for key, *_ in changes(gates)] == [
        "models.late.gates.metrics[roc_auc].name",
        "models.late.gates.metrics[roc_auc].min",
        "models.late.gates.metrics[roc_auc].max_regression",
        "models.late.gates.metrics[roc_auc].slices",
        "models.late.gates.metrics[log_loss].name",
        "models.late.gates.metrics[log_loss].max",
        "models.late.gates.metrics[log_loss].slices",
    ]


def test_order_and_comments_change_nothing_and_the_list_is_bounded() -> None:
    assert changes("# the same\n" + JUDGE) == []
    many = "".join(f"  - {{path: data/{number}}}\n" for number in range(100))
    assert len(changes(f"{JUDGE}datasets:\n{many}")) == MOST
