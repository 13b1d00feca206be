"""States of a real repository that DVC calls green."""

import hashlib
import shutil
from pathlib import Path

from support.quick import Quick
from support.repositories import DVC_CONFIG

REMOTE = "    remote = store\n['remote \"store\"']\n    url = ../../store\n"

DVC_YAML = """\
stages:
  prepare:
    cmd: sh code/prepare.sh
    deps: [code/prepare.sh, data/raw]
    outs: [data/clean]
  train:
    cmd: sh code/train.sh
    deps: [code/train.sh, data/clean]
    params: [rate]
    outs: [model.txt]
    metrics:
      - metrics.json: {cache: false}
"""

PREPARE = "mkdir -p data/clean && for f in data/raw/*.csv; do sort $f > data/clean/$(basename $f); done\n"
TRAIN = "cat data/clean/* params.yaml > model.txt && echo '{\"auc\": 0.7}' > metrics.json\n"


def build(folder: Path) -> Quick:
    """Two commits on main, reproduced and pushed to a remote folder beside."""
    made = Quick.create(folder)
    (folder / "store").mkdir()
    made.write(".dvc/config", DVC_CONFIG + REMOTE)
    for name in "abc":
        made.write(f"data/raw/{name}.csv", f"2,{name}\n1,{name}\n")
    made.write("code/prepare.sh", PREPARE)
    made.write("code/train.sh", TRAIN)
    made.write("params.yaml", "rate: 1\n")
    made.write("dvc.yaml", DVC_YAML)
    made.write("README", "")
    made.dvc("add", "--quiet", "data/raw")
    made.dvc("repro", "--quiet")
    made.dvc("push", "--quiet")
    made.commit("Start")
    made.write("README", "A model.\n")
    made.commit("Say what it is")
    return made


def copy(made: Quick, folder: Path) -> Quick:
    """The repository, its home and its remote elsewhere."""
    shutil.copytree(made.path.parent, folder, symlinks=True)
    return Quick(folder / "repository", folder / "home")


def clone(made: Quick, folder: Path) -> Quick:
    """A fresh clone, with nobody's cache, that reaches the same remote."""
    cloned = made.clone(folder / "clone")
    (folder / "clone/store").symlink_to(made.path.parent / "store")
    return cloned


def stored(made: Quick, data: bytes) -> Path:
    """Where the remote keeps these bytes."""
    md5 = hashlib.md5(data).hexdigest()
    return made.path.parent / "store/files/md5" / md5[:2] / md5[2:]


def add_to_a_part(made: Quick, folder: Path) -> Quick:
    cloned = clone(made, folder)
    cloned.write("data/raw/d.csv", "4,d\n")
    cloned.dvc("add", "--quiet", "data/raw/d.csv")
    cloned.dvc("repro", "--quiet", "--pull", "--allow-missing")
    cloned.commit("Add d")
    return cloned


def add_part_as_whole(made: Quick, folder: Path) -> Quick:
    cloned = clone(made, folder)
    cloned.write("data/raw/d.csv", "4,d\n")
    cloned.dvc("add", "--quiet", "data/raw")
    cloned.commit("Add d")
    cloned.dvc("pull", "--quiet")
    return cloned


def link_a_folder(made: Quick, folder: Path) -> Quick:
    made.write("elsewhere/e.csv", "5,e\n")
    (made.path / "data/raw/more").symlink_to("../../elsewhere")
    made.dvc("add", "--quiet", "data/raw")
    made.dvc("repro", "--quiet")
    made.commit("Link more data")
    return made


def ignore_a_file(made: Quick, folder: Path) -> Quick:
    made.write(".dvcignore", "a.*\n")
    made.dvc("add", "--quiet", "data/raw")
    made.dvc("repro", "--quiet")
    made.commit("Ignore a")
    return made


def push_one_file(made: Quick, folder: Path) -> Quick:
    made.write("data/raw/d.csv", "4,d\n")
    made.write("data/raw/e.csv", "5,e\n")
    made.dvc("add", "--quiet", "data/raw")
    made.dvc("repro", "--quiet")
    made.commit("Add d and e")
    made.dvc("push", "--quiet", "data/raw/d.csv")
    made.dvc("push", "--quiet")
    return made


def lose_a_file(made: Quick, folder: Path) -> Quick:
    stored(made, b"2,b\n1,b\n").unlink()
    return made


def forget_to_push(made: Quick, folder: Path) -> Quick:
    made.write("data/raw/d.csv", "4,d\n")
    made.dvc("add", "--quiet", "data/raw")
    made.dvc("repro", "--quiet")
    made.commit("Add d")
    return clone(made, folder)


def damage_an_object(made: Quick, folder: Path) -> Quick:
    stored(made, b"2,b\n1,b\n").write_bytes(b"7,b\n1,b\n")
    return clone(made, folder)


def keep_versions(made: Quick, folder: Path) -> Quick:
    made.write(".dvc/config", DVC_CONFIG + REMOTE.replace("../../store", "s3://data/deep"))
    made.dvc("config", "remote.store.version_aware", "true")
    made.commit("Keep versions")
    return made


def import_data(made: Quick, folder: Path) -> Quick:
    other = Quick(folder / "other", made.home)
    other.path.mkdir()
    other.git("init", "--quiet")
    other.write(".dvc/config", DVC_CONFIG)
    other.write("rows.csv", "1\n")
    other.commit("Rows")
    made.dvc("import", "--quiet", str(other.path), "rows.csv")
    made.commit("Import rows")
    return made


def merge_two_runs(made: Quick, folder: Path) -> Quick:
    made.write("code/train.sh", "echo same > model.txt && echo 1 > metrics.json\n")
    made.dvc("repro", "--quiet")
    made.commit("Train the same")
    made.git("switch", "--quiet", "--create", "left")
    made.write("data/raw/c.csv", "2,c\n3,c\n")
    made.dvc("add", "--quiet", "data/raw")
    made.dvc("repro", "--quiet")
    made.commit("Mend c")
    made.git("switch", "--quiet", "main")
    made.dvc("checkout", "--quiet")
    made.write("params.yaml", "rate: 2\n")
    made.dvc("repro", "--quiet")
    made.commit("Faster")
    made.git("merge", "--quiet", "--no-edit", "left")
    made.dvc("checkout", "--quiet")
    return made


def edit_the_lock(made: Quick, folder: Path) -> Quick:
    old = (made.path / "code/train.sh").read_bytes()
    new = old.replace(b"0.7", b"0.9")
    made.write("code/train.sh", new)
    made.replace("dvc.lock", hashlib.md5(old).hexdigest(), hashlib.md5(new).hexdigest())
    made.commit("Better")
    return made


def run_half(made: Quick, folder: Path) -> Quick:
    made.git("switch", "--quiet", "--create", "left")
    made.write("code/prepare.sh", PREPARE.replace("sort", "sort -r"))
    made.dvc("repro", "--quiet", "prepare")
    made.dvc("push", "--quiet")
    made.commit("Sort the other way")
    made.git("switch", "--quiet", "main")
    made.dvc("checkout", "--quiet")
    made.write("params.yaml", "rate: 2\n")
    made.dvc("repro", "--quiet")
    made.dvc("push", "--quiet")
    made.commit("Faster")
    made.git("merge", "--quiet", "--no-edit", "left")
    return made


def take_out_a_dependency(made: Quick, folder: Path) -> Quick:
    made.replace("dvc.yaml", "deps: [code/train.sh, data/clean]", "deps: [data/clean]")
    made.commit("Depend on less")
    return made


def take_out_a_param(made: Quick, folder: Path) -> Quick:
    made.replace("dvc.yaml", "    params: [rate]\n", "")
    made.commit("Depend on less")
    return made


def freeze(made: Quick, folder: Path) -> Quick:
    made.dvc("freeze", "train")
    made.write("code/train.sh", TRAIN.replace("0.7", "0.9"))
    made.commit("Better")
    return made


def leave_a_ghost(made: Quick, folder: Path) -> Quick:
    made.write("dvc.yaml", DVC_YAML.split("  train:")[0])
    made.write(".gitignore", "")
    made.commit("Train elsewhere")
    return made


def break_a_file(made: Quick, folder: Path) -> Quick:
    made.write("more/dvc.yaml", "stages:\n  other:\n    cmd: true\n    dep: [x]\n")
    made.commit("Another stage")
    return made


def leave_conflict_marks(made: Quick, folder: Path) -> Quick:
    made.write("dvc.lock", "<<<<<<< HEAD\n" + (made.path / "dvc.lock").read_text())
    made.commit("Merge")
    return made


def lead_into_hooks(made: Quick, folder: Path) -> Quick:
    data = b"#!/bin/sh\necho owned\n"
    md5 = hashlib.md5(data).hexdigest()
    stored(made, data).parent.mkdir(parents=True, exist_ok=True)
    stored(made, data).write_bytes(data)
    (made.path / "link").symlink_to(".git/hooks")
    out = f"- md5: {md5}\n  size: {len(data)}\n  hash: md5\n  path: link/post-checkout\n"
    made.write("help.dvc", f"outs:\n{out}")
    made.commit("Help")
    return clone(made, folder)
