"""States that only a plan, a run, a merge or a reader of YAML can get wrong."""

import os
import select
import signal
import subprocess
from pathlib import Path

from support.quick import Quick
from support.states import DVC_YAML, PREPARE, TRAIN, clone, copy


def take_ours(made: Quick, folder: Path) -> Quick:
    for branch, path, text in (
        ("left", "code/prepare.sh", PREPARE.replace("sort", "sort -r")),
        ("change", "params.yaml", "rate: 2\n"),
    ):
        made.git("switch", "--quiet", "--create", branch, "main")
        made.dvc("checkout", "--quiet")
        made.write(path, text)
        made.dvc("repro", "--quiet")
        made.commit(f"Edit {path}")
    assert made.attempt("git", "merge", "left").returncode == 1
    made.git("checkout", "--quiet", "--ours", "dvc.lock")
    made.commit("Merge left")
    return made


def fork_the_folder(made: Quick, folder: Path) -> Quick:
    """A fresh clone with DVC's merge driver, on one of two branches that added a file each."""
    for branch, name in (("left", "e"), ("right", "d")):
        made.git("switch", "--quiet", "--create", branch, "main")
        made.dvc("checkout", "--quiet")
        made.write(f"data/raw/{name}.csv", f"1,{name}\n")
        made.write(".gitattributes", "*.dvc merge=dvc\n")
        made.dvc("add", "--quiet", "data/raw")
        made.dvc("push", "--quiet", "data/raw.dvc")
        made.commit(f"Add {name}")
    cloned = clone(made, folder)
    cloned.git("branch", "--quiet", "left", "origin/left")
    cloned.git("config", "merge.dvc.driver", "dvc git-hook merge-driver --ancestor %O --our %A --their %B")
    return cloned


def use_our_driver(made: Quick, folder: Path) -> Quick:
    made.git("reset", "--quiet", "--hard", "origin/right")
    made.git("config", "--unset", "merge.dvc.driver")
    assert made.attempt("mergegate", "merge-driver", "install").returncode == 0
    return made


def edit_during_the_run(made: Quick, folder: Path) -> Quick:
    """The colleague's editor lies beside the repository, and runs while the stage does."""
    editor = made.path.parent / "editor"
    editor.write_text("#!/bin/sh\nsed -i s/0.7/0.9/ code/train.sh\n")
    editor.chmod(0o755)
    made.git("switch", "--quiet", "--create", "change")
    made.write("code/train.sh", TRAIN + "[ ! -x ../editor ] || ../editor\n")
    return made


def import_undeclared(made: Quick, folder: Path) -> Quick:
    made.write(
        "dvc.yaml",
        DVC_YAML.replace("sh code/train.sh", "python code/train.py").replace("train.sh", "train.py"),
    )
    made.write(
        "code/train.py",
        "import pathlib, fit\n"
        "pathlib.Path('model.txt').write_text(fit.fit())\npathlib.Path('metrics.json').write_text('1')\n",
    )
    made.write("code/fit.py", "def fit():\n    return 'slowly'\n")
    made.write(".gitignore", (made.path / ".gitignore").read_text() + "__pycache__\n")
    made.dvc("repro", "--quiet")
    made.commit("Fit")
    made.git("switch", "--quiet", "--create", "change")
    made.write("code/fit.py", "def fit():\n    return 'quickly'\n")
    made.commit("Fit quickly")
    return made


def draw_at_random(made: Quick, folder: Path) -> Quick:
    made.git("switch", "--quiet", "--create", "change")
    sampling = PREPARE + "od -An -N9 -tx1 /dev/urandom > data/clean/sample\n"
    for text in (sampling, sampling + "# Later.\n"):
        made.write("code/prepare.sh", text)
        made.dvc("repro", "--quiet", "prepare")
    made.write("code/prepare.sh", sampling)
    return made


def work_elsewhere(made: Quick, folder: Path) -> Quick:
    made.write("rows.csv", "not this one\n")
    made.write("sub/rows.csv", "1\n")
    made.write(
        "dvc.yaml",
        "stages:\n  count:\n    wdir: sub\n    cmd: wc -l < rows.csv > count.txt\n"
        "    deps: [rows.csv]\n    outs: [count.txt]\n",
    )
    made.dvc("repro", "--quiet")
    made.write("sub/rows.csv", "1\n2\n")
    made.commit("Count")
    return made


def edit_what_templates_use(made: Quick, folder: Path) -> Quick:
    made.write(
        "dvc.yaml",
        "vars: [sizes.yaml]\nstages:\n  train:\n    foreach: ${sizes}\n    do:\n"
        "      cmd: echo ${item} > ${key}.txt\n      outs: ['${key}.txt']\n",
    )
    made.write("sizes.yaml", "sizes: {small: 1, large: 10}\n")
    made.dvc("repro", "--quiet")
    made.commit("Sizes")
    made.write("sizes.yaml", "sizes: {small: 1, large: 20}\n")
    made.commit("Larger")
    return made


def switch_on(made: Quick, folder: Path) -> Quick:
    made.write("params.yaml", "rate: true\n")
    made.dvc("repro", "--quiet")
    made.commit("Rate")
    made.write("params.yaml", "rate: on\n")
    made.commit("Say on")
    return made


def write_exponent(made: Quick, folder: Path) -> Quick:
    made.write("params.yaml", "rate: 0.001\n")
    made.dvc("repro", "--quiet")
    made.write("params.yaml", "rate: 1e-3\n")
    made.commit("Write it shorter")
    return made


def turn_line_ends(made: Quick, folder: Path) -> Quick:
    made.git("config", "core.autocrlf", "true")
    file = made.path / "code/train.sh"
    made.write("code/train.sh", file.read_bytes().replace(b"\n", b"\r\n"))
    return made


def wait_for_pid(pipe: Path) -> int:
    """What a process writes into the named pipe: its number."""
    with os.fdopen(os.open(pipe, os.O_RDWR | os.O_NONBLOCK)) as opened:
        ready, _, _ = select.select([opened], [], [], 100)
        assert ready, f"nobody wrote into {pipe}"
        return int(opened.readline())


def start(made: Quick, *command: str) -> "subprocess.Popen[bytes]":
    """A command in the background."""
    return subprocess.Popen(
        command,
        cwd=made.path,
        env=made.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def hold_on(made: Quick, folder: Path) -> Quick:
    """A stage that holds a lock as long as it lives, its `dvc repro` killed meanwhile."""
    os.mkfifo(folder / "pid")
    (folder / "stage.sh").write_text(f"echo $$ > {folder}/pid; exec sleep 300")
    lock = made.path.parent / "stage.lock"
    command = f"flock --nonblock {lock} sh {folder}/stage.sh"
    made.git("switch", "--quiet", "--create", "change")
    made.write("dvc.yaml", f"stages:\n  wait:\n    cmd: {command}\n    outs: [never]\n")
    made.commit("Wait")
    with start(made, "dvc", "repro") as run:
        (folder / "orphan").write_text(str(wait_for_pid(folder / "pid")))
        run.kill()
    return made


def end_and_reproduce(made: Quick, folder: Path) -> Quick:
    """End what was left, and do the same to `mergegate reproduce`."""
    os.kill(int((folder / "orphan").read_text()), signal.SIGKILL)
    made.run("flock", "--timeout", "60", "../stage.lock", "true")
    with start(made, "mergegate", "reproduce") as run:
        wait_for_pid(folder / "pid")
        run.kill()
    made.run("flock", "--timeout", "60", "../stage.lock", "true")
    return made


def clone_without_data(made: Quick, folder: Path) -> Quick:
    made.git("switch", "--quiet", "--create", "change")
    made.write("params.yaml", "rate: 2\n")
    made.dvc("repro", "--quiet")
    made.commit("Faster")
    made.git("switch", "--quiet", "main")
    cloned = clone(made, folder)
    cloned.git("switch", "--quiet", "change")
    return cloned


def write_through(made: Quick, folder: Path) -> Quick:
    made.git("switch", "--quiet", "--create", "change")
    made.dvc("config", "--local", "cache.type", "hardlink")
    made.write("code/prepare.sh", PREPARE + "chmod u+w data/raw/a.csv && echo more >> data/raw/a.csv\n")
    made.commit("Add a row")
    made.dvc("checkout", "--quiet", "--relink")
    return made


def tag_what_goes(made: Quick, folder: Path) -> Quick:
    made.git("tag", "v1")
    made.write("data/raw/b.csv", "9,b\n")
    made.dvc("add", "--quiet", "data/raw")
    made.dvc("repro", "--quiet")
    made.dvc("push", "--quiet")
    made.commit("Mend b")
    return copy(made, folder / "copy")


def go_back(made: Quick, folder: Path) -> Quick:
    """Where DVC deleted nothing."""
    return Quick(folder / "made/repository", folder / "made/home")
