"""The comment: whole, bounded, and inert whatever the pull request says."""

import re
import subprocess
import sys
from functools import cache

import msgspec
import pytest
from hypothesis import given, settings

from mergegate.records.review import Problem, Review
from mergegate.records.verdict import GateResult
from mergegate.report import judgement, markdown
from mergegate.report.html.review import render
from support.attacks import ATTACKS, HOSTILE, REFERENCES, poison
from support.extremes import full, huge
from support.golden import assert_golden
from support.measured import metric, part, regression, untold
from support.outline import outline
from support.rendered import inline, is_printed, parse, seen, shape
from support.reviews import model, review, stories
from support.told import FAILED

OUR_ELEMENTS = {"<br>", "<sub>", "</sub>", "<code>", "</code>"}


@pytest.mark.parametrize("story", stories())
def test_each_story_is_told_as_a_person_has_read_it(story: str) -> None:
    assert_golden(f"report/{story}.md", markdown.render(stories()[story]))


@pytest.mark.parametrize("story", stories())
def test_each_story_parses_into_whole_tables_and_balanced_sections(story: str) -> None:
    text = markdown.render(stories()[story])
    assert_whole(text)
    assert text.count("<details>") == text.count("</details>")


def test_the_first_line_is_the_verdict() -> None:
    worse = (
        "roc_auc is below 0.6 with its whole interval, on head's 28,330 rows. "
        "Overall, head is worse than base on the 26,230 rows that both judged."
    )
    assert first_line("metric-bar") == f"## ❌ Failed: {worse}"
    assert first_line("advisory") == f"## ❌ Failed, but nothing is blocked (advisory mode): {worse}"


def test_a_verdict_that_a_waiver_lets_pass_does_not_look_fine() -> None:
    assert first_line("waived") == (
        "## ⚠️ Passed: head is worse than base on the 26,230 rows that both judged; 4 gates hold, 1 is waived."
    )


def test_a_policy_without_gates_is_said_to_judge_nothing() -> None:
    assert "The policy has no gate, so nothing was judged." in markdown.render(review(gates=()))


def test_a_waived_gate_stands_before_those_that_hold_with_who_why_and_until_when() -> None:
    rows = gate_rows(markdown.render(stories()["waived"]))
    assert [row.split(" | ")[4] for row in rows] == ["⏸️ **waived (fail)**", *["✅ pass"] * 4]
    assert "Waived until 2026-12-31 by ana: April's carriers are new to the model" in rows[0]


def test_waivers_that_let_nothing_pass_are_listed() -> None:
    comment = markdown.render(stories()["expired-waiver"])
    assert "### Waivers: 1 expired, 1 of no gate" in comment
    assert "The waiver by ana ended on 2025-12-31 and no longer counts." in gate_rows(comment)[0]
    assert "| `late-arrival/f1/min` | **no gate of this name** | `2027-01-31` | ben |" in comment


def test_a_waiver_is_shown_even_where_its_gate_is_left_out() -> None:
    (waived, *_) = (gate for gate in stories()["waived"].gates if gate.waiver)
    many = many_slices(20, 200)
    assert waived.waiver is not None
    crowd = review(gates=(*many.gates * 3, waived), waivers=(waived.waiver,), models=many.models)
    comment = markdown.render(crowd)
    assert_fits(comment)
    assert f"| `{waived.id}` | **applied** | `2026-12-31` | ana | April's carriers" in comment


def test_what_can_not_be_told_and_blocks_stands_before_what_only_warns() -> None:
    rows = gate_rows(markdown.render(stories()["too-few-rows"]))
    assert [row.split(" | ")[4] for row in rows] == [
        "❌ **fail**",
        "❌ **can't tell (blocks)**",
        "⚠️ can't tell",
        "✅ pass",
        "✅ pass",
    ]


def test_whoever_is_blocked_is_told_what_to_do_next_and_nobody_else() -> None:
    told = {story: judgement.NEXT in markdown.render(found) for story, found in stories().items()}
    blocked = {story: any(gate.blocking for gate in found.gates) for story, found in stories().items()}
    assert told == blocked
    assert set(told.values()) == {True, False}


def test_a_bar_that_nothing_could_be_held_against_says_which_side_is_right() -> None:
    def bar(name: str, limit: float) -> str:
        gate = GateResult(
            id=f"late-arrival/{name}", kind="regression", outcome="fail", sentence="", bar=limit
        )
        return gate_rows(markdown.render(review(gates=(gate,))))[0].split(" | ")[2]

    assert bar("roc_auc/max_regression", -0.01) == "at least −0.01"
    assert bar("log_loss/max_regression", 0.01) == "at most 0.01"
    assert bar("cost/max_relative_regression", 0.05) == "at most 5 %"
    assert bar("cost/max_regression", 0.0) == "0"


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("is cut off after 30,000 bytes", "it is cut off after 30,000 bytes."),
        ("has two columns `y_true`.", "it has two columns `y_true`."),
        ("can't be read as Parquet: no footer", "it can't be read as Parquet: no footer."),
        ("there is no such file", "there is no such file."),
        ("the column y_pred is missing", "the column y_pred is missing."),
    ],
)
def test_why_a_file_cannot_be_used_is_a_whole_sentence(message: str, said: str) -> None:
    problem = Problem(side="head", path="reports/metrics.json", message=message, hint="run `dvc repro`")
    told = review(problems=(problem,))
    whole = f"Head's `reports/metrics.json` can't be used:** {said} Next: run `dvc repro`"
    assert whole in markdown.render(told)
    assert whole.replace("`", "").replace("**", "") in outline(render(told)).text


def test_what_is_folded_stands_worst_first_too() -> None:
    comment = markdown.render(many_slices(1, 60))
    _, _, folded = comment.partition("more gates that block nothing")
    states = re.findall(r"\| (?:⚠️|✅) ([a-z' ]+) \|", folded.partition("</details>")[0])
    assert states == sorted(states)
    assert set(states) == {"can't tell", "pass"}


def test_metrics_are_folded_where_gates_show_them_and_open_where_not() -> None:
    told = stories()["noise"]
    title = "All metrics, on the 26,230 rows that both judged"
    assert f"<summary>{title}</summary>" in markdown.render(told)
    ungated = review(models=told.models, gates=told.gates[1:])
    assert f"\n**{title}**\n" in markdown.render(ungated)


def test_a_difference_smaller_than_the_noise_of_training_is_said_to_be() -> None:
    smaller = "The difference is smaller than that noise of training."
    assert smaller in markdown.render(stories()["noise"])
    assert smaller not in markdown.render(stories()["better"])


@pytest.mark.parametrize(("furthest", "warned"), [(0.0031, True), (2e-5, False), (None, False)])
def test_inputs_that_do_not_give_base_its_own_answers_are_warned_of(
    furthest: float | None, warned: bool
) -> None:
    (told,) = stories()["rescored"].models
    assert told.rescored is not None
    other = msgspec.structs.replace(told.rescored, furthest=furthest)
    comment = markdown.render(review(models=(msgspec.structs.replace(told, rescored=other),)))
    assert ("head's inputs are not the ones that base saw" in comment) is warned


@pytest.mark.parametrize(("text", "least"), [("JFK", 30), ("@|`\\" * 200, 2)])
def test_twenty_gates_in_two_hundred_slices_fit_and_show_first_what_blocks(text: str, least: int) -> None:
    told = many_slices(20, 200)
    comment = markdown.render(poison(told, text) if text != "JFK" else told)
    assert_fits(comment)
    states = [row.split(" | ")[4] for row in gate_rows(comment)]
    assert len(states) >= least
    assert set(states) == {"❌ **fail**"}
    assert "### Gates: 100 fail, 1,340 can't tell, 2,560 pass" in comment
    assert "3,900 more gates that block nothing: 1,340 can't tell, 2,560 pass" in comment
    assert "in 200 slices: 3 worse, 130 no evidence, 67 can't tell" in comment


@pytest.mark.parametrize("size", [1, 30, 300])
@pytest.mark.parametrize("text", ["x", "W" * 700, "@|`\\" * 200, "\u202e" * 700, "😀" * 700])
def test_a_comment_of_any_review_fits_and_stays_whole(size: int, text: str) -> None:
    assert_fits(markdown.render(poison(sized(size), text)))


def test_what_is_left_out_is_counted() -> None:
    comment = markdown.render(huge(500))
    for start, noun in (("| `params.yaml` ", "param"), ("### Model", "model")):
        shown = sum(line.startswith(start) for line in comment.splitlines())
        assert shown > 0
        assert f"*{500 - shown} more {noun}s, see `review.json`.*" in comment


def test_failing_gates_are_shown_before_any_other_is_left_out() -> None:
    rows = [line for line in markdown.render(huge(500)).splitlines() if line.startswith("| `gate-")]
    outcomes = ["fail" in row for row in rows]
    assert any(outcomes)
    assert outcomes == sorted(outcomes, reverse=True)


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("place", ["{}x", "x{}", "`{}`"])
def test_no_known_attack_changes_what_the_comment_is(attack: str, place: str) -> None:
    assert_inert(place.replace("{}", attack))


@settings(max_examples=25, deadline=None)
@given(HOSTILE)
def test_no_text_changes_what_the_comment_is(text: str) -> None:
    assert_inert(f"{text}x")


def test_rendering_a_comment_does_not_load_the_terminal() -> None:
    program = "import sys; import mergegate.report.markdown; sys.exit('rich' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], timeout=60).returncode == 0


sized = cache(huge)


def first_line(story: str) -> str:
    """The comment's first line."""
    return markdown.render(stories()[story]).splitlines()[0]


def gate_rows(comment: str) -> list[str]:
    """The rows of the open table of gates."""
    _, _, after = comment.partition("| Gate | Number |")
    return [line for line in after.partition("\n\n")[0].splitlines()[2:] if line]


def many_slices(metrics: int, levels: int) -> Review:
    """Each metric judged in each slice: 5 fail, a third can't be told, the others pass."""
    sliced, gates = [], []
    for name in (f"precision[class-{number}]" for number in range(metrics)):
        parts = []
        for number in range(levels):
            few = number % 3 == 1
            each = part(f"airport {number}", 900, 0.64, 0.6 if number < 4 else 0.641, 0.0052)
            each = msgspec.structs.replace(each, **untold("12 rows", 0.6, 0.7)) if few else each
            parts.append(each)
        found = metric(name, 0.64, 0.641, 0.001, slices=tuple(parts))
        sliced.append(found)
        for number, each in enumerate(parts):
            outcome = "fail" if number in {0, 2, 3, 5, 6} else each.outcome
            gates.append(
                regression(
                    found,
                    -0.01,
                    f"{name} where {each.column} is {each.level}, said in a sentence of ordinary length.",
                    id=f"late-arrival/{name}/max_regression/{each.column}={each.level}",
                    outcome={"no_evidence": "pass", "worse": "fail"}.get(str(outcome), outcome),
                    value=each.difference,
                    low=each.low,
                    high=each.high,
                )
            )
    return review(gates=tuple(gates), models=(model(metrics=tuple(sliced)),), verdict=FAILED)


def assert_fits(comment: str) -> None:
    """Assert that the comment is bounded and whole to its last line."""
    assert len(comment) <= len(comment.encode()) <= markdown.MAX_BYTES == 60_000
    assert_whole(comment)
    assert comment.count("<details>") == comment.count("</details>")
    assert comment.rstrip().endswith("</sub>")


def assert_whole(text: str) -> None:
    """Assert that each row has its table's columns, and that no element is ours by accident."""
    columns = 0
    for line in text.splitlines():
        if line.startswith("| "):
            columns = columns or line.count(" | ")
            assert line.count(" | ") == columns
            assert line.endswith(" |")
        else:
            columns = 0
    for token in inline(parse(text)):
        if token.type == "html_inline":
            assert token.content in OUR_ELEMENTS


def assert_inert(text: str) -> None:
    """Assert that a review of nothing but `text` has the shape of a harmless one, and refers to nothing."""
    hostile = parse(render_full(text))
    assert shape(hostile) == harmless_shape()
    outside = "\n".join(seen(token) for token in hostile)
    assert {name for name, pattern in REFERENCES.items() if pattern.search(outside)} == set()
    assert is_printed(outside)


@cache
def harmless_shape() -> list[str]:
    """The shape of the review of nothing but a letter."""
    return shape(parse(render_full("x")))


def render_full(text: str) -> str:
    """The comment of a review that has every part, with `text` in every place that holds one."""
    return markdown.render(poison(everything(), text), limit=10**7)


everything = cache(full)
