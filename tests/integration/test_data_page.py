"""A dataset's page in a real browser: it asks for nothing, runs nothing, and fits a narrow screen."""

import re
from pathlib import Path

import pytest

from mergegate.report.data.page import html_page
from support.attacks import ATTACKS, poison
from support.browser import Visit, visit
from support.datasets import everything, huge, stories

pytestmark = pytest.mark.needs("browser")

LIVE = "<!doctype html><title>x</title><img src='http://evil.example/x.png'><script>console.error('run')</script>"
# The frame is as wide as a telephone; a scrolling table may be wider inside, the page may not.
FRAMED = """<!doctype html><title>?</title>
<iframe src="/page.html" width="360" height="800" onload="
  const page = this.contentDocument, style = getComputedStyle(page.body);
  const wide = page.documentElement.scrollWidth;
  document.title = [wide, style.backgroundColor, style.color, page.querySelectorAll('svg rect.fill').length];
"></iframe>"""


def opened(page: str, profile: Path) -> Visit:
    """The page as the browser opens it."""
    return visit({"/page.html": page}, "/page.html", profile=profile)


def measured(page: str, profile: Path, *, dark: bool = False) -> list[str]:
    """Width, colours and drawn bars of the page in a narrow frame."""
    pages = {"/page.html": page, "/frame.html": FRAMED}
    (title,) = re.findall("<title>(.*?)</title>", visit(pages, "/frame.html", profile=profile, dark=dark).dom)
    return re.split(r",(?!\s)", title)


def test_a_page_that_is_not_ours_is_seen_to_ask_and_to_run(tmp_path: Path) -> None:
    found = opened(LIVE, tmp_path)
    assert "evil.example/x.png" in found.requests
    assert [line for line in found.console if '"run"' in line]


@pytest.mark.parametrize("story", ["labels-edited", "rows-added", "unreadable-head"])
def test_a_page_asks_for_nothing_and_says_nothing(story: str, tmp_path: Path) -> None:
    told = stories()[story]
    found = opened(html_page(told.dataset, told.change), tmp_path)
    assert (found.console, found.requests) == ((), ("/page.html",))
    assert "How to read each number" in found.dom


def test_hostile_names_categories_and_cells_are_text_to_a_browser(tmp_path: Path) -> None:
    attacks = [
        *ATTACKS,
        "\"'><img src=//evil.example onerror=alert(1)>",
        "</style></title><script>1</script>",
    ]
    pages = {f"/{number}.html": html_page(poison(everything(), text)) for number, text in enumerate(attacks)}
    frames = "".join(f'<iframe src="{path}"></iframe>' for path in pages)
    found = visit(
        {**pages, "/": f"<!doctype html><link rel=icon href=data:,>{frames}"}, "/", profile=tmp_path
    )
    assert found.console == ()
    assert sorted(found.requests) == sorted(["/", *pages])


def test_a_narrow_screen_shows_the_whole_page(tmp_path: Path) -> None:
    width, *_, bars = measured(html_page(everything()), tmp_path)
    assert int(width) <= 360
    assert int(bars) > 10


def test_long_names_do_not_widen_a_narrow_page(tmp_path: Path) -> None:
    width, *_ = measured(html_page(huge("W" * 300, ("W" * 300,) * 3)), tmp_path)
    assert int(width) <= 360


def test_the_page_is_dark_where_its_reader_wants_it(tmp_path: Path) -> None:
    page = html_page(everything())
    light, dark = (measured(page, tmp_path / str(mode), dark=mode)[1:-1] for mode in (False, True))
    assert light == ["rgb(255, 255, 255)", "rgb(28, 30, 33)"]
    assert dark == ["rgb(21, 24, 28)", "rgb(228, 231, 235)"]
