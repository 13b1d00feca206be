"""Two predictions files of up to ten million rows compared, beside reading alone; cold processes.

Peak memory is the kernel's own figure for the process (`ru_maxrss`), file reading and imports included.
"""

import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from timing import run_once, save

COLUMNS = {
    "origin": 3,
    "carrier": 16,
    "weekday": 7,
    "month": 12,
    "daypart": 4,
    "distance": 5,
    "maker": 3,
    "weather": 2,
}
"""Slice columns and how many values each has: 52 in all."""
SIZES = {100_000: 5, 1_000_000: 5, 10_000_000: 3}
"""Rows a side, and how often each is measured."""
NEEDED = ("row_id", "y_true", "y_pred", "proba_late", "proba_on_time")


@dataclass(frozen=True)
class Job:
    """What is measured: a command, by the name that the page shows."""

    name: str
    command: list[str]


@dataclass(frozen=True)
class Cost:
    """Of one job on one pair of files: median seconds, highest peak in bytes, and × the reader's seconds."""

    rows: int
    order: str
    name: str
    wall: float
    peak: int
    ratio: float
    repeats: int


def main() -> None:
    """Write the files, measure, and keep the result."""
    folder = Path(tempfile.mkdtemp(prefix="mergegate-bench-"))
    try:
        costs = [cost for rows, repeats in SIZES.items() for cost in measure(folder, rows, repeats)]
    finally:
        shutil.rmtree(folder)
    save("scale", {"rows": [asdict(cost) for cost in costs]})


def measure(folder: Path, rows: int, repeats: int) -> Iterator[Cost]:
    """Measure every job on files of one size, head in base's order and shuffled, in turns."""
    # In a process of its own: a child starts with the peak of the parent it was forked from.
    writer = Path(__file__).with_name("scale_files.py")
    subprocess.run([sys.executable, str(writer), str(folder), str(rows)], check=True)
    for order in ("same", "shuffled"):
        todo = jobs(folder / "base.parquet", folder / f"{order}.parquet")
        found: dict[str, list[tuple[float, int]]] = {job.name: [] for job in todo}
        for _ in range(repeats):
            for job in todo:
                found[job.name].append(run_once(job.command))
        walls = {name: statistics.median(wall for wall, _ in runs) for name, runs in found.items()}
        for name, runs in found.items():
            peak = max(peak for _, peak in runs)
            cost = Cost(rows, order, name, walls[name], peak, walls[name] / walls[todo[0].name], repeats)
            about = f"{cost.wall:6.2f} s  {peak / 1e9:5.2f} GB  {cost.ratio:5.1f} ×"
            print(f"{rows:>10,} rows, {order:8}  {name:38} {about}")
            yield cost


def jobs(base: Path, head: Path) -> list[Job]:
    """The reader, which the others are held against, first."""
    script = "import sys, pyarrow.parquet as pq; " + (
        "tables = [pq.read_table(path, columns=sys.argv[3].split(',')) for path in sys.argv[1:3]]"
    )
    files = [str(base), str(head)]
    diff = [str(Path(sys.executable).parent / "mergegate"), "diff", "predictions", *files]
    diff += ["--task", "binary", "--positive", "late", "--no-explain", "--json"]
    every = [word for column in COLUMNS for word in ("--slices", column)]
    return [
        Job("pyarrow reads both files", [sys.executable, "-c", script, *files, ",".join(NEEDED)]),
        Job("all metrics, total", diff),
        Job("all metrics; headline in 2 columns", [*diff, "--slices", "origin", "--slices", "carrier"]),
        Job(
            "AUC and AP in 8 columns", [*diff, "--metric", "roc_auc", "--metric", "average_precision", *every]
        ),
    ]


if __name__ == "__main__":
    main()
