"""Bring a month of flights into the data: `make month MONTH=2013-04` (data/README.md).

Does what a data engineer does with a file of their own: complete the folder, put the file in, `dvc add` the
folder. `dvc add` records what it finds, so in a folder that is not complete it drops every file that is not
there; hence the folder is fetched and hashed before, and its list of files compared after. Where anything is
not as it should be, data/raw/flights.dvc stays as it was.
"""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = Path("data/catalogue.json")

Listing = dict[str, str]
"""A tracked folder's files: path inside the folder → md5."""


class MonthError(Exception):
    """The month can't be brought in: what happened, and what to do next."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def main(arguments: list[str]) -> int:
    """Run from any folder; 0 done or already there, 1 refused, 2 asked wrongly."""
    os.chdir(ROOT)
    catalogue = json.loads(CATALOGUE.read_bytes())
    months = catalogue["months"]
    if len(arguments) != 1 or arguments[0] not in months:
        print(
            f"give one month of {', '.join(months)}, as in: make month MONTH={min(months)}", file=sys.stderr
        )
        return 2
    try:
        print(add(Path(catalogue["path"]), months[arguments[0]]), file=sys.stderr)
    except MonthError as error:
        print(f"month: {error}\n  next: {error.hint}", file=sys.stderr)
        return 1
    return 0


def add(folder: Path, entry: dict[str, str | int]) -> str:
    """Add the catalogue's file to the folder; a sentence of what was done. MonthError with all as it was."""
    name, md5 = str(entry["file"]), str(entry["md5"])
    pointer = folder.with_name(f"{folder.name}.dvc")
    if not pointer.is_file():
        raise MonthError(f"{pointer} is not there", f"git checkout -- {pointer}")
    cache = Path(dvc("cache", "dir").strip())
    fetch(pointer, entry)
    before = read_listing(pointer, cache)
    for inside, recorded in before.items():
        read_object(cache, recorded, str(folder / inside))
    data = read_object(cache, md5, str(folder / name))
    refuse_unrecorded(folder, before, name, md5)
    if not all((folder / inside).is_file() for inside in before):
        dvc("checkout", str(pointer))
    refuse_incomplete(folder, before)
    if before.get(name) == md5:
        return f"{folder / name} is already there, {entry['rows']:,} flights; nothing to do"
    if name in before:
        raise MonthError(
            f"{pointer} names another {name} than the catalogue",
            "keep yours, or remove it from the folder and `dvc add` the folder before",
        )
    place(data, folder / name)
    record(folder, pointer, cache, before, {**before, name: md5})
    return (
        f"added {folder / name}: {entry['rows']:,} flights; the folder now holds {len(before) + 1} files\n"
        f"  next: dvc repro && dvc push && git add {pointer} dvc.lock reports data/remote"
    )


def fetch(pointer: Path, entry: dict[str, str | int]) -> None:
    """Fetch the folder and the month into DVC's cache; for that time a .dvc file names the month."""
    incoming = pointer.with_name(f"incoming-{entry['file']}.dvc")
    out = {"md5": entry["md5"], "size": entry["size"], "hash": "md5", "path": incoming.stem}
    try:
        incoming.write_text(json.dumps({"outs": [out]}), encoding="utf-8")
        dvc("fetch", str(pointer), str(incoming))
    finally:
        incoming.unlink(missing_ok=True)


def read_listing(pointer: Path, cache: Path) -> Listing:
    """The files that a .dvc file's folder consists of, from the object that it names."""
    md5 = YAML(typ="safe", pure=True).load(pointer)["outs"][0]["md5"]
    data = read_object(cache, md5, str(pointer))
    return {entry["relpath"]: entry["md5"] for entry in json.loads(data)}


def read_object(cache: Path, md5: str, what: str) -> bytes:
    """An object of DVC's cache, hashed. MonthError when it is not there or not what its name says."""
    path = cache / "files" / "md5" / md5[:2] / md5[2:]
    if not path.is_file():
        # `dvc fetch` exits with 0 when the remote lacks an object, or has other bytes under its name.
        raise MonthError(
            f"the remote has no sound object for {what}: {md5}",
            "ask whoever owns the remote (`dvc remote list`) to push it again",
        )
    data = path.read_bytes()
    if digest(data) != md5.removesuffix(".dir"):
        raise MonthError(f"{path} does not hold what its name says", f"remove {path} and run this again")
    return data


def refuse_unrecorded(folder: Path, recorded: Listing, name: str, md5: str) -> None:
    """MonthError for files that the .dvc file does not know, or that differ: checking out would lose them."""
    found = sorted(path for path in folder.rglob("*") if not path.is_dir()) if folder.is_dir() else []
    allowed = {**recorded, name: recorded.get(name, md5)}
    for path in found:
        inside = path.relative_to(folder).as_posix()
        if path.is_symlink() or allowed.get(inside) != digest(path.read_bytes()):
            raise MonthError(
                f"{path} is not as {folder}.dvc records it",
                "move it out of the folder, run this again, put it back, and only then `dvc add` the folder",
            )
    if name not in recorded:
        # Left by a run that was cut off: the object is fetched anyway, and `dvc checkout` would ask about it.
        (folder / name).unlink(missing_ok=True)


def refuse_incomplete(folder: Path, recorded: Listing) -> None:
    """MonthError unless every recorded file is there, with its bytes."""
    for inside, md5 in recorded.items():
        path = folder / inside
        if not path.is_file() or digest(path.read_bytes()) != md5:
            raise MonthError(f"{path} could not be brought in", f"dvc pull {folder}.dvc says why")


def place(data: bytes, path: Path) -> None:
    """Write a file whole or not at all; what is half-written never stands inside the folder."""
    temporary = path.parent.with_name(f".{path.name}.tmp")
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def record(folder: Path, pointer: Path, cache: Path, before: Listing, expected: Listing) -> None:
    """`dvc add` the folder; MonthError, and the old .dvc file put back, unless it lists `expected`."""
    old = pointer.read_bytes()
    try:
        dvc("add", str(folder))
        after = read_listing(pointer, cache)
        if after != expected:
            lost = sorted(set(before) - set(after)) or sorted(set(expected) - set(after)) or sorted(after)
            raise MonthError(
                f"`dvc add {folder}` recorded other files than it found; lost or changed: {', '.join(lost)}",
                "look at .dvcignore and at links inside the folder",
            )
    except BaseException:
        temporary = pointer.with_name(f".{pointer.name}.tmp")
        temporary.write_bytes(old)
        temporary.replace(pointer)
        for name in set(expected) - set(before):
            (folder / name).unlink(missing_ok=True)
        raise


def dvc(*arguments: str) -> str:
    """Run DVC in the project; its output. MonthError with its last words."""
    environment = {**os.environ, "DVC_NO_ANALYTICS": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "dvc", *arguments], env=environment, capture_output=True, text=True
    )
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.strip()]
        raise MonthError(
            f"dvc {' '.join(arguments)} failed: {said[0] if said else 'it said nothing'}",
            "mend this and run again",
        )
    return done.stdout


def digest(data: bytes) -> str:
    """md5 in hex, as DVC names objects."""
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
