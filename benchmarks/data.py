"""Two tables of up to ten million rows compared, beside datacompy; cold processes, peak memory.

datacompy asks for an older pandas than ours, so it has an environment of its own, `.venv-bench`.
"""

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from timing import ROOT, save

SIZES = {100_000: 5, 1_000_000: 5, 10_000_000: 2}
"""Rows a side, and how often each is measured."""
MONTHS, MONTH_ROWS, MONTH_REPEATS = 100, 100_000, 3
LIMIT, MEMORY = 600.0, 12_000_000_000
"""Seconds and bytes of memory that a process may take."""
PEER = ROOT / ".venv-bench"


@dataclass(frozen=True)
class Cost:
    """Of one command on one pair: median seconds, highest peak in bytes, how many times as fast as the peer.

    `ended` says how it went where it did not end well; then there is no time.
    """

    rows: int
    name: str
    wall: float | None
    peak: int
    ratio: float | None
    repeats: int
    ended: str = ""


@dataclass(frozen=True)
class Run:
    """One process: seconds, peak bytes, what it printed; `ended` is empty where it ended well."""

    wall: float
    peak: int
    said: bytes
    ended: str = ""


def main() -> None:
    """Prepare the peer, write the files, measure, and keep the result."""
    prepare()
    folder = Path(tempfile.mkdtemp(prefix="mergegate-bench-"))
    try:
        costs = [cost for rows, repeats in SIZES.items() for cost in measure(folder, rows, repeats)]
        months = measure_months(folder)
    finally:
        shutil.rmtree(folder)
    save(
        "data", {"rows": [asdict(cost) for cost in costs], "months": months, "limit": LIMIT, "memory": MEMORY}
    )


def prepare() -> None:
    """Make the peer's environment from its hash-pinned requirements, once."""
    pins = ROOT / "requirements" / "bench.txt"
    stamp = PEER / ".stamp"
    if stamp.exists() and stamp.stat().st_mtime >= pins.stat().st_mtime:
        return
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(PEER)], check=True)
    uv = [str(Path(sys.executable).parent / "uv"), "pip", "install", "--quiet", "--python", str(PEER)]
    subprocess.run([*uv, "--compile-bytecode", "--require-hashes", "-r", str(pins)], check=True)
    stamp.touch()


def measure(folder: Path, rows: int, repeats: int) -> list[Cost]:
    """Every command on tables of one size, in turns; all that answer the same question must agree."""
    write(folder, str(rows))
    files = [str(folder / "base.parquet"), str(folder / "head.parquet")]
    found: dict[str, list[Run]] = {}
    for _ in range(repeats):
        for name, command in commands(files).items():
            if not any(run.ended for run in found.get(name, [])):
                found.setdefault(name, []).append(run_process(command))
    answers = {name: json.loads(runs[-1].said) for name, runs in found.items() if not runs[-1].ended}
    said = {json.dumps(answer, sort_keys=True) for answer in map(short, answers.values())}
    if len(said) != 1:
        raise SystemExit(f"the answers differ: {said}")
    peer, *_ = found.values()
    costs = [cost(rows, name, runs, peer) for name, runs in found.items()]
    for each in costs:
        about = each.ended or f"{each.wall:7.2f} s  {each.ratio or 0:5.1f} ×"
        print(f"{rows:>10,} rows  {each.name:48} {about}  {each.peak / 1e9:5.2f} GB")
    return costs


def commands(files: Sequence[str]) -> dict[str, list[str]]:
    """The peer first, which the others are held against."""
    ours = [str(Path(sys.executable).parent / "mergegate"), "diff", "data", *files, "--key", "id", "--json"]
    script = Path(__file__).with_name("data_peer.py")
    return {
        "datacompy": [str(PEER / "bin" / "python"), str(script), *files],
        "`mergegate diff data --rows-only`": [*ours, "--rows-only"],
        "`mergegate diff data --no-shift`": [*ours, "--no-shift"],
        "`mergegate diff data`": ours,
    }


def short(answer: dict[str, object]) -> dict[str, object]:
    """What every command answers: rows by what happened to them, and changed cells of each column."""
    found = answer.get("dataset", answer)
    assert isinstance(found, dict)
    rows, columns = found["rows"], found["columns"]
    if isinstance(columns, list):
        columns = {each["column"]: each["changed"] for each in columns}
    assert isinstance(rows, dict)
    return {"rows": {kind: rows[kind] for kind in ("added", "removed", "changed")}, "columns": columns}


def cost(rows: int, name: str, runs: Sequence[Run], peer: Sequence[Run]) -> Cost:
    """Of one command; no time where it did not end well, no ratio where the peer did not."""
    peak, ended = max(run.peak for run in runs), next((run.ended for run in runs if run.ended), "")
    if ended:
        return Cost(rows, name, None, peak, None, len(runs), ended)
    wall = statistics.median(run.wall for run in runs)
    against = None if any(run.ended for run in peer) else statistics.median(run.wall for run in peer)
    return Cost(rows, name, wall, peak, None if against is None else against / wall, len(runs))


def measure_months(folder: Path) -> list[dict[str, object]]:
    """A month added to a hundred, beside a month added to one: with and without what reads all of base."""
    places = {MONTHS: folder / "many", 1: folder / "one"}
    for months, place in places.items():
        write(place, str(MONTH_ROWS), str(months))
    tool = [str(Path(sys.executable).parent / "mergegate"), "diff", "data", "--key", "id", "--json"]
    found: list[dict[str, object]] = []
    for name, options in (("`--no-shift`", ["--no-shift"]), ("with shift", [])):
        walls: dict[int, list[float]] = {months: [] for months in places}
        for _ in range(MONTH_REPEATS):
            for months, place in places.items():
                ran = run_process([*tool, *options, str(place / "base"), str(place / "head")])
                if ran.ended:
                    raise SystemExit(f"a month added: {ran.ended}")
                walls[months].append(ran.wall)
        many, one = (statistics.median(walls[months]) for months in (MONTHS, 1))
        print(f"a month added to {MONTHS}, {name}: {many:.2f} s, to one: {one:.2f} s")
        found.append({"name": name, "many": many, "one": one, "months": MONTHS, "rows": MONTH_ROWS})
    return found


def write(folder: Path, *arguments: str) -> None:
    """Write files in a process of its own: a child starts with the peak of the parent it was forked from."""
    writer = Path(__file__).with_name("data_files.py")
    subprocess.run([sys.executable, str(writer), str(folder), *arguments], check=True)


def bound() -> None:
    """Let this process hold no more than MEMORY: the machine is not its alone."""
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))


def run_process(command: list[str]) -> Run:
    """Wall seconds, the kernel's own peak, and what was printed; given up after LIMIT seconds."""
    start = time.perf_counter()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=errors, preexec_fn=bound)
        timer = threading.Timer(LIMIT, process.kill)
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        timer.cancel()
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        errors.seek(0)
        ended = ""
        if process.returncode:
            last = errors.read().decode(errors="replace").strip().splitlines()[-1:]
            ended = f"given up after {LIMIT:.0f} s" if wall >= LIMIT else f"died: {process.returncode} {last}"
        return Run(wall, usage.ru_maxrss * 1024, out.read(), ended)


if __name__ == "__main__":
    main()
