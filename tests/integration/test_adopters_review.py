"""What a review tells, by what init proposed, of repositories that were never made for mergegate."""

from typing import Any

import pytest

from support.projects import Project, review
from support.shapes.all import SHAPES, adopted

NOTHING: dict[str, Any] = {
    "strength": "consistent",
    "params": [],
    "stages": {},
    "tracked": [],
    "datasets": {},
    "points": {},
    "blocks": [],
    "skipped": [],
    "notes": [],
}
NO_STAGE = "no dvc.yaml declares a stage, so nothing says which data and code made the files judged."

MORE_ROWS = {
    **NOTHING,
    "says": "no evidence of a difference between head and base on the 150 rows that both judged; "
    "15 gates hold.",
    "stages": {"fit": ["data data/customers.csv"]},
    "tracked": ["data/customers.csv"],
    "datasets": {"data/customers.csv": (300, 360)},
}
STEEPER = {
    **NOTHING,
    "says": "head is better than base on the 150 rows that both judged; 11 gates hold.",
    "params": ["params.yaml steep: 0.2 → 0.6"],
    "stages": {"fit": ["params params.yaml:steep"]},
}

TOLD: dict[tuple[str, str], dict[str, Any]] = {
    ("text", "data"): {
        **NOTHING,
        "says": "1 gate holds, the policy sets no bar for a metric.",
        "stages": {
            "prepare": ["data data/data.xml"],
            "featurize": ["data data/prepared"],
            "train": ["data data/features"],
            "evaluate": ["data data/features", "data model.pkl"],
        },
        "tracked": ["data/data.xml"],
        "points": {
            "eval/live/metrics.json": [
                "accuracy.train: 0.919355 → 0.892 (−0.0274)",
                "accuracy.test: 0.903509 → 0.873333 (−0.0302)",
                "positives.train: 47 → 94 (+47)",
                "positives.test: 37 → 50 (+13)",
            ]
        },
    },
    ("text", "params"): {
        **NOTHING,
        "says": "1 gate holds, the policy sets no bar for a metric.",
        "params": ["params.yaml featurize.max_features: 12 → 3"],
        "stages": {
            "featurize": ["params params.yaml:featurize.max_features"],
            "train": ["data data/features"],
            "evaluate": ["data data/features", "data model.pkl"],
        },
        "points": {
            "eval/live/metrics.json": [
                "accuracy.train: 0.919355 → 0.586022 (−0.333)",
                "accuracy.test: 0.903509 → 0.649123 (−0.254)",
                "positives.train: 47 → 91 (+44)",
                "positives.test: 37 → 50 (+13)",
            ]
        },
    },
    ("images", "data"): {
        **NOTHING,
        "says": "no evidence of a difference between head and base on the 120 rows that both judged; "
        "8 gates hold.",
        "stages": {"train": ["data data/images"], "predict": ["data data/images", "data model.pt"]},
        "tracked": ["data/images: 60 files added"],
        "points": {
            "dvclive/metrics.json": ["train.loss: 0.133333 → 0.12 (−0.0133)", "step: 2 → 2"],
        },
    },
    ("images", "params"): {
        **NOTHING,
        "says": "head is worse than base on the 120 rows that both judged; 7 gates hold, 1 can't tell.",
        "params": ["params.yaml train.optimizer.lr: 0.05 → 0.5"],
        "stages": {
            "train": ["params params.yaml:train.optimizer.lr"],
            "predict": ["data model.pt"],
        },
        "points": {
            "dvclive/metrics.json": ["train.loss: 0.133333 → 0.183333 (+0.05)", "step: 2 → 2"],
        },
    },
    # R's lock is as R left it; nothing runs here.
    ("r", "data"): {
        **NOTHING,
        "says": "every prediction is the same as base's on the 300 rows that both judged; 15 gates hold.",
        "stages": {"fit": ["data data/customers.csv"]},
        "tracked": ["data/customers.csv"],
        "datasets": {"data/customers.csv": (600, 700)},
    },
    ("r", "params"): {
        **NOTHING,
        "says": "head is better than base on the 300 rows that both judged; 11 gates hold.",
        "params": ["params.yaml weight: 0.2 → 0.6"],
        "stages": {"fit": ["params params.yaml:weight"]},
    },
    ("monorepo", "data"): {
        **NOTHING,
        "says": "churn: every prediction is the same as base's on the 150 rows that both judged; spend: "
        "every prediction is the same as base's on the 150 rows that both judged; 23 gates hold.",
        "stages": {"fit@churn": ["data data/customers.csv"], "fit@spend": ["data data/customers.csv"]},
        "tracked": ["data/customers.csv"],
        "datasets": {"data/customers.csv": (300, 360)},
    },
    ("monorepo", "params"): {
        **NOTHING,
        "says": "churn: head is better than base on the 150 rows that both judged; spend: every prediction "
        "is the same as base's on the 150 rows that both judged; 19 gates hold.",
        "params": ["params.yaml models.churn.steep: 0.2 → 0.6"],
        "stages": {"fit@churn": ["command python fit.py churn 0.6 build/churn"]},
    },
    ("dvc2", "data"): MORE_ROWS,
    ("dvc2", "params"): STEEPER,
    ("tracked", "data"): {
        **MORE_ROWS,
        "says": "no evidence of a difference between head and base on the 150 rows that both judged; "
        "13 gates hold, 1 is skipped.",
        "stages": {},
        "points": {"out/metrics.json": ["accuracy: 0.766667 → 0.772222 (+0.00556)", "rows: 150 → 180 (+30)"]},
        "tracked": ["data/customers.csv", "out/model.json", "out/predictions.csv"],
        "skipped": [NO_STAGE],
    },
    ("tracked", "params"): {
        **STEEPER,
        "says": "head is better than base on the 150 rows that both judged; 9 gates hold, 1 is skipped.",
        "stages": {},
        "points": {"out/metrics.json": ["accuracy: 0.766667 → 0.8 (+0.0333)", "rows: 150 → 150"]},
        "tracked": ["out/model.json", "out/predictions.csv"],
        "skipped": [NO_STAGE],
    },
    ("imported", "data"): MORE_ROWS,
    ("imported", "params"): STEEPER,
    ("windows", "data"): MORE_ROWS,
    ("windows", "params"): STEEPER,
    ("git", "data"): {
        **MORE_ROWS,
        "says": "no evidence of a difference between head and base on the 150 rows that both judged; "
        "13 gates hold, 1 is skipped.",
        "stages": {},
        "points": {"out/metrics.json": ["accuracy: 0.766667 → 0.772222 (+0.00556)", "rows: 150 → 180 (+30)"]},
        "tracked": [],
        "strength": "claimed",
        "skipped": [NO_STAGE],
    },
    ("git", "params"): {
        **STEEPER,
        "says": "head is better than base on the 150 rows that both judged; 9 gates hold, 1 is skipped.",
        "stages": {},
        "points": {"out/metrics.json": ["accuracy: 0.766667 → 0.8 (+0.0333)", "rows: 150 → 150"]},
        "strength": "claimed",
        "skipped": [NO_STAGE],
    },
}


@pytest.mark.parametrize("name", SHAPES)
def test_a_change_of_data_and_one_of_params_are_told_in_a_fresh_clone(
    name: str, tmp_path_factory: pytest.TempPathFactory, tmp_path: Any
) -> None:
    there = adopted(name, tmp_path_factory)
    # A clone of its own home, so that two workers never write to one cache.
    there.project.must("git", "clone", "--quiet", str(top(there.project)), str(tmp_path / "clone"))
    clone = Project(tmp_path / "clone" / there.shape.folder, tmp_path)
    for branch in ("data", "params"):
        found = review(clone, "--target", "origin/main", "--head", f"origin/{branch}")
        assert (found["problems"], found["lock"]) == ([], [])
        assert told(found) == TOLD[name, branch]


def top(project: Project) -> str:
    return project.git("rev-parse", "--show-toplevel").strip()


def told(found: dict[str, Any]) -> dict[str, Any]:
    """What a reader would repeat of a review."""
    gates = found["gates"]
    return {
        "says": found["verdict"]["headline"],
        "strength": found["strength"],
        "params": [
            f"{each['file']} {each['key']}: {each['old']} → {each['new']}" for each in found["params"]
        ],
        "stages": {
            each["name"]: [f"{why['kind']} {why['what']}" for why in each["reasons"]]
            for each in found["stages"]
        },
        "tracked": [
            each["path"] + (f": {each['files_added']} files added" if each["files_added"] else "")
            for each in found["data"]
        ],
        "datasets": {
            each["path"]: (each["rows"]["old"], each["rows"]["new"])
            for each in found["datasets"]
            if each["changed"]
        },
        "points": {file["path"]: [point(each) for each in file["metrics"]] for file in found["reported"]},
        "blocks": [each["sentence"] for each in gates if each["outcome"] == "fail"],
        "skipped": [each["sentence"] for each in gates if each["outcome"] == "skipped"],
        "notes": found["notes"],
    }


def point(metric: dict[str, Any]) -> str:
    """A reported number, and its difference where there is one."""
    moved = f" ({metric['difference']})" if metric["difference"] else ""
    return f"{metric['name']}: {metric['base']} → {metric['head']}{moved}"
