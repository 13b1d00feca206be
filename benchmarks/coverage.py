"""Measure how often the intervals hold the true value; `--draws 20000` is what docs/statistics.md shows."""

import argparse
import multiprocessing
import os
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np
from timing import ROOT, save

sys.path.append(str(ROOT / "tests"))

from calibration import coverage as cover
from calibration.families import Rates, measure_families, measure_power
from calibration.worlds import Truth, World

Observe = Callable[[World, np.random.Generator], cover.Found]


@dataclass(frozen=True)
class Cell:
    """A world and what is observed in it; `kind` is a heading of the table."""

    kind: str
    world: World
    observe: Observe
    truth: Callable[[], Truth]


def cells() -> list[Cell]:
    """Everything that is measured."""
    return [*_binary(), *_log_loss(), *_classes(), *_numbers()]


def _binary() -> list[Cell]:
    plain = [
        *(World(f"200 rows, rho {rho}", 200, rho=rho, head=1.1) for rho in (0.5, 0.8, 0.95)),
        *(World(f"800 rows, rho {rho}", 800, rho=rho, head=1.1) for rho in (0.5, 0.8, 0.95, 0.98)),
        World("2000 rows, rho 0.8", 2_000, head=1.1),
        World("1000 rows, 5 % positive", 1_000, prevalence=0.05, head=1.1),
        World("4000 rows, 5 % positive", 4_000, prevalence=0.05, head=1.1),
        World("2500 rows, 2 % positive", 2_500, prevalence=0.02, head=1.1),
        World("200 rows, AUC .96", 200, base=2.5, head=2.4),
        World("800 rows, AUC .96", 800, base=2.5, head=2.4),
        World("200 rows, AUC .99", 200, base=3.3, head=3.2),
        World("800 rows, AUC .99", 800, base=3.3, head=3.2),
        World("800 rows, equal models", 800),
        World("800 rows, equal models, logits × 2", 800, sharpness=2.0),
    ]
    weighted = [
        World("280 rows, weights e^0.5z", 280, weights=0.5, head=1.1),
        World("1100 rows, weights e^0.5z", 1_100, weights=0.5, head=1.1),
        World("550 rows, weights e^z", 550, weights=1.0, head=1.1),
        World("2200 rows, weights e^z", 2_200, weights=1.0, head=1.1),
    ]
    clustered = [
        World("30 clusters of 20", 600, clusters=30, head=1.1),
        World("50 clusters of 20", 1_000, clusters=50, head=1.1),
        World("100 clusters of 20", 2_000, clusters=100, head=1.1),
        World("200 clusters of 20", 4_000, clusters=200, head=1.1),
        World("200 clusters of 5", 1_000, clusters=200, head=1.1),
        World("30 uneven clusters of 20", 600, clusters=30, uneven=True, head=1.1),
        World("200 uneven clusters of 10", 2_000, clusters=200, uneven=True, head=1.1),
        World("50 clusters of 20, weights e^0.5z", 1_000, clusters=50, weights=0.5, head=1.1),
    ]
    observers = (cover.observe_ranking, cover.observe_counts, cover.observe_losses)
    kinds = (("rows", plain), ("weights", weighted), ("clusters", clustered))
    return [
        Cell(kind, world, observe, partial(cover.known, world))
        for kind, worlds in kinds
        for world in worlds
        for observe in observers
    ]


def _log_loss() -> list[Cell]:
    worlds = [
        World("200 rows", 200, head=1.1),
        World("800 rows", 800, head=1.1),
        World("1500 rows", 1_500, head=1.1),
        World("200 rows, logits × 2", 200, sharpness=2.0, head=1.1),
        World("800 rows, logits × 2", 800, sharpness=2.0, head=1.1),
        World("1500 rows, logits × 2", 1_500, sharpness=2.0, head=1.1),
        World("2500 rows, 2 % positive", 2_500, prevalence=0.02, head=1.1),
        World("280 rows, weights e^0.5z", 280, weights=0.5, head=1.1),
        World("30 clusters of 20", 600, clusters=30, head=1.1),
        World("200 clusters of 10", 2_000, clusters=200, head=1.1),
    ]
    return [Cell("log loss", world, cover.observe_log_loss, partial(cover.known, world)) for world in worlds]


def _classes() -> list[Cell]:
    worlds = [
        World("4 classes, 500 rows", 500, classes=4, base=1.5, head=1.4),
        World("4 classes, 2000 rows", 2_000, classes=4, base=1.5, head=1.4),
        World("10 classes, 2750 rows", 2_750, classes=10, base=2.0, head=1.9),
    ]
    return [
        Cell("classes", world, cover.observe_classes,
             partial(cover.truths_by_drawing, world, cover.observe_classes, rows=1_000_000, times=4))
        for world in worlds
    ]  # fmt: skip


def _numbers() -> list[Cell]:
    worlds = [
        World("50 rows", 50, base=1.0, head=1.1),
        World("200 rows", 200, base=1.0, head=1.1),
        World("1000 rows", 1_000, base=1.0, head=1.1),
        World("280 rows, weights e^0.5z", 280, base=1.0, head=1.1, weights=0.5),
        World("550 rows, weights e^z", 550, base=1.0, head=1.1, weights=1.0),
        World("30 clusters of 20", 600, base=1.0, head=1.1, clusters=30),
        World("200 clusters of 10", 2_000, base=1.0, head=1.1, clusters=200),
    ]
    same = World("any", 1, base=1.0, head=1.1)
    return [
        Cell("regression", world, cover.observe_numbers,
             partial(cover.truths_by_drawing, same, cover.observe_numbers, rows=1_000_000, times=4))
        for world in worlds
    ]  # fmt: skip


def run(cell: Cell, *, draws: int, seed: int) -> list[dict[str, Any]]:
    """Measure one cell."""
    found = cover.measure(cell.world, cell.observe, cell.truth(), draws=draws, seed=seed)
    return [{"kind": cell.kind, **asdict(row)} for row in found]


def render(result: dict[str, Any]) -> str:
    """The measured tables as Markdown, for docs/statistics.md."""
    lines = []
    for kind in dict.fromkeys(row["kind"] for row in result["coverage"]):
        lines += [
            f"### {kind.capitalize()}",
            "",
            "| world | metric | rows that carry it | discordant | difference | alone |",
            "|---|---|---:|---:|---:|---:|",
        ]
        rows = {(row["world"], row["metric"]): row for row in result["coverage"] if row["kind"] == kind}
        for (world, metric), row in rows.items():
            if metric.endswith(" alone"):
                continue
            discordant = "" if row["discordant"] is None else f"{row['discordant']:.0f}"
            alone = rows.get((world, f"{metric} alone"))
            lines.append(
                f"| {world} | {metric} | {row['carried']:.0f} | {discordant} | {_percent(row)} "
                f"| {_percent(alone) if alone else ''} |"
            )
        lines.append("")
    lines += ["### Families and power", "", "| what | measured |", "|---|---:|"]
    lines += [
        f"| {rate['what']} | {100 * rate['rate']:.1f} ± {100 * rate['error']:.1f} % |"
        for rate in result["rates"]
    ]
    return "\n".join(
        [*lines, "", f"{result['draws']:,} draws a cell; ± is one Monte Carlo standard error.", ""]
    )


def broken_promises(result: dict[str, Any]) -> list[dict[str, Any]]:
    """Cells whose coverage is below the promise by more than two Monte Carlo errors."""
    return [row for row in result["coverage"] if row["covered"] + 2 * row["error"] < promise(row)]


def promise(row: dict[str, Any]) -> float:
    """The coverage promised: .94 where 200 rows carry the metric, .93 from 50, given 10 discordant rows."""
    enough = row["discordant"] is None or row["discordant"] >= 10
    if row["kind"] == "clusters" or "clusters" in row["world"]:
        return 0.94 if "200" in row["world"] else 0.93
    if not enough or row["carried"] < 50:
        return 0.0
    return 0.94 if row["carried"] >= 200 else 0.93


def _percent(row: dict[str, Any]) -> str:
    mark = "" if row["covered"] + 2 * row["error"] >= promise(row) else " ✗"
    return f"{100 * row['covered']:.1f} ± {100 * row['error']:.1f}{mark}"


def main() -> None:
    """Measure, keep, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=20_000)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--seed", type=int, default=2026)
    options = parser.parse_args()
    os.nice(10)
    todo = cells()
    rows: list[dict[str, Any]] = []
    with multiprocessing.Pool(options.jobs) as pool:
        for found in pool.imap(partial(run, draws=options.draws, seed=options.seed), todo):
            rows += found
            print(f"{found[0]['kind']}: {found[0]['world']}", file=sys.stderr, flush=True)
        rates: list[Rates] = []
        reviews = max(options.draws // 10, 200)
        for part in pool.map(
            partial(_rates, draws=reviews, seed=options.seed), (measure_families, measure_power)
        ):
            rates += part
    result = {"draws": options.draws, "coverage": rows, "rates": [asdict(rate) for rate in rates]}
    save("coverage", result)
    print(render(result))
    for row in broken_promises(result):
        print(f"below the promise: {row['world']}, {row['metric']}: {_percent(row)}", file=sys.stderr)


def _rates(measure: Callable[..., list[Rates]], *, draws: int, seed: int) -> list[Rates]:
    return measure(draws=draws, seed=seed)


if __name__ == "__main__":
    main()
