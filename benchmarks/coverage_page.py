"""Write what benchmarks/coverage.py measured into docs/statistics.md, between its two marks."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from timing import ROOT

from calibration.coverage import Coverage

PAGE = ROOT / "docs" / "statistics.md"
FIRST, LAST = "<!-- measured: first line -->", "<!-- measured: last line -->"

Rows = Sequence[tuple[str, Coverage]]


@dataclass(frozen=True)
class Rate:
    """How many of so many simulated reviews."""

    what: str
    count: int
    reviews: int


def write(rows: Rows, rates: Sequence[Rate]) -> None:
    """Replace the numbers on the page; the words around them stay."""
    text = PAGE.read_text()
    before, rest = text.split(FIRST, 1)
    after = rest.split(LAST, 1)[1]
    PAGE.write_text("\n".join([before + FIRST, "", *render(rows, rates), "", LAST + after]))


def render(rows: Rows, rates: Sequence[Rate]) -> list[str]:
    """Summary, broken promises, families, and every cell, as lines of Markdown."""
    draws = [row.judged for _, row in rows]
    worst = max(row.error for _, row in rows)
    return [
        f"Measured {date.today().isoformat()} by `python benchmarks/coverage.py`:",
        f"{min(draws):,} draws of each figure or more, Monte Carlo error at most {100 * worst:.2f} points.",
        "",
        *_summary(rows),
        "",
        *_promises(rows),
        "",
        *_families(rates),
        "",
        "## Every cell",
        "",
        "Coverage of 95 % intervals in %, ± one Monte Carlo standard error; in brackets the share of",
        "intervals wholly below and wholly above the true value: how often a bar right there is failed.",
        *(line for kind in dict.fromkeys(kind for kind, _ in rows) for line in _kind(rows, kind)),
    ]


def _summary(rows: Rows) -> list[str]:
    lines = [
        "Lowest and highest of the figures with a promise:",
        "",
        "| worlds | difference | one model alone | a bar at the true value is failed |",
        "|---|---|---|---|",
    ]
    for kind in dict.fromkeys(kind for kind, _ in rows):
        own = [row for of, row in rows if of == kind and row.promise]
        apart = [row.covered for row in own if not row.metric.endswith(" alone")]
        alone = [row for row in own if row.metric.endswith(" alone")]
        tails = [tail for row in alone for tail in (row.below, row.above)]
        lines.append(
            f"| {kind} | {_range(apart)} | {_range([row.covered for row in alone])} | {_range(tails)} |"
        )
    return lines


def _promises(rows: Rows) -> list[str]:
    judged = [row for _, row in rows if row.promise]
    broken = [row for row in judged if row.broken]
    close = [row for row in judged if row.covered < row.promise and not row.broken]
    return [
        f"Figures with a promise: {len(judged):,}. Below it by more than two Monte Carlo errors: "
        f"{len(broken)}{':' if broken else '.'}",
        *([""] if broken else []),
        *(_plainly(row) for row in broken),
        "",
        f"Below it by less, which chance may explain: {len(close)}{':' if close else '.'}",
        *([""] if close else []),
        *(_plainly(row) for row in close),
    ]


def _plainly(row: Coverage) -> str:
    return (
        f"- {row.world.name}, {row.metric}: {100 * row.covered:.2f} ± {100 * row.error:.2f} "
        f"where {100 * row.promise:.0f} is promised"
    )


def _families(rates: Sequence[Rate]) -> list[str]:
    lines = ["| whole reviews and power | measured |", "|---|---:|"]
    for rate in rates:
        share = rate.count / rate.reviews
        error = math.sqrt(share * (1 - share) / rate.reviews)
        lines.append(f"| {rate.what} | {100 * share:.1f} ± {100 * error:.1f} % of {rate.reviews:,} |")
    return lines


def _kind(rows: Rows, kind: str) -> list[str]:
    own = [row for of, row in rows if of == kind]
    metrics = {(row.world.name, row.metric.partition(" ")[0]): row for row in reversed(own)}
    by_name = {(row.world.name, row.metric): row for row in own}
    lines = [
        "",
        f"### {kind.capitalize()}",
        "",
        "| world | metric | rows that carry it | discordant | difference | alone |",
        "|---|---|---:|---:|---:|---:|",
    ]
    for world, metric in reversed(metrics):
        apart = by_name.get((world, metric)) or by_name.get((world, f"{metric} relative"))
        alone = by_name.get((world, f"{metric} alone"))
        first = metrics[world, metric]
        discordant = "" if first.discordant is None else f"{first.discordant:.0f}"
        figures = f"{_figure(apart)} | {_figure(alone)}"
        lines.append(f"| {world} | {metric} | {first.carried:.0f} | {discordant} | {figures} |")
    return lines


def _figure(row: Coverage | None) -> str:
    if row is None:
        return ""
    mark = " ✗" if row.broken else ""
    tails = f"({100 * row.below:.1f}, {100 * row.above:.1f})"
    return f"{100 * row.covered:.1f} ± {100 * row.error:.1f} {tails}{mark}"


def _range(values: Sequence[float]) -> str:
    return f"{100 * min(values):.1f}–{100 * max(values):.1f}" if values else ""
