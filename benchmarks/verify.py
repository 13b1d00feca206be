"""How long it takes to know that a remote holds 100,000 objects, and by how many requests, beside DVC.

One folder of 100,000 small files on moto's S3; one of them is not there, and that one alone is to be told.
The cache holds the folder's list and nothing else. moto sorts all its objects for every page that it lists,
so requests say more than seconds.
"""

import argparse
import hashlib
import json
import logging
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from moto.s3.models import s3_backends
from timing import ROOT, save

sys.path.insert(0, str(ROOT / "tests"))
from support.repositories import DVC_CONFIG, Repository
from support.s3 import CREDENTIALS, S3, serve

BUCKET = "bench"
LOST = 4_711
LIMIT = 600.0


def fill(server: S3, made: Repository, number: int) -> None:
    """Objects of a folder on the server, its .dvc file in git, its list in the cache."""
    server.make_bucket(BUCKET)
    backend = s3_backends["123456789012"]["aws"]
    listed = []
    for index in range(number):
        data = f"row {index}\n".encode()
        md5 = hashlib.md5(data).hexdigest()
        listed.append({"md5": md5, "relpath": f"{index:06d}.csv"})
        if index != LOST:
            backend.put_object(BUCKET, f"deep/files/md5/{md5[:2]}/{md5[2:]}", data)
    text = json.dumps(listed).encode()
    name = made.add_object(text, suffix=".dir")
    backend.put_object(BUCKET, f"deep/files/md5/{name[:2]}/{name[2:]}", text)
    size = sum(len(f"row {index}\n") for index in range(number))
    entry = f"- md5: {name}\n  size: {size}\n  nfiles: {number}\n  hash: md5\n  path: rows\n"
    made.write("data/rows.dvc", f"outs:\n{entry}")
    made.write(".dvc/config", DVC_CONFIG + server.config(BUCKET).replace("[core]\n", ""))
    made.commit("Rows")


def measure(made: Repository, server: S3, command: list[str]) -> dict[str, object]:
    """Wall seconds, requests by method and what was said last; None seconds beyond the limit."""
    server.requests.clear()
    start = time.perf_counter()
    try:
        done = subprocess.run(
            command,
            cwd=made.path,
            env=made.environment | CREDENTIALS,
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )
        seconds: float | None = time.perf_counter() - start
        code, said = done.returncode, done.stdout
    except subprocess.TimeoutExpired:
        seconds, code, said = None, -1, ""
    requests = dict(Counter(method for method, _ in server.requests))
    return {
        "seconds": seconds,
        "code": code,
        "requests": sum(requests.values()),
        "by_method": requests,
        "told_missing": count_told(said),
    }


def count_told(said: str) -> int:
    """How many files an answer calls missing on the remote."""
    if not said.startswith("{"):
        return len(re.findall(r"^\s+missing:\s+\S+\.csv", said, re.MULTILINE))
    answer = json.loads(said)
    if "findings" in answer:
        return sum(each["objects_total"] for each in answer["findings"])
    return sum(name.endswith(".csv") for name in answer.get("not_in_remote", ()))


def main() -> None:
    """Race verify against DVC's two ways to ask."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objects", type=int, default=100_000)
    number = parser.parse_args().objects
    binary = Path(sys.executable).parent
    rows = []
    with tempfile.TemporaryDirectory() as folder, serve() as server:
        made = Repository.create(Path(folder))
        fill(server, made, number)
        for name, command in {
            "mergegate verify --remote": [str(binary / "mergegate"), "verify", "--remote", "--json"],
            "dvc status --cloud": [str(binary / "dvc"), "status", "--cloud"],
            "dvc data status --not-in-remote --granular": [
                *(str(binary / "dvc"), "data", "status", "--not-in-remote", "--granular", "--json")
            ],
        }.items():
            row = {"name": name, "objects": number, **measure(made, server, command)}
            rows.append(row)
            seconds = row["seconds"]
            took = f"{seconds:7.1f} s" if isinstance(seconds, float) else f"over {LIMIT:.0f} s"
            print(
                f"{name:45} {took} {row['requests']:>8} requests, exit {row['code']}, "
                f"calls {row['told_missing']} of 1 missing",
                flush=True,
            )
    save("verify", {"rows": rows})


if __name__ == "__main__":
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    main()
