"""The record is bounded whatever the pull request holds; counts stay whole and losses stay listed."""

import msgspec

from mergegate.flows.bounds import MOST_LISTED, bounded
from mergegate.records.review import DataChange, ParamChange, Reason, ReportedMetric, StageChange
from mergegate.report import markdown
from support.datasets import full, huge
from support.reviews import BROKEN_CHAIN, LOST, model, review, stories


def params(count: int, value: str = "1") -> tuple[ParamChange, ...]:
    return tuple(
        ParamChange(file="params.yaml", key=f"key{number}", old=value, new="2", stages=("train",))
        for number in range(count)
    )


def test_a_review_within_bounds_stays_as_it_is() -> None:
    for story in (*stories().values(), review(datasets=full())):
        lost = bounded(story).files_lost
        assert bounded(story) == msgspec.structs.replace(story, files_lost=lost)
        assert markdown.render(bounded(story)) == markdown.render(story)


def test_to_bound_a_review_again_changes_nothing() -> None:
    kept = bounded(review(params=params(3_000), data=(LOST,) * 600))
    assert bounded(kept) == kept


def test_a_change_of_everything_is_recorded_in_bounded_size_with_whole_counts() -> None:
    names = tuple(f"stage{number}" for number in range(3_000))
    reasons = tuple(Reason(kind="code", what=name) for name in names[:200])
    told = review(
        params=params(150_000),
        stages=tuple(StageChange(name=name, change="changed", reasons=reasons) for name in names),
        lock=BROKEN_CHAIN * 400,
        models=(model(reported=tuple(ReportedMetric(name=name, base="1", head="2") for name in names)),),
        data=tuple(DataChange(path=name, change="added") for name in names),
    )
    kept = bounded(told)
    assert (len(kept.params), kept.params_total) == (2_000, 150_000)
    assert (len(kept.stages), kept.stages_total) == (2_000, 3_000)
    assert (len(kept.stages[0].reasons), kept.stages[0].reasons_total) == (50, 200)
    assert (len(kept.lock), kept.lock_total) == (500, 800)
    assert (len(kept.models[0].reported), kept.models[0].reported_total) == (500, 3_000)
    assert (len(kept.data), kept.data_total) == (500, 3_000)
    assert all(finding.side == "head" for finding in kept.lock[:400])
    assert len(msgspec.json.encode(kept)) < 8_000_000
    comment = markdown.render(kept)
    assert "It changes 150,000 params, 3,000 stages and 3,000 tracked datasets." in comment
    assert "more params, `review.json` lists 2,000 in all." in comment


def test_what_lost_files_is_never_cut_for_what_did_not() -> None:
    others = tuple(DataChange(path=f"data{number}", change="changed") for number in range(5_000))
    kept = bounded(review(data=(*others, LOST)))
    assert kept.data[-1] == LOST
    assert (len(kept.data), kept.data_total, kept.files_lost) == (500, 5_001, 3)


def test_losses_beyond_the_bound_are_still_counted_in_the_first_words() -> None:
    gone = tuple(DataChange(path=f"data{number}", change="removed", files_old=1) for number in range(5_000))
    kept = bounded(review(data=gone))
    assert (len(kept.data), kept.files_lost) == (500, 5_000)
    assert "tracked data lost 5,000 files" in markdown.render(kept).splitlines()[0]


def test_a_long_value_keeps_its_ends() -> None:
    (kept,) = bounded(review(params=params(1, "a" * 5_000 + "z"))).params
    assert kept.old is not None
    assert (len(kept.old), kept.old[0], kept.old[-1]) == (1_000, "a", "z")


def test_what_a_dataset_lost_broke_leaked_or_shifted_is_kept_first() -> None:
    names = tuple(f"column {number}" for number in range(MOST_LISTED + 1))
    found = huge("data/wide", names)
    quiet = (
        msgspec.structs.replace(found.facts[0], loud=False),
        msgspec.structs.replace(found.schema[0], additive=True),
        msgspec.structs.replace(found.leaks[0], found=0),
        msgspec.structs.replace(found.shift[0], notable=False),
    )
    wide = msgspec.structs.replace(
        found,
        facts=(quiet[0], *found.facts[1:]),
        schema=(quiet[1], *found.schema[1:]),
        leaks=(quiet[2], *found.leaks[1:]),
        shift=(quiet[3], *found.shift[1:]),
    )
    (kept,) = bounded(review(datasets=(wide,))).datasets
    assert {len(kept.facts), len(kept.schema), len(kept.leaks), len(kept.shift)} == {MOST_LISTED}
    assert all(fact.loud for fact in kept.facts)
    assert not any(change.additive for change in kept.schema)
    assert all(leak.found for leak in kept.leaks)
    assert all(shift.notable for shift in kept.shift)
