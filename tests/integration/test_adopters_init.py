"""What `mergegate init --yes` makes of repositories it was never made for, and what doctor says of that."""

import json
from pathlib import Path
from typing import Any

import pytest

from support.projects import Project
from support.shapes.all import SHAPES, adopted

HOLES = {"advisory", "strength"}
SAME = "every prediction is the same as base's on the 150 rows that both judged"

CHOSEN: dict[str, dict[str, Any]] = {
    "text": {
        "models": [],
        "datasets": [],
        "first": "1 gate holds, the policy sets no bar for a metric.",
        "unknown": ["The DVC remote store is a folder", "No tests were found"],
        # No model at all: nobody writes answers by hand where none are asked for.
        "holes": {"advisory"},
    },
    "images": {
        # Which of two classes is the positive one stands nowhere, so it is not guessed.
        "models": [("images", "multiclass", "predictions/test.parquet", 2)],
        "datasets": [],
        "first": "every prediction is the same as base's on the 120 rows that both judged; 8 gates hold.",
        "unknown": ["The DVC remote store is a folder", "No tests were found"],
    },
    "r": {
        "models": [("r", "binary", "reports/predictions.csv", 3)],
        "first": "every prediction is the same as base's on the 300 rows that both judged; 11 gates hold.",
        "unknown": ["The DVC remote store is a folder", "No tests were found"],
    },
    "monorepo": {
        "models": [
            ("churn", "binary", "build/churn/predictions.tsv", 3),
            ("spend", "regression", "build/spend/predictions.tsv", 2),
        ],
        "first": f"churn: {SAME}; spend: {SAME}; 19 gates hold.",
        "unknown": [
            "The DVC remote store is a folder",
            "No requirements.txt, pyproject.toml",
            "No tests were found",
        ],
    },
    "tracked": {
        "first": f"{SAME}; 9 gates hold, 1 is skipped.",
        # What a notebook needs is nobody's question where nothing runs.
        "unknown": ["The DVC remote store is a folder"],
    },
    "git": {
        "first": f"{SAME}; 9 gates hold, 1 is skipped.",
        "unknown": [],
    },
}
PLAIN = {
    "first": f"{SAME}; 11 gates hold.",
    "unknown": ["The DVC remote store is a folder", "No tests were found"],
}


@pytest.mark.parametrize("name", SHAPES)
def test_one_command_sets_a_stranger_up_and_the_doctor_says_what_is_left(
    name: str, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    there = adopted(name, tmp_path_factory)
    project, told = there.project, CHOSEN.get(name, PLAIN)
    answer = json.loads((project.home / "init.json").read_text())
    assert {file["done"] for file in answer["files"]} <= {"created", "extended"}
    assert answer["mode"] == "advisory"
    assert [
        (model["name"], model["task"], model["predictions"], model["gates"]) for model in answer["models"]
    ] == told.get("models", [(name, "binary", "out/predictions.csv", 3)])
    assert answer["datasets"] == told.get("datasets", ["data/customers.csv"])
    assert answer["review"]["headline"] == told["first"]
    assert [sentence[: len(start)] for sentence, start in both(answer["unknown"], told["unknown"])] == (
        told["unknown"]
    )
    project.must("git", "clone", "--quiet", top(project), str(tmp_path / "clone"))
    clone = Project(tmp_path / "clone" / there.shape.folder, tmp_path)
    ended = clone.mergegate("doctor", "--json")
    assert ended.code == 1, ended.err
    doctor = json.loads(ended.out)
    assert doctor["skippable"] == "yes"
    holes = {each["check"] for each in doctor["ailments"] if each["level"] == "hole"}
    assert holes == told.get("holes", HOLES)
    assert [each for each in doctor["ailments"] if each["level"] == "fault"] == []


def test_no_predictions_file_gets_the_lines_that_write_one(tmp_path_factory: pytest.TempPathFactory) -> None:
    home = adopted("text", tmp_path_factory).project.home
    answer = json.loads((home / "init.json").read_text())
    snippet = "\n".join(answer["snippet"])
    assert "row_id" in snippet
    assert "to_parquet" in snippet
    plots = "plots of eval/live/plots/test.json: DVC draws them, a review its own, from predictions"
    assert plots in answer["found"]


def test_files_with_windows_line_ends_keep_them(tmp_path_factory: pytest.TempPathFactory) -> None:
    project = adopted("windows", tmp_path_factory).project
    for path, theirs in (
        (".gitignore", b"__pycache__/\r\n*.tmp\r\n"),
        (".gitattributes", b"*.png binary\r\n"),
    ):
        data = (project.root / path).read_bytes()
        assert data.startswith(theirs)
        assert len(data) > len(theirs)
        assert data.count(b"\n") == data.count(b"\r\n"), f"{path} mixes line ends"
    # Git takes the lines as they are meant, whatever their ends.
    told = project.git("check-attr", "merge", "dvc.lock", "data/customers.csv.dvc")
    assert told.count("mergegate") == 2


def test_a_second_init_changes_nothing(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> None:
    project = adopted("monorepo", tmp_path_factory).copy(tmp_path / "home").project
    # Whoever develops mergegate itself may have committed since: then the first one moves the pins.
    project.must("mergegate", "init", "--yes")
    project.commit("Move the pins")
    answer = json.loads(project.must("mergegate", "init", "--yes", "--json"))
    assert {file["done"] for file in answer["files"]} == {"unchanged"}
    assert project.git("status", "--short") == ""


def both(said: list[str], starts: list[str]) -> list[tuple[str, str]]:
    """Sentences beside their beginnings; all of them, or the test fails."""
    assert len(said) == len(starts), said
    return list(zip(said, starts, strict=True))


def top(project: Project) -> str:
    return project.git("rev-parse", "--show-toplevel").strip()
