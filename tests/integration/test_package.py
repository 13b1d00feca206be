"""What is published: the wheel and the source distribution, and a stranger who has nothing else."""

import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path, PurePosixPath

import pytest

from mergegate import __version__
from mergegate.scaffold import template
from support import distributions
from support.distributions import ROOT, Built
from support.projects import Project, build_project
from support.workflow_files import jobs, parse, steps

RELEASE = parse((ROOT / ".github/workflows/release-toolkit.yml").read_text())


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return distributions.build(tmp_path_factory.mktemp("built"))


@pytest.fixture(scope="module")
def programs(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment of the wheel and the core's requirements: its folder of programs."""
    return distributions.install(built.wheel, tmp_path_factory.mktemp("clean") / "environment")


def in_wheel(built: Built) -> dict[str, bytes]:
    with zipfile.ZipFile(built.wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def in_source(built: Built) -> dict[str, bytes]:
    """Files by their path below the top folder."""
    found = {}
    with tarfile.open(built.source) as archive:
        for member in archive.getmembers():
            file = archive.extractfile(member)
            if file is not None:
                found[member.name.partition("/")[2]] = file.read()
    return found


def run(program: Path, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A program of an environment, with nothing of this one's on its way."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_"))}
    return subprocess.run(
        [program, *arguments],
        cwd=folder,
        env=kept | {"PATH": f"{program.parent}{os.pathsep}{os.defpath}"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_wheel_holds_the_package_and_nothing_else(built: Built) -> None:
    files = in_wheel(built)
    tops = {PurePosixPath(name).parts[0] for name in files}
    assert tops == {"mergegate", f"mergegate-{__version__}.dist-info"}
    ours = {name for name in files if name.startswith("mergegate/")}
    tracked = {
        name.removeprefix("src/"): (built.tree.path / name).read_bytes()
        for name in built.tree.git("ls-files", "src/mergegate").splitlines()
    }
    extra = {name for name in ours - tracked.keys() if not name.startswith("mergegate/scaffold/shared/")}
    assert extra == set()
    assert {name for name in tracked if files.get(name) != tracked[name]} == {"mergegate/commit.txt"}


def test_the_wheel_carries_what_the_template_begins_with_byte_for_byte(built: Built) -> None:
    files = in_wheel(built)
    folder = "mergegate/scaffold/shared/"
    carried = {name.removeprefix(folder): data for name, data in files.items() if name.startswith(folder)}
    assert carried.keys() == {
        *template.SHARED,
        *(each.path for each in template.ADAPTED),
        # The schema of flights comes along with its folder, and is not used.
        "src/pipeline/schema.py",
    }
    assert {name for name, data in carried.items() if data != (built.tree.path / name).read_bytes()} == set()


def test_the_source_distribution_is_what_the_wheel_is_built_from(built: Built) -> None:
    files = in_source(built)
    assert files.keys() - set(built.tree.git("ls-files").splitlines()) == {"PKG-INFO"}
    assert [name for name in files if name.startswith("tests/")] == ["tests/unit/pipeline/test_dag.py"]
    assert not any(name.startswith(("data/raw/", "data/remote/", "docs/")) for name in files)


def test_both_know_the_commit_that_they_were_built_from(built: Built) -> None:
    said = {in_wheel(built)["mergegate/commit.txt"], in_source(built)["src/mergegate/commit.txt"]}
    assert said == {f"{built.commit}\n".encode()}


def test_the_readme_leads_from_an_index_to_the_files_of_that_commit(built: Built) -> None:
    shown = in_wheel(built)[f"mergegate-{__version__}.dist-info/METADATA"].decode()
    links = set(re.findall(r"\]\(([^)]+)\)", shown))
    ours = set(re.findall(r"\]\(([^)]+)\)", (ROOT / "README.md").read_text()))
    home = f"https://github.com/mergegate/mergegate/blob/{built.commit}/"
    assert links == {link if "://" in link else f"{home}{link}" for link in ours}
    assert {link for link in ours if "://" not in link and not (ROOT / link).exists()} == set()


def test_what_was_built_with_changes_nobody_committed_knows_no_commit(built: Built, tmp_path: Path) -> None:
    tree = built.tree.copy(tmp_path)
    tree.write("src/mergegate/extra.py", "")
    tree.run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", "dist")
    (wheel,) = (tree.path / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        assert archive.read("mergegate/commit.txt") == b"$Format:%H$\n"


def test_the_index_will_take_both(built: Built) -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("twine"), "check", "--strict", built.wheel, built.source],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout.count("PASSED")) == (0, 2), done.stdout


def test_an_installed_mergegate_sees_nothing_of_its_checkout(programs: Path, tmp_path: Path) -> None:
    asked = "import importlib.util as u, mergegate; print(mergegate.__file__, u.find_spec('pipeline'))"
    done = run(programs / "python", "-Ic", asked, folder=tmp_path)
    where, pipeline = done.stdout.split()
    assert Path(where).is_relative_to(programs.parent)
    assert pipeline == "None"


def test_a_stranger_installs_it_sets_a_repository_up_and_reads_a_review(
    built: Built, programs: Path, tmp_path: Path
) -> None:
    project: Project = build_project(tmp_path)
    (project.root / "mergegate.yaml").unlink()
    project.commit("Do without")
    mergegate = programs / "mergegate"
    assert run(mergegate, "--version", folder=tmp_path).stdout.split()[-1] == __version__
    done = run(mergegate, "init", "--yes", "--forge", "github", "--json", folder=project.root)
    assert done.returncode == 0, done.stderr
    review = (project.root / ".github/workflows/review.yml").read_text()
    assert f"uses: mergegate/mergegate@{built.commit} # v{__version__}" in review
    project.commit("Set mergegate up")
    project.set_strength(0.6)
    project.dvc("repro", "--quiet")
    done = run(mergegate, "review", "--json", folder=project.root)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["verdict"]["outcome"] in ("passed", "warned")


def test_the_template_of_the_wheel_is_this_repositorys(built: Built, programs: Path, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    done = run(programs / "mergegate", "init", "--template", "tabular", "--json", folder=folder)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["unknown"][0].startswith("The pipeline has not run: this environment lacks altair,")
    assert answer["next"][:2] == ["make install && source .venv/bin/activate", "make repro"]
    expected = template.render_project()
    written = {name: (folder / name).read_bytes() for name in expected}
    # git's attributes also name the merge driver, and the policy its schema, as `mergegate init` has them.
    assert {name for name in expected if written[name] != expected[name]} == {
        ".gitattributes",
        "mergegate.yaml",
    }
    policy = written["mergegate.yaml"].splitlines(keepends=True)
    assert b"".join(policy[1:]) == expected["mergegate.yaml"]
    assert policy[0].startswith(b"# yaml-language-server: $schema=")
    assert built.commit.encode() in policy[0]
    assert built.commit in (folder / template.MERGEGATE).read_text()


def test_what_builds_holds_no_identity_and_what_has_one_runs_no_code_of_ours() -> None:
    told = dict(jobs(RELEASE))
    assert RELEASE["on"] == {"push": {"tags": ["toolkit-v*"]}}
    assert {name: job["permissions"] for name, job in told.items()} == {
        "build": {"contents": "read"},
        "publish": {"id-token": "write"},
    }
    assert (told["publish"]["needs"], told["publish"]["environment"]) == ("build", "pypi")
    publishing = told["publish"]["steps"]
    assert [step["uses"].partition("@")[0] for step in publishing] == [
        "actions/download-artifact",
        "pypa/gh-action-pypi-publish",
    ]
    assert publishing[0]["with"]["artifact-ids"] == "${{ needs.build.outputs.distributions }}"
    assert publishing[1]["with"] == {"packages-dir": "dist", "attestations": True}


@pytest.mark.parametrize(
    ("tag", "branch", "said"),
    [
        (f"toolkit-v{__version__}", "main", ""),
        ("toolkit-v9.9.9", "main", f"::error::the tag toolkit-v9.9.9 is not toolkit-v{__version__}"),
        (f"v{__version__}", "main", f"::error::the tag v{__version__} is not"),
        (f"toolkit-v{__version__}", "behind", "::error::the tagged commit is not on behind"),
    ],
)
def test_a_tag_is_published_only_for_its_version_on_the_default_branch(
    built: Built, tag: str, branch: str, said: str
) -> None:
    empty = built.tree.git(
        "commit-tree", "-m", "Before", built.tree.git("hash-object", "-t", "tree", os.devnull)
    )
    for name, commit in (("main", built.commit), ("behind", empty)):
        built.tree.git("update-ref", f"refs/remotes/origin/{name}", commit)
    (script,) = (step["run"] for step in steps(RELEASE) if step["name"].startswith("Hold the tag against"))
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        cwd=built.tree.path,
        env={**built.tree.environment, "PATH": programs, "TAG": tag, "DEFAULT": branch},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode == 0, done.stdout[: len(said)]) == (not said, said), done.stderr
