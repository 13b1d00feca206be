"""The policy's golden rows: a path beside a bundle, and how many may fail."""

import pytest

from mergegate.config.policy import GoldenGate
from support.policy_texts import loaded, messages, model, problems

BUNDLE_HINT = "add `bundle:` to the model, the folder of its bundle, such as models/bundle"


def test_golden_rows_are_named_beside_a_bundle() -> None:
    text = model(gates="golden: {max_failed: 2}", bundle="b\n    golden: ./golden//rows.csv")
    found = loaded(text).models["m"]
    assert (found.golden, found.gates.golden) == ("golden/rows.csv", GoldenGate(max_failed=2))
    assert loaded(model(bundle="b\n    golden: golden")).models["m"].gates.golden == GoldenGate()


def test_golden_rows_need_a_bundle_that_answers_them() -> None:
    text = model().rstrip() + "\n    golden: golden\n"
    assert problems(text) == [(6, "models.m.golden", "`golden` needs the model's `bundle`", BUNDLE_HINT)]


def test_a_gate_on_golden_rows_needs_some() -> None:
    assert problems(model(gates="golden: {max_failed: 0}", bundle="b")) == [
        (
            5,
            "models.m.gates.golden.max_failed",
            "`max_failed` needs the model's `golden`",
            "add `golden:` to the model, a file or folder of golden rows, such as golden",
        )
    ]
    assert loaded(model(gates="golden: {}", bundle="b")).models


@pytest.mark.parametrize(("path", "fault"), [("../golden", "climbs out with `..`"), ("/g", "is absolute")])
def test_golden_rows_lie_inside_the_project(path: str, fault: str) -> None:
    assert messages(model(bundle=f"b\n    golden: {path}")) == [f'"{path}" {fault}']


def test_fewer_rows_than_none_can_not_fail() -> None:
    assert problems(model(gates="golden: {max_failed: -1}", bundle="b\n    golden: g")) == [
        (
            5,
            "models.m.gates.golden.max_failed",
            "-1 is no number of rows that may fail",
            "write 0, or how many golden rows may fail",
        )
    ]
