"""A plan beside what DVC says of the same change: `dvc status`, then `dvc repro --dry`; cold processes.

Two repositories: this one with a param of `train` moved, and a made one of 1,000 stages, each with a script,
a param and the output of the stage before, in which the script of the middle one changed. DVC needs the data
in the workspace for an answer and has it; the plan reads git, dvc.lock and the names in the cache alone.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from timing import ROOT, Timing, race, run_process, save

BINARY = Path(sys.executable).parent
STAGES = 1_000

LIMIT = 180.0
"""Seconds that DVC may take for them, in one round: it takes minutes, and is then ended."""

IDENTITY = ("-c", "user.name=bench", "-c", "user.email=bench@example.invalid")


def main() -> None:
    """Build both in throw-away folders, then race."""
    folder = Path(tempfile.mkdtemp(prefix="mergegate-bench-"))
    try:
        env = {
            **os.environ,
            "PATH": f"{BINARY}{os.pathsep}{os.environ['PATH']}",
            "DVC_NO_ANALYTICS": "1",
            "DVC_SITE_CACHE_DIR": str(folder / "site"),
        }
        reference = make_reference(folder / "reference", env)
        large = make_large(folder / "large", env)
        rows = [
            *measure("the reference repository, 7 stages", reference, env, repeats=10),
            *measure_once(f"a chain of {STAGES:,} stages", large, env),
        ]
    finally:
        shutil.rmtree(folder)
    save("plan", {"rows": rows})


def measure(size: str, where: Path, env: dict[str, str], *, repeats: int) -> list[dict[str, object]]:
    """Race the plan against DVC in one repository; a row for each."""
    dvc = str(BINARY / "dvc")
    timings: dict[str, Timing] = race(
        {
            "dvc status, dvc repro --dry": [[dvc, "status", "--json"], [dvc, "repro", "--dry"]],
            "mergegate plan": [[str(BINARY / "mergegate"), "plan", "--json"]],
        },
        cwd=where,
        env=env,
        repeats=repeats,
    )
    peer = timings["dvc status, dvc repro --dry"]
    for timing in timings.values():
        ratio = peer.wall / timing.wall
        print(f"{size:36} {timing.name:28} {timing.wall:6.2f} s, {ratio:5.1f} × as fast as DVC")
    return [
        {"size": size, "name": t.name, "wall": t.wall, "ratio": peer.wall / t.wall, "repeats": t.repeats}
        for t in timings.values()
    ]


def measure_once(size: str, where: Path, env: dict[str, str]) -> list[dict[str, object]]:
    """One cold round, DVC's ended after LIMIT seconds: its ratio is then a lower bound, and said to be."""
    dvc = str(BINARY / "dvc")
    start = time.perf_counter()
    ended = True
    for command in ([dvc, "status", "--json"], [dvc, "repro", "--dry"]):
        left = LIMIT - (time.perf_counter() - start)
        try:
            subprocess.run(
                command, cwd=where, env=env, check=True, capture_output=True, timeout=max(1.0, left)
            )
        except subprocess.TimeoutExpired:
            ended = False
            break
    peer = time.perf_counter() - start
    walls = sorted(
        run_process([[str(BINARY / "mergegate"), "plan", "--json"]], cwd=where, env=env)[0] for _ in range(3)
    )
    mine = walls[1]
    words = "" if ended else f" (ended after {LIMIT:.0f} s: at least)"
    print(f"{size:36} dvc status, dvc repro --dry  {peer:6.2f} s{words}, once")
    print(f"{size:36} mergegate plan               {mine:6.2f} s, {peer / mine:5.1f} × as fast as DVC")
    name = "dvc status, dvc repro --dry"
    return [
        {"size": size, "name": name, "wall": peer, "ratio": 1.0, "repeats": 1, "ended": ended},
        {"size": size, "name": "mergegate plan", "wall": mine, "ratio": peer / mine, "repeats": 3},
    ]


def make_reference(clone: Path, env: dict[str, str]) -> Path:
    """A clone with its data, in which a param of `train` was moved and nothing reproduced."""
    subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True, env=env)
    run = runner(clone, env)
    run("git", "remote", "remove", "origin")
    run("git", "checkout", "-q", "-B", "main")
    run("dvc", "pull", "-q", "--allow-missing")
    params = clone / "params.yaml"
    text = params.read_text()
    changed = text.replace("model: logistic", "model: boosting")
    if changed == text:
        raise SystemExit("params.yaml no longer says `model: logistic`: tell this benchmark what to change")
    params.write_text(changed)
    return clone


def make_large(folder: Path, env: dict[str, str]) -> Path:
    """A chain of stages with the lock that running them would write, then one script changed."""
    (folder / "code").mkdir(parents=True)
    (folder / "out").mkdir()
    run = runner(folder, env)
    run("git", "init", "-q", "--initial-branch", "main")
    run("dvc", "init", "-q")
    stages, blocks = {}, {}
    for number in range(STAGES):
        script, out = f"code/s{number}.sh", f"out/{number}.txt"
        reads = [script, *([f"out/{number - 1}.txt"] if number else [])]
        command = f"sh {script}"
        (folder / script).write_text(f"echo {number} > {out}\n")
        (folder / out).write_text(f"{number}\n")
        md5 = str(entry(folder, out)["md5"])
        held = folder / ".dvc/cache/files/md5" / md5[:2] / md5[2:]
        held.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / out, held)
        stages[f"s{number}"] = {"cmd": command, "deps": reads, "params": [f"p{number}"], "outs": [out]}
        blocks[f"s{number}"] = {
            "cmd": command,
            "deps": [entry(folder, path) for path in reads],
            "params": {"params.yaml": {f"p{number}": number}},
            "outs": [entry(folder, out)],
        }
    (folder / "params.yaml").write_text("".join(f"p{number}: {number}\n" for number in range(STAGES)))
    (folder / "out/.gitignore").write_text("/*.txt\n")
    write_yaml(folder / "dvc.yaml", {"stages": stages})
    write_yaml(folder / "dvc.lock", {"schema": "2.0", "stages": blocks})
    run("git", "add", "--all")
    run("git", *IDENTITY, "commit", "-qm", "A thousand stages")
    (folder / f"code/s{STAGES // 2}.sh").write_text("echo changed\n")
    return folder


def entry(folder: Path, path: str) -> dict[str, object]:
    """A file as dvc.lock records it."""
    data = (folder / path).read_bytes()
    md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
    return {"path": path, "hash": "md5", "md5": md5, "size": len(data)}


def write_yaml(path: Path, value: object, indent: str = "") -> None:
    """Block style, as people and DVC write it."""
    path.write_text("\n".join(lines(json.loads(json.dumps(value)), indent)) + "\n")


def lines(value: object, indent: str) -> list[str]:
    """A mapping, list or scalar in block style."""
    if isinstance(value, dict):
        found = []
        for key, child in value.items():
            nested = isinstance(child, dict | list)
            found.append(f"{indent}{key}:" if nested else f"{indent}{key}: {show(child)}")
            found += lines(child, indent + "  ") if nested else []
        return found
    if isinstance(value, list):
        found = []
        for item in value:
            inner = lines(item, indent + "  ")
            found += [f"{indent}- {inner[0].strip()}", *inner[1:]]
        return found
    return [f"{indent}{show(value)}"]


def show(value: object) -> str:
    """A scalar; texts that YAML might read as numbers are quoted."""
    return f"'{value}'" if isinstance(value, str) and value[:1].isdigit() else str(value)


def runner(folder: Path, env: dict[str, str]) -> Callable[..., None]:
    """What runs a command there."""

    def run(*command: str) -> None:
        subprocess.run(command, cwd=folder, env=env, check=True, capture_output=True)

    return run


if __name__ == "__main__":
    main()
