"""Two predictions files as a page: what a review says of a model, without a policy."""

import pytest

from mergegate.report.html.predictions import render_predictions
from support.attacks import ATTACKS, poison
from support.explained import FLIPS, SEGMENTS, diff, drawn
from support.golden import assert_golden
from support.outline import outline, told

NAMES = ("old/predictions.parquet", "new/predictions.parquet")
CURVES, CONFUSION = drawn()


def test_the_page_says_what_a_person_has_read() -> None:
    assert_golden("report/page.predictions.txt", told(render_predictions(diff(), names=NAMES)))


def test_what_explains_the_difference_has_its_sections() -> None:
    whole = diff(flips=FLIPS, segments=SEGMENTS, curves=CURVES, confusion=CONFUSION)
    assert outline(render_predictions(whole)).sections == [
        "metrics", "curves", "slices", "segments", "confusion", "flips", "untold", "reading",
    ]  # fmt: skip


def test_what_was_not_looked_at_is_said() -> None:
    assert (
        "Not looked at: changed answers, curves, weak segments." in outline(render_predictions(diff())).text
    )


def test_files_that_share_no_row_have_a_page() -> None:
    apart = {"shared": 0, "compared": 0, "new": 28_330, "gone": 26_230}
    rows = diff().rows.__class__(**{"base": 26_230, "head": 28_330, "labels_changed": 0, **apart})
    found = outline(render_predictions(diff(rows=rows, metrics=(), finding=None)))
    assert "they share none" in found.text
    assert found.open == []


@pytest.mark.parametrize("attack", ATTACKS[::4])
def test_names_and_texts_are_inert(attack: str) -> None:
    whole = diff(flips=FLIPS, segments=SEGMENTS, curves=CURVES, confusion=CONFUSION)
    harmless = outline(render_predictions(poison(whole, "xx"), names=("xx", "xx")))
    text = f"x{attack}x"
    found = outline(render_predictions(poison(whole, text), names=(text, text)))
    assert found.elements == harmless.elements
    assert found.attributes == harmless.attributes
