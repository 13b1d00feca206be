"""An explanation says how a number is had, where its bar stands, and what would let the gate pass."""

import io
import json
from dataclasses import replace
from typing import Any

import msgspec
import pytest
import yaml
from rich.console import Console

from mergegate.compare import Key, Measured
from mergegate.config.policy import MetricGate
from mergegate.gates.claim import Claim, resolve
from mergegate.records.comparison import RowCounts
from mergegate.records.review import Review
from mergegate.records.verdict import GateResult, Measurement
from mergegate.report import explained, methods, remedies
from mergegate.report.explanation import Explanation, explain, key
from mergegate.stats import Estimate
from mergegate.stats.pivots import Student
from support import comparisons, judged, told
from support.measured import CHAIN, CONTRACT, MODEL, ROWS_GONE


def shown(told: Explanation, width: int = 100) -> str:
    console = Console(file=io.StringIO(), width=width, color_system=None)
    explained.render(told, console)
    assert isinstance(console.file, io.StringIO)
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines()) + "\n"


def of(review: Review, name: str) -> Explanation:
    (gate,) = [gate for gate in review.gates if gate.id == name]
    return explain(gate, review)


def test_a_failed_margin_is_explained_to_the_end() -> None:
    assert shown(of(comparisons.worse(), f"{MODEL}/roc_auc/max_regression")) == (
        """\
late-arrival/roc_auc/max_regression  −0.0217 (−0.0261 to −0.0174), bar at least −0.01

Why
  -  fail: roc_auc is worse than base's by at least 0.01738, where at most 0.01 may be lost, on the
     26,230 rows that both judged.
  -  Rule: the whole interval must be on the wrong side of the bar, and the miss must stand among
     all claims that are judged together; both is so.
  -  It blocks.

How it is computed
  -  Head's roc_auc less base's, on the rows that both judged with the same label: 26,230 rows.
  -  On these rows base has 0.643123 and head 0.621408.
  -  The number is −0.0217, its 95 % interval −0.0261 to −0.0174; its standard error is 0.00221.
  -  Method: DeLong, t: the variance of DeLong, DeLong & Clarke-Pearson (1988), by sorting as Sun &
     Xu (2014) do, with Student's t.
  -  6,231 (effective) rows carry it, and at least 50 must.
  -  A miss of the bar by 0.0062 would be found with 80 % probability.

Where the bar stands
  -  `models.late-arrival.gates.metrics[roc_auc].max_regression` sets the bar, in mergegate.yaml (as
     it stands on the target branch).
  -  The confidence of 95 % is the policy's `confidence`.

What would make it pass
  -  It passes when head's roc_auc is at least 0.63747, on the rows that both judged, at this noise;
     now it is 0.62141.
  -  More rows alone would not do: at this value they would only show that the bar is missed.

As a last resort, in the target branch's policy, after a review of its own:
waivers:
  - gate: "late-arrival/roc_auc/max_regression"
    reason: ""   # why it may fail for now
    by: ""       # who decided
    expires: ""  # the last day, such as 2026-12-31
"""
    )


def test_the_correction_for_many_claims_is_told_with_both_p_values() -> None:
    unsure = of(comparisons.worse(), f"{MODEL}/average_precision/max_regression")
    assert (
        "That the bar is missed has p = 0.021; corrected for the 4 claims judged together (Holm 1979) "
        "p = 0.063. A fail needs at most 0.025; a pass needs no correction, because every gate must pass "
        "(Berger 1982)."
    ) in unsure.how
    assert "It does not block: `on_insufficient` is `warn` for it." in unsure.why
    assert (unsure.blocking, unsure.waiver) == (False, "")


def test_clusters_weights_slices_and_a_confidence_of_its_own_are_told() -> None:
    measured = Measurement(
        metric="roc_auc",
        exam="rescored",
        at_least=True,
        column="origin",
        level="EWR",
        rows=9_000,
        min_rows=50,
        confidence=0.99,
        carried=2_100.0,
        discordant=1_234,
        clusters=31,
        method="DeLong, t, by cluster",
    )
    gate = GateResult(
        id=f"{MODEL}/roc_auc/max_regression@rescored[origin=EWR]",
        kind="regression",
        outcome="insufficient",
        sentence="can't tell.",
        subject=MODEL,
        value=0.01,
        low=-0.05,
        high=0.07,
        bar=-0.02,
        measured=measured,
    )
    found = explain(gate, told.review(models=(told.model(cluster="date", weight="seats"),)))
    assert found.key == f"models.{MODEL}.gates.metrics[roc_auc].max_regression"
    assert found.how[0] == (
        "Head's roc_auc less what base's model, run on head's rows, has there, where origin is EWR: "
        "9,000 rows."
    )
    assert (
        "2,100 (effective) rows carry it, and at least 50 must; 1,234 are decided differently." in found.how
    )
    assert "The rows come from 31 clusters of date, which the interval allows for." in found.how
    assert "Rows are weighed by seats." in found.how
    place = f"`models.{MODEL}.gates.metrics[roc_auc]"
    assert found.source[1:] == (
        f"{place}.slices` names origin: each of its values is held to the same bar.",
        f"{place}.confidence` asks for 99 %.",
    )


@pytest.mark.parametrize(
    ("gate", "path"),
    [
        (("metric", "m/roc_auc/min", "roc_auc"), "models.m.gates.metrics[roc_auc].min"),
        (("metric", "m/recall[a/b]/max[x=min]", "recall[a/b]"), "models.m.gates.metrics[recall[a/b]].max"),
        (
            ("regression", "m/f1/max_relative_regression", ""),
            "models.m.gates.metrics[f1].max_relative_regression",
        ),
        (("regression", "m/f1/max_regression@rescored", ""), "models.m.gates.metrics[f1].max_regression"),
        (("evaluation", "m/evaluation/rows_gone", ""), "models.m.gates.evaluation.max_rows_gone"),
        (("evaluation", "m/evaluation/labels_changed", ""), "models.m.gates.evaluation.max_labels_changed"),
        (("bundle", "m/bundle/size", ""), "models.m.gates.bundle.max_size_mb"),
        (("bundle", "m/bundle/parity", ""), "models.m.gates.bundle.parity"),
        (("contract", "m/predictions/contract", ""), "models.m.evaluation.predictions"),
        (("contract", "m/metrics/contract", ""), "models.m.evaluation.metrics"),
        (("comparison", "m/comparison", ""), "models.m.evaluation.predictions"),
        (("flips", "m/flips/max_share", "the share"), "models.m.gates.flips.max_share"),
        (("flips", "m/flips/max_broken", "the share"), "models.m.gates.flips.max_broken"),
        (("gap", "m/recall[a/b]/max_gap[x]", "the gap"), "models.m.gates.gaps[recall[a/b], x].max"),
    ],
)
def test_every_bar_has_its_place_in_the_policy(gate: tuple[str, str, str], path: str) -> None:
    kind, name, metric = gate
    measured = Measurement(metric=metric, exam="head", at_least=True) if metric else None
    result = GateResult(id=name, kind=kind, outcome="fail", sentence="", subject="m", measured=measured)
    assert key(result) == path


def test_what_needs_no_policy_says_so_and_which_command_mends_it() -> None:
    broken = msgspec.structs.replace(
        CHAIN, outcome="fail", sentence="train is stale.", mend="dvc repro train"
    )
    found = explain(broken, told.review())
    assert (found.key, found.passing, found.least, found.rows) == ("", ("Run: dvc repro train",), None, None)
    assert found.source == (
        "No key of the policy sets a bar: it holds for every review. The policy is mergegate.yaml (as it "
        "stands on the target branch).",
    )
    assert explain(CONTRACT, told.review()).passing == ("It passes.",)


def test_a_share_of_rows_is_told_in_rows() -> None:
    rows = RowCounts(base=1_000, head=900, shared=880, new=20, gone=120)
    gone = msgspec.structs.replace(ROWS_GONE, outcome="fail", value=0.12, bar=0.1)
    found = explain(gone, told.review(models=(told.model(rows=rows),)))
    assert found.how[1] == (
        "Base has 1,000 rows and head 900: 880 are shared, 20 new, 120 gone; of the shared ones 0 have "
        "another y_true."
    )
    assert found.passing == (
        "It passes while at most 100 of base's 1,000 rows are so, and no larger share of any one class.",
    )

    changed = GateResult(
        id=f"{MODEL}/evaluation/labels_changed",
        kind="evaluation",
        outcome="pass",
        sentence="it is.",
        subject=MODEL,
        bar=0.0,
    )
    found = explain(changed, told.review(models=(told.model(rows=rows),)))
    assert found.passing == ("It passes while at most 0 of the 880 shared rows are so.",)


def test_a_skipped_gate_says_what_it_waits_for() -> None:
    unstaged = msgspec.structs.replace(CHAIN, outcome="skipped")
    assert explain(unstaged, told.review()).passing == (
        "Nothing is to be done: it is judged as soon as a dvc.yaml declares a stage.",
    )
    gone = msgspec.structs.replace(ROWS_GONE, outcome="skipped")
    broken = told.model(rows=RowCounts(base=1_000, head=None))
    assert explain(gone, told.review(models=(broken,))).passing[-1] == (
        "It is judged as soon as head's predictions can be used."
    )
    fresh = told.model(rows=RowCounts(base=None, head=1_000))
    assert explain(gone, told.review(models=(fresh,))).passing == (
        "Nothing is to be done: it is judged as soon as base has what it is compared with.",
    )


def test_a_policy_that_only_advises_blocks_nothing() -> None:
    review = comparisons.worse()
    advised = msgspec.structs.replace(review, verdict=msgspec.structs.replace(review.verdict, enforced=False))
    name = f"{MODEL}/roc_auc/max_regression"
    assert of(review, name).why[-1] == "It blocks."
    assert of(advised, name).why[-1] == "It would block, were the policy's `mode` not `advisory`."


def claim(value: float, *, at_least: bool, relative: bool, rows: int = 2_000) -> Claim:
    base, error = 0.5, 0.01
    bar = -0.03 if at_least else 0.03
    offset = -bar * base if relative else 0.0
    estimate = Estimate(value + offset, error, 99.0, rows / 4, "t", Student(value + offset, error, 99.0))
    return Claim(
        id="m/x/max_regression",
        kind="regression",
        subject="m",
        key=Key("x", "shared", relative=relative),
        measured=Measured(rows, base, base + value, estimate),
        bar=bar,
        at_least=at_least,
        greater_is_better=at_least,
        confidence=0.95,
        min_rows=50,
        strict=True,
        scale=base if relative else 1.0,
        offset=offset,
        relative=relative,
    )


@pytest.mark.parametrize("relative", [False, True])
@pytest.mark.parametrize("at_least", [True, False])
@pytest.mark.parametrize("lost", [0.002, 0.02, 0.2])
def test_from_the_value_named_it_passes_and_short_of_it_it_does_not(
    lost: float, at_least: bool, relative: bool
) -> None:
    sign = -1 if at_least else 1
    (result,) = resolve([claim(sign * lost, at_least=at_least, relative=relative)])
    needed = remedies.least(result)
    assert needed is not None
    for step, outcome in ((-sign * 1e-9, "pass"), (sign * 1e-9, "insufficient")):
        (again,) = resolve([claim(needed + step - 0.5, at_least=at_least, relative=relative)])
        assert again.outcome == outcome


def test_with_the_rows_named_it_passes() -> None:
    (result,) = resolve([claim(-0.018, at_least=True, relative=False)])
    assert result.outcome == "insufficient"
    needed = remedies.rows(result)
    assert needed is not None
    larger = claim(-0.018, at_least=True, relative=False, rows=needed)
    assert larger.measured.estimate is not None
    error = 0.01 * (2_000 / needed) ** 0.5
    narrower = replace(larger.measured.estimate, standard_error=error, pivot=Student(-0.018, error, 99.0))
    measured = msgspec.structs.replace(larger.measured, estimate=narrower)
    (again,) = resolve([msgspec.structs.replace(larger, measured=measured)])
    assert again.outcome == "pass"


def test_of_too_few_rows_it_says_how_many_would_carry_enough() -> None:
    asked = judged.policy(MetricGate(name="roc_auc", min=0.5))
    few = [judged.scored(seed, 3.0, 60) for seed in (1, 2)]
    (gate,) = judged.results(asked, *few).values()
    found = explain(gate, told.review())
    assert found.rows == 177  # 17 of 60 rows are of the smaller class, and 50 must be
    assert found.passing[-1] == (
        "About 177 rows, where there are 60, would hold the 50 that must carry the metric; whether it passes "
        "can be told then."
    )


def own(kind: str, name: str, metric: str, **found: Any) -> Explanation:
    """A gate of model `m`, held against 0.1875 between 0.1711 and 0.2051, explained."""
    bar = found.pop("bar", 0.05)
    measured = Measurement(metric=metric, **{"exam": "head", "at_least": False, "rows": 2_000, **found})
    gate = GateResult(
        id=f"m/{name}",
        kind=kind,
        outcome="fail",
        sentence="it is.",
        subject="m",
        value=0.1875,
        low=0.1711,
        high=0.2051,
        bar=bar,
        measured=measured,
    )
    return explain(gate, told.review())


def test_a_share_of_changed_answers_and_a_gap_are_told_as_what_they_are() -> None:
    share = own("flips", "flips/max_share", "the share of answers that changed", exam="shared")
    assert (share.number, share.interval) == ("0.188", "0.171 to 0.205")
    assert share.how[0] == (
        "The share of answers that changed, on the rows that both judged with the same label: 2,000 rows."
    )
    assert share.source[0].startswith("`models.m.gates.flips.max_share` sets the bar, in mergegate.yaml")
    assert share.passing[0] == (
        "It passes when the share of answers that changed is at most 0.0324, on the rows that both judged, "
        "at this noise; now it is 0.1875."
    )
    gap = own("gap", "accuracy/max_gap[region]", "the gap of accuracy over region")
    assert gap.how[0] == "The gap of accuracy over region, on all of head's rows: 2,000 rows."
    assert gap.source[0].startswith("`models.m.gates.gaps[accuracy, region].max` sets the bar")
    assert gap.least == pytest.approx(0.0324)


@pytest.mark.parametrize(
    ("kind", "metric", "at_least", "bar", "needed"),
    [
        ("metric", "accuracy", True, 0.99, "head's accuracy would have to be at least 1.0064"),
        ("metric", "recall[late]", True, 0.99, "head's recall[late] would have to be at least 1.0064"),
        ("metric", "log_loss", False, 0.01, "head's log_loss would have to be at most −0.0076"),
        ("gap", "the gap of f1 over x", False, 0.01, "the gap of f1 over x would have to be at most −0.0076"),
    ],
)
def test_a_value_that_no_metric_can_have_is_not_asked_for(
    kind: str, metric: str, at_least: bool, bar: float, needed: str
) -> None:
    found = own(kind, f"{metric}/x", metric, at_least=at_least, bar=bar)
    assert (found.least, found.passing[0]) == (None, f"At this noise no value passes: {needed}.")


def test_how_good_a_teams_own_metric_can_be_is_not_known() -> None:
    high = own("metric", "minutes/min", "minutes", at_least=True, bar=0.99)
    low = own("metric", "minutes/max", "minutes", at_least=False, bar=0.01)
    assert high.least == pytest.approx(1.0064)
    assert low.least == pytest.approx(-0.0076)


def test_a_confidence_of_its_own_is_told_once() -> None:
    found = own("metric", "roc_auc/min", "roc_auc", at_least=True, confidence=0.9)
    assert found.interval == "0.171 to 0.205 at 90 %"
    assert "The number is 0.188, its 90 % interval 0.171 to 0.205." in found.how


def every_story() -> list[tuple[Review, GateResult]]:
    return [(review, gate) for review in comparisons.stories().values() for gate in review.gates]


def test_every_gate_of_every_story_is_explained() -> None:
    found = [explain(gate, review) for review, gate in every_story()]
    assert len(found) > 40
    for one in found:
        assert one.how or one.gate.kind == "contract"
        assert one.why[0].endswith(".")
        assert one.source
        assert one.passing
        assert msgspec.json.decode(msgspec.json.encode(one), type=Explanation) == one
        assert shown(one)


def test_a_waiver_snippet_names_the_gate_exactly_and_is_refused_while_it_is_blank() -> None:
    name = 'late/roc_auc/min[origin="\\x\n\x1b[31m\u202e😀]'
    gate = GateResult(id=name, kind="metric", outcome="fail", sentence="it is.", subject="late")
    snippet = explain(gate, told.review()).waiver
    assert snippet.isascii()
    assert "\x1b" not in snippet
    assert yaml.safe_load(snippet) == {"waivers": [{"gate": name, "reason": "", "by": "", "expires": ""}]}
    assert explain(msgspec.structs.replace(gate, id="x" * 3_000), told.review()).waiver == ""


def test_nothing_hostile_reaches_the_terminal() -> None:
    evil = "\x1b]0;owned\x07\u202e[bold]x[/bold]\r\n"
    measured = Measurement(metric=evil, exam="head", at_least=True, column=evil, level=evil, method=evil)
    gate = GateResult(
        id=evil, kind="metric", outcome="fail", sentence=evil, subject=evil, mend=evil, measured=measured
    )
    review = told.review(
        gates=(gate,),
        models=(told.model(name=evil, cluster=evil, weight=evil),),
        policy=msgspec.structs.replace(told.POLICY, path=evil),
    )
    console = Console(file=io.StringIO(), width=100, color_system=None)
    explained.render_list(review, console)
    assert isinstance(console.file, io.StringIO)
    for text in (shown(explain(gate, review)), console.file.getvalue()):
        assert not {"\x1b", "\x07", "\u202e", "\r"} & set(text)
        assert "\\x1b]0;owned\\x07\\u202e[bold]x[/bold]" in text.replace("\n     ", "")


def test_the_list_shows_every_gate_with_its_number_what_blocks_first() -> None:
    console = Console(file=io.StringIO(), width=200, color_system=None)
    explained.render_list(comparisons.worse(), console)
    assert isinstance(console.file, io.StringIO)
    assert [line.strip() for line in console.file.getvalue().splitlines()] == [
        "Gates: 1 fail, 1 can't tell, 4 pass",
        "fail        late-arrival/roc_auc/max_regression  −0.0217 (−0.0261 to −0.0174), bar at least −0.01",
        *[line.strip() for line in console.file.getvalue().splitlines()[2:]],
    ]
    assert len(console.file.getvalue().splitlines()) == 7
    empty = Console(file=io.StringIO(), width=80)
    explained.render_list(told.review(gates=()), empty)
    assert isinstance(empty.file, io.StringIO)
    assert empty.file.getvalue() == "The review has no gate.\n"


def methods_used() -> set[str]:
    used: set[str] = set()
    for metric in ("roc_auc", "average_precision", "log_loss", "accuracy", "f1", "squared_calibration_error"):
        asked = judged.policy(MetricGate(name=metric, min=0.0, max_regression=0.5))
        for gate in judged.results(asked, judged.scored(1, 1.0), judged.scored(2, 1.0)).values():
            assert gate.measured is not None
            used.add(gate.measured.method)
    return used


def test_every_method_has_its_source() -> None:
    used = methods_used()
    assert len(used) >= 5
    for method in (*used, "399 bootstrap samples, the wider of t and percentiles", "identical predictions"):
        assert methods.source(method), method
        assert methods.source(f"{method}, by cluster").endswith("(Obuchowski 1997)")
    assert methods.source("astrology") == ""


def test_as_data_it_brings_the_gate_itself() -> None:
    found = of(comparisons.worse(), f"{MODEL}/roc_auc/max_regression")
    data: dict[str, Any] = json.loads(msgspec.json.encode(found))
    assert (data["schema"], data["gate"]["id"], data["least_is"]) == (
        1,
        f"{MODEL}/roc_auc/max_regression",
        "at least",
    )
    assert data["least"] == pytest.approx(0.643123 - 0.01 + 1.96 * 0.002214)
