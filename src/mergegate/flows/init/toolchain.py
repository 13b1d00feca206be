"""How a project's needs are installed and its tests run, as far as its files say so."""

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from mergegate.scaffold import template
from mergegate.scaffold.workflows import Step

OLDEST, USUAL, NEWEST = (3, 11), (3, 12), (3, 14)
_NAME = "Install what the pipeline needs"
_LARGEST = 1_000_000
_FEW = 4
_FOR_A_PIPELINE = ("pipeline", "requirements", "main", "base", "prod", "production", "train", "core")
_PYTEST = "python -m pytest -q"


class Toolchain(msgspec.Struct, frozen=True, kw_only=True):
    """`steps` install what the pipeline needs, `test` runs its tests; empty where no file tells.

    `installer` names the file that told. `notes` are sentences about what could not be told, or does not fit.
    """

    steps: tuple[Step, ...] = ()
    installer: str = ""
    test: str = ""
    python: str = "3.12"
    r: bool = False
    notes: tuple[str, ...] = ()

    @property
    def portable(self) -> bool:
        """Whether the steps are commands of Python alone, which run in any container of its image."""
        return all(line.startswith("python -m pip ") for step in self.steps for line in step.script)


def find_toolchain(root: Path, paths: Sequence[str], *, stages: bool) -> Toolchain:
    """Read a project's own files; `paths` are all that git has or would have, from `root`.

    Without `stages` nothing is run again, and nothing need be said of what is not there.
    """
    have = set(paths)
    python, notes = _find_python(root, have)
    installer, script = _find_installer(root, have)
    r = any(path.endswith((".R", ".r", ".Rmd")) for path in paths) or "renv.lock" in have
    steps = [Step(_NAME, script)] if script else []
    if r:
        steps.append(_install_r(have))
    if not steps and stages:
        notes.append(
            "No requirements.txt, pyproject.toml, environment.yml or renv.lock says what the pipeline needs: "
            "add a step to review.yml that installs it."
        )
    if r and "renv.lock" not in have and stages:
        notes.append("No renv.lock says which packages R needs: add them to the step `Install R`.")
    test = _find_test(root, have, paths, script)
    if test == _PYTEST and not any("pytest" in _read(root, name) for name in installer.split(", ") if name):
        test = ""
        notes.append(
            f"There are tests, and {installer or 'nothing here'} does not install pytest: add it, and "
            f"`test: {_PYTEST}` to review.yml."
        )
    elif not test and stages:
        notes.append("No tests were found: name their command as `test:` in review.yml once there are some.")
    return Toolchain(
        steps=tuple(steps),
        installer=installer or ("renv.lock" if "renv.lock" in have else ""),
        test=test,
        python=python,
        r=r,
        notes=tuple(notes),
    )


def _find_installer(root: Path, have: set[str]) -> tuple[str, tuple[str, ...]]:
    """The file that says what to install, and the commands; the strictest one first."""
    if "uv.lock" in have:
        return "uv.lock", (
            "pipx install uv",
            'uv export --frozen --all-extras --no-emit-project --output-file "$RUNNER_TEMP/requirements.txt"',
            'python -m pip install --require-hashes -r "$RUNNER_TEMP/requirements.txt"',
            *_own_package(root, have),
        )
    if "poetry.lock" in have:
        return "poetry.lock", (
            "pipx install poetry",
            "poetry env use python",
            "poetry install --no-interaction",
            'echo "$(poetry env info --path)/bin" >> "$GITHUB_PATH"',
        )
    if "Pipfile.lock" in have:
        return "Pipfile.lock", (
            "pipx install pipenv",
            'pipenv requirements --hash > "$RUNNER_TEMP/requirements.txt"',
            'python -m pip install --require-hashes -r "$RUNNER_TEMP/requirements.txt"',
        )
    named = next((name for name in _requirements(have)), None)
    if named is not None:
        return named, (_install_requirements(root, named), *_mergegate(have))
    conda = next(
        (name for name in ("environment.yml", "environment.yaml", "conda.yaml") if name in have), None
    )
    if conda is not None:
        return conda, (
            f'"$CONDA/bin/conda" env create --quiet --prefix "$RUNNER_TEMP/environment" --file {conda}',
            'echo "$RUNNER_TEMP/environment/bin" >> "$GITHUB_PATH"',
        )
    if "pyproject.toml" in have or "setup.py" in have:
        return ("pyproject.toml" if "pyproject.toml" in have else "setup.py"), ("python -m pip install .",)
    below = sorted(path for path in have if re.fullmatch(r"(?:[A-Za-z0-9._-]+/){1,3}requirements\.txt", path))
    # More than a few are no parts of one environment.
    few = below if len(below) <= _FEW else []
    return ", ".join(few), tuple(_install_requirements(root, each) for each in few)


def _install_requirements(root: Path, path: str) -> str:
    flag = "--require-hashes " if "--hash=sha256:" in _read(root, path) else ""
    return f"python -m pip install {flag}-r {path}"


def _requirements(have: set[str]) -> list[str]:
    """Requirements files, the one that a pipeline needs first; none where several could be that."""
    usual = ["requirements.txt", "requirements.lock", "requirements-lock.txt", "src/requirements.txt"]
    usual += [f"requirements/{name}.txt" for name in _FOR_A_PIPELINE]
    named = [name for name in usual if name in have]
    folder = {path for path in have if re.fullmatch(r"requirements/[A-Za-z0-9._-]+\.txt", path)}
    others = folder - {template.MERGEGATE}
    return named or (list(others) if len(others) == 1 else [])


def _mergegate(have: set[str]) -> tuple[str, ...]:
    """mergegate, where the pipeline imports it: it can't stand among what is pinned by hash."""
    if template.MERGEGATE not in have:
        return ()
    return (f"python -m pip install --no-deps --no-build-isolation -r {template.MERGEGATE}",)


def _own_package(root: Path, have: set[str]) -> tuple[str, ...]:
    """The project itself, where it is a package that can be built."""
    return ("python -m pip install --no-deps .",) if "build-system" in _toml(root, have) else ()


def _install_r(have: set[str]) -> Step:
    """R and what its lock says. A project under renv brings renv itself when R starts there."""
    restore = ["Rscript -e 'renv::restore(prompt = FALSE)'"] if "renv.lock" in have else []
    if restore and "renv/activate.R" not in have:
        restore.insert(0, "Rscript -e 'install.packages(\"renv\")'")
    return Step("Install R", ("sudo apt-get update", "sudo apt-get install --yes r-base", *restore))


def _find_test(root: Path, have: set[str], paths: Sequence[str], script: Sequence[str]) -> str:
    """The command that runs the project's tests."""
    if any(re.search(r"(^|/)(test_[^/]*|[^/]*_test)\.py$", path) for path in paths):
        return _PYTEST
    if any(name in have for name in ("Makefile", "makefile")):
        told = _read(root, "Makefile" if "Makefile" in have else "makefile")
        if re.search(r"^test\s*:(?!=)", told, re.MULTILINE):
            return "make test"
    if any(path.startswith("tests/testthat/") for path in paths):
        return "Rscript -e 'testthat::test_dir(\"tests/testthat\")'"
    return ""


def _find_python(root: Path, have: set[str]) -> tuple[str, list[str]]:
    """The Python to set up: the project's own where mergegate runs on it."""
    said, where = "", ""
    if ".python-version" in have:
        said, where = _read(root, ".python-version").strip(), ".python-version"
    elif "pyproject.toml" in have:
        settings = _toml(root, have)
        said = _find_text(settings, "project", "requires-python") or _find_text(
            settings, "tool", "poetry", "dependencies", "python"
        )
        where = "pyproject.toml"
    exact = re.fullmatch(r"(?:==)?(\d+)\.(\d+)(?:\.\d+|\.\*)?", said)
    chosen = (int(exact[1]), int(exact[2])) if exact else _within(said)
    if chosen is not None and chosen >= OLDEST:
        return f"{chosen[0]}.{chosen[1]}", []
    sentence = (
        f"{where} asks for Python {said}, and mergegate runs on 3.11 or newer: review.yml sets up 3.12, so "
        "try the pipeline on it, or run mergegate from an environment of its own."
    )
    return "3.12", [sentence] if said else []


def _within(said: str) -> tuple[int, int] | None:
    """The usual Python where a range has it, else the nearest one inside; None for none new enough."""
    order = sorted(
        ((3, minor) for minor in range(OLDEST[1], NEWEST[1] + 1)), key=lambda v: abs(v[1] - USUAL[1])
    )
    return next((version for version in order if _allows(said, version)), None)


def _allows(said: str, version: tuple[int, int]) -> bool:
    for sign, major, minor in re.findall(r"(>=|<=|>|<|~=|\^|!=)\s*(\d+)(?:\.(\d+))?", said):
        bound = (int(major), int(minor or 0))
        if (
            (sign in (">=", "~=", "^") and version < bound)
            or (sign == ">" and version < bound)
            or (sign == "<" and version >= bound)
            or (sign == "<=" and version > bound)
            or (sign in ("~=", "^") and version[0] != bound[0])
        ):
            return False
    return True


def _find_text(value: Any, *keys: str) -> str:
    """The text at a path of keys; empty for anything else there."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""


def _toml(root: Path, have: set[str]) -> dict[str, Any]:
    if "pyproject.toml" not in have:
        return {}
    try:
        return tomllib.loads(_read(root, "pyproject.toml"))
    except tomllib.TOMLDecodeError:
        return {}


def _read(root: Path, path: str) -> str:
    try:
        with (root / path).open("rb") as file:
            return file.read(_LARGEST).decode(errors="replace")
    except OSError:
        return ""
