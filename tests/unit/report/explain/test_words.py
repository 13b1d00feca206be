"""What a change does, for whom and on which rows, in words, for the comment and the terminal alike."""

import re
from typing import Any

import pytest
from msgspec.structs import replace

from mergegate.records.explain import (
    Band,
    Condition,
    FlipCount,
    FlipInput,
    FlipRow,
    Flips,
    FlipSlice,
    Gap,
    Golden,
    GoldenRow,
    Segment,
    SegmentSearch,
)
from mergegate.records.surroundings import (
    Importance,
    Latency,
    ModelChange,
    ModelFacts,
    PackageChange,
    UndeclaredImport,
)
from mergegate.report import blocks
from mergegate.report.data.markdown import fold_part
from mergegate.report.data.parts import Line
from mergegate.report.data.terminal import VOICE
from mergegate.report.explain import alarms, behind, findings, surroundings
from mergegate.report.explain.flips import tell_flips
from mergegate.report.explain.golden import find_failures, required, tell_golden
from mergegate.report.explain.model import tell_model
from mergegate.report.explain.segments import find_weak, tell_gaps, tell_segments
from mergegate.report.html.bounds import Bounds
from mergegate.report.html.bundles import draw_model
from mergegate.report.html.flips import draw_flips
from mergegate.report.html.golden import draw_golden
from support import told

COMMENT = blocks.Bounds(rows=80, folded=40, slices=20, models=20, value=120, sentence=400)
WIDE = Bounds(rows=100, slices=1, metrics=1, models=1, datasets=1)
FLIPS = Flips(
    rows=1000,
    changed=45,
    broke=30,
    mended=12,
    p=0.0079,
    matrix=(
        FlipCount(truth="late", base="late", head="late", rows=500),
        FlipCount(truth="late", base="late", head="on_time", rows=30),
        FlipCount(truth="on_time", base="late", head="on_time", rows=12),
    ),
    slices=(
        FlipSlice(column="carrier", level="EV", rows=400, changed=40, broke=28, mended=10),
        FlipSlice(column="carrier", level="AS", rows=600, changed=0),
    ),
    telling=(
        FlipRow(
            row_id="2013-3-21-EV-3817",
            truth="late",
            base="late",
            head="on_time",
            base_score=0.71,
            head_score=0.2,
            move=0.51,
            inputs=(
                FlipInput(name="carrier", value="EV"),
                FlipInput(name="built", value=None),
                FlipInput(name="passenger", value=None, hidden=True),
            ),
        ),
    ),
)


def test_flips_say_how_many_for_better_or_worse_and_show_the_rows() -> None:
    part = tell_flips(FLIPS, VOICE)
    assert part.title == "Changed answers: 45 of the 1,000 rows that both judged (4.5 %)"
    assert part.sentences == (
        "30 were right and are wrong now, 12 the other way round. Were both models equally often right, a "
        "split as uneven would come about by chance with p = 0.0079 (McNemar's exact test, rows taken as "
        "independent).",
    )
    slices, matrix, rows = part.tables
    assert slices.rows == (("carrier = EV", "400", "40 (10 %)", "28", "10"),)
    assert matrix.rows == (
        ("late", "late", "on_time", "broke", "30"),
        ("on_time", "late", "on_time", "mended", "12"),
    )
    assert rows.heads == ("Row", "Truth", "Base", "Head", "P(truth) in base:", "P(truth) in head:", "Inputs")
    assert rows.rows == (
        (
            "2013-3-21-EV-3817",
            "late",
            "late",
            "on_time",
            "0.7100",
            "0.2000",
            "carrier EV, built missing, passenger hidden",
        ),
    )
    assert rows.total == 45


def test_a_split_that_chance_hardly_makes_is_said_in_words() -> None:
    (said,) = tell_flips(replace(FLIPS, p=1e-9), VOICE).sentences
    assert "come about by chance with p under 0.001 (McNemar's" in said
    (numbers, *_) = tell_flips(replace(FLIPS, tolerance=2.5, p=1e-9), VOICE).sentences
    assert "Were worse and better equally likely, a split" in numbers
    assert "(sign test, " in numbers


def test_of_thousands_of_kinds_of_change_the_most_frequent_are_shown_and_all_counted() -> None:
    names = [f"c{number:02}" for number in range(20)]
    cells = tuple(
        FlipCount(truth=truth, base=base, head=head, rows=1 + 400 * t + 20 * b + h)
        for t, truth in enumerate(names)
        for b, base in enumerate(names)
        for h, head in enumerate(names)
    )
    found = replace(FLIPS, matrix=cells, classes_total=8_000)
    _, matrix, _ = tell_flips(found, VOICE).tables
    assert matrix.title == "From which answer to which, among the 20 most frequent of 8,000 classes"
    assert (len(matrix.rows), matrix.total) == (40, 20 * 20 * 19)
    assert matrix.rows[0] == ("c19", "c19", "c18", "broke", "7,999")
    comment = fold_part(tell_flips(found, VOICE), COMMENT)
    assert "*7,560 more kinds, see `review.json`.*" in comment
    page = draw_flips(found, WIDE)
    assert "7,560 more kinds, see review.json." in page


def test_without_a_change_there_is_one_line() -> None:
    part = tell_flips(Flips(rows=1, changed=0, exam="rescored"), VOICE)
    assert part.title == "No answer changed on the 1 row of head that base's model was run on"
    assert (part.sentences, part.tables) == ((), ())


def test_numbers_move_by_more_than_a_tolerance() -> None:
    moved = replace(FLIPS, tolerance=2.5, matrix=(), p=None, without_inputs="there are none", slices=())
    part = tell_flips(moved, VOICE)
    assert part.sentences == (
        "30 moved away from the truth by more than 2.5, 12 came closer by more.",
        "Rows stand without their inputs: there are none.",
    )
    assert part.tables[0].heads[4:6] == ("Error in base:", "Error in head:")


SEARCH = SegmentSearch(
    measure="log_loss",
    tried=135,
    min_rows=50,
    found=(
        Segment(
            conditions=(Condition(column="carrier", level="EV"), Condition(column="hour", level="18 to 23")),
            rows=3120,
            loss=0.04,
            rest=-0.002,
            excess=0.042,
            low=0.03,
            high=0.054,
            p_adjusted=0.0002,
        ),
    ),
    found_total=1,
    bands=(Band(column="carrier", kind="values"), Band(column="hour", kind="bins", edges=("18",))),
    skipped=("tailnum has more than 200 values",),
)


def test_a_weak_segment_is_a_sentence_that_a_person_can_act_on() -> None:
    assert find_weak(SEARCH, VOICE) == [
        Line(
            "Weak segment",
            "where carrier = EV and hour = 18 to 23 (3,120 rows) log_loss rose by 0.04; on all other rows it "
            "fell by 0.002.",
        )
    ]
    part = tell_segments(SEARCH, VOICE)
    assert part.title == "Weak segments: 1"
    assert part.sentences == (
        "135 segments of at least 50 rows were tried: the values of carrier and hour, alone and in pairs, "
        "each against all other rows. Lost is log_loss, row by row: higher is worse. p is corrected for all "
        "of them (Holm).",
        "Left out: tailnum has more than 200 values.",
    )
    assert part.tables[0].rows == (
        (
            "carrier = EV and hour = 18 to 23",
            "3,120",
            "+0.04000",
            "−0.00200",
            "+0.04200 (+0.03000 to +0.05400)",
            "under 0.001",
        ),
    )


def test_a_search_without_a_find_or_without_columns_says_so() -> None:
    none = tell_segments(replace(SEARCH, found=(), found_total=0), VOICE)
    assert none.title == "Weak segments: in none did head lose more than elsewhere, beyond chance"
    assert none.tables == ()
    unsearched = tell_segments(
        SegmentSearch(measure="log_loss", problem="there are no columns to search"), VOICE
    )
    assert unsearched.title == "Weak segments: none searched"
    assert unsearched.sentences == ("there are no columns to search.",)


def test_many_weak_segments_are_counted_beyond_the_worst() -> None:
    many = replace(SEARCH, found=SEARCH.found * 5, found_total=12)
    assert [line.loud for line in find_weak(many, VOICE)] == [True, True, True, False]
    assert find_weak(many, VOICE)[-1].said == "9 more, below."


def test_gaps_name_the_groups() -> None:
    gap = Gap(
        metric="recall", column="origin", base=0.1, head=0.25, head_worst="EWR", head_best="JFK", levels=3
    )
    lost = Gap(metric="recall", column="tailnum", problem="no level of tailnum has 50 rows that carry recall")
    assert tell_gaps((gap, lost), VOICE).tables[0].rows == (
        ("recall", "origin", "0.1000", "0.2500", "EWR and JFK of 3 groups"),
        ("recall", "tailnum", "–", "–", "no level of tailnum has 50 rows that carry recall"),
    )


GOLDEN = Golden(
    files=("golden/flights.yaml",),
    rows=5,
    failed=2,
    failures=(
        GoldenRow(
            file="golden/flights.yaml",
            name="storm",
            expected="late",
            reason="A thunderstorm closes EWR",
            author="Ada",
            base="late",
            head="on_time",
            inputs=(FlipInput(name="precip", value="1.2"),),
            fault="head answers `on_time`, where `late` is expected",
        ),
        GoldenRow(
            file="golden/flights.yaml",
            name="fare",
            expected="12",
            tolerance=0.5,
            not_worse=True,
            problem="head's bundle has no input fare",
        ),
    ),
)


def test_a_failing_golden_row_is_told_with_its_reason_and_both_answers() -> None:
    assert [line.said for line in find_failures(GOLDEN, VOICE)] == [
        "storm: head answers `on_time`, where `late` is expected; base answers late. A thunderstorm closes "
        "EWR.",
        "fare: head's bundle has no input fare.",
    ]
    part = tell_golden(GOLDEN, VOICE)
    assert part.title == "Golden rows: 2 of 5 rows fail"
    assert part.tables[0].rows[0] == (
        "storm", "late", "late", "on_time",
        "A thunderstorm closes EWR (head answers `on_time`, where `late` is expected)", "Ada", "precip 1.2",
    )  # fmt: skip
    assert part.tables[0].rows[1][1] == "no worse than base by more than 0.5, towards 12"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"expected": "late"}, "late"),
        ({"expected": "12", "tolerance": 0.5}, "12 within 0.5"),
        ({"expected": "late", "min_probability": 0.8}, "late with at least 80 %"),
        ({"expected": "late", "not_worse": True}, "no worse than base, towards late"),
        ({"expected": None, "not_worse": True}, "no other than base"),
        ({"expected": None, "not_worse": True, "tolerance": 0.1}, "no other than base by more than 0.1"),
    ],
)
def test_what_a_golden_row_owes_is_told_alike_everywhere(asked: dict[str, Any], words: str) -> None:
    row = GoldenRow(file="golden.csv", name="storm", **asked)
    assert required(row, VOICE) == words
    told_in_html = re.sub("<[^>]+>", "", draw_golden(replace(GOLDEN, failures=(row,)), WIDE, numeric=False))
    assert words in told_in_html
    assert f"| {words} |" in fold_part(tell_golden(replace(GOLDEN, failures=(row,)), VOICE), COMMENT)


def test_rows_that_fail_beyond_the_first_are_counted_whatever_else_is_told() -> None:
    many = replace(GOLDEN, failures=GOLDEN.failures * 4, failed=8, changed=("storm",))
    assert [line.said for line in find_failures(many, VOICE)][3:] == [
        "5 more rows fail.",
        "storm: altered or removed by the change, and judged as the target branch has it.",
    ]


def test_a_golden_set_without_files_or_rows_says_no_half_sentence() -> None:
    part = tell_golden(Golden(), VOICE)
    assert (part.title, part.sentences) == ("Golden rows: there are none", ())


def test_a_golden_row_that_the_change_softens_is_told() -> None:
    softened = Golden(files=("golden",), rows=3, changed=("storm",), changed_total=1, notes=("Row x is new",))
    assert find_failures(softened, VOICE) == [
        Line(
            "Golden rows", "storm: altered or removed by the change, and judged as the target branch has it."
        )
    ]
    assert tell_golden(softened, VOICE).sentences == ("From golden.", "Row x is new.")
    many = replace(softened, changed=("a", "b", "c", "d"), changed_total=30)
    assert find_failures(many, VOICE)[0].said.startswith("a, b, c and 27 more: altered or removed")


def test_golden_rows_that_hold_or_could_not_be_asked_say_so() -> None:
    held = replace(GOLDEN, failed=0, failures=())
    assert (tell_golden(held, VOICE).title, find_failures(held, VOICE)) == (
        "Golden rows: all 5 rows hold",
        [],
    )
    broken = Golden(problem="head has no bundle")
    assert find_failures(broken, VOICE) == [Line("Golden rows", "could not be asked: head has no bundle.")]


def test_what_else_changed_about_a_model_is_told_beside_base() -> None:
    change = ModelChange(
        base=ModelFacts(size=7_000, parameters=120, inputs=("hour", "carrier")),
        head=ModelFacts(size=184_000, parameters=9_000, inputs=("hour", "visib")),
        importance=(
            Importance(name="hour", base=0.05, head=0.08, head_spread=0.01, base_rank=2, head_rank=1),
        ),
        importance_metric="roc_auc",
        importance_rows=2000,
        latency=Latency(base=2e-6, head=5e-6, ratio=2.5, low=2.3, high=2.7, rows=1000, repeats=20),
    )
    part = tell_model(change, VOICE)
    assert part.sentences == (
        "Size 7.0 kB → 184 kB; parameters 120 → 9,000.",
        "New inputs: visib.",
        "Inputs no longer used: carrier.",
        "A row takes 2 µs in base, 5 µs in head: 2.50 times as long (2.30 to 2.70), asked in turns, 1,000 "
        "rows, 20 times; reported, not judged.",
    )
    assert part.tables[0].rows == (("hour", "2 → 1", "0.05000", "0.08000 ± 0.01000"),)


@pytest.mark.parametrize(
    ("measured", "words"),
    [
        (Latency(problem="head's bundle is not there"), "was not measured: head's bundle is not there."),
        (Latency(), "How long a row takes was not measured."),
        (Latency(head=0.0512), "A row takes 51.2 ms in head."),
        (Latency(base=2.0, head=4e-9), "A row takes 2 s in base, 4 ns in head."),
    ],
)
def test_how_long_a_row_takes_is_told_as_far_as_it_is_known(measured: Latency, words: str) -> None:
    assert tell_model(ModelChange(latency=measured), VOICE).sentences[-1].endswith(words)
    page = draw_model(ModelChange(latency=measured), WIDE)
    assert words.replace("'", "&#x27;") in re.sub("</?bdi>", "", page)


def test_a_change_that_no_stage_declares_is_an_alarm_and_libraries_are_listed() -> None:
    review = told.review(
        undeclared=(
            UndeclaredImport(stage="train", script="src/train.py", imported="src/lib.py", changed=True),
            UndeclaredImport(stage="split", script="src/split.py", imported="src/lib.py"),
        ),
        packages=(
            PackageChange(name="scikit-learn", old="1.7", new=None, source="lock", touches_model=True),
        ),
    )
    assert alarms(review, VOICE) == [
        "src/lib.py changed, and stage train imports it undeclared: "
        "what the stage wrote may be the old code's."
    ]
    undeclared, packages = surroundings(review, VOICE)
    assert [row[3] for row in undeclared.tables[0].rows] == ["changed", "the same"]
    assert packages.title == "Libraries changed: 1"
    assert packages.tables[0].rows == (("scikit-learn (touches the model)", "1.7", "absent", "lock"),)


def test_a_model_tells_what_was_looked_at_and_no_more() -> None:
    assert (findings(told.model(), VOICE), list(behind(told.model(), VOICE))) == ([], [])
    model = told.model(flips=FLIPS, segments=SEARCH, golden=GOLDEN)
    assert [line.what for line in findings(model, VOICE)] == ["Golden row", "Golden row", "Weak segment"]
    assert [part.key for part in behind(model, VOICE)] == ["flips", "segments", "golden"]
