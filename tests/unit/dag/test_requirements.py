"""Which libraries a file names, and in what version."""

import pytest

from mergegate.dag.requirements import ANY, LARGEST, LARGEST_TREE, LONGEST, is_requirements, read_requirements
from mergegate.errors import ConfigError


def versions(text: str, path: str) -> dict[str, str]:
    return {name: ", ".join(sorted(found)) for name, found in read_requirements(text.encode(), path).items()}


@pytest.mark.parametrize(
    "path",
    [
        "requirements.txt",
        "requirements-dev.txt",
        "deploy/dev_requirements.txt",
        "requirements/core.txt",
        "constraints.txt",
        "pyproject.toml",
        "uv.lock",
        "poetry.lock",
        "pdm.lock",
        "pylock.toml",
        "pylock.train.toml",
        "Pipfile.lock",
        "environment.yml",
        "conda-linux.yaml",
        ".python-version",
    ],
)
def test_files_that_list_libraries_are_known_by_their_names(path: str) -> None:
    assert is_requirements(path)


@pytest.mark.parametrize(
    "path", ["notes.txt", "requirements.md", "dvc.lock", "params.yaml", "src/uv.lock.py", ""]
)
def test_other_files_list_none(path: str) -> None:
    assert not is_requirements(path)
    assert read_requirements(b"numpy==1.0", path) == {}


def test_requirements_are_read_with_hashes_extras_markers_and_options() -> None:
    text = """\
# numpy==0.1
-r other.txt
--index-url https://example.invalid/simple
-e ./local
Scikit_Learn==1.5.0 \\
    --hash=sha256:1234 \\
    --hash=sha256:5678
    # via nothing
numpy==1.26.4 ; python_version < "3.12"
numpy == 2.0.0 ; python_version >= "3.12"
pandas[parquet,xml] >= 2.2, < 3  # why
scipy
onnx===1.17.0 --hash=sha256:1
polars ~=1.0
torch @ https://user:secret@example.invalid/torch-2.0.whl?token=1#sha256=2
joblib (>=1.4)
https://example.invalid/x.whl
./wheels/y.whl
not a requirement
"""
    assert versions(text, "requirements.txt") == {
        "scikit-learn": "1.5.0",
        "numpy": "1.26.4, 2.0.0",
        "pandas": ">=2.2,<3",
        "scipy": ANY,
        "onnx": "1.17.0",
        "polars": "~=1.0",
        "torch": "https://example.invalid/torch-2.0.whl",
        "joblib": ">=1.4",
    }


def test_projects_are_read_in_every_table() -> None:
    text = """\
[project]
name = "My.Project"
requires-python = ">=3.11"
dependencies = ["numpy>=2", "my-project[extra]", 7]
[project.optional-dependencies]
train = ["scikit-learn==1.6"]
all = ["my_project[train]"]
[dependency-groups]
dev = ["pytest", {include-group = "docs"}]
docs = "none"
[tool.poetry.dependencies]
python = "^3.11"
pandas = "^2.2"
torch = {version = "2.4.0", source = "pytorch"}
lib = {git = "https://example.invalid/lib"}
[tool.poetry.group.dev.dependencies]
mypy = "*"
"""
    assert versions(text, "pyproject.toml") == {
        "python": ">=3.11, ^3.11",
        "numpy": ">=2",
        "scikit-learn": "1.6",
        "pytest": ANY,
        "pandas": "^2.2",
        "torch": "2.4.0",
        "lib": ANY,
        "mypy": "*",
    }


@pytest.mark.parametrize("ending", ["\n", "\r\n", ""])
def test_locks_are_read_block_by_block(ending: str) -> None:
    lines = [
        "version = 1",
        "[[package]]",
        'name = "numpy"',
        'version = "2.4.6"',
        'source = { registry = "https://example.invalid" }',
        "wheels = [",
        '    { url = "https://example.invalid/numpy.whl" },',
        "]",
        "",
        "[[package]]",
        'name = "numpy"',
        'version = "2.0.0"',
        "[package.dependencies]",
        'name = "not a package"',
        "[[package]]",
        'name = "own"',
        "[[packages]]",
        'name = "Onnx"',
        'version = "1.17"',
    ]
    expected = {"numpy": "2.0.0, 2.4.6", "own": ANY, "onnx": "1.17"}
    assert versions((ending or "\n").join(lines) + ending, "uv.lock") == expected


def test_conda_environments_pipfiles_and_the_python_version_are_read() -> None:
    conda = """\
name: train
dependencies:
  - python=3.11
  - conda-forge::numpy=2.0.0=py311h
  - pandas==2.2
  - scipy >=1.10,<2
  - pip
  - pip:
      - onnx==1.17.0
"""
    assert versions(conda, "environment.yml") == {
        "python": "3.11",
        "numpy": "2.0.0",
        "pandas": "2.2",
        "scipy": ">=1.10,<2",
        "pip": ANY,
        "onnx": "1.17.0",
    }
    pipfile = (
        '{"default": {"numpy": {"version": "==2.0"}, "own": {"path": "."}}, "develop": {"mypy": {}}, "x": 1}'
    )
    assert versions(pipfile, "Pipfile.lock") == {"numpy": "2.0", "own": ANY, "mypy": ANY}
    assert versions("3.12.1\n3.11\n", ".python-version") == {"python": "3.12.1"}
    assert versions("\n", ".python-version") == {}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pyproject.toml", "project = ["),
        ("pyproject.toml", "a = " + "[" * 5_000),
        ("pyproject.toml", "#" * (LARGEST_TREE + 1)),
        ("environment.yml", "a: b: c"),
        ("environment.yml", "a" * (LARGEST_TREE + 1)),
        ("Pipfile.lock", "{"),
        ("Pipfile.lock", "[" * 100_000),
        ("requirements.txt", "<<<<<<< ours\nnumpy==1\n"),
        ("requirements.txt", "#" * (LARGEST + 1)),
    ],
)
def test_what_can_not_be_read_is_refused(path: str, text: str) -> None:
    with pytest.raises(ConfigError, match=path):
        versions(text, path)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pyproject.toml", "project = 1\ntool = []\ndependency-groups = {a = 1}"),
        ("pyproject.toml", "[project]\nname = 1\ndependencies = 'numpy'\n[tool]\npoetry = 1"),
        ("environment.yml", "- 1"),
        ("environment.yml", "dependencies: {a: 1}"),
        ("environment.yml", "dependencies: [1, null, {pip: 1}, '=']"),
        ("Pipfile.lock", '{"default": [1]}'),
        ("requirements.txt", " " * 100_000 + "[" * 100_000 + "\n" + "a" * 100_000 + "!\n"),
        ("uv.lock", "[[package]]\n" * 10_000 + "name = " + '"' * 100_000),
    ],
)
def test_odd_documents_name_nothing_or_little_and_take_no_time(path: str, text: str) -> None:
    assert len(versions(text, path)) <= 1


def test_hostile_names_and_versions_stay_short_and_printable() -> None:
    text = '[[package]]\nname = "\x1b[31m' + "n" * 1_000 + '"\nversion = "1\u202e\x00' + "9" * 1_000 + '"\n'
    ((name, version),) = versions(text, "poetry.lock").items()
    assert (len(name), len(version)) == (LONGEST, LONGEST)
    assert name.isprintable()
    assert version.isprintable()
