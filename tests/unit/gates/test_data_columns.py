"""Gates on columns: the schema, missing cells, a key that tells rows apart."""

from typing import Any

import pytest

from mergegate.records.data import SchemaChange
from support.held import entry, judged, outcomes, profile, review, rows

ALLOW = "allow it first, in the target's policy, by `{}` in the dataset's `gates`."
WIDER = SchemaChange(kind="added", column="seats", new="int64", additive=True, sentence="seats is new.")
GONE = SchemaChange(kind="removed", column="gate", old="string", sentence="gate is gone.")
BARE = SchemaChange(kind="retyped", column="hour", old="int64", new="string")


@pytest.mark.parametrize(
    ("allowed", "changes", "outcome", "value", "sentence"),
    [
        ("additive", (WIDER,), "pass", 0.0, "who reads base's columns still can: seats is new."),
        (
            "additive",
            (WIDER, GONE, BARE),
            "fail",
            2.0,
            "gate is gone; hour is retyped; restore the old columns, or " + ALLOW.format("schema"),
        ),
        (
            "none",
            (WIDER,),
            "fail",
            1.0,
            "seats is new; restore the old columns, or " + ALLOW.format("schema"),
        ),
        ("none", (), "pass", 0.0, "the columns are base's."),
        (
            "additive",
            (GONE,) * 5,
            "fail",
            5.0,
            "gate is gone; gate is gone; gate is gone; and 2 more; restore the old columns, or "
            + ALLOW.format("schema"),
        ),
    ],
)
def test_the_schema_may_change_as_the_policy_says(
    allowed: str, changes: tuple[SchemaChange, ...], outcome: str, value: float, sentence: str
) -> None:
    result = judged(entry(gates={"schema": allowed}), review(schema=changes))["schema"]
    assert (result.outcome, result.value, result.bar, result.sentence) == (outcome, value, 0.0, sentence)


def test_any_schema_is_no_gate() -> None:
    assert "schema" not in judged(entry(gates={"schema": "any"}), review(schema=(GONE,)))


def missing(bars: Any, common: dict[str, Any] | None = None, **profiles: Any) -> dict[str, tuple[str, str]]:
    own = {} if bars is None else {"max_missing": bars}
    columns = tuple(profile(name, **changes) for name, changes in profiles.items())
    found = judged(entry(gates=own), review(profiles=columns), common)
    return {
        name: (result.outcome, result.sentence)
        for name, result in found.items()
        if name.startswith("max_missing")
    }


def test_missing_cells_are_judged_only_where_a_bar_stands() -> None:
    assert missing(None, temp={"missing_new": 100}) == {}


def test_one_bar_is_for_every_column() -> None:
    assert missing(0.1, temp={"missing_new": 10}, hour={"nan_new": 4}) == {
        "max_missing": ("pass", "in no column is more than a share of 0.1 missing; up to 0.1 may be.")
    }
    assert missing(0.1, temp={"missing_new": 11}, hour={"missing_new": 5, "nan_new": 45}) == {
        "max_missing": (
            "fail",
            "cells are missing in hour (0.5), temp (0.11), where at most a share of 0.1 may be; fill them, "
            "or " + ALLOW.format("max_missing"),
        )
    }


def test_a_bar_by_column_is_a_gate_of_its_own_and_a_star_is_for_the_others() -> None:
    found = missing(
        {"gust": 0.9, "*": 0.0}, gust={"missing_new": 80}, temp={"missing_new": 1}, hour={"missing_new": 0}
    )
    assert found == {
        "max_missing[gust]": (
            "pass",
            "a share of 0.8 of gust's cells is missing; up to 0.9 may be.",
        ),
        "max_missing": (
            "fail",
            "cells are missing in temp (0.01), where at most a share of 0 may be; fill them, or "
            + ALLOW.format("max_missing"),
        ),
    }


def test_a_column_that_is_gone_fails_its_own_bar() -> None:
    gone = {"type_new": None, "missing_new": None}
    sentence = "head has no column gust; restore it, or " + ALLOW.format("max_missing")
    assert missing({"gust": 0.9}, gust=gone) == {"max_missing[gust]": ("fail", sentence)}
    assert missing({"gust": 0.9}, temp={}) == {"max_missing[gust]": ("fail", sentence)}


def test_a_common_bar_of_a_column_is_for_datasets_that_have_it() -> None:
    assert missing(None, {"max_missing": {"gust": 0.9}}, temp={"missing_new": 99}) == {}


def test_cells_that_were_not_counted_fail() -> None:
    for found in (review(rows=None), review(profiles=())):
        result = judged(entry(gates={"max_missing": 1.0}), found)["max_missing"]
        assert (result.outcome, result.sentence) == ("fail", "missing cells were not counted.")


def test_the_shares_are_of_the_files_that_were_read() -> None:
    found = review(files_skipped=2, profiles=(profile("temp", missing_new=50),))
    result = judged(entry(gates={"max_missing": 0.1}), found)["max_missing"]
    assert result.sentence.startswith("cells of the files that differ are missing in temp (0.5), where")
    lost = review(files_read_new=0, files_skipped=2, profiles=(), rows=rows(new=0, removed=100))
    assert judged(entry(gates={"max_missing": 0.1}), lost)["max_missing"].outcome == "pass"


def unique(found: Any, **gates: Any) -> tuple[str, float | None, str]:
    result = judged(entry(gates=gates), found)["unique_key"]
    return result.outcome, result.value, result.sentence


def test_rows_with_the_key_of_another_or_without_one_fail() -> None:
    mend = "; mend them, or " + ALLOW.format("unique_key")
    assert unique(review(rows=rows(duplicates_new=1))) == (
        "fail",
        1.0,
        "1 row of head has the id of another" + mend,
    )
    assert unique(review(rows=rows(duplicates_new=2_000, keyless_new=3, duplicates_old=7))) == (
        "fail",
        2_003.0,
        "2,000 rows of head have the id of another and 3 rows of head lack a value in id; base has 7 such"
        + mend,
    )


def test_equal_keys_only_warn_or_are_let_be_where_the_policy_says_so() -> None:
    twice = review(rows=rows(duplicates_new=1))
    assert unique(twice, unique_key="warn")[0] == "warn"
    assert "unique_key" not in judged(entry(gates={"unique_key": "ignore"}), twice)
    assert "unique_key" not in judged(entry(key=()), twice)


def test_rows_told_apart_by_another_key_than_the_policys_fail() -> None:
    sentence = "rows were not told apart by id, the key that the policy names."
    for found in (review(rows=None), review(rows=rows(key=())), review(rows=rows(key=("other",)))):
        assert unique(found) == ("fail", None, sentence)


def test_a_key_is_seen_in_the_files_that_differ() -> None:
    assert unique(review(files_skipped=3)) == (
        "pass",
        0.0,
        "no two rows in the files that differ have the same id, and none lacks it.",
    )


def test_a_passing_key_says_how_many_unchanged_files_have_none_of_the_added_rows() -> None:
    assert unique(review(files_skipped=3, rows=rows(added=9, alike_read=2))) == (
        "pass",
        0.0,
        "no two rows in the files that differ and 2 of 3 alike have the same id, and none lacks it.",
    )


def test_added_rows_with_a_key_of_an_unchanged_file_fail() -> None:
    mend = "; mend them, or " + ALLOW.format("unique_key")
    found = review(
        files_skipped=3, rows=rows(added=2_000, repeated=1_200, relabelled=1_100, duplicates_new=1)
    )
    assert unique(found) == (
        "fail",
        1_201.0,
        "1,200 added rows have the id of a row in a file that did not change, 1,100 of them with another "
        "label and 1 row of head has the id of another" + mend,
    )
    assert unique(review(files_skipped=3, rows=rows(added=1, repeated=1)))[2] == (
        "1 added row has the id of a row in a file that did not change" + mend
    )


def test_hostile_columns_have_ids_that_can_not_be_mistaken() -> None:
    bars = {"temp": 1.0, "a]/b[c": 1.0, 'x"y': 1.0, "tempé 2": 1.0}
    columns = tuple(profile(name) for name in bars)
    results = judged(entry(gates={"max_missing": bars}), review(profiles=columns))
    assert [name for name in outcomes(results) if name.startswith("max_missing")] == [
        "max_missing[temp]",
        'max_missing["a]/b[c"]',
        r'max_missing["x\"y"]',
        "max_missing[tempé 2]",
    ]
