"""What a fresh clone asks of S3 to reproduce a change of this repository, beside `dvc pull && dvc repro`.

A server of moto's on 127.0.0.1 that writes down every request. Three changes: words in the README, a param of
`train`, one more month of flights; each made, reproduced and pushed in one clone, then reproduced in a fresh
one: once by mergegate, which runs the claimed stages again, and once by DVC, which finds them up to date.
"""

import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from timing import ROOT, save

sys.path.insert(0, str(ROOT / "tests"))

from support.s3 import CREDENTIALS, S3, serve

BINARY = Path(sys.executable).parent
IDENTITY = ("-c", "user.name=bench", "-c", "user.email=bench@example.invalid")
MONTH = "2013-04"


def main() -> None:
    """Build in a throw-away folder, then count."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    folder = Path(tempfile.mkdtemp(prefix="mergegate-bench-"))
    rows = []
    try:
        env = {
            **os.environ,
            **CREDENTIALS,
            "PATH": f"{BINARY}{os.pathsep}{os.environ['PATH']}",
            "DVC_NO_ANALYTICS": "1",
            "DVC_SITE_CACHE_DIR": str(folder / "site"),
        }
        with serve() as s3:
            origin = make_origin(folder / "origin", s3, env)
            for change in ("words", "param", "month"):
                for name, commands in (
                    (
                        "dvc pull, dvc repro",
                        [["dvc", "pull", "-q", "--allow-missing"], ["dvc", "repro", "-q"]],
                    ),
                    ("mergegate reproduce", [["mergegate", "reproduce", "--json"]]),
                ):
                    rows.append(measure(change, name, commands, origin, folder, s3, env))
    finally:
        shutil.rmtree(folder)
    save("reproduce", {"rows": rows})


def measure(
    change: str, name: str, commands: list[list[str]], origin: Path, folder: Path, s3: S3, env: dict[str, str]
) -> dict[str, object]:
    """One contestant in a fresh clone with an empty cache."""
    clone = folder / "clone"
    subprocess.run(["git", "clone", "-q", "-b", change, str(origin), str(clone)], check=True, env=env)
    local = {**env, "DVC_SITE_CACHE_DIR": str(folder / "clone-site")}
    s3.requests.clear()
    start = time.perf_counter()
    answers = [
        subprocess.run(command, cwd=clone, env=local, check=True, capture_output=True).stdout
        for command in commands
    ]
    wall = time.perf_counter() - start
    objects = sum(method == "GET" and "/files/md5/" in path for method, path in s3.requests)
    ran = 0
    if name == "mergegate reproduce":
        ran = sum(stage["seconds"] is not None for stage in json.loads(answers[0])["stages"])
    shutil.rmtree(clone)
    shutil.rmtree(folder / "clone-site", ignore_errors=True)
    requests = len(s3.requests)
    print(f"{change:6} {name:20} {objects:4} objects, {requests:4} requests, {wall:6.1f} s, {ran} stages ran")
    return {
        "change": change,
        "name": name,
        "objects": objects,
        "requests": requests,
        "wall": wall,
        "ran": ran,
    }


def make_origin(folder: Path, s3: S3, env: dict[str, str]) -> Path:
    """A clone of this repository whose default remote is S3, each change on a branch of its own."""
    subprocess.run(["git", "clone", "-q", str(ROOT), str(folder)], check=True, env=env)

    def run(*command: str) -> None:
        subprocess.run(command, cwd=folder, env=env, check=True, capture_output=True)

    def commit(message: str) -> None:
        run("git", "add", "--all")
        run("git", *IDENTITY, "commit", "-qm", message)

    run("git", "remote", "remove", "origin")
    run("git", "checkout", "-q", "-B", "main")
    run("dvc", "pull", "-q", "--allow-missing")
    s3.make_bucket("bench")
    settings = folder / ".dvc/config"
    embedded = settings.read_bytes()
    settings.write_text(s3.config("bench"))
    # What a reproduction must find to be reproducible here: a lock made on this machine.
    run("dvc", "repro", "-q")
    commit("Use S3")
    for change in ("words", "param", "month"):
        run("git", "checkout", "-q", "-b", change, "main")
        run("dvc", "checkout", "-q")
        if change == "words":
            (folder / "README.md").write_text("Words.\n")
        elif change == "param":
            params = folder / "params.yaml"
            params.write_text(params.read_text().replace("model: logistic", "model: boosting"))
        else:
            settings.write_bytes(embedded)  # where the months are
            run(sys.executable, "data/month.py", MONTH)
            settings.write_text(s3.config("bench"))
        run("dvc", "repro", "-q")
        commit(change)
    run("dvc", "push", "-q", "--all-branches")
    run("git", "checkout", "-q", "main")
    return folder


if __name__ == "__main__":
    main()
