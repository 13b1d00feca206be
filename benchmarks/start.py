"""How long `mergegate --help` and `--version` take, beside an interpreter that only imports click."""

import os
import sys
from pathlib import Path

from timing import ROOT, race, save


def main() -> None:
    """Race the two against their floor: an empty interpreter with click."""
    binary = Path(sys.executable).parent
    timings = race(
        {
            "python -c 'import click'": [[sys.executable, "-c", "import click"]],
            "mergegate --help": [[str(binary / "mergegate"), "--help"]],
            "mergegate --version": [[str(binary / "mergegate"), "--version"]],
        },
        cwd=ROOT,
        env=dict(os.environ),
        repeats=20,
    )
    floor = timings["python -c 'import click'"]
    for timing in timings.values():
        ratio = timing.process / floor.process
        print(f"{timing.name:26} {timing.process:.3f} s process time, {ratio:.2f} × the import of click")
    save(
        "start",
        {
            "rows": [
                {
                    "name": t.name,
                    "process": t.process,
                    "ratio": t.process / floor.process,
                    "repeats": t.repeats,
                }
                for t in timings.values()
            ]
        },
    )


if __name__ == "__main__":
    main()
