"""dvc.yaml against the code: what a stage imports is what it declares."""

import ast
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[3]
PIPELINE = ROOT / "src" / "pipeline"


def read(name: str) -> Any:
    return YAML(typ="safe", pure=True).load(ROOT / name)


# Imported because params.yaml names it.
BY_PARAMS = {"validate": PIPELINE / "schema.py"}
STAGES: dict[str, Any] = read("dvc.yaml")["stages"]


def imported(path: Path) -> set[Path]:
    """The files of src/pipeline that a module needs, itself included; a package brings its __init__."""
    found, open_ = set(), [path]
    while open_:
        file = open_.pop()
        if file in found:
            continue
        found.add(file)
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "pipeline":
                module = str(node.module)
                open_ += [
                    place
                    for name in ("", *(f".{alias.name}" for alias in node.names))
                    for place in files(module + name)
                ]
    return found


def files(module: str) -> list[Path]:
    """The file of a dotted name, and the packages above it."""
    path = PIPELINE.parent.joinpath(*module.split("."))
    own = [path.with_suffix(".py")] if path.with_suffix(".py").is_file() else []
    return own + [init for folder in (path, *path.parents) if (init := folder / "__init__.py").is_file()]


def paths(entries: list[Any]) -> list[str]:
    """Paths of deps or outs, with or without options."""
    return [entry if isinstance(entry, str) else next(iter(entry)) for entry in entries]


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_declares_every_module_it_imports_and_no_other(name: str) -> None:
    declared = {
        ROOT / dep for dep in STAGES[name]["deps"] if dep.startswith("src/pipeline/") and dep.endswith(".py")
    }

    needed = imported(PIPELINE / f"{name}.py")
    assert needed | (imported(BY_PARAMS[name]) if name in BY_PARAMS else set()) == declared


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_has_its_file_its_params_and_its_command(name: str) -> None:
    assert STAGES[name]["cmd"] == f"PYTHONPATH=src python -m pipeline.{name}"
    assert name in STAGES[name]["params"]
    assert set(STAGES[name]["params"]) <= set(read("params.yaml"))


def test_what_is_not_pushed_is_read_by_no_stage() -> None:
    outs = [out for stage in STAGES.values() for out in stage.get("outs", ()) if isinstance(out, dict)]
    kept = {path for out in outs for path, options in out.items() if not options.get("push", True)}

    assert kept == {"reports/profile.html"}
    assert kept.isdisjoint(path for stage in STAGES.values() for path in paths(stage["deps"]))
