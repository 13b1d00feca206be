"""What git's own merges do with the driver, in real DVC repositories."""

import json
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from mergegate.dag.checksums import hash_tree
from mergegate.dag.document import parse
from mergegate.errors import ConfigError
from support.memory import md5_of
from support.merging import (
    REPRODUCE,
    add_branches,
    branch,
    build_merging,
    install,
)
from support.projects import Project


@pytest.fixture(scope="session")
def built_merging(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = build_merging(tmp_path_factory.mktemp("merging") / "home")
    add_branches(project)
    return project


@pytest.fixture
def project(built_merging: Project, tmp_path: Path) -> Project:
    """On `main`, with branches to merge."""
    return built_merging.copy(tmp_path / "home")


def raw(*numbers: int) -> str:
    """The folder's .dvc file as DVC writes it."""
    files = {str(number): md5_of(f"row {number}\n") for number in numbers}
    return (
        f"outs:\n- md5: {hash_tree(files)}\n  size: {6 * len(files)}\n  nfiles: {len(files)}\n"
        "  hash: md5\n  path: raw\n"
    )


def stages(project: Project) -> list[str]:
    lines = project.read("dvc.lock").splitlines()
    return [line.strip(" :") for line in lines if line.startswith("  ") and line[2] != " "]


def reproduce(project: Project) -> None:
    """What the driver says to type; DVC must be content afterwards."""
    for command in REPRODUCE.split(" && "):
        said = project.must(*command.split())
    assert "up to date" in said


def is_on_remote(project: Project, name: str) -> bool:
    return (project.home / "remote/files/md5" / name[:2] / name[2:]).is_file()


def fresh(project: Project) -> Project:
    """A clone with an empty cache and all branches, the driver installed."""
    clone = project.clone("fresh")
    for name in ("data", "curated", "train", "report", "score"):
        clone.git("branch", "--quiet", name, f"origin/{name}")
    install(clone)
    return clone


DATA_AND_CURATED = """\
dvc.lock: merged; 2 of 3 stages left out, for no run made what is merged
  ingest: both sides changed it
  train: both sides changed it
  next: dvc pull --allow-missing && dvc repro
"""


@pytest.mark.parametrize("ours", ["data", "curated"])
def test_files_that_two_branches_added_and_removed_are_merged_in_a_fresh_clone(
    project: Project, ours: str
) -> None:
    """Hazard 12: DVC's own driver refuses where the cache is empty, and leaves ours without a mark."""
    clone = fresh(project)
    clone.git("switch", "--quiet", ours)
    ended = clone.run("git", "merge", "data" if ours == "curated" else "curated")
    assert ended.code == 0, ended.err
    assert clone.read("raw.dvc") == raw(2, 3, 4, 9)
    assert DATA_AND_CURATED in ended.err
    assert "raw.dvc: one side removed 1 file of raw, and so does the merge\n" in ended.err
    assert "raw.dvc: merged to 4 files of both sides\n  next: dvc pull raw.dvc" in ended.err
    assert stages(clone) == ["report"]
    # Its list is on the remote already: whoever gets the merge gets the folder.
    other = clone.clone("other")
    other.dvc("config", "--local", "cache.dir", str(project.home / "other-cache"))
    other.dvc("pull", "--quiet", "raw.dvc")
    assert sorted(path.name for path in (other.root / "raw").iterdir()) == ["2", "3", "4", "9"]
    reproduce(clone)
    assert clone.read("all") == "row 2\nrow 3\nrow 4\nrow 9\n"
    assert stages(clone) == ["report", "ingest", "train"]


def test_data_on_one_side_and_a_param_on_the_other_must_be_run(project: Project) -> None:
    """Hazards 9 and 11: git alone merges the lines of two runs, and `-X ours` takes half of one."""
    project.git("switch", "--quiet", "train")
    ended = project.run("git", "merge", "-X", "ours", "data")
    assert ended.code == 0, ended.err
    assert "  train: both sides changed it\n  next: dvc pull --allow-missing && dvc repro\n" in ended.err
    assert stages(project) == ["ingest", "report"]
    reproduce(project)
    assert project.read("model") == "row 1\nrow 2\nrow 3\nrow 4\n" + project.read("params.yaml")
    assert "lr: 2" in project.read("model")


def test_a_stage_that_read_what_the_other_side_made_anew_must_be_run(project: Project) -> None:
    """Hazard 10: git merges a new stage's block to the new data without a word, and the chain is broken."""
    project.git("switch", "--quiet", "data")
    ended = project.run("git", "merge", "score")
    assert "  score: it reads all, which ingest made anew\n" in ended.err
    reproduce(project)
    assert project.read("score").split() == ["4", "all"]


def test_runs_that_do_not_touch_each_other_stay_and_nothing_must_be_run(project: Project) -> None:
    project.git("switch", "--quiet", "data")
    ended = project.run("git", "merge", "report")
    assert ended.code == 0
    assert "left out" not in ended.err
    lock = project.read("dvc.lock")
    reproduce(project)
    assert project.read("dvc.lock") == lock


@pytest.mark.parametrize("command", [("rebase", "curated"), ("cherry-pick", "data")])
def test_a_rebase_and_a_cherry_pick_merge_the_same(project: Project, command: tuple[str, str]) -> None:
    project.git("switch", "--quiet", "data" if command[0] == "rebase" else "curated")
    ended = project.run("git", *command)
    assert ended.code == 0, ended.err
    assert project.read("raw.dvc") == raw(2, 3, 4, 9)
    assert stages(project) == ["report"]
    reproduce(project)


def conflict(project: Project) -> str:
    """Both sides change raw/2; ours adds raw/5, theirs raw/6. What git says of the merge."""
    project.git("switch", "--quiet", "mine")
    ended = project.run("git", "merge", "yours")
    assert ended.code == 1
    return ended.err


def test_a_file_that_both_sides_changed_is_a_conflict_that_names_it(project: Project) -> None:
    said = conflict(project)
    assert "raw.dvc: conflict: raw/2 was changed on both sides, each in its own way\n" in said
    assert "UU raw.dvc" in project.git("status", "--short")
    text = project.read("raw.dvc")
    assert text.startswith("# raw.dvc: conflict: raw/2 was changed on both sides")
    assert text.count("path: raw\n") == 2
    # Whoever adds it without a look is stopped by DVC and by us.
    project.git("add", "raw.dvc")
    project.git("commit", "--quiet", "--message", "Careless")
    assert project.run("dvc", "repro").code != 0
    with pytest.raises(ConfigError, match="holds git's conflict markers"):
        parse(project.read("raw.dvc").encode(), "raw.dvc")


def test_a_conflict_is_resolved_for_that_file_alone(project: Project) -> None:
    conflict(project)
    project.git("checkout", "--theirs", "raw.dvc")
    assert project.read("raw.dvc") == project.git("show", "yours:raw.dvc")
    ended = project.mergegate("merge-driver", "resolve", "raw.dvc", "--take", "theirs")
    assert ended.out == "raw.dvc: written\nnext: git add raw.dvc\n"
    project.git("add", "raw.dvc")
    project.git("commit", "--quiet", "--message", "Merge yours")
    reproduce(project)
    assert project.read("all") == "row 1\nyour 2\nrow 3\nrow 5\nrow 6\n"
    again = project.mergegate("merge-driver", "resolve", "raw.dvc", "--take", "ours")
    assert (again.code, again.err.splitlines()[0]) == (
        2,
        "mergegate: raw.dvc is not in conflict, or one side removed it",
    )


def test_a_file_against_a_folder_of_its_name_is_a_conflict(project: Project) -> None:
    project.git("switch", "--quiet", "folder")
    ended = project.run("git", "merge", "file")
    assert "raw/n is a file on one side and a folder on the other (it holds n/x)" in ended.err
    assert "UU raw.dvc" in project.git("status", "--short")


def test_both_sides_made_the_folder_and_the_lock(project: Project) -> None:
    """A criss-cross of nothing: no common ancestor has the files."""
    project.git("switch", "--quiet", "--orphan", "other")
    project.write("start", "")
    base = project.commit("Start")
    for name, source in (("one", "data"), ("two", "curated")):
        project.git("switch", "--quiet", "--create", name, base)
        project.git("checkout", "--quiet", source, "--", ".")
        project.commit(name)
    ended = project.run("git", "merge", "one")
    assert ended.code == 0, ended.err
    assert project.read("raw.dvc") == raw(1, 2, 3, 4, 9)
    assert stages(project) == ["report"]


def test_a_remote_that_can_not_be_written_leaves_the_merge_here_and_says_so(project: Project) -> None:
    shutil.rmtree(project.home / "remote/files/md5")
    project.write("../remote/files/md5", "in the way")
    project.git("switch", "--quiet", "data")
    ended = project.run("git", "merge", "curated")
    assert ended.code == 0, ended.err
    assert project.read("raw.dvc") == raw(2, 3, 4, 9)
    assert "  the merged list is in this clone's cache alone: " in ended.err
    assert "  next: mergegate push, before anyone else needs it\n" in ended.err


def test_without_remote_and_cache_it_is_a_conflict(project: Project) -> None:
    clone = fresh(project)
    shutil.rmtree(project.home / "remote")
    clone.git("switch", "--quiet", "data")
    ended = clone.run("git", "merge", "curated")
    assert ended.code == 1
    assert "raw.dvc: not merged: remote store can't be read" in ended.err
    assert "UU raw.dvc" in clone.git("status", "--short")
    assert "<<<<<<< " in clone.read("raw.dvc")


def test_a_list_whose_files_are_not_all_pushed_is_not_pushed(project: Project) -> None:
    lost = md5_of("row 9\n")
    (project.home / "remote/files/md5" / lost[:2] / lost[2:]).unlink()
    clone = fresh(project)
    clone.git("switch", "--quiet", "data")
    ended = clone.run("git", "merge", "curated")
    assert ended.code == 0
    assert "1 of its files are not on the remote" in ended.err
    assert not is_on_remote(project, hash_tree({str(n): md5_of(f"row {n}\n") for n in (2, 3, 4, 9)}))


def run_driver(project: Project, base: str, ours: str, theirs: str, path: str) -> tuple[int, str, str]:
    """Call the driver as git does; its code, the words, and what git would take."""
    for name, text in (("O", base), ("A", ours), ("B", theirs)):
        project.write(f".{name}", text)
    ended = project.mergegate("merge-driver", "run", "--", ".O", ".A", ".B", path, "7", "%S", "%X", "%Y")
    return ended.code, ended.err, project.read(".A")


def test_a_broken_side_is_a_conflict_that_says_which(project: Project) -> None:
    lock = project.read("dvc.lock")
    code, said, left = run_driver(project, lock, lock.replace("raw/*", "raw/?"), "stages: [\n", "dvc.lock")
    assert code == 1
    assert said.startswith("dvc.lock: not merged: dvc.lock of their side:")
    assert left.endswith("=======\nstages: [\n>>>>>>> theirs\n")
    marked = f"<<<<<<< HEAD\n{lock}=======\n{lock}>>>>>>> x\n"
    code, said, left = run_driver(project, lock, marked, lock + "\n", "dvc.lock")
    assert code == 1
    assert "holds git's conflict markers: a merge was committed unfinished" in said


def test_an_ancestor_that_can_not_be_read_does_not_hinder_the_lock(project: Project) -> None:
    lock = project.read("dvc.lock")
    other = project.git("show", "report:dvc.lock")
    code, said, left = run_driver(project, "<<<<<<< a\n", lock, other, "dvc.lock")
    assert code == 0
    assert said.startswith("dvc.lock: the common ancestor can't be read")
    assert "  report: both sides changed it\n" in said
    assert "report" not in left


def test_a_lock_in_a_folder_is_reproduced_by_its_dvc_yaml(project: Project) -> None:
    lock = project.read("dvc.lock")
    ours, theirs = (project.git("show", f"{name}:dvc.lock") for name in ("train", "data"))
    code, said, _ = run_driver(project, lock, ours, theirs, "my lab/dvc.lock")
    assert code == 0
    assert "  next: dvc pull --allow-missing && dvc repro 'my lab/dvc.yaml'\n" in said


def test_hostile_names_stay_on_their_line(project: Project) -> None:
    def tracked(md5: str) -> str:
        path = json.dumps("a\n\x1b[2J=======\nb")
        return f"outs:\n- md5: {md5 * 32}\n  hash: md5\n  path: {path}\n"

    code, said, left = run_driver(project, tracked("a"), tracked("b"), tracked("c"), "raw.dvc")
    assert code == 1
    assert said.splitlines()[0].startswith("raw.dvc: conflict: a\\n\\x1b[2J=======\\nb was changed")
    assert left.splitlines()[3].startswith("<<<<<<<")


def test_a_driver_that_is_killed_leaves_both_sides_marked(project: Project) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(60)
        shutil.rmtree(project.root / ".dvc/cache")
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        project.dvc("remote", "modify", "--local", "store", "url", url)
        for name, source in (("O", "main"), ("A", "data"), ("B", "curated")):
            project.write(f".{name}", project.git("show", f"{source}:raw.dvc"))
        command = [
            sys.executable,
            "-m",
            "mergegate",
            "merge-driver",
            "run",
            "--",
            ".O",
            ".A",
            ".B",
            "raw.dvc",
        ]
        with subprocess.Popen(
            command, cwd=project.root, env=project.environment(), stderr=subprocess.DEVNULL
        ) as driver:
            # It asks for the lists now, and nobody answers.
            connection, _ = server.accept()
            driver.send_signal(signal.SIGKILL)
            driver.wait()
            connection.close()
    text = project.read(".A")
    assert text.startswith("<<<<<<< ours\n")
    assert text.count("path: raw\n") == 2


def test_a_program_that_is_gone_leaves_both_sides_marked(project: Project) -> None:
    driver = project.git("config", "merge.mergegate.driver").strip()
    program = driver.removeprefix("if test -x ").partition(";")[0]
    project.git("config", "merge.mergegate.driver", driver.replace(program, "/nowhere/mergegate"))
    project.git("switch", "--quiet", "data")
    ended = project.run("git", "merge", "curated")
    assert ended.code == 1
    assert "/nowhere/mergegate is gone: run 'mergegate merge-driver install' again" in ended.err
    assert project.git("status", "--short").split() == ["UU", "dvc.lock", "UU", "raw.dvc"]
    assert project.read("raw.dvc").count("path: raw\n") == 2


def test_a_work_tree_that_only_arguments_name_leaves_both_sides_marked(project: Project) -> None:
    """git hands no repository on that could be found from there."""
    project.git("switch", "--quiet", "data")
    (project.root / ".git").rename(project.home / "aside")
    ended = project.run("git", "--git-dir=../aside", "--work-tree=.", "merge", "curated")
    assert ended.code == 1
    assert "raw.dvc: not merged: " in ended.err
    assert project.read("raw.dvc").count("path: raw\n") == 2
    assert "\n<<<<<<< " in project.read("dvc.lock")


def test_a_linked_worktree_merges(project: Project) -> None:
    """Its `.dvc/cache` is another one, and empty."""
    project.git("worktree", "add", "--quiet", "../linked", "data")
    linked = Project(project.home / "linked", project.home)
    ended = linked.run("git", "merge", "curated")
    assert ended.code == 0, ended.err
    assert linked.read("raw.dvc") == raw(2, 3, 4, 9)


def test_a_submodule_merges(project: Project) -> None:
    above = Project(project.home / "above", project.home)
    above.root.mkdir()
    above.git("init", "--quiet", "--initial-branch", "main")
    allow = ("-c", "protocol.file.allow=always")
    above.git(*allow, "submodule", "add", "--quiet", project.root.as_uri(), "sub")
    sub = Project(above.root / "sub", project.home)
    sub.dvc("remote", "modify", "--local", "store", "url", str(project.home / "remote"))
    install(sub)
    sub.git("switch", "--quiet", "--create", "work", "origin/data")
    ended = sub.run("git", "merge", "origin/curated")
    assert ended.code == 0, ended.err
    assert sub.read("raw.dvc") == raw(2, 3, 4, 9)
    assert DATA_AND_CURATED in ended.err


def test_a_project_below_the_top_is_merged_and_the_way_there_is_said(tmp_path: Path) -> None:
    project = build_merging(tmp_path / "home", subfolder="ml")
    branch(project, "data", {"raw/4": "row 4\n"})
    branch(project, "curated", {"raw/9": "row 9\n"})
    ended = project.run("git", "merge", "data")
    assert ended.code == 0, ended.err
    assert "  next: cd ml && dvc pull --allow-missing && dvc repro\n" in ended.err
    assert project.read("raw.dvc") == raw(1, 2, 3, 4, 9)
    assert is_on_remote(project, hash_tree({str(n): md5_of(f"row {n}\n") for n in (1, 2, 3, 4, 9)}))


def test_criss_cross_merges_take_the_ancestors_merged_folder(project: Project) -> None:
    """Two ancestors: git merges them by the driver too, for itself alone."""
    for name, source in (("left", "data"), ("right", "curated")):
        project.git("switch", "--quiet", "--create", name, source)
    project.git("merge", "--quiet", "--no-edit", "data")
    project.git("switch", "--quiet", "left")
    project.git("merge", "--quiet", "--no-edit", "curated")
    reproduce(project)
    project.commit("Reproduce on the left")
    project.git("switch", "--quiet", "right")
    project.write("params.yaml", "train: {lr: 5}\nreport: {n: 1}\n")
    project.commit("Move a param on the right")
    ended = project.run("git", "merge", "left")
    assert ended.code == 0, ended.err
    assert project.read("raw.dvc") == raw(2, 3, 4, 9)


def test_installing_twice_changes_nothing_and_uninstalling_restores(project: Project) -> None:
    assert install(project) == (
        "this clone: knows what to run already\neach other clone: mergegate merge-driver install\n"
    )
    assert project.read(".gitattributes") == "dvc.lock merge=mergegate\n*.dvc merge=mergegate\n"
    project.write(
        ".gitattributes", "* text=auto\n*.dvc merge=dvc -diff\n# *.dvc merge=dvc\ndvc.lock merge=mergegate\n"
    )
    assert install(project).splitlines()[0] == (
        ".gitattributes: `*.dvc merge=dvc -diff` is now `*.dvc merge=mergegate -diff`"
    )
    project.write("raw/.gitattributes", "")
    (project.root / ".git/info").mkdir(exist_ok=True)
    project.write(".git/info/attributes", "raw.dvc merge=union\n")
    told = json.loads(project.mergegate("merge-driver", "install", "--json").out)
    assert told["added"] == told["replaced"] == []
    assert told["notes"] == ["raw.dvc is merged as `union`: a later line of git's attributes overrides ours"]
    ended = project.mergegate("merge-driver", "uninstall")
    assert ended.out.endswith("this clone: git is told nothing any more\n")
    assert project.read(".gitattributes") == "* text=auto\n*.dvc -diff\n# *.dvc merge=dvc\n"
    assert project.run("git", "config", "merge.mergegate.driver").code == 1
    assert project.mergegate("merge-driver", "uninstall").out == "this clone: git was told nothing\n"


def test_outside_of_a_repository_nothing_is_installed(tmp_path: Path) -> None:
    ended = Project(tmp_path, tmp_path).mergegate("merge-driver", "install")
    assert ended.code == 2
    assert "is not inside a git repository" in ended.err
