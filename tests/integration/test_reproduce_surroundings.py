"""What surrounds a reproduction and must not matter: this desk's settings of git, stages that outlive or
outshout."""

import hashlib
import re
from pathlib import Path

import pytest

from mergegate.repo.process import LARGEST_LOG
from support.pipelines import build_pipeline
from support.projects import Project


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A true change: `train` ran with another param, and with a module from a folder."""
    project = build_pipeline(tmp_path_factory.mktemp("pipeline"))
    project.write("lib/more.py", "MORE = 1\n")
    project.write(
        "train.py", f"import sys\nsys.path.insert(0, 'lib')\nimport more\n{project.read('train.py')}"
    )
    project.write("params.yaml", "length: 3\n")
    project.dvc("repro", "--quiet")
    project.dvc("push", "--quiet")
    project.commit("Longer words")
    return project


def is_reproduced(project: Project, *arguments: str) -> bool:
    ended = project.mergegate("reproduce", *arguments)
    assert (ended.code, "REPRODUCED: 1 stage ran, and dvc.lock is true" in ended.out) == (0, True), (
        f"{ended.out}\n{ended.err}"
    )
    return not list((project.root / ".dvc/tmp/mergegate/reproduce").iterdir())


def test_line_ends_are_the_commits(built: Project, tmp_path: Path) -> None:
    project = built.copy(tmp_path / "home")
    project.git("config", "core.autocrlf", "true")
    project.git("config", "core.eol", "crlf")
    assert is_reproduced(project)


def test_a_sparse_checkout_leaves_nothing_out(built: Project, tmp_path: Path) -> None:
    project = built.copy(tmp_path / "home")
    project.git("update-index", "--refresh")
    project.git("sparse-checkout", "set", "--cone", "build", ".dvc")
    assert not (project.root / "lib/more.py").exists()
    assert is_reproduced(project)


def test_hooks_stay_where_they_are(built: Project, tmp_path: Path) -> None:
    project = built.copy(tmp_path / "home")
    hook = project.write("hooks/post-checkout", f"#!/bin/sh\ntouch {tmp_path}/hooked\n")
    hook.chmod(0o755)
    project.git("config", "core.hooksPath", "hooks")
    assert is_reproduced(project)
    assert not (tmp_path / "hooked").exists()


def test_in_a_submodule(built: Project, tmp_path: Path) -> None:
    """There git's settings name a work tree, which DVC would take for that of every one."""
    outer = Project(tmp_path / "outer", tmp_path)
    outer.root.mkdir()
    outer.git("init", "--quiet", "--initial-branch", "main")
    outer.git(
        *("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(built.root), "inner"),
    )
    inner = Project(outer.root / "inner", tmp_path)
    inner.write(".dvc/config.local", f"['remote \"store\"']\n    url = {built.home / 'remote'}\n")
    assert inner.git("config", "core.worktree").strip()
    assert is_reproduced(inner, "HEAD", "--base", "origin/main")


def test_a_filter_that_fails_is_named(built: Project, tmp_path: Path) -> None:
    project = built.copy(tmp_path / "home")
    project.write(".gitattributes", "train.py filter=secret\n")
    project.commit("Filter the code")
    project.git("config", "filter.secret.smudge", "false")
    project.git("config", "filter.secret.required", "true")
    ended = project.mergegate("reproduce")
    assert (ended.code, ended.out) == (3, "")
    assert re.search("train.py: smudge filter secret failed", ended.err)
    assert not list((project.root / ".dvc/tmp/mergegate/reproduce").iterdir())


def test_where_no_worktree_can_be_written_nothing_is_left(built: Project, tmp_path: Path) -> None:
    project = built.copy(tmp_path / "home")
    project.write("large.txt", "x" * 5000)
    project.commit("A large file")
    # Else Python leaves cut modules behind in its own cache, which break whatever runs next.
    ended = project.run("bash", "-c", "ulimit -f 1 && PYTHONDONTWRITEBYTECODE=1 mergegate reproduce")
    assert (ended.code, ended.out) == (3, "")
    assert "worktree add" in ended.err
    assert not list((project.root / ".dvc/tmp/mergegate/reproduce").iterdir())
    assert project.git("worktree", "list").count("\n") == 1


def test_what_outlives_its_stage_is_ended_and_edits_nothing_that_counts(
    built: Project, tmp_path: Path
) -> None:
    project = built.copy(tmp_path / "home")
    project.write(
        "count.py",
        "import os, pathlib, time\n"
        "pathlib.Path('build/count.txt').write_text('honest')\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork():\n"
        "        os._exit(0)\n"
        "    os.closerange(0, 3)\n"
        f"    pathlib.Path({str(tmp_path)!r}, 'alive').write_text(str(os.getpid()))\n"
        "    time.sleep(600)\n"
        "    pathlib.Path('build/count.txt').write_text('late')\n"
        "    os._exit(0)\n"
        f"while not os.path.exists({str(tmp_path / 'alive')!r}):\n"
        "    os.sched_yield()\n",
    )
    text = project.read("dvc.yaml").replace("wc -c < notes.txt > build/count.txt", "python count.py")
    project.write("dvc.yaml", text)
    project.commit("Count later")
    ended = project.mergegate("reproduce", "HEAD", "count")
    assert ended.code == 1, ended.err
    assert f"→ {hashlib.md5(b'honest').hexdigest()}" in ended.out
    assert not Path("/proc", (tmp_path / "alive").read_text()).exists()


def test_a_loud_stage_fills_neither_disk_nor_memory_and_no_secret_is_written(
    built: Project, tmp_path: Path
) -> None:
    project = built.copy(tmp_path / "home")
    loud = "python -c 'import os; [os.write(1, bytes(1000000)) for _ in range(50)]'"
    text = project.read("dvc.yaml").replace("wc -c < notes.txt", f"{loud} \\&\\& wc -c < notes.txt")
    project.write("dvc.yaml", text.replace("\\&", "&"))
    project.commit("Say much")
    ended = project.mergegate("reproduce", "HEAD", "count", env={"THE_TOKEN": "s3cr3t-of-ada"})
    assert ended.code == 1, ended.err
    (log,) = (project.root / ".dvc/tmp/mergegate/logs").rglob("count.log")
    assert LARGEST_LOG < log.stat().st_size < LARGEST_LOG + 100
    assert (
        project.run("grep", "--recursive", "--files-with-matches", "s3cr3t-of-ada", str(project.home)).code
        == 1
    )
