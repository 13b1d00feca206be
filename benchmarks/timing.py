"""Time commands as cold processes, side by side in one run, and write what was found."""

import json
import os
import platform
import resource
import statistics
import subprocess
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

# Installed packages bring their bytecode; without ours every start would compile it anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Timing:
    """Seconds of wall and process time of one contestant, median of `repeats`."""

    name: str
    wall: float
    process: float
    repeats: int


def run_process(commands: list[list[str]], *, cwd: Path, env: dict[str, str]) -> tuple[float, float]:
    """Run the commands one after another; wall seconds and the processes' own seconds, children included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    for command in commands:
        done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, check=False)
        if done.returncode not in (0, 1):
            raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr.decode()}")
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)


def run_once(command: list[str]) -> tuple[float, int]:
    """Wall seconds and peak bytes of one process, as the kernel counts them."""
    start = time.perf_counter()
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        said = process.stderr.read() if process.stderr else b""
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}:\n{said.decode()[-2000:]}")
    return wall, usage.ru_maxrss * 1024


def race(
    contestants: dict[str, list[list[str]]], *, cwd: Path, env: dict[str, str], repeats: int = 10
) -> dict[str, Timing]:
    """Time the contestants in turns, so that a slow moment of the machine meets all alike."""
    measured: dict[str, list[tuple[float, float]]] = {name: [] for name in contestants}
    for commands in contestants.values():
        run_process(commands, cwd=cwd, env=env)
    for _ in range(repeats):
        for name, commands in contestants.items():
            measured[name].append(run_process(commands, cwd=cwd, env=env))
    return {
        name: Timing(
            name=name,
            wall=statistics.median(wall for wall, _ in runs),
            process=statistics.median(process for _, process in runs),
            repeats=repeats,
        )
        for name, runs in measured.items()
    }


def save(name: str, result: dict[str, object]) -> None:
    """Keep a result for the page that `benchmarks/page.py` writes."""
    folder = ROOT / "benchmarks" / "results"
    folder.mkdir(exist_ok=True)
    cores = len(os.sched_getaffinity(0))
    about = {"date": date.today().isoformat(), "python": platform.python_version(), "cores": cores}
    (folder / f"{name}.json").write_text(json.dumps({**about, **result}, indent=2) + "\n")
