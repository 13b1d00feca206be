"""A dataset's own page: whole, bounded, self-contained, and inert whatever the data says."""

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256

import msgspec
import pytest
from hypothesis import given, settings

from mergegate.records.data import DatasetReview
from mergegate.report.data.page import MAX_BYTES, SECTIONS, html_page
from support.attacks import ATTACKS, HOSTILE, poison
from support.datasets import everything, huge, stories
from support.outline import outline

ATTRIBUTES = {
    "aria-hidden", "aria-label", "charset", "class", "content", "focusable", "height", "href", "http-equiv",
    "id", "lang", "name", "preserveaspectratio", "role", "scope", "tabindex", "viewbox", "width", "x", "x1",
    "x2", "y", "y1", "y2",
}  # fmt: skip


@pytest.mark.parametrize("story", stories())
def test_every_section_is_there_and_every_link_leads_to_one(story: str) -> None:
    told = stories()[story]
    found = outline(html_page(told.dataset, told.change))
    assert found.ids == ["findings", *SECTIONS, "reading"]
    assert found.links == {f"#{name}" for name in found.ids}


def test_a_section_without_anything_to_show_says_why() -> None:
    text = outline(html_page(stories()["unchanged"].dataset)).text
    assert "Nothing to point out." in text
    assert "Leaks were not looked for: that needs an evaluation set beside its training set." in text
    assert "All 28,834 rows are the same." in text


def test_every_number_of_a_picture_stands_beside_it() -> None:
    text = " ".join(outline(html_page(everything())).text.split())
    for words in (
        "803 removed",
        "2,903 added",
        "171",
        "0.81 %",
        "39.91 → 51.75 (+11.84)",
        "1.20",
        "79 % → 83 %",
    ):
        assert words in text


def test_the_page_allows_only_its_own_styles() -> None:
    page = html_page(everything())
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    digest = b64encode(sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert f'content="{policy}"' in page.replace("&#x27;", "'")
    assert "url(" not in style
    assert "@import" not in style


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_known_attack_becomes_an_element_or_an_attribute(attack: str) -> None:
    assert_inert(f"x{attack}x")


@settings(max_examples=60, deadline=None)
@given(HOSTILE)
def test_no_text_becomes_an_element_or_an_attribute(text: str) -> None:
    assert_inert(f"x{text}x")


def test_texts_are_shown_as_they_are() -> None:
    text = outline(html_page(poison(everything(), "<b>&amp;\"'</b>"))).text
    assert "<b>&amp;\"'</b>" in text


def test_a_page_of_any_dataset_fits() -> None:
    for name in ("name", "<&\"'>" * 40):
        names = tuple(f"{name}{number}" for number in range(500))
        page = html_page(huge("data/huge", names))
        assert len(page.encode()) <= MAX_BYTES == 2_000_000
        assert page.endswith("</html>\n")


def test_what_is_left_out_is_counted() -> None:
    text = outline(html_page(huge("data/huge", tuple(f"c{number}" for number in range(501))))).text
    assert "1 more column." in text


def assert_inert(text: str) -> None:
    """Assert that a page of nothing but `text` has the elements of a harmless one, and no others."""
    found = outline(html_page(poison(everything(), text)))
    assert found.elements == harmless()
    assert found.attributes <= ATTRIBUTES
    assert all(link.startswith("#") for link in found.links)
    assert all(character.isprintable() or character == "\n" for character in found.text)


@cache
def harmless() -> list[str]:
    """The elements of the page of nothing but a letter, twice."""
    return outline(html_page(poison(everything(), "xx"))).elements


def test_a_dataset_of_nothing_has_a_page() -> None:
    page = html_page(DatasetReview(path=""))
    assert outline(page).ids == ["findings", *SECTIONS, "reading"]
    assert msgspec.json.decode(msgspec.json.encode(page)) == page
