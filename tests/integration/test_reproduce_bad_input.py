"""Stages that fail, hang, lie, or write where they may not; runs that are killed; commits that set traps."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from support.pipelines import build_pipeline
from support.projects import Project

STAGES = """\
stages:
  {name}:
    cmd: {command}
    deps: [notes.txt]
    outs: [build/count.txt]
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return build_pipeline(tmp_path_factory.mktemp("pipeline"))


@pytest.fixture
def project(built: Project, tmp_path: Path) -> Project:
    return built.copy(tmp_path / "home")


def give(project: Project, command: str) -> None:
    """Commit a pipeline of one stage with this command, which never ran."""
    project.write("dvc.yaml", STAGES.format(name="count", command=json.dumps(command)))
    project.commit("Change the command")


def failed(project: Project, *options: str) -> dict[str, Any]:
    """The stage of a run that failed."""
    ended = project.mergegate("reproduce", "--json", *options)
    assert ended.code == 1, f"{ended.out}\n{ended.err}"
    told = json.loads(ended.out)
    assert told["outcome"] == "failed"
    (stage,) = told["stages"]
    assert list((project.root / ".dvc/tmp/mergegate/reproduce").iterdir()) == []
    return dict(stage)


def test_a_command_that_is_not_there(project: Project) -> None:
    give(project, "no-such-program --fast")
    stage = failed(project)
    assert stage["outcome"] == "failed"
    assert stage["problem"].endswith("exited with 127: a command in it was not found")
    assert any("no-such-program" in line for line in stage["tail"])


def test_a_failing_stage_shows_the_end_of_its_output_and_no_control_characters(project: Project) -> None:
    give(project, r"printf 'one\n\033]0;owned\007two\n' && exit 3")
    stage = failed(project)
    assert "exited with 3" in stage["problem"]
    assert "one" in stage["tail"]
    assert r"\x1b]0;owned\x07two" in stage["tail"]
    assert "owned" in Path(stage["log"]).read_text()


def test_a_stage_that_hangs_is_ended(project: Project) -> None:
    give(project, "sleep 600")
    stage = failed(project, "--timeout", "4")
    assert stage["problem"] == "it did not end within 4 s, and was ended"


def test_a_stage_that_leaves_its_output_out(project: Project) -> None:
    give(project, "true")
    assert "build/count.txt" in failed(project)["problem"]


def test_a_full_disk_is_named(project: Project) -> None:
    give(project, "cat notes.txt > /dev/full")
    assert failed(project)["problem"].endswith("the disk is full")


def test_what_a_stage_reads_undeclared_and_writes_elsewhere_is_told(project: Project, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.txt"
    script = (
        "import helper, pathlib, sys\n"
        "text = pathlib.Path('notes.txt').read_text() + pathlib.Path('table.txt').read_text()\n"
        "pathlib.Path('build/count.txt').write_text(text)\n"
        f"open({str(elsewhere)!r}, 'w').write('x')\n"
    )
    project.write("count.py", script)
    project.write("lib/helper.py", "VALUE = 1\n")
    project.write("table.txt", "a table\n")
    # The command sets PYTHONPATH itself, which must not blind the observer.
    give(project, "PYTHONPATH=lib python count.py")
    ended = project.mergegate("reproduce", "--json")
    (stage,) = json.loads(ended.out)["stages"]
    assert stage["reads"] == ["count.py", "lib/helper.py", "table.txt"]
    assert stage["writes"] == [str(elsewhere)]


def test_an_output_outside_of_the_repository_is_not_overwritten(project: Project, tmp_path: Path) -> None:
    outside = tmp_path / "production.txt"
    outside.write_text("precious")
    text = STAGES.format(name="count", command=f"echo new > {outside}")
    project.write(
        "dvc.yaml", text.replace("outs: [build/count.txt]", f"outs: [{{{outside}: {{cache: false}}}}]")
    )
    project.commit("Write to production")
    assert "outside of the repository" in failed(project)["problem"]
    assert outside.read_text() == "precious"


def test_a_commits_own_settings_steer_nothing(project: Project, tmp_path: Path) -> None:
    """A cache with forged objects, a question that waits for ever, a link where our settings go, a hook."""
    target = tmp_path / "victim"
    target.write_text("untouched")
    project.write(
        ".dvc/config",
        "[core]\n    remote = store\n    interactive = true\n['remote \"store\"']\n"
        f"    url = {project.home / 'remote'}\n"
        f"[cache]\n    dir = {tmp_path / 'forged'}\n",
    )
    project.write(".dvc/.gitignore", "/tmp\n/cache\n")
    (project.root / ".dvc/config.local").symlink_to(target)
    project.write("notes.txt", "other words\n")
    project.commit("Trap")
    (project.root / ".dvc/config.local").unlink()
    project.git("update-index", "--assume-unchanged", ".dvc/config.local")
    project.git("checkout", "--quiet", "main", "--", ".dvc/config")
    hook = project.write(".git/hooks/post-checkout", f"#!/bin/sh\necho hooked > {target}\n")
    hook.chmod(0o755)
    ended = project.mergegate("reproduce", "--json", "--timeout", "60")
    assert ended.code == 1, ended.err
    stages = {stage["name"]: stage["outcome"] for stage in json.loads(ended.out)["stages"]}
    assert stages["count"] == "differs"
    assert target.read_text() == "untouched"
    assert not (tmp_path / "forged").exists()


def test_data_is_not_put_through_a_commits_links(project: Project, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    project.git("rm", "--quiet", "raw.dvc")
    project.write("link/x", "")
    project.must("rm", "-r", "link")
    (project.root / "link").symlink_to(outside)
    md5 = project.read("dvc.lock").split("md5: ")[1].split()[0]
    project.write("inner.dvc", f"outs:\n- md5: {md5}\n  hash: md5\n  path: link/raw\n")
    project.write(
        "dvc.yaml",
        STAGES.format(name="count", command="ls link/raw > build/count.txt").replace("notes.txt", "link/raw"),
    )
    project.commit("Lead data out")
    ended = project.mergegate("reproduce")
    assert ended.code in (1, 2), ended.out
    assert list(outside.iterdir()) == []


def test_a_stage_that_writes_through_a_link_into_the_cache_is_caught(project: Project) -> None:
    project.dvc("config", "--local", "cache.type", "hardlink")
    text = STAGES.format(
        name="count", command="chmod u+w raw/a.txt && echo more >> raw/a.txt && touch build/count.txt"
    )
    project.write("dvc.yaml", text.replace("deps: [notes.txt]", "deps: [raw]"))
    project.commit("Write into the input")
    ended = project.mergegate("reproduce")
    assert ended.code == 3
    assert "the stage wrote through raw/a.txt into DVC's cache, and damaged the object" in ended.err


def test_a_remote_that_is_not_there(project: Project) -> None:
    project.write("params.yaml", "length: 3\n")
    project.commit("Change")
    project.must("rm", "-r", ".dvc/cache", str(project.home / "remote"))
    ended = project.mergegate("reproduce", "HEAD", "sort", "train", "--all")
    assert ended.code == 3
    assert "remote store can't be read: the folder" in ended.err


def start(project: Project) -> "subprocess.Popen[bytes]":
    """A run in the background."""
    return subprocess.Popen(
        [sys.executable, "-m", "mergegate", "reproduce", "--json"],
        cwd=project.root,
        env=project.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def wait_for(path: Path) -> None:
    until = time.monotonic() + 100
    while not path.exists():
        assert time.monotonic() < until, f"{path} was never written"
        os.sched_yield()


def interrupted(project: Project, tmp_path: Path) -> tuple[Path, Path]:
    """Two stages: one that notes each run, and one that waits for a file to be there."""
    runs, gate = tmp_path / "runs", tmp_path / "gate"
    first = f"echo run >> {runs}; cat notes.txt > build/first.txt"
    second = f"touch {tmp_path}/reached; [ -e {gate} ] || sleep 600; cat build/first.txt >build/second.txt"
    project.write(
        "dvc.yaml",
        f"stages:\n  first:\n    cmd: {first}\n    deps: [notes.txt]\n    outs: [build/first.txt]\n"
        f"  second:\n    cmd: '{second}'\n    deps: [build/first.txt]\n    outs: [build/second.txt]\n",
    )
    project.commit("Two stages")
    return runs, gate


def test_a_killed_run_is_continued_where_it_was(project: Project, tmp_path: Path) -> None:
    runs, gate = interrupted(project, tmp_path)
    with start(project) as run:
        wait_for(tmp_path / "reached")
        second = project.mergegate("reproduce")
        assert second.code == 3
        assert "another process is reproducing" in second.err
        run.send_signal(signal.SIGKILL)
    gate.touch()
    ended = project.mergegate("reproduce")
    assert ended.code == 1, ended.err  # neither stage ever ran before, so dvc.lock has no block of them
    assert "going on where an interrupted run ended" in ended.err
    assert "first: ran before this was interrupted" in ended.err
    assert runs.read_text() == "run\n"
    assert list((project.root / ".dvc/tmp/mergegate/reproduce").iterdir()) == []


def test_an_interrupted_run_clears_up(project: Project, tmp_path: Path) -> None:
    interrupted(project, tmp_path)
    with start(project) as run:
        wait_for(tmp_path / "reached")
        run.send_signal(signal.SIGTERM)
        assert run.wait(timeout=60) == 143
    assert list((project.root / ".dvc/tmp/mergegate/reproduce").iterdir()) == []
    assert project.git("worktree", "list").count("\n") == 1


def test_here_does_not_run_beside_another_dvc(project: Project, tmp_path: Path) -> None:
    interrupted(project, tmp_path)
    with subprocess.Popen(
        ["dvc", "repro", "--quiet"], cwd=project.root, env=project.environment(), start_new_session=True
    ) as other:
        wait_for(tmp_path / "reached")
        ended = project.mergegate("reproduce", "--here")
        os.killpg(other.pid, signal.SIGKILL)
    assert ended.code == 3
    assert f"another DVC is working in {project.root} just now" in ended.err


def test_a_shallow_clone_says_what_to_fetch(project: Project) -> None:
    project.write("params.yaml", "length: 3\n")
    project.commit("Change")
    project.git("checkout", "--quiet", "main")
    project.commit("Go on")
    clone = project.clone("clone", "--depth", "1", "--no-single-branch")
    ended = clone.mergegate("reproduce", "origin/change")
    assert ended.code == 2
    assert "no common ancestor in this shallow clone" in ended.err
    assert "git fetch --unshallow" in ended.err
    # With the base named it needs no history.
    assert clone.mergegate("reproduce", "origin/change", "--base", "origin/main").code == 1
