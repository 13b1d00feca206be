"""A review's page: whole, bounded, self-contained, and inert whatever the pull request says."""

import re
import subprocess
import sys
import time
from base64 import b64encode
from functools import cache
from hashlib import sha256

import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from mergegate.records.review import Review
from mergegate.report.html.review import render
from support.attacks import ATTACKS, HOSTILE, poison
from support.explained import crowded, explained, numeric, whole
from support.golden import assert_golden
from support.outline import Outline, outline, told
from support.reviews import model, review, stories

LIMIT = 2_000_000
ATTRIBUTES = {
    "aria-hidden", "aria-label", "charset", "class", "content", "cx", "cy", "focusable", "height", "href",
    "http-equiv", "id", "lang", "name", "points", "preserveaspectratio", "r", "role", "scope", "tabindex",
    "transform", "viewbox", "width", "x", "x1", "x2", "y", "y1", "y2",
}  # fmt: skip
REVIEWS = {**stories(), "whole": whole(), "several": whole(models=(numeric(), explained()))}


def read(found: Review) -> Outline:
    """The page as a parser reads it."""
    return outline(render(found))


def test_the_page_says_what_a_person_has_read() -> None:
    assert_golden("report/page.txt", told(render(whole())))


def test_a_page_of_numbers_says_what_a_person_has_read() -> None:
    assert_golden("report/page.numbers.txt", told(render(review(models=(numeric(),)))))


@pytest.mark.parametrize("story", REVIEWS)
def test_every_link_leads_to_a_place_and_every_element_is_closed(story: str) -> None:
    found = read(REVIEWS[story])
    assert len(found.ids) == len(set(found.ids))
    assert {link.removeprefix("#") for link in found.links} <= set(found.ids)
    assert found.open == []


@pytest.mark.parametrize("story", stories())
def test_the_verdict_and_every_gate_are_there(story: str) -> None:
    found = stories()[story]
    words = read(found).text
    assert found.verdict.headline.replace("`", "") in words
    assert all(gate.id in words for gate in found.gates)


def test_what_blocks_stands_first() -> None:
    text = read(whole()).text
    places = [text.index(gate) for gate in ("late-arrival/roc_auc/min", "late-arrival/log_loss/max")]
    assert places == sorted(places)


def test_parts_without_data_are_left_out_and_said_to_be() -> None:
    found = read(review())
    assert found.sections == [
        "gates", "metrics", "reported", "untold", "tracked", "params", "pipeline", "reading",
    ]  # fmt: skip
    said = "Not looked at: changed answers, curves, weak segments, golden rows, what the model depends on."
    assert said in found.text


def test_several_models_have_sections_of_their_own() -> None:
    found = read(REVIEWS["several"])
    assert {"m1-flips", "m2-flips", "m1-curves", "m2-metrics"} <= set(found.sections)


def test_only_the_pages_own_style_and_script_count() -> None:
    page = render(whole())
    (style,), (script,) = (
        re.findall(f"<{kind}>(.*?)</{kind}>", page, re.DOTALL) for kind in ("style", "script")
    )
    style_hash, script_hash = (
        f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for text in (style, script)
    )
    allowed = f"script-src {script_hash}; style-src {style_hash}"
    policy = f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"
    assert f'content="{policy}"' in page.replace("&#x27;", "'")
    assert not re.search(r"url\(|@import|https?:", style + script)
    assert not re.search(r"innerHTML|eval|fetch|document\.write", script)


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_known_attack_becomes_an_element_or_an_attribute(attack: str) -> None:
    assert_inert(f"x{attack}x")


@pytest.mark.parametrize(
    "attack", ["</script><script>alert(1)</script>", "javascript:alert(1)", '" onload="x']
)
def test_no_attack_on_pages_becomes_an_element_or_an_attribute(attack: str) -> None:
    assert_inert(f"x{attack}x")


@settings(max_examples=40, deadline=None)
@given(HOSTILE)
def test_no_text_becomes_an_element_or_an_attribute(text: str) -> None:
    assert_inert(f"x{text}x")


def test_texts_are_shown_as_they_are() -> None:
    assert "<b>&amp;\"'</b>" in read(poison(whole(), "<b>&amp;\"'</b>")).text


def test_a_text_that_runs_the_other_way_turns_nothing_around_it() -> None:
    page = render(whole(models=(explained(notes=("\u05e9\u05dc\u05d5\u05dd",)),)))
    assert "<li><bdi>\u05e9\u05dc\u05d5\u05dd</bdi></li>" in page


def test_a_million_characters_anywhere_are_cut() -> None:
    page = render(poison(whole(), "x" * 1_000_000))
    assert len(page.encode()) < LIMIT
    assert max(map(len, re.findall("x+", page))) <= 600


@pytest.mark.parametrize("text", ["name", "<&\"'>" * 40, "\u202e" * 200, "\u00e9" * 200])
def test_more_than_anyone_would_write_fits_and_what_is_left_out_is_counted(text: str) -> None:
    page = render(crowded(text))
    assert len(page.encode()) <= LIMIT
    assert page.endswith("</html>\n")
    assert re.search(r"[\d,]+ more slices, see review.json", page)
    assert re.search(r"[\d,]+ more rows, see review.json", page)
    assert re.search(r"[\d,]+ more gates, see review.json", page)


def test_it_is_fast() -> None:
    usual, most = whole(), crowded(models=1)
    render(usual)
    assert seconds(usual) < 0.5
    assert seconds(most) < 1.5


def test_a_plain_review_does_not_import_it() -> None:
    script = (
        "import sys, mergegate.commands.review, mergegate.flows.review;"
        "print([name for name in sys.modules if name.startswith('mergegate.report.html')])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_review_of_nothing_has_a_page() -> None:
    bare = replace(review(), gates=(), models=(), params=(), stages=(), data=())
    assert read(bare).sections == ["gates", "reading"]
    alone = model(metrics=(), reported=(), finding=None)
    assert read(review(models=(alone,))).open == []


def seconds(found: Review) -> float:
    """The least of three times that rendering keeps a processor busy."""
    taken = []
    for _ in range(3):
        start = time.process_time()
        render(found)
        taken.append(time.process_time() - start)
    return min(taken)


def assert_inert(text: str) -> None:
    """Assert that a page of nothing but `text` has the elements of a harmless one, and no others."""
    found = read(poison(whole(), text))
    assert found.elements == harmless()
    assert found.attributes <= ATTRIBUTES
    assert all(link.startswith("#") for link in found.links)
    assert all(character.isprintable() or character == "\n" for character in found.text)


@cache
def harmless() -> list[str]:
    """The elements of the page of nothing but a letter, twice."""
    return read(poison(whole(), "xx")).elements
