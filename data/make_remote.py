"""Rebuild data/remote: `python data/make_remote.py [--raw FOLDER]`, after `dvc repro` (data/README.md).

The new remote holds every object that data/raw/*.dvc, dvc.lock (but for `push: false`) and
data/catalogue.json name, and nothing else. DVC pushes it into a folder beside, each object is hashed,
and only then it takes the old one's place. What neither DVC's cache nor the old remote holds comes
from FOLDER, which data/make_raw.py wrote. `--check` changes nothing and says what is wrong with data/remote.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterable
from pathlib import Path

from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parent.parent
REMOTE = ROOT / "data" / "remote"
CATALOGUE = ROOT / "data" / "catalogue.json"
CONFIG = """[core]
    remote = new
    analytics = false
    no_scm = true
[cache]
    dir = {cache}
['remote "new"']
    url = {new}
['remote "old"']
    url = {old}
    verify = true
"""


def main() -> int:
    """Rebuild, verify, swap; 1 with the objects that are missing or wrong, and the old remote untouched."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--raw", type=Path, help="what data/make_raw.py wrote")
    parser.add_argument("--check", action="store_true", help="change nothing, say what is wrong")
    arguments = parser.parse_args()
    if arguments.check:
        return complain(differences(REMOTE, named(ROOT), remembered(ROOT)))
    new = REMOTE.with_name("remote.new")
    shutil.rmtree(new, ignore_errors=True)
    try:
        with tempfile.TemporaryDirectory() as scratch:
            push(Path(scratch), new, arguments.raw)
        if complain(differences(new, named(ROOT))):
            print("data/remote is as it was. Run `dvc repro` (or give --raw) and try again.", file=sys.stderr)
            return 1
        swap(new)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    sizes = [path.stat().st_size for path in REMOTE.rglob("*") if path.is_file()]
    print(f"data/remote: {len(sizes)} objects, {sum(sizes) / 1e6:.1f} MB, each verified")
    return 0


def complain(complaints: list[str]) -> int:
    """Print what is wrong; 1 if anything is."""
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    return 1 if complaints else 0


def push(scratch: Path, new: Path, raw: Path | None) -> None:
    """Push all that this project names into the folder `new`, from a scratch project on the same cache."""
    subprocess.run([*DVC, "init", "-q", "--no-scm"], cwd=scratch, env=environment(scratch), check=True)
    cache = subprocess.run(
        [*DVC, "cache", "dir"], cwd=ROOT, env=environment(scratch), check=True, capture_output=True
    )
    config = CONFIG.format(cache=cache.stdout.decode().strip(), new=new, old=REMOTE)
    (scratch / ".dvc" / "config").write_text(config, encoding="utf-8")
    for name in ("dvc.yaml", "dvc.lock", "params.yaml"):
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, scratch / name)
    for pointer in sorted((ROOT / "data" / "raw").glob("*.dvc")):
        (scratch / "data" / "raw").mkdir(parents=True, exist_ok=True)
        shutil.copy(pointer, scratch / "data" / "raw")
    months = scratch / "months"
    months.mkdir()
    if raw is not None:
        for file in sorted((raw / "flights").glob("*.parquet")):
            shutil.copy(file, months)
        subprocess.run(
            [*DVC, "add", "-q", *months.glob("*.parquet")], cwd=scratch, env=environment(scratch), check=True
        )
    for month in json.loads(CATALOGUE.read_text(encoding="utf-8"))["months"].values():
        out = {"md5": month["md5"], "size": month["size"], "hash": "md5", "path": month["file"]}
        (months / f"{month['file']}.dvc").write_text(json.dumps({"outs": [out]}), encoding="utf-8")
    # What can't be fetched or pushed shows when the new remote is verified.
    if REMOTE.exists():
        subprocess.run([*DVC, "fetch", "-q", "-r", "old"], cwd=scratch, env=environment(scratch), check=False)
    new.mkdir()
    subprocess.run([*DVC, "push", "-q", "-r", "new"], cwd=scratch, env=environment(scratch), check=False)


DVC = (sys.executable, "-m", "dvc")


def environment(scratch: Path) -> dict[str, str]:
    """DVC's surroundings: a site cache of its own, because DVC skips what it remembers to have pushed."""
    return {**os.environ, "DVC_NO_ANALYTICS": "1", "DVC_SITE_CACHE_DIR": str(scratch / "site-cache")}


def named(root: Path) -> dict[str, str]:
    """Every object that the remote must hold, md5 → what names it; of folders only their list."""
    names: dict[str, str] = {}
    yaml = YAML(typ="safe", pure=True)
    for pointer in sorted((root / "data" / "raw").glob("*.dvc")):
        for out in yaml.load(pointer)["outs"]:
            names[out["md5"]] = str(pointer.relative_to(root))
    lock = root / "dvc.lock"
    if lock.exists():
        stages = yaml.load(root / "dvc.yaml")["stages"]
        for name, stage in yaml.load(lock)["stages"].items():
            kept = pushed(stages.get(name, {}))
            names.update(
                {out["md5"]: f"dvc.lock, {name}" for out in stage.get("outs", ()) if out["path"] in kept}
            )
    catalogue = json.loads((root / "data" / "catalogue.json").read_bytes())
    for month, entry in catalogue["months"].items():
        names[entry["md5"]] = f"data/catalogue.json, {month}"
    return names


def pushed(stage: dict[str, list[str | dict[str, dict[str, bool]]]]) -> set[str]:
    """The paths of a stage's outputs that go to the remote: cached and not `push: false`."""
    paths = set()
    for out in [*stage.get("outs", ()), *stage.get("metrics", ()), *stage.get("plots", ())]:
        path, options = (out, {}) if isinstance(out, str) else next(iter(out.items()))
        if options.get("cache", True) and options.get("push", True):
            paths.add(path)
    return paths


def remembered(root: Path) -> set[str] | None:
    """Every md5 that any commit's .dvc files, dvc.lock or catalogue named; None in a shallow clone.

    Older revisions keep their objects: a review compares with them.
    """
    shallow = ("git", "rev-parse", "--is-shallow-repository")
    if subprocess.run(shallow, cwd=root, check=True, capture_output=True, text=True).stdout.strip() == "true":
        return None
    log = ("git", "log", "--all", "-p", "--format=", "--", "*.dvc", "dvc.lock", "data/catalogue.json")
    text = subprocess.run(log, cwd=root, check=True, capture_output=True, text=True).stdout
    return set(re.findall(r"md5\W+([0-9a-f]{32}(?:\.dir)?)\b", text))


def differences(remote: Path, names: dict[str, str], old: Collection[str] | None = ()) -> list[str]:
    """What is wrong with a remote: objects missing, not what their name says, or named by nothing.

    `old` holds names that count too; None says that they are unknown, and then no object is one too many.
    """
    complaints = []
    expected = dict(names)
    for md5, who in names.items():
        if md5.endswith(".dir") and (path := location(remote, md5)).is_file():
            listing = json.loads(path.read_bytes())
            expected.update({item["md5"]: f"{who}, {item['relpath']}" for item in listing})
    for md5, who in expected.items():
        path = location(remote, md5)
        if not path.is_file():
            complaints.append(f"{md5} is missing: {who} names it")
        elif hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest() != md5.removesuffix(".dir"):
            complaints.append(f"{md5} does not hold what its name says: {who} names it")
    if old is None:
        return complaints
    known = {location(remote, md5) for md5 in (*expected, *old, *contents(remote, old))}
    complaints += [
        f"{path.relative_to(remote)} is named by nothing" for path in files(remote) if path not in known
    ]
    return complaints


def contents(remote: Path, names: Iterable[str]) -> list[str]:
    """The md5 of every file inside the folders among `names` whose list the remote has."""
    lists = [location(remote, md5) for md5 in names if md5.endswith(".dir")]
    return [entry["md5"] for path in lists if path.is_file() for entry in json.loads(path.read_bytes())]


def location(remote: Path, md5: str) -> Path:
    """Where a remote keeps an object."""
    return remote / "files" / "md5" / md5[:2] / md5[2:]


def files(folder: Path) -> list[Path]:
    """All files below a folder, by name."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def swap(new: Path) -> None:
    """Put the new remote in the old one's place."""
    old = REMOTE.with_name("remote.old")
    shutil.rmtree(old, ignore_errors=True)
    if REMOTE.exists():
        REMOTE.rename(old)
    new.rename(REMOTE)
    shutil.rmtree(old, ignore_errors=True)


if __name__ == "__main__":
    raise SystemExit(main())
