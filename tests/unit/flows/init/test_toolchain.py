"""How a project is installed and tested, by the files that it has."""

from pathlib import Path

import pytest

from mergegate.flows.init.toolchain import Toolchain, find_toolchain


def found(root: Path, **files: str) -> Toolchain:
    """By files whose names have `_` for `.` and `__` for `/`."""
    paths = []
    for name, text in files.items():
        path = name.replace("__", "/").replace("_", ".")
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
        paths.append(path)
    return find_toolchain(root, paths, stages=True)


def script(toolchain: Toolchain) -> list[str]:
    return [line for step in toolchain.steps for line in step.script]


def test_requirements_are_installed_by_hash_where_they_have_hashes(tmp_path: Path) -> None:
    plain = found(tmp_path, requirements_txt="pandas\n")
    assert script(plain) == ["python -m pip install -r requirements.txt"]
    pinned = found(tmp_path, requirements_txt="pandas==2 --hash=sha256:00\n")
    assert script(pinned) == ["python -m pip install --require-hashes -r requirements.txt"]


def test_a_lock_goes_before_what_it_was_made_from(tmp_path: Path) -> None:
    both = found(tmp_path, uv_lock="", requirements_txt="x\n", pyproject_toml="[project]\n")
    assert both.installer == "uv.lock"
    assert not both.portable


@pytest.mark.parametrize(
    ("said", "python"),
    [
        (">=3.9", "3.12"),
        (">=3.11,<3.12", "3.11"),
        (">=3.13", "3.13"),
        ("^3.10", "3.12"),
        ("==3.11.*", "3.11"),
        ("", "3.12"),
    ],
)
def test_the_python_is_one_that_the_project_allows(said: str, python: str, tmp_path: Path) -> None:
    toolchain = found(tmp_path, pyproject_toml=f'[project]\nrequires-python = "{said}"\n')
    assert toolchain.python == python
    assert not any("Python" in note for note in toolchain.notes)


def test_a_project_on_an_older_python_than_ours_is_told(tmp_path: Path) -> None:
    toolchain = found(tmp_path, pyproject_toml='[project]\nrequires-python = "<3.10"\n')
    assert toolchain.python == "3.12"
    assert toolchain.notes[0] == (
        "pyproject.toml asks for Python <3.10, and mergegate runs on 3.11 or newer: review.yml sets up 3.12, "
        "so try the pipeline on it, or run mergegate from an environment of its own."
    )


@pytest.mark.parametrize(
    ("files", "test"),
    [
        ({"Makefile": "all:\n\ttrue\ntest: all\n\ttrue\n"}, "make test"),
        ({"Makefile": "test := x\n"}, ""),
        ({"tests__testthat__x_R": ""}, "Rscript -e 'testthat::test_dir(\"tests/testthat\")'"),
        ({}, ""),
    ],
)
def test_the_tests_are_run_as_the_project_runs_them(files: dict[str, str], test: str, tmp_path: Path) -> None:
    assert found(tmp_path, **files).test == test


def test_pytest_is_called_only_where_something_installs_it(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("pandas\n")
    paths = ["tests/test_x.py", "requirements.txt"]
    without = find_toolchain(tmp_path, paths, stages=True)
    assert (without.test, without.notes) == (
        "",
        (
            "There are tests, and requirements.txt does not install pytest: add it, and "
            "`test: python -m pytest -q` to review.yml.",
        ),
    )
    (tmp_path / "requirements.txt").write_text("pandas\npytest\n")
    assert find_toolchain(tmp_path, paths, stages=True).test == "python -m pytest -q"


def test_what_can_not_be_told_is_said_only_where_stages_run(tmp_path: Path) -> None:
    assert [note.split(":")[0][:30] for note in find_toolchain(tmp_path, [], stages=True).notes] == [
        "No requirements.txt, pyproject",
        "No tests were found",
    ]
    assert find_toolchain(tmp_path, [], stages=False).notes == ()


def test_a_broken_pyproject_tells_nothing_and_stops_nothing(tmp_path: Path) -> None:
    assert found(tmp_path, pyproject_toml="[project\n").python == "3.12"
    assert found(tmp_path, pyproject_toml="project = 1\n").python == "3.12"
    assert found(tmp_path, pyproject_toml="tool = 1\n").python == "3.12"


def test_r_is_installed_with_what_its_lock_says(tmp_path: Path) -> None:
    def lines(*paths: str) -> list[str]:
        return script(find_toolchain(tmp_path, paths, stages=True))[2:]

    restore = "Rscript -e 'renv::restore(prompt = FALSE)'"
    assert lines("fit.R", "renv.lock", "renv/activate.R") == [restore]
    assert lines("fit.R", "renv.lock") == ["Rscript -e 'install.packages(\"renv\")'", restore]
    assert lines("fit.R") == []
    assert (
        "No renv.lock says which packages R needs: add them to the step `Install R`."
        in find_toolchain(tmp_path, ["fit.R"], stages=True).notes
    )


def test_of_several_requirements_the_one_for_a_pipeline_is_taken_or_none(tmp_path: Path) -> None:
    def chosen(*names: str) -> str:
        paths = [f"requirements/{name}.txt" for name in names]
        return find_toolchain(tmp_path, paths, stages=True).installer

    assert chosen("bench", "pipeline", "dev") == "requirements/pipeline.txt"
    assert chosen("dev") == "requirements/dev.txt"
    assert chosen("bench", "dev") == ""
