"""Explanations of gates on data: how each is judged, where its bar stands, what lets it pass."""

import io
from typing import Any, get_args

import msgspec
import pytest
from rich.console import Console

from mergegate.gates import judge
from mergegate.records.data import DatasetReview, Leak, LeakKind
from mergegate.records.review import Review
from mergegate.report import data_gates, explained
from mergegate.report.explanation import Explanation, explain, key
from support import comparisons
from support.held import NAME, entry, labels, policy, profile, review, rows
from support.judged import TODAY

ASKED: dict[str, Any] = {
    "max_added_share": 0.5,
    "max_missing": {"temp": 0.1},
    "leakage": "warn",
    "shift": "warn",
}
DATASET = entry(
    label="late", approvers=("Ada",), group="tail", time="day", known_later=("gate",), gates=ASKED
)
FOUND = review(
    files_skipped=2,
    rows_skipped=900,
    rows=rows(removed=5, new=98, added=3),
    labels=labels(0),
    profiles=(profile("temp", missing_new=2),),
    leaks=(Leak(kind="key", sentence="7 of 98 evaluation rows are training rows too, by id.", found=7),),
)


def reviewed(found: DatasetReview = FOUND) -> Review:
    said = judge(policy(DATASET, exam=True), (), (), datasets=(found,), today=TODAY)
    return msgspec.structs.replace(comparisons.worse(), gates=said.gates, datasets=(found,), waivers=())


def of(name: str, found: DatasetReview = FOUND) -> Explanation:
    whole = reviewed(found)
    (gate,) = [gate for gate in whole.gates if gate.id == f"{NAME}/{name}"]
    return explain(gate, whole)


def shown(told: Explanation) -> str:
    console = Console(file=io.StringIO(), width=100, color_system=None)
    explained.render(told, console)
    assert isinstance(console.file, io.StringIO)
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines()) + "\n"


def test_a_failed_share_is_explained_to_the_end() -> None:
    assert shown(of("max_removed_share")) == (
        """\
data:data/flights/max_removed_share  0.0050, bar at most 0

Why
  -  fail: 5 of base's 1,000 rows are gone from head, a share of 0.005, where at most 0 may be;
     restore them, or allow it first, in the target's policy, by `max_removed_share` in the
     dataset's `gates`.
  -  It blocks.

How it is computed
  -  Base's rows whose key head lacks (without a key, that equal no row of head), as a share of all
     of base's rows.
  -  In the files that differ base has 100 rows and head 98: 3 added, 5 removed.
  -  2 files alike on both sides, with 900 rows, were not read.

Where the bar stands
  -  `gates.max_removed_share` of the dataset data/flights sets the bar, in mergegate.yaml (as it
     stands on the target branch); where it does not stand there `dataset_gates.max_removed_share`
     does, and without either the default.

What would make it pass
  -  Mend what the sentence above says, reproduce, and commit.

As a last resort, in the target branch's policy, after a review of its own:
waivers:
  - gate: "data:data/flights/max_removed_share"
    reason: ""   # why it may fail for now
    by: ""       # who decided
    expires: ""  # the last day, such as 2026-12-31
"""
    )


def test_a_warning_says_that_it_blocks_nothing() -> None:
    told = of("leakage/key")
    assert (told.state, told.blocking, told.waiver) == ("warning", False, "")
    assert told.how == ("The exam's rows whose key is one of training's.",)
    assert told.key == "datasets[data/flights].gates.leakage.key"
    assert told.passing == (
        "It blocks nothing: the policy asks for a warning only. Mend it, or ignore it in the policy.",
    )


def test_what_nobody_could_tell_says_why_it_does_not_block() -> None:
    told = of("leakage/group")
    assert told.state == "can't tell"
    assert told.why[-1] == "It does not block: the policy asks only to be told."
    assert told.passing == ("Mend what the sentence above says, reproduce, and commit.",)


@pytest.mark.parametrize(
    "gate", [gate for gate in reviewed().gates if gate.kind == "data"], ids=lambda g: g.id
)
def test_every_gate_on_data_is_explained(gate: Any) -> None:
    told = explain(gate, reviewed())
    assert told.how
    assert told.source
    assert told.key.startswith("datasets[data/flights].") or gate.id.endswith("/readable")


def test_all_kinds_stand_in_the_review_that_is_explained() -> None:
    words = {data_gates.word(gate) for gate in reviewed().gates if gate.kind == "data"}
    assert words == {
        "readable",
        "schema",
        "max_removed_share",
        "max_added_share",
        "unique_key",
        "max_label_change_share",
        "approvers",
        "max_missing",
        "shift",
        *(f"leakage/{kind}" for kind in get_args(LeakKind)),
    }


@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("max_missing[temp]", "datasets[data/flights].gates.max_missing"),
        ("approvers", "datasets[data/flights].approvers"),
        ("readable", ""),
    ],
)
def test_the_bars_key_is_that_of_the_policy(name: str, where: str) -> None:
    told = of(name)
    assert (told.key, key(told.gate)) == (where, where)


def test_approvers_and_what_always_holds_say_where_they_come_from() -> None:
    assert of("approvers").source == (
        "`approvers` of the dataset data/flights names who may approve, in mergegate.yaml (as it stands on "
        "the target branch).",
    )
    assert of("readable").source == (
        "No key of the policy sets a bar: it holds for every dataset that it names, in mergegate.yaml (as it "
        "stands on the target branch).",
    )


def test_the_bar_of_a_strong_column_is_the_strength_and_not_the_level() -> None:
    strong = Leak(kind="single_feature", sentence="It tells.", column="late", measure="AUC", strength=0.97)
    told = of("leakage/single_feature[late]", review(rows=rows(), leaks=(strong,)))
    assert (told.key, told.source) == (
        f"datasets[{NAME.partition(':')[2]}].gates.max_single_feature_strength",
        (
            "`gates.max_single_feature_strength` of the dataset data/flights sets the bar, in mergegate.yaml "
            "(as it stands on the target branch); where it does not stand there "
            "`dataset_gates.max_single_feature_strength` does, and without either the default.",
            "Whether a stronger column blocks, warns or is ignored, `leakage.single_feature` says.",
        ),
    )
