"""Measure how often the intervals hold the true value, and write docs/statistics.md's tables.

Draws are done in parts, each kept as it ends: stop with Ctrl-C and start again to go on. What was kept of
other code counts for nothing.
"""

import argparse
import ast
import hashlib
import json
import math
import multiprocessing
import os
import signal
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from cells import Cell, cells
from coverage_page import Rate, write
from timing import ROOT

from calibration.coverage import Tally, coverage, measure
from calibration.families import count_blocked, count_called, count_found
from calibration.worlds import Truth

PART = 1_000
"""Draws of a cell that are done, and kept, at a time."""

REVIEWS = 300
"""Whole reviews that are simulated at a time."""

SEED = 2026

Count = Callable[..., Counter[str]]
FAMILIES: dict[str, Count] = {
    "20 gates": partial(count_blocked, rows=2_000, slices=4),
    "44 gates": partial(count_blocked, rows=4_000, slices=10),
    "a slice that lost": partial(count_found, rows=4_000, slices=4),
    "power": partial(count_called, rows=2_000),
}


@dataclass(frozen=True)
class Task:
    """One part of the draws of a cell or of a family."""

    key: str
    part: int


def main() -> None:
    """Draw what is missing, then write the page and say which promises are broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=20_000, help="draws of each cell")
    parser.add_argument("--minutes", type=float, default=math.inf, help="stop after so long")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    options = parser.parse_args()
    todo = {cell.key: cell for cell in cells()}
    kept = ROOT / "benchmarks" / "results" / f"coverage-{fingerprint()}.jsonl"
    kept.parent.mkdir(exist_ok=True)
    done = {(line["key"], line["part"]): line["found"] for line in _lines(kept)}
    # Every cell's first part before any cell's second: whenever it is stopped, all have been measured.
    tasks = [
        Task(key, part)
        for part in range(math.ceil(options.draws / PART))
        for key in (*todo, *FAMILIES)
        if (key, part) not in done
    ]
    truths = kept.with_suffix(".truths.json")
    started = time.monotonic()
    try:
        for task, found in _run(tasks, todo, truths, jobs=options.jobs, minutes=options.minutes):
            done[task.key, task.part] = found
            with kept.open("a") as file:
                file.write(json.dumps({"key": task.key, "part": task.part, "found": found}) + "\n")
            left = len(tasks) - tasks.index(task) - 1
            spent = time.monotonic() - started
            print(f"{spent / 60:5.1f} min, {left} parts left, {task.key}", file=sys.stderr, flush=True)
    except KeyboardInterrupt:
        print("stopped; start again to go on", file=sys.stderr)
    missing = {*todo, *FAMILIES} - {key for key, _ in done}
    if missing:
        print(f"{len(missing)} cells have no draw yet: docs/statistics.md stays as it is", file=sys.stderr)
        return
    rows, rates = _sums(done, todo)
    write(rows, rates)
    for _, row in rows:
        if row.broken:
            print(
                f"below the promise of {row.promise:.0%}: {row.world.name}, {row.metric}: "
                f"{100 * row.covered:.2f} ± {100 * row.error:.2f} %"
            )


def fingerprint() -> str:
    """A hash of the code that makes the numbers; comments and docstrings don't count."""
    folders = (ROOT / "src/mergegate/stats", ROOT / "tests/calibration")
    paths = [path for folder in folders for path in folder.glob("*.py") if not path.name.startswith("test_")]
    known = hashlib.blake2b(digest_size=6)
    for path in sorted([*paths, ROOT / "benchmarks/cells.py"]):
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                node.value.value = None
        known.update(ast.dump(tree).encode())
    return known.hexdigest()


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """What was kept; a line that was cut short when the run was stopped counts for nothing."""
    for line in path.read_text().splitlines() if path.exists() else []:
        try:
            yield json.loads(line)
        except json.JSONDecodeError:
            continue


def _run(
    tasks: list[Task], todo: dict[str, Cell], kept: Path, *, jobs: int, minutes: float
) -> Iterator[tuple[Task, dict[str, Any]]]:
    """Each task with what it found, in their order, until the minutes are over; `kept` holds true values."""
    if not tasks:
        return
    end = time.monotonic() + 60 * minutes
    # Ctrl-C is the parent's to hear: leaving the pool ends its processes.
    with multiprocessing.Pool(jobs, signal.signal, (signal.SIGINT, signal.SIG_IGN)) as pool:
        truths = _truths(pool, todo, kept)
        work = [(task, todo.get(task.key), truths.get(task.key)) for task in tasks]
        for task, found in zip(tasks, pool.imap(_measure, work), strict=True):
            yield task, found
            if time.monotonic() > end:
                print("the time is over; start again to go on", file=sys.stderr)
                return


def _truths(pool: Any, todo: dict[str, Cell], kept: Path) -> dict[str, Truth]:
    """The true values of each cell; those that many share are worked out once, and kept."""
    keys = {key: _truth_key(cell) for key, cell in todo.items()}
    found: dict[str, Truth] = json.loads(kept.read_text()) if kept.exists() else {}
    missing = {keys[key]: cell for key, cell in todo.items() if keys[key] not in found}
    if missing:
        print(f"the true values of {len(missing)} cells…", file=sys.stderr, flush=True)
        found.update(zip(missing, pool.map(_truth, missing.values(), 1), strict=True))
        kept.with_suffix(".part").write_text(json.dumps(found))
        kept.with_suffix(".part").replace(kept)
    return {key: found[of] for key, of in keys.items()}


def _truth_key(cell: Cell) -> str:
    truth = cell.truth
    if not isinstance(truth, partial):
        return cell.key
    names = [getattr(argument, "__name__", repr(argument)) for argument in truth.args]
    return f"{truth.func.__name__} {names} {truth.keywords}"


def _truth(cell: Cell) -> Truth:
    return cell.truth()


def _measure(work: tuple[Task, Cell | None, Truth | None]) -> dict[str, Any]:
    task, cell, truth = work
    seed = (SEED, task.part)
    if cell is None or truth is None:
        return dict(FAMILIES[task.key](draws=REVIEWS, seed=seed))
    tallies = measure(cell.world, cell.observe, truth, draws=PART, seed=seed)
    return {name: asdict(tally) for name, tally in tallies.items()}


def _sums(
    done: dict[tuple[str, int], dict[str, Any]], todo: dict[str, Cell]
) -> tuple[list[tuple[str, Any]], list[Rate]]:
    """Coverages with their kind, and rates, in the tables' order, over all parts that were done."""
    tallies: dict[str, dict[str, Tally]] = {key: defaultdict(Tally) for key in todo}
    counts: dict[str, Counter[str]] = {key: Counter() for key in FAMILIES}
    reviews: Counter[str] = Counter()
    for (key, _), found in done.items():
        if key in FAMILIES:
            counts[key].update(found)
            # What never happened is a count too.
            counts[key].update(dict.fromkeys(found, 0))
            reviews[key] += REVIEWS
            continue
        for name, sums in found.items():
            tallies[key][name] += Tally(**sums)
    rows = [
        (todo[key].kind, coverage(todo[key].world, name, tally))
        for key, by_name in tallies.items()
        for name, tally in by_name.items()
    ]
    rates = [Rate(what, count, reviews[key]) for key in FAMILIES for what, count in counts[key].items()]
    return rows, rates


if __name__ == "__main__":
    os.nice(10)
    main()
