"""Rows that went and came, as shares of base's rows; labels likewise."""

import pytest

from mergegate.records.data import DatasetReview, Fact, RowChanges
from support.held import entry, judged, review, rows

ALLOW = "allow it first, in the target's policy, by `{}` in the dataset's `gates`."


def removed(found: DatasetReview, bar: float | None = None) -> tuple[str, float | None, str]:
    gates = {} if bar is None else {"max_removed_share": bar}
    result = judged(entry(gates=gates), found)["max_removed_share"]
    assert result.bar == (bar or 0.0)
    return result.outcome, result.value, result.sentence


def added(found: DatasetReview, bar: float) -> tuple[str, float | None, str]:
    result = judged(entry(gates={"max_added_share": bar}), found)["max_added_share"]
    return result.outcome, result.value, result.sentence


def test_a_row_that_is_gone_fails_where_the_policy_says_nothing() -> None:
    assert removed(review(rows=rows(removed=1, new=99, same=99))) == (
        "fail",
        0.01,
        "1 of base's 100 rows is gone from head, a share of 0.01, where at most 0 may be; restore them, or "
        + ALLOW.format("max_removed_share"),
    )


@pytest.mark.parametrize(("bar", "outcome"), [(0.05, "pass"), (0.0499, "fail"), (float("nan"), "fail")])
def test_a_share_up_to_the_bar_may_go(bar: float, outcome: str) -> None:
    result = judged(entry(gates={"max_removed_share": bar}), review(rows=rows(removed=5)))
    assert result["max_removed_share"].outcome == outcome


def test_nothing_passes_a_bar_that_is_no_number() -> None:
    result = judged(entry(gates={"max_removed_share": float("nan")}), review())
    assert result["max_removed_share"].outcome == "fail"


def test_files_that_a_folder_lost_are_named() -> None:
    lost = Fact(kind="files_lost", sentence="1 of base's 3 files are gone: 03.parquet.", loud=True)
    found = review(files_skipped=2, rows_skipped=200, rows=rows(removed=100, new=0), facts=(lost,))
    outcome, value, sentence = removed(found)
    assert (outcome, value) == ("fail", 100 / 300)
    assert sentence.startswith(
        "100 of base's 300 rows are gone from head (1 of base's 3 files are gone: 03.parquet), a share of "
    )


def test_rows_of_files_that_are_alike_count_as_base_rows() -> None:
    assert removed(review(files_skipped=9, rows_skipped=900, rows=rows(removed=10)), 0.01) == (
        "pass",
        0.01,
        "10 of base's 1,000 rows are gone from head, a share of 0.01; up to 0.01 may be.",
    )


def test_where_rows_of_alike_files_are_not_known_the_share_is_at_most_that_of_the_others() -> None:
    unknown = review(files_skipped=9, rows=rows(removed=10))
    assert removed(unknown, 0.1) == (
        "pass",
        0.1,
        "10 of base's 100 rows in the files that differ are gone from head, a share of at most 0.1; up to "
        "0.1 may be.",
    )
    result = judged(entry(gates={"max_removed_share": 0.05}), unknown)["max_removed_share"]
    assert (result.outcome, result.blocking) == ("insufficient", True)
    assert result.sentence == (
        "10 of base's 100 rows in the files that differ are gone from head; what share that is can't be "
        "told: the rows of 9 files that are alike on both sides are not known; restore them, or "
        + ALLOW.format("max_removed_share")
    )
    assert removed(unknown)[0] == "fail"


def test_rows_that_were_not_compared_fail() -> None:
    assert removed(review(rows=None)) == ("fail", None, "base's rows and head's were not compared.")


def test_growth_is_judged_where_the_policy_bounds_it() -> None:
    assert "max_added_share" not in judged(entry(), review(rows=rows(added=1_000)))
    assert added(review(rows=rows(added=50)), 0.5) == (
        "pass",
        0.5,
        "head adds 50 rows to base's 100 rows, a share of 0.5; up to 0.5 may be.",
    )
    assert added(review(rows=rows(added=300)), 2.0) == (
        "fail",
        3.0,
        "head adds 300 rows to base's 100 rows, a share of 3, where at most 2 may be; look where they come "
        "from, or " + ALLOW.format("max_added_share"),
    )
    assert added(review(), 0.0) == ("pass", 0.0, "head adds no row.")


def month(**more: int) -> tuple[RowChanges, int]:
    return rows(old=0, new=50, added=50, same=0), 3


def test_a_month_that_is_only_in_head_is_a_share_of_all_months() -> None:
    came, files = month()
    known = review(files_read_old=0, files_skipped=files, rows_skipped=150, rows=came)
    assert added(known, 0.5)[:2] == ("pass", 50 / 150)
    unknown = review(files_read_old=0, files_skipped=files, rows=came)
    assert added(unknown, 0.5)[:2] == ("insufficient", None)


def test_rows_added_to_an_empty_base_are_any_share() -> None:
    assert added(review(rows=rows(old=0, added=100, same=0)), 5.0) == (
        "fail",
        None,
        "head adds 100 rows to base's 0 rows, and base has none; look where they come from, or "
        + ALLOW.format("max_added_share"),
    )
