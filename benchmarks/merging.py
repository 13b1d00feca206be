"""How long the merge of a dvc.lock of 1,000 stages takes, and of a folder's list, beside those that can't."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from timing import Timing, race, save

STAGES = 1_000
FILES = 2_000
CHAIN = 10


def main() -> None:
    """Race the driver against git's own text merge of the lock, and DVC's driver on a folder."""
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder)
        locks = race_locks(top / "locks")
        folders = race_folders(top / "folders")
    rows = [
        {
            "what": what,
            "name": each.name,
            "wall": each.wall,
            "process": each.process,
            "ratio": peer.process / each.process,
        }
        for what, timings in (("lock", locks), ("folder", folders))
        for peer in (next(iter(timings.values())),)
        for each in timings.values()
    ]
    for row in rows:
        print(f"{row['what']:8} {row['name']:60} {row['wall']:.2f} s, {row['process']:.2f} s of processes")
    save("merging", {"rows": rows, "stages": STAGES, "files": FILES, "repeats": locks[GIT].repeats})


GIT = "git merge-file (text: conflicts, or runs that nobody made)"


def race_locks(folder: Path) -> dict[str, Timing]:
    """A few stages changed on each side, and half of all."""
    folder.mkdir()
    run("git", "init", "--quiet", cwd=folder)
    write(folder / "base", lock(set()))
    for name, ours, theirs in (("few", {5, 105}, {505, 107}), ("half", tens(0), tens(5))):
        write(folder / f"{name}.ours", lock(ours))
        write(folder / f"{name}.theirs", lock(theirs))
    program = str(Path(sys.executable).parent / "mergegate")

    def drive(name: str) -> list[list[str]]:
        copy = ["cp", f"{name}.ours", "A"]
        return [copy, [program, "merge-driver", "run", "--", "base", "A", f"{name}.theirs", "dvc.lock"]]

    # Its exit code is the number of conflicts.
    text = ["sh", "-c", "git merge-file -p few.ours base few.theirs || true"]
    return race(
        {
            GIT: [["cp", "few.ours", "A"], text],
            "mergegate, 2 stages changed on each side": drive("few"),
            "mergegate, half of all stages changed": drive("half"),
        },
        cwd=folder,
        env=dict(os.environ),
        repeats=5,
    )


def race_folders(folder: Path) -> dict[str, Timing]:
    """One file added on each side of a folder; the three lists and DVC's files are in the cache."""
    folder.mkdir()
    program = Path(sys.executable).parent
    run("git", "init", "--quiet", cwd=folder)
    run(str(program / "dvc"), "init", "--quiet", cwd=folder)
    (folder / "store").mkdir()
    run(
        str(program / "dvc"),
        "remote",
        "add",
        "--quiet",
        "--default",
        "store",
        str(folder / "store"),
        cwd=folder,
    )
    (folder / "raw").mkdir()
    for number in range(FILES):
        write(folder / "raw" / str(number), str(number))
    for name in ("base", "ours", "theirs"):
        write(folder / "raw" / f"of {name}", name)
        run(str(program / "dvc"), "add", "--quiet", "raw", cwd=folder)
        shutil.copyfile(folder / "raw.dvc", folder / f"{name}.list")
        if name == "ours":
            (folder / "raw" / "of ours").unlink()
        run(str(program / "dvc"), "push", "--quiet", cwd=folder)
    copy = ["cp", "ours.list", "A.list"]
    files = ["--ancestor", "base.list", "--our", "A.list", "--their", "theirs.list"]
    return race(
        {
            "dvc git-hook merge-driver (keeps it to itself)": [
                copy,
                [str(program / "dvc"), "git-hook", "merge-driver", *files],
            ],
            "mergegate merge-driver (pushes the list)": [
                copy,
                [
                    str(program / "mergegate"),
                    "merge-driver",
                    "run",
                    "--",
                    "base.list",
                    "A.list",
                    "theirs.list",
                    "raw.dvc",
                ],
            ],
        },
        cwd=folder,
        env=quiet(folder),
        repeats=5,
    )


def run(*command: str, cwd: Path) -> None:
    """Run one command of the preparation."""
    subprocess.run(command, cwd=cwd, env=quiet(cwd), check=True, capture_output=True)


def quiet(folder: Path) -> dict[str, str]:
    """The environment, with a memory of DVC's own in `folder`."""
    return dict(os.environ) | {"DVC_NO_ANALYTICS": "1", "DVC_SITE_CACHE_DIR": str(folder / "site")}


def write(path: Path, text: str) -> None:
    """Write a file."""
    path.write_text(text)


def tens(start: int) -> set[int]:
    """Every tenth stage."""
    return set(range(start, STAGES, CHAIN))


def lock(changed: set[int]) -> str:
    """A dvc.lock of chains of ten stages; what reads a changed one is changed too."""
    parts = ["schema: '2.0'\nstages:\n"]
    made = ""
    for number in range(STAGES):
        before = made if number % CHAIN else ""
        moved = int(number in changed)
        made = name(f"{number} {moved} {before}")
        read = entry(f"data/{number - 1}", before) if before else ""
        code = "".join(entry(f"src/m{part}.py", name(f"{part} {number}")) for part in range(3))
        parts.append(
            f"  stage{number}:\n    cmd: python src/stage{number}.py\n    deps:\n{read}{code}"
            f"    params:\n      params.yaml:\n        stage{number}:\n          rate: {moved + 0.5}\n"
            f"    outs:\n{entry(f'data/{number}', made)}"
        )
    return "".join(parts)


def entry(path: str, md5: str) -> str:
    """An entry as DVC writes it."""
    return f"    - path: {path}\n      hash: md5\n      md5: {md5}\n      size: 10\n"


def name(text: str) -> str:
    """A checksum that no YAML reader takes for a number."""
    return "a" + hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()[1:]


if __name__ == "__main__":
    main()
