"""A review's page in a real browser: it asks for nothing, works by keyboard, and fits screen and paper."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mergegate.report.html.predictions import render_predictions
from mergegate.report.html.review import render
from support.attacks import ATTACKS, poison
from support.browser import visit
from support.explained import diff, explained, numeric, whole
from support.tabs import Tab, open_tab

pytestmark = pytest.mark.needs("browser")

AXE = Path(__file__).parents[1] / "node" / "node_modules" / "axe-core" / "axe.min.js"
PAGES: dict[str, Callable[[], str]] = {
    "/whole.html": lambda: render(whole()),
    "/several.html": lambda: render(whole(models=(numeric(), explained()))),
    "/predictions.html": lambda: render_predictions(diff()),
}
SECTIONS = [
    "gates", "lock", "metrics", "curves", "slices", "segments", "gaps", "confusion", "flips", "golden",
    "model", "reported", "untold", "data", "tracked", "params", "pipeline", "undeclared", "packages",
    "notes", "reading",
]  # fmt: skip
WIDE = """(() => {
  const inside = (each) => { const box = each.closest('.scroll'); return box && box !== each; };
  return Array.from(document.body.querySelectorAll('*'))
    .filter((each) => !inside(each) && !each.closest('svg'))
    .filter((each) => each.getBoundingClientRect().right > innerWidth + 1)
    .map((each) => each.outerHTML.slice(0, 80));
})()"""
FLIPS = "#flips table.sortable"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    """A browser for all tests."""
    pages = {path: draw() for path, draw in PAGES.items()}
    with open_tab(pages, profile=tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture
def tab(browser: Tab, request: pytest.FixtureRequest) -> Tab:
    """A review with everything, or the page that a test names, as it is when just opened."""
    browser.visit(getattr(request, "param", "/whole.html"))
    return browser


def column(tab: Tab, table: str, place: int) -> list[str]:
    """What stands in one column of a table, in its shown rows."""
    script = (
        f"Array.from(document.querySelector('{table}').tBodies[0].rows).filter((row) => !row.hidden)"
        f".map((row) => row.cells[{place}].textContent)"
    )
    found: list[str] = tab.evaluate(script)
    return found


def test_it_asks_for_nothing_says_nothing_and_shows_every_section(tab: Tab) -> None:
    assert tab.evaluate("Array.from(document.querySelectorAll('section'), (each) => each.id)") == SECTIONS
    assert (tab.console, [path.partition("/")[2] for path in tab.requests]) == ([], ["whole.html"])
    assert tab.evaluate("document.querySelectorAll('svg[role=img]:not([aria-label])').length") == 0
    assert tab.evaluate("document.querySelectorAll('.plot').length") == 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("tab", list(PAGES), indirect=True)
def test_axe_has_nothing_to_say(tab: Tab, scheme: str) -> None:
    if not AXE.exists():
        pytest.skip("needs axe-core: npm ci --prefix tests/node")
    tab.prefer(scheme)
    tab.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    tab.evaluate(AXE.read_text())
    found: list[dict[str, Any]] = tab.evaluate(
        "axe.run().then((done) => done.violations.map(({id, impact, nodes}) => "
        "({id, impact, first: nodes[0].html.slice(0, 200), why: nodes[0].failureSummary})))"
    )
    assert found == []


def test_the_first_key_leads_past_the_contents(tab: Tab) -> None:
    tab.press("Tab")
    assert tab.evaluate("document.activeElement.textContent") == "Skip to the gates"
    assert tab.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    tab.press("Enter")
    assert tab.evaluate("location.hash") == "#gates"


def test_a_table_is_sorted_by_keyboard(tab: Tab) -> None:
    tab.evaluate(f"document.querySelectorAll('{FLIPS} th button')[4].focus()")
    tab.press("Enter")
    falling = column(tab, FLIPS, 4)
    assert falling == sorted(falling, key=float, reverse=True)
    assert tab.evaluate(f"document.querySelectorAll('{FLIPS} th')[4].ariaSort") == "descending"
    tab.press(" ")
    assert column(tab, FLIPS, 4) == sorted(falling, key=float)
    tab.evaluate(f"document.querySelectorAll('{FLIPS} th button')[0].focus()")
    tab.press("Enter")
    assert column(tab, FLIPS, 0) == sorted(column(tab, FLIPS, 0))
    sorts = f"Array.from(document.querySelectorAll('{FLIPS} th'), (each) => each.ariaSort)"
    assert tab.evaluate(sorts)[:5] == ["ascending", None, None, None, None]


def test_numbers_are_sorted_as_numbers_and_unknown_ones_stay_last(tab: Tab) -> None:
    table = "#model table.sortable"
    tab.evaluate(f"document.querySelectorAll('{table} th button')[1].focus()")
    tab.press("Enter")
    assert column(tab, table, 1) == ["5", "4", "3", "2", "1", "–"]
    tab.press("Enter")
    assert column(tab, table, 1) == ["1", "2", "3", "4", "5", "–"]


def test_rows_are_filtered_by_keyboard_and_counted(tab: Tab) -> None:
    tab.evaluate("document.querySelector('#flips input').focus()")
    tab.write("carrier ev jfk")
    shown = column(tab, FLIPS, 7)
    assert shown
    assert all("carrier EV" in inputs and "JFK" in inputs for inputs in shown)
    assert (
        tab.evaluate("document.querySelector('#flips [role=status]').textContent")
        == f"{len(shown)} of 20 rows"
    )
    tab.evaluate("document.querySelector('#flips input').value = ''")
    tab.write(" ")
    assert len(column(tab, FLIPS, 7)) == 20


@pytest.mark.parametrize("tab", list(PAGES), indirect=True)
def test_no_screen_is_too_narrow_for_the_page(tab: Tab) -> None:
    for width in (1280, 768, 375, 320):
        tab.resize(width)
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
        assert tab.evaluate(WIDE) == [], width


def test_what_does_not_fit_scrolls_in_a_box_that_the_keyboard_reaches(tab: Tab) -> None:
    tab.resize(320)
    wide = (
        "Array.from(document.querySelectorAll('.scroll')).filter((box) => box.scrollWidth > box.clientWidth)"
    )
    assert tab.evaluate(f"{wide}.length") > 5
    assert tab.evaluate(f"{wide}.every((box) => box.tabIndex === 0 && box.ariaLabel)")


def test_the_page_is_dark_where_its_reader_wants_it(tab: Tab) -> None:
    colours = "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
    tab.prefer("light")
    assert tab.evaluate(colours) == ["rgb(255, 255, 255)", "rgb(28, 30, 33)"]
    tab.prefer("dark")
    assert tab.evaluate(colours) == ["rgb(21, 24, 28)", "rgb(228, 231, 235)"]


def test_on_paper_everything_is_open_and_nothing_is_cut(tab: Tab) -> None:
    tab.resize(1030)
    tab.prefer("dark", media="print")
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    cells = "Array.from(document.querySelectorAll('main td, main th'))"
    assert tab.evaluate(f"Math.max(...{cells}.map((each) => each.getBoundingClientRect().right))") <= 1030
    hidden = f"{cells}.filter((each) => !each.checkVisibility({{contentVisibilityAuto: true}})).length"
    assert tab.evaluate(hidden) == 0
    # What a button holds is not printed in a head that is repeated on the next page.
    buttons = "Array.from(document.querySelectorAll('th button'), (each) => getComputedStyle(each).display)"
    assert set(tab.evaluate(buttons)) == {"contents"}
    assert tab.paper().startswith(b"%PDF-")


def test_at_a_desk_the_tables_of_gates_and_metrics_need_no_scrolling(tab: Tab) -> None:
    boxes = (
        "Array.from(document.querySelectorAll('#gates > .table .scroll, #metrics .table .scroll'))"
        ".filter((box) => box.scrollWidth > box.clientWidth).length"
    )
    assert tab.evaluate(boxes) == 0


def test_hostile_texts_run_nothing_and_fetch_nothing(tmp_path: Path) -> None:
    attacks = [
        *ATTACKS[::3],
        "\"'><img src=//evil.example onerror=alert(1)>",
        "</style></title></script><script>alert(1)</script>",
        "javascript:alert(1)",
        "</svg><foreignObject><body onload=alert(1)>",
    ]
    pages = {f"/{number}.html": render(poison(whole(), text)) for number, text in enumerate(attacks)}
    frames = "".join(f'<iframe src="{path}"></iframe>' for path in pages)
    found = visit(
        {**pages, "/": f"<!doctype html><link rel=icon href=data:,>{frames}"}, "/", profile=tmp_path
    )
    assert found.console == ()
    assert sorted(found.requests) == sorted(["/", *pages])
