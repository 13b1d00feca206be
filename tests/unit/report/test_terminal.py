"""The terminal's view: readable at any width, in any encoding, and inert whatever the pull request says."""

import io

import pytest
from hypothesis import given, settings
from rich.console import Console

from mergegate.records.review import ReportedMetric, Review
from mergegate.report import terminal
from support.attacks import ATTACKS, HOSTILE, poison
from support.extremes import full, huge
from support.golden import assert_golden
from support.reviews import model, review, stories


def shown(told: Review, *, width: int = 100, colour: bool = False, no_color: bool = False) -> str:
    """What a terminal of this width receives; without the blanks that end lines."""
    out = io.StringIO()
    console = Console(
        file=out,
        width=width,
        force_terminal=colour,
        color_system="truecolor" if colour else None,
        no_color=no_color,
        _environ={},
    )
    terminal.render(told, console)
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


@pytest.mark.parametrize("story", stories())
def test_each_story_is_told_as_a_person_has_read_it(story: str) -> None:
    assert_golden(f"report/{story}.txt", shown(stories()[story]))


@pytest.mark.parametrize("story", ["metric-bar", "lock-chain", "several-models", "lost-files"])
def test_a_narrow_terminal_gets_the_same_story(story: str) -> None:
    assert_golden(f"report/{story}.60.txt", shown(stories()[story], width=60))


@pytest.mark.parametrize("width", [20, 40, 60, 80, 100, 200])
@pytest.mark.parametrize("story", stories())
def test_no_line_is_wider_than_the_terminal_and_no_word_is_lost(story: str, width: int) -> None:
    text = shown(stories()[story], width=width)
    assert max(map(len, text.splitlines())) <= width
    squeezed = "".join(text.split())
    for gate in stories()[story].gates:
        assert "".join(gate.id.split())[:10] in squeezed


@pytest.mark.parametrize("width", [60, 80, 100])
def test_a_long_name_is_not_split_in_its_middle(width: int) -> None:
    names = ("cross_validation.roc_auc.mean", "validation.weekly.average_precision.standard_deviation")
    for name in names:
        reported = (
            ReportedMetric(name="seconds", base="1", head="2"),
            ReportedMetric(name=name, base="3", head="4"),
        )
        text = shown(review(models=(model(reported=reported),)), width=width)
        assert name in text
        assert "3 → 4" in text


def test_a_policy_without_gates_is_said_to_judge_nothing() -> None:
    assert "Gates: the policy has none, so nothing was judged." in shown(review(gates=())).splitlines()


def test_the_verdict_is_the_first_line_and_the_last() -> None:
    lines = shown(stories()["metric-bar"], width=200).splitlines()
    assert (lines[0], lines[-1]) == (
        "Failed: roc_auc is below 0.6 with its whole interval, on head's 28,330 rows. "
        "Overall, head is worse than base on the 26,230 rows that both judged.",
    ) * 2


@pytest.mark.parametrize("story", stories())
def test_colour_adds_nothing_that_the_words_do_not_say(story: str) -> None:
    told = stories()[story]
    plain = shown(told)
    assert "\x1b" not in plain
    assert without_styles(shown(told, colour=True)) == plain
    assert not {"31", "32", "33"} & set(styles(shown(told, colour=True, no_color=True)))


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_known_attack_reaches_the_terminal(attack: str) -> None:
    assert_inert(attack)


@settings(max_examples=20, deadline=None)
@given(HOSTILE)
def test_no_text_reaches_the_terminal_as_anything_but_text(text: str) -> None:
    assert_inert(text)


def test_markup_in_a_name_is_shown_as_it_is() -> None:
    text = shown(poison(stories()["changed"], "[red]x[/red]"), colour=True)
    assert "[red]x[/red]" in text


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_that_knows_no_unicode_gets_ascii(encoding: str) -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    terminal.render(poison(full(), "日本 → x"), Console(file=out, width=100, _environ={}))
    out.seek(0)
    text = out.read()
    assert text.isascii()
    assert "\\u65e5\\u672c -> x" in text
    assert "x fail" in text


def test_a_huge_review_is_bounded_and_what_is_left_out_is_counted() -> None:
    text = shown(huge(500))
    assert "… and 460 more params, see review.json" in text
    assert "… and 490 more models, see review.json" in text
    assert len(text.splitlines()) < 5_100


def assert_inert(text: str) -> None:
    """Assert that a review of nothing but `text` sends only printable characters and our own styles."""
    received = shown(poison(full(), text), colour=True)
    assert set(styles(received)) <= {"0", "1", "2", "4", "7", "31", "32", "33"}
    plain = without_styles(received)
    assert all(character.isprintable() for character in plain.replace("\n", ""))


def styles(text: str) -> list[str]:
    """The parameters of every style sequence."""
    return [code for part in text.split("\x1b[")[1:] for code in part.partition("m")[0].split(";")]


def without_styles(text: str) -> str:
    """The text with its style sequences taken out."""
    first, *rest = text.split("\x1b[")
    plain = first + "".join(part.partition("m")[2] for part in rest)
    return "".join(f"{line.rstrip()}\n" for line in plain.splitlines())
