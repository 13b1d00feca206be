"""The model's stages under real DVC: what a changed param runs again, and what DVC's own commands show."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from support import samples, warm

ROOT = Path(__file__).parents[2]
STAGES = ("split", "train", "evaluate", "report")


def call(folder: Path, *arguments: str) -> str:
    """Run git or dvc in `folder`; what it printed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "DVC_"))}
    environment = {
        **kept,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}",
        "DVC_NO_ANALYTICS": "1",
        "DVC_SITE_CACHE_DIR": f"{folder}.site",
        "GIT_CONFIG_GLOBAL": os.devnull,
    }
    if arguments[0] == "dvc":
        done = warm.run(arguments, folder, environment)
    else:
        done = subprocess.run(
            arguments, cwd=folder, env=environment, capture_output=True, text=True, timeout=180, check=False
        )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A binary project whose stages have run and are recorded in dvc.lock; never changed, only copied."""
    folder = tmp_path_factory.mktemp("project")
    samples.write(folder, "binary")
    yaml = YAML(typ="safe", pure=True)
    stages: dict[str, Any] = yaml.load(ROOT / "dvc.yaml")["stages"]
    with (folder / "dvc.yaml").open("w") as file:
        yaml.dump({"stages": {name: stages[name] for name in STAGES}}, file)
    shutil.copytree(
        ROOT / "src/pipeline", folder / "src/pipeline", ignore=shutil.ignore_patterns("__pycache__")
    )
    call(folder, "git", "init", "--quiet")
    call(folder, "git", "config", "user.email", "test@example.org")
    call(folder, "git", "config", "user.name", "Test")
    call(folder, "dvc", "init", "--quiet")
    shutil.copytree(ROOT / ".dvc/plots", folder / ".dvc/plots")
    samples.run(folder, *STAGES)
    call(folder, "dvc", "commit", "--quiet", "--force")
    call(folder, "git", "add", "dvc.yaml", "dvc.lock", "params.yaml", "reports/metrics.json", "reports/plots")
    call(folder, "git", "commit", "--quiet", "--message", "Train")
    return folder


@pytest.fixture
def project(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "project"))


def ran(printed: str) -> list[str]:
    return [line.split("'")[1] for line in printed.splitlines() if line.startswith("Running stage")]


def test_a_model_param_runs_train_and_what_follows_again(project: Path) -> None:
    before = json.loads((project / "reports/metrics.json").read_bytes())
    samples.set_params(project, "binary", {"train.models.logistic.arguments": {"max_iter": 2000, "C": 0.01}})
    assert ran(call(project, "dvc", "repro")) == ["train", "evaluate", "report"]
    difference = json.loads(call(project, "dvc", "metrics", "diff", "--json"))["reports/metrics.json"]
    after = json.loads((project / "reports/metrics.json").read_bytes())
    assert difference["log_loss"] == {
        "old": before["log_loss"],
        "new": after["log_loss"],
        "diff": pytest.approx(after["log_loss"] - before["log_loss"]),
    }


def test_the_params_of_a_later_stage_leave_the_model_alone(project: Path) -> None:
    samples.set_params(project, "binary", {"report.bins": 4})
    changed = json.loads(call(project, "dvc", "status", "--json"))
    assert changed == {"report": [{"changed deps": {"params.yaml": {"report": "modified"}}}]}


def test_dvc_draws_every_plot_of_the_report(project: Path) -> None:
    drawn = json.loads(call(project, "dvc", "plots", "show", "--json"))
    assert sorted(drawn["data"]) == [
        f"reports/plots/{name}.json"
        for name in ("calibration", "confusion", "importances", "precision_recall", "roc")
    ]
    for specifications in drawn["data"].values():
        specification = json.dumps(specifications[0])
        assert "<DVC_METRIC" not in specification.replace("<DVC_METRIC_DATA>", "")
