"""What a change does and for whom: flips, segments, curves, confusion of two models, and slices by bands."""

import numpy as np
import pyarrow as pa
import pytest

from mergegate import predictions
from mergegate.compare import Ask, GapAsk, Key, Setting, compare, estimate_share
from mergegate.compare.explained import MOST_FURTHER, explain, further
from mergegate.compare.flips import mark_changed
from mergegate.records.predictions import Predictions
from support.judged import ROWS, scored

HOUR = np.arange(ROWS) % 24


def both(**columns: object) -> tuple[Predictions, Predictions]:
    return scored(1, 2.0, **columns), scored(2, 3.0, **columns)


def test_a_column_of_numbers_is_sliced_by_bins_that_base_lays_out() -> None:
    base, head = scored(1, 2.0, hour=HOUR), scored(2, 3.0, np.arange(0, ROWS, 2), hour=HOUR)
    setting = Setting(bands={"hour": 4})
    found = compare(base, head, asks=[Ask("accuracy", bars=True, slices=("hour",))], setting=setting)
    levels = {key.level for key in found.evidence if key.column == "hour" and key.exam == "shared"}
    assert levels == {"0 to 5", "6 to 11", "12 to 17", "18 to 23"}
    # Head alone has only even hours, whose own quarters are others: they are base's all the same.
    assert {key.level for key in found.evidence if key.exam == "head" and key.column} == levels
    assert sum(found.evidence[Key("accuracy", "shared", "hour", level)].rows for level in levels) == ROWS // 2
    assert found.levels is not None
    assert found.levels("hour").texts == ("0 to 5", "6 to 11", "12 to 17", "18 to 23")


def test_a_time_is_sliced_by_a_part_of_it() -> None:
    days = (np.datetime64("2026-01-01") + np.arange(ROWS) % 60).astype("datetime64[D]").astype(str)
    base, head = both(day=days)
    found = compare(
        base, head, asks=[Ask("accuracy", slices=("day",))], setting=Setting(bands={"day": "month"})
    )
    assert {key.level for key in found.evidence if key.column} == {"2026-01", "2026-02", "2026-03"}


def test_a_column_that_can_not_be_cut_is_told_where_it_is_judged() -> None:
    base, head = both(name=np.array(["a", "b"])[np.arange(ROWS) % 2])
    found = compare(base, head, asks=[Ask("accuracy", slices=("name",))], setting=Setting(bands={"name": 4}))
    told = found.evidence[Key("accuracy", "shared", "name")]
    assert told.head_reason == "the column name holds text, of which there are no bins"


def test_everything_about_a_change_comes_at_once() -> None:
    origin = np.array(["EWR", "JFK"])[np.arange(ROWS) % 2]
    base, head = both(origin=origin, hour=HOUR)
    found = compare(base, head, setting=Setting(bands={"hour": 4}))
    parts = explain(
        base, head, found, slices=("origin", "hour"), bands=("hour",), segments=("origin", "hour", "weather"),
        extra={"weather": pa.array(["dry", "wet"] * (ROWS // 2))},
    )  # fmt: skip
    assert parts.flips is not None
    assert parts.marks is not None
    assert parts.flips.changed == int((base.y_pred != head.y_pred).sum()) == int(parts.marks.changed.sum())
    assert {each.level for each in parts.flips.slices if each.column == "hour"} == {
        "0 to 5", "6 to 11", "12 to 17", "18 to 23",
    }  # fmt: skip
    assert parts.segments is not None
    assert {band.column for band in parts.segments.bands} == {"origin", "hour", "weather"}
    assert [curves.side for curves in parts.curves] == ["base", "head"]
    assert sum(cell.head for cell in parts.confusion) == ROWS


def test_without_columns_nothing_is_searched_and_without_a_base_only_head_is_drawn() -> None:
    base, head = both()
    assert explain(base, head, compare(base, head)).segments is None
    alone = explain(None, head, compare(None, head))
    assert (alone.flips, alone.segments, alone.confusion) == (None, None, ())
    assert [curves.side for curves in alone.curves] == ["head"]
    assert explain(base, None, compare(base, None)).curves == ()


def test_a_share_of_rows_is_weighed_and_clustered_as_the_comparison_was() -> None:
    weight = np.where(np.arange(ROWS) % 2, 3.0, 1.0)
    base, head = both(weight=weight, day=np.arange(ROWS) // 40)
    plain, weighed, grouped = (
        compare(base, head, setting=setting)
        for setting in (Setting(), Setting(weight="weight"), Setting(cluster="day"))
    )
    assert plain.paired is not None
    marks = mark_changed(base, head, plain.paired).changed
    assert estimate_share(marks, plain.paired).head == pytest.approx(marks.mean())
    assert weighed.paired is not None
    assert estimate_share(marks, weighed.paired).head == pytest.approx(np.average(marks, weights=weight))
    assert grouped.paired is not None
    found = estimate_share(marks, grouped.paired).estimate
    assert found is not None
    assert found.clusters == ROWS // 40


def test_a_gap_is_of_heads_groups_by_bands_too() -> None:
    base, head = both(hour=HOUR)
    ask = GapAsk("accuracy", "hour", 50)
    found = compare(base, head, gaps=[ask], setting=Setting(bands={"hour": 2})).evidence[ask.key]
    right = head.y_pred == head.y_true
    assert found.head == pytest.approx(abs(right[HOUR < 12].mean() - right[HOUR >= 12].mean()))


def test_of_very_many_columns_the_first_are_looked_at_and_that_is_said() -> None:
    rows = 200
    names = [f"c{number}" for number in range(MOST_FURTHER + 50)]
    columns = {name: ["a", "b"] * (rows // 2) for name in names}

    def answering(seed: int) -> Predictions:
        truth, answers = np.random.default_rng(seed).integers(0, 2, (2, rows))
        return predictions.build(
            row_id=np.arange(rows), y_true=truth * 0, y_pred=answers, task="binary", columns=columns
        )

    base, head = answering(1), answering(2)
    segments = further(base, head, ("c0",))
    assert segments == tuple(names[1 : MOST_FURTHER + 1])
    found = explain(base, head, compare(base, head, metrics=("accuracy",)), segments=segments).segments
    assert found is not None
    assert found.skipped[0] == "of many columns the first 200 are searched: name those that matter"
