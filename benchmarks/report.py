"""A page on two models' predictions, beside Evidently's on the same frames: time, size, cold processes."""

import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from data import PEER, prepare
from timing import run_once, save

SIZES = {100_000: 3, 1_000_000: 3, 10_000_000: 1}
"""Rows, and how often each is measured."""
PEER_ROWS = 100_000
"""Evidently is asked up to here: it takes a minute and more beyond."""


@dataclass(frozen=True)
class Cost:
    """Of one command: median seconds, peak bytes, bytes of the page; None where it writes none."""

    rows: int
    name: str
    wall: float
    peak: int
    page: int | None
    repeats: int


def main() -> None:
    """Write the files, measure in turns, and keep the result."""
    prepare()
    folder = Path(tempfile.mkdtemp(prefix="mergegate-bench-"))
    try:
        costs = [cost for rows, repeats in SIZES.items() for cost in measure(folder, rows, repeats)]
    finally:
        shutil.rmtree(folder)
    save("report", {"rows": [asdict(cost) for cost in costs]})


def measure(folder: Path, rows: int, repeats: int) -> list[Cost]:
    """The comparison alone, the comparison with its page, and the peer's page, of files of one size."""
    writer = Path(__file__).with_name("scale_files.py")
    subprocess.run([sys.executable, str(writer), str(folder), str(rows)], check=True)
    files = [str(folder / "base.parquet"), str(folder / "same.parquet")]
    page = folder / "page.html"
    ours = [str(Path(sys.executable).parent / "mergegate"), "diff", "predictions", *files]
    ours += ["--task", "binary", "--positive", "late", "--json"]
    commands = {
        "comparison alone (`--no-explain`)": [*ours, "--no-explain"],
        "comparison, flips, segments, curves and the page": [*ours, "--html", str(page)],
    }
    if rows <= PEER_ROWS:
        script = str(Path(__file__).with_name("report_peer.py"))
        commands["Evidently's classification report"] = [
            str(PEER / "bin" / "python"), script, *files, str(page)
        ]  # fmt: skip
    found: dict[str, list[tuple[float, int, int | None]]] = {name: [] for name in commands}
    for _ in range(repeats):
        for name, command in commands.items():
            page.unlink(missing_ok=True)
            wall, peak = run_once(command)
            found[name].append((wall, peak, page.stat().st_size if page.exists() else None))
    costs = []
    for name, runs in found.items():
        wall = statistics.median(each[0] for each in runs)
        costs.append(Cost(rows, name, wall, max(each[1] for each in runs), runs[-1][2], repeats))
        print(f"{rows:>10,} rows  {name:52} {wall:7.2f} s  {costs[-1].peak / 1e9:5.2f} GB  {costs[-1].page}")
    return costs


if __name__ == "__main__":
    main()
