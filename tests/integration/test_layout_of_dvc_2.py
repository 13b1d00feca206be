"""A repository that DVC 2 wrote: locks without `hash: md5`, objects directly below cache and remote."""

import json
import re
import shutil
from pathlib import Path

import pytest

from support.pipelines import build_pipeline
from support.projects import Project


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    made = build_pipeline(tmp_path_factory.mktemp("pipeline"))
    made.git("checkout", "--quiet", "main")
    for path in ("dvc.lock", "raw.dvc"):
        made.write(path, re.sub(r"\n *hash: md5", "", made.read(path)))
    for top in (made.root / ".dvc/cache", made.home / "remote"):
        for folder in list((top / "files/md5").iterdir()):
            folder.rename(top / folder.name)
        shutil.rmtree(top / "files")
    # That DVC takes it for what DVC 2 left says that it is laid out so.
    assert made.dvc("status") == "Data and pipelines are up to date.\n"
    made.commit("As DVC 2 has it")
    return made


def layout(folder: Path) -> set[str]:
    """Where objects lie below a cache or remote, `.` for directly."""
    objects = [path for path in folder.rglob("??/*") if re.fullmatch(r"[0-9a-f]{30}(\.dir)?", path.name)]
    return {path.parent.parent.relative_to(folder).as_posix() for path in objects}


def test_it_is_whole_and_true_and_nothing_must_run(project: Project) -> None:
    verified = project.mergegate("verify", "--remote")
    assert (verified.code, verified.out.splitlines()[0]) == (0, "workspace is whole and true"), verified.out
    assert "6 objects looked for, 0 missing, 181 bytes there" in verified.out
    planned = project.mergegate("plan", "--base", "HEAD^")
    assert planned.out.startswith("Nothing must run: each of 3 stages stands as base has it.\n")


def test_a_fresh_clone_reads_what_dvc_2_pushed(project: Project) -> None:
    clone = project.clone("clone")
    planned = json.loads(clone.mergegate("plan", "--base", "HEAD^", "--json").out)
    assert {stage["will"] for stage in planned["stages"]} == {"skip"}
    ended = clone.mergegate("reproduce", "HEAD", "sort", "--all", "--base", "HEAD^", "--json")
    told = json.loads(ended.out)
    assert (ended.code, told["outcome"], told["downloaded"]["objects"]) == (0, "reproduced", 3), ended.err
    assert layout(clone.root / ".dvc/cache") == {"."}


def test_a_run_of_today_beside_blocks_of_dvc_2_is_reproduced_and_pushed(project: Project) -> None:
    project.git("checkout", "--quiet", "-b", "longer")
    project.write("params.yaml", "length: 3\n")
    planned = project.mergegate("plan")
    assert planned.out.startswith("1 of 3 stages must run.\n")
    assert "Stands as base has it: sort, count." in planned.out
    project.dvc("repro", "--quiet")
    assert (project.read("dvc.lock").count("hash: md5"), project.read("raw.dvc").count("hash")) == (1, 0)
    project.commit("Longer words")
    ended = project.mergegate("reproduce", "--push")
    assert (ended.code, "pushed 1 object" in ended.out) == (0, True), ended.out
    verified = project.mergegate("verify", "--remote")
    assert (verified.code, "6 objects looked for, 0 missing" in verified.out) == (0, True), verified.out
    assert layout(project.home / "remote") == {".", "files/md5"}
