"""Whatever a review holds, in whichever field: no view breaks, nothing acts, and little is left out.

Reviews are made from the types of the record, so that a field that is added is tried without being named.
"""

import io
import re
from functools import cache

import pytest
from rich.console import Console

from mergegate.records.review import Review
from mergegate.report import markdown, terminal
from mergegate.report.html.review import render
from support.anything import addresses, anything
from support.attacks import ATTACKS, REFERENCES
from support.outline import Outline, outline
from support.rendered import is_printed, parse, seen, shape

SEEDS = range(12)
ENDLESS = 10**9
STYLES = {"0", "1", "2", "4", "7", "31", "32", "33"}
HOSTILE = [
    *ATTACKS,
    "\"'><img src=//evil.example onerror=alert(1)>",
    "</style></title></script><script>alert(1)</script>",
    '" onload="x',
    "javascript:alert(1)",
    "4f1c0de",
    "[^1]: note",
    "![][x]\n\n[x]: https://evil.example",
    "<details open><summary>",
    "xmpp:someone@example.org",
    "ftp://evil.example",
    "octo/repo#1 and octo#2",
]
PLACES = ("{}x", "x{}x", "`{}`x", "x {}")
KINDS = {
    "GateResult.kind", "GateResult.subject", "LockFinding.kind", "DatasetReview.format",
    "PolicySource.sha256", "ModelReview.predictions", "SliceComparison.method", "Measurement.metric",
    "Measurement.column", "Measurement.level", "Measurement.method", "Measurement.problem",
}  # fmt: skip
"""Words for programs, and what another field says to people: no view shows these."""
ONLY_DRAWN = {
    "Band.edges", "Confusion.answer", "Confusion.truth", "Curves.positive", "Gap.base_best", "Gap.base_worst",
    "GoldenRow.file", "Shift.new_categories",
}  # fmt: skip
"""What stands on the page alone: it has the charts, and room."""
ONLY_WRITTEN = ONLY_DRAWN | {"LockFinding.path", "LockFinding.stage", "MetricComparison.method"}
"""What the terminal leaves to the comment and the page; a finding's sentence names its place."""


def received(told: Review, *, colour: bool = False, width: int = 120) -> str:
    """What a terminal receives."""
    out = io.StringIO()
    kind = "truecolor" if colour else None
    terminal.render(
        told,
        Console(file=out, width=width, force_terminal=colour, color_system=kind, _environ={}),  # type: ignore[arg-type]
    )
    return out.getvalue()


@cache
def harmless_comment(seed: int) -> list[str]:
    """The shape of the comment whose every text is a letter."""
    return shape(parse(markdown.render(anything(Review, lambda _: "x", seed=seed), limit=ENDLESS)))


@cache
def harmless_page(seed: int) -> Outline:
    """The page whose every text is two letters."""
    return outline(render(anything(Review, lambda _: "xx", seed=seed), limit=ENDLESS))


def test_every_text_of_a_review_is_shown_somewhere() -> None:
    codes = {address: f"q{number:03}q" for number, address in enumerate(sorted(set(addresses(Review))))}
    missing: dict[str, set[str]] = {view: set(codes) for view in ("comment", "terminal", "page")}
    for seed in range(24):
        told = anything(Review, codes.__getitem__, seed=seed)
        views = {
            "comment": markdown.render(told, limit=ENDLESS),
            "terminal": received(told, width=1_000),
            "page": render(told, limit=ENDLESS),
        }
        for view, text in views.items():
            missing[view] -= {address for address in missing[view] if codes[address] in text}
    assert missing == {"comment": KINDS | ONLY_DRAWN, "terminal": KINDS | ONLY_WRITTEN, "page": KINDS}


@pytest.mark.parametrize("attack", HOSTILE)
def test_no_attack_in_any_field_changes_what_the_comment_is(attack: str) -> None:
    seed = HOSTILE.index(attack) % len(SEEDS)
    text = PLACES[seed % len(PLACES)].replace("{}", attack)
    told = markdown.render(anything(Review, lambda _: text, seed=seed), limit=ENDLESS)
    tokens = parse(told)
    assert shape(tokens) == harmless_comment(seed)
    outside = "\n".join(map(seen, tokens))
    assert {name for name, pattern in REFERENCES.items() if pattern.search(outside)} == set()
    assert is_printed(outside)


@pytest.mark.parametrize("attack", HOSTILE)
def test_no_attack_in_any_field_becomes_an_element_or_an_attribute_of_the_page(attack: str) -> None:
    seed = HOSTILE.index(attack) % len(SEEDS)
    found = outline(render(anything(Review, lambda _: f"x{attack}x", seed=seed), limit=ENDLESS))
    harmless = harmless_page(seed)
    assert found.elements == harmless.elements
    assert found.attributes == harmless.attributes
    assert found.links == harmless.links
    assert found.text.replace("\n", "").isprintable()


@pytest.mark.parametrize("attack", HOSTILE)
def test_no_attack_in_any_field_reaches_the_terminal(attack: str) -> None:
    seed = HOSTILE.index(attack) % len(SEEDS)
    text = received(anything(Review, lambda _: f"x{attack}x", seed=seed), colour=True)
    plain = re.sub(
        r"\x1b\[([\d;]*)m", lambda found: "" if set(found[1].split(";")) <= STYLES else "\x1b", text
    )
    assert plain.replace("\n", "").isprintable()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_million_characters_in_every_field_leave_each_view_as_small_as_it_is(seed: int) -> None:
    text = "@|`\\" * 250_000
    told = anything(Review, lambda _: text, seed=seed)
    comment, page = markdown.render(told), render(told)
    assert len(comment.encode()) <= markdown.MAX_BYTES
    assert comment.count("<details>") == comment.count("</details>")
    assert len(page.encode()) <= 2_000_000
    assert page.endswith("</html>\n")
    assert len(received(told)) < 1_000_000
