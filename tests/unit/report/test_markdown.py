"""The comment: whole, bounded, and inert whatever the pull request says."""

import subprocess
import sys

import pytest
from hypothesis import given, settings
from markdown_it import MarkdownIt
from markdown_it.token import Token

from mergegate.report import markdown
from support.attacks import ATTACKS, HOSTILE, REFERENCES, poison
from support.golden import assert_golden
from support.reviews import full, huge, review, stories

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
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
    assert (
        markdown.render(stories()["metric-bar"]).splitlines()[0]
        == "## ❌ Failed: roc_auc is 0.5931 on head's 28,330 rows, below the bar 0.6."
    )
    assert markdown.render(stories()["advisory"]).splitlines()[0] == (
        "## ❌ Failed, but nothing is blocked (advisory mode): "
        "roc_auc is 0.5931 on head's 28,330 rows, below the bar 0.6."
    )


def test_a_policy_without_gates_is_said_to_judge_nothing() -> None:
    assert "The policy has no gate, so nothing was judged." in markdown.render(review(gates=()))


def test_the_remark_on_point_values_stands_once() -> None:
    assert markdown.render(stories()["several-models"]).count("no interval is computed yet") == 1


@pytest.mark.parametrize("size", [1, 30, 300])
@pytest.mark.parametrize("text", ["x", "W" * 700, "@|`\\" * 200, "\u202e" * 700, "😀" * 700])
def test_a_comment_of_any_review_fits_and_stays_whole(size: int, text: str) -> None:
    comment = markdown.render(poison(huge(size), text))
    assert len(comment.encode()) <= markdown.MAX_BYTES
    assert_whole(comment)
    assert comment.count("<details>") == comment.count("</details>")
    assert comment.rstrip().endswith("</sub>")


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


@settings(max_examples=60, deadline=None)
@given(HOSTILE)
def test_no_text_changes_what_the_comment_is(text: str) -> None:
    assert_inert(f"{text}x")


def test_rendering_a_comment_does_not_load_the_terminal() -> None:
    program = "import sys; import mergegate.report.markdown; sys.exit('rich' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], timeout=60).returncode == 0


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
    for token in inline(MARKDOWN.parse(text)):
        if token.type == "html_inline":
            assert token.content in OUR_ELEMENTS


def assert_inert(text: str) -> None:
    """Assert that a review of nothing but `text` has the shape of a harmless one, and refers to nothing."""
    hostile = MARKDOWN.parse(render_full(text))
    assert shape(hostile) == shape(MARKDOWN.parse(render_full("x")))
    outside = "\n".join(outside_code(token) for token in hostile if token.type == "inline")
    assert {name for name, pattern in REFERENCES.items() if pattern.search(outside)} == set()
    assert all(character.isprintable() or character in "\n\u200b" for character in outside)


def render_full(text: str) -> str:
    """The comment of a review that has every part, with `text` in every place that holds one."""
    return markdown.render(poison(full(), text), limit=10**7)


def inline(tokens: list[Token]) -> list[Token]:
    """The tokens inside paragraphs, headings and cells."""
    return [child for token in tokens if token.type == "inline" for child in token.children or ()]


def outside_code(block: Token) -> str:
    """A block's text as one line; a code span in it parts words."""
    children = [child for child in block.children or () if child.type != "html_inline"]
    return "".join(" " if child.type == "code_inline" else child.content for child in children)


def shape(tokens: list[Token]) -> list[str]:
    """Blocks, and in them whatever is more than text and code."""
    found = []
    for token in tokens:
        found.append(token.content if token.type == "html_block" else token.type)
        for child in token.children or ():
            if child.type == "html_inline" and "code" not in child.content:
                found.append(child.content)
            elif child.type not in {"text", "text_special", "code_inline", "html_inline"}:
                found.append(child.type)
    return found
