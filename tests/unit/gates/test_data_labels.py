"""Labels that differ, and who answers for it."""

import pytest
from msgspec.structs import replace

from mergegate.gates.data.labels import names
from mergegate.records.data import LabelEdit, LabelShare
from support.held import entry, judged, labels, outcomes, review, rows

ALLOW = "allow it first, in the target's policy, by `max_label_change_share` in the dataset's `gates`."
LABELLED = entry(label="late")
APPROVED = entry(label="late", approvers=("ada@example.org", "Grace Hopper"))


def test_a_few_labels_may_differ_by_default_and_more_may_not() -> None:
    result = judged(LABELLED, review(labels=labels(1)))["max_label_change_share"]
    assert (result.outcome, result.value, result.bar) == ("pass", 0.01, 0.01)
    assert result.sentence == (
        "late differs in 1 of the 100 rows that base and head share, a share of 0.01; up to 0.01 may be."
    )
    result = judged(LABELLED, review(labels=labels(2)))["max_label_change_share"]
    assert result.outcome == "fail"
    assert result.sentence == (
        "late differs in 2 of the 100 rows that base and head share, a share of 0.02, where at most 0.01 may "
        "be; restore the labels, or " + ALLOW
    )


def test_the_share_is_of_all_rows_those_of_alike_files_too() -> None:
    found = review(files_skipped=9, rows_skipped=900, labels=labels(10))
    result = judged(LABELLED, found)["max_label_change_share"]
    assert (result.outcome, result.value) == ("pass", 0.01)


def test_a_rare_label_may_not_lose_most_of_its_rows_within_the_share_of_all() -> None:
    shares = (LabelShare(label="fraud", old=9, added=0), LabelShare(label="none", old=1_191, added=0))
    few, most = (
        judged(LABELLED, review(labels=replace(edited, shares=shares)))["max_label_change_share"]
        for edited in (
            replace(labels(4), compared=1_200, edits=(LabelEdit(old="fraud", new="none", rows=4),)),
            replace(labels(6), compared=1_200, edits=(LabelEdit(old="fraud", new="none", rows=6),)),
        )
    )
    assert few.outcome == "pass"
    assert (most.outcome, most.value, most.bar) == ("fail", 6 / 9, 0.5)
    assert most.sentence == (
        "late differs in 6 of the 1,200 rows that base and head share, and these are 6 of base's 9 rows of "
        "fraud; restore the labels, or " + ALLOW
    )


def test_no_label_that_differs_passes_and_says_so() -> None:
    results = judged(APPROVED, review(labels=labels(0)))
    assert results["max_label_change_share"].sentence == (
        "late of the 100 rows that base and head share is the same."
    )
    assert results["approvers"].sentence == "no late differs, so nobody need approve."


def test_labels_that_were_not_compared_fail() -> None:
    results = judged(APPROVED, review())
    assert outcomes(results)["max_label_change_share"] == outcomes(results)["approvers"] == "fail!"
    assert results["approvers"].sentence == "base's labels and head's were not compared."


@pytest.mark.parametrize(
    "counts",
    [
        {"old": 0, "new": 50, "added": 50, "same": 0, "key": ()},
        {"old": 50, "new": 0, "removed": 50, "same": 0, "key": ()},
        {"old": 50, "new": 40, "removed": 50, "added": 40, "same": 0},
    ],
)
def test_where_files_only_came_or_went_no_label_differs(counts: dict[str, int]) -> None:
    found = review(files_skipped=1, rows_skipped=100, rows=rows(**counts))
    results = judged(APPROVED, found)
    assert outcomes(results)["max_label_change_share"] == outcomes(results)["approvers"] == "pass"


def test_without_a_label_there_is_no_gate_on_labels() -> None:
    assert {"approvers", "max_label_change_share"} & judged(entry(), review(labels=labels(9))).keys() == set()


@pytest.mark.parametrize(
    ("said", "outcome", "sentence"),
    [
        (("Ada <Ada@Example.org>",), "pass", "late differs in 1 row, approved by ada@example.org."),
        (("x", " grace hopper "), "pass", "late differs in 1 row, approved by Grace Hopper."),
        (
            (),
            "fail!",
            "late differs in 1 row, and nobody approved it: add the trailer `Labels-approved-by: "
            "ada@example.org` to a commit once ada@example.org or Grace Hopper agreed.",
        ),
        (
            ("Mallory <m@example.org>",),
            "fail!",
            "late differs in 1 row, and only Mallory <m@example.org> approved it: add the trailer "
            "`Labels-approved-by: ada@example.org` to a commit once ada@example.org or Grace Hopper agreed.",
        ),
    ],
)
def test_a_label_edit_needs_one_of_the_approvers(said: tuple[str, ...], outcome: str, sentence: str) -> None:
    results = judged(APPROVED, review(labels=labels(1, approved_by=said)))
    assert outcomes(results)["approvers"] == outcome
    assert results["approvers"].sentence == sentence


@pytest.mark.parametrize(
    ("approver", "said", "is_named"),
    [
        ("Ada", "Ada", True),
        ("Ada", "ADA <ada@example.org>", True),
        ("ada@example.org", "Ada <ada@example.org>", True),
        ("Ada <ada@example.org>", "Ada <ada@example.org>", True),
        ("Ada", "Adam", False),
        ("Ada", "Mallory <Ada>", True),
        ("ada@example.org", "Mallory <m@example.org> ada@example.org", False),
        ("Ada", "", False),
        ("Ada", "<>", False),
    ],
)
def test_a_trailer_names_an_approver_by_name_or_address(approver: str, said: str, is_named: bool) -> None:
    assert names(approver, said) is is_named
