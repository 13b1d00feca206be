"""Gates on data as a whole: which a dataset gets, what fails closed, how they stand in a verdict."""

from datetime import date

import msgspec
import pytest

from mergegate.config.policy import Waiver
from mergegate.gates import judge
from mergegate.gates.data import may_name
from mergegate.records.data import DatasetReview, SchemaChange
from mergegate.records.review import Problem
from mergegate.records.verdict import Verdict
from support.held import NAME, PATH, entry, judged, labels, outcomes, policy, review, rows
from support.judged import TODAY, words

BREAK = SchemaChange(kind="removed", column="gate", old="string", sentence="gate is gone.")


def test_a_dataset_that_changed_harmlessly_passes_the_gates_of_a_first_policy() -> None:
    results = judged(entry(), review(rows=rows(added=50, new=150)))
    assert {name: result.sentence for name, result in results.items()} == {
        "readable": "head's data/flights can be read: 150 rows.",
        "schema": "the columns are base's.",
        "max_removed_share": "none of base's rows is gone from head.",
        "unique_key": "no two rows have the same id, and none lacks it.",
    }
    assert set(outcomes(results).values()) == {"pass"}


def test_a_dataset_that_did_not_change_has_no_gate() -> None:
    assert judged(entry(label="late"), review(changed=False, rows=None)) == {}


def test_a_dataset_that_was_not_reviewed_has_no_gate() -> None:
    assert judged(entry(), review(path="data/other")) == {}


def test_what_could_not_be_compared_fails_every_gate_asked_of_it() -> None:
    found = DatasetReview(path=PATH, problem="a.csv: line 3 has 4 cells, not 5", hint="mend the line")
    dataset = entry(label="late", approvers=("Ada",), gates={"max_missing": 0.1, "shift": "warn"})
    results = judged(dataset, found)
    assert outcomes(results) == {
        "readable": "fail!",
        "schema": "fail!",
        "max_removed_share": "fail!",
        "unique_key": "fail!",
        "max_label_change_share": "fail!",
        "approvers": "fail!",
        "max_missing": "fail!",
        "shift": "warn",
    }
    assert results["readable"].sentence == (
        "it can't be compared: a.csv: line 3 has 4 cells, not 5; mend the line."
    )


def test_a_dataset_that_head_lost_fails() -> None:
    found = review(files_read_new=0, rows=rows(new=0, removed=100, same=0))
    results = judged(entry(), found)
    assert set(outcomes(results).values()) == {"fail!"}
    assert results["readable"].sentence == (
        "head no longer has data/flights; restore it, or take it out of the target's policy first."
    )
    assert results["readable"].mend == "dvc checkout data/flights"


def test_a_new_dataset_is_judged_by_itself_and_the_comparison_is_skipped() -> None:
    found = review(files_read_old=0, rows=rows(old=0, added=100, same=0, duplicates_new=2))
    assert outcomes(judged(entry(label="late", gates={"max_missing": 0}), found)) == {
        "readable": "pass",
        "schema": "skipped",
        "max_removed_share": "skipped",
        "unique_key": "fail!",
        "max_label_change_share": "skipped",
        "max_missing": "pass",
    }


def test_a_gate_that_blocks_is_the_headline_under_its_datasets_name() -> None:
    asked = policy(entry())
    found = judge(asked, (), (), datasets=(review(schema=(BREAK,)),), today=TODAY)
    assert words(found.gates) == [
        (f"{NAME}/schema", "fail"),
        ("lock/chain", "pass"),
        (f"{NAME}/readable", "pass"),
        (f"{NAME}/max_removed_share", "pass"),
        (f"{NAME}/unique_key", "pass"),
    ]
    assert found.verdict == Verdict(
        outcome="failed",
        enforced=True,
        headline="data/flights: gate is gone; restore the old columns, or allow it first, in the target's "
        "policy, by `schema` in the dataset's `gates`.",
    )


def test_a_warning_is_told_and_blocks_nothing() -> None:
    asked = policy(entry(gates={"unique_key": "warn"}))
    found = judge(asked, (), (), datasets=(review(rows=rows(duplicates_new=1)),), today=TODAY)
    assert words(found.gates)[0] == (f"{NAME}/unique_key", "warn")
    assert found.verdict.outcome == "passed"
    assert found.verdict.headline == "4 gates hold, 1 warns."


def waived(gate: str, *found: DatasetReview) -> list[tuple[str, str | None]]:
    waiver = Waiver(gate=gate, reason="r", by="b", expires="2026-12-31")
    asked = msgspec.structs.replace(policy(entry()), waivers=(waiver,))
    said = judge(asked, (), (), datasets=found, today=date(2026, 7, 1))
    states = [(standing.state, said.verdict.outcome) for standing in said.waivers]
    assert len(states) == 1
    return [(state, outcome) for state, outcome in states]


def test_a_waiver_lets_a_data_gate_pass() -> None:
    assert waived(f"{NAME}/schema", review(schema=(BREAK,))) == [("applied", "passed")]
    assert waived(f"{NAME}/max_removed_share", review(schema=(BREAK,))) == [("idle", "failed")]


def test_a_waiver_of_a_dataset_that_did_not_change_waits() -> None:
    still = review(changed=False)
    assert waived(f"{NAME}/schema", still) == [("idle", "passed")]
    assert waived(f"{NAME}/schemas", still) == [("unknown", "passed")]


@pytest.mark.parametrize(
    ("gate", "known"),
    [
        (f"{NAME}/max_missing", True),
        (f"{NAME}/max_missing[temp]", True),
        (f"{NAME}/leakage/key", True),
        (f"{NAME}/leakage/single_feature[dep_delay]", True),
        (f"{NAME}/max_missin", False),
        (f"{NAME}", False),
        ("data:data/other/schema", False),
        ("late/roc_auc/min", False),
    ],
)
def test_an_id_may_be_of_a_gate_on_a_dataset_of_the_policy(gate: str, known: bool) -> None:
    assert may_name(policy(entry()), gate) is known


def test_a_model_and_a_dataset_of_one_name_are_told_apart() -> None:
    asked = policy(msgspec.structs.replace(entry(), path="late"), exam=True)
    problems = (Problem(side="head", path="late/schema", message="broken"),)
    found = judge(asked, (), (), problems, datasets=(review(path="late", labels=labels(0)),), today=TODAY)
    ids = [gate.id for gate in found.gates]
    assert len(ids) == len(set(ids))
    assert "data:late/schema" in ids
