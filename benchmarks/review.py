"""A whole review of the reference repository beside DVC's own three diffs, on one change, cold processes.

The change is one that any team makes: a param of `train` moved, `dvc repro`, commit. DVC's chain shows
metrics, params and plots; mergegate's review shows metrics and params, joins the predictions, recomputes
every metric, checks the lock chain and judges.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from timing import ROOT, race, save

BINARY = Path(sys.executable).parent
SIZE = "the reference repository: main against one changed param"


def main() -> None:
    """Build the change in a throw-away clone, then race."""
    folder = Path(tempfile.mkdtemp(prefix="mergegate-bench-"))
    try:
        env = {
            **os.environ,
            "PATH": f"{BINARY}{os.pathsep}{os.environ['PATH']}",
            "DVC_NO_ANALYTICS": "1",
            "DVC_SITE_CACHE_DIR": str(folder / "site"),
        }
        clone = make_change(folder / "clone", env)
        dvc = str(BINARY / "dvc")
        timings = race(
            {
                "dvc metrics, params, plots diff": [
                    [dvc, "metrics", "diff", "main", "change", "--json"],
                    [dvc, "params", "diff", "main", "change", "--json"],
                    [dvc, "plots", "diff", "main", "change", "--json"],
                ],
                "mergegate review": [[str(BINARY / "mergegate"), "review", "--head", "change"]],
                "mergegate review (workspace)": [[str(BINARY / "mergegate"), "review"]],
            },
            cwd=clone,
            env=env,
        )
    finally:
        shutil.rmtree(folder)
    peer = timings["dvc metrics, params, plots diff"]
    for timing in timings.values():
        print(f"{timing.name:34} {timing.wall:.2f} s, {peer.wall / timing.wall:.1f} × as fast as DVC's diffs")
    save(
        "review",
        {
            "size": SIZE,
            "rows": [
                {"name": t.name, "wall": t.wall, "ratio": peer.wall / t.wall, "repeats": t.repeats}
                for t in timings.values()
            ],
        },
    )


def make_change(clone: Path, env: dict[str, str]) -> Path:
    """A clone with a branch `change` that moves one param of `train` and is reproduced."""

    def run(*command: str) -> None:
        subprocess.run(command, cwd=clone, env=env, check=True, capture_output=True)

    subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True, env=env)
    run("git", "remote", "remove", "origin")
    run("git", "checkout", "-q", "-B", "main")
    run("dvc", "pull", "-q", "--allow-missing")
    run("git", "checkout", "-q", "-b", "change")
    params = clone / "params.yaml"
    text = params.read_text()
    changed = text.replace("model: logistic", "model: boosting")
    if changed == text:
        raise SystemExit("params.yaml no longer says `model: logistic`: tell this benchmark what to change")
    params.write_text(changed)
    run("dvc", "repro", "-q")
    identity = ("-c", "user.name=bench", "-c", "user.email=bench@example.invalid")
    run("git", *identity, "commit", "-qam", "Try boosting")
    return clone


if __name__ == "__main__":
    main()
