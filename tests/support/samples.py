"""Projects on scikit-learn's own data: a folder that the stages split, train, evaluate and report run in."""

import hashlib
import importlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from ruamel.yaml import YAML
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine

from pipeline import stage

LOGISTIC = {
    "class": "sklearn.linear_model.LogisticRegression",
    "arguments": {"max_iter": 2000},
    "scale": True,
    "search": {"C": [0.01, 1.0]},
}


def frame(name: str) -> pd.DataFrame:
    """One data set: `row_id`, inputs, `day`, `site`, `target`; some values missing, some categories rare."""
    loaded = {"binary": load_breast_cancer, "multiclass": load_wine, "regression": load_diabetes}[name](
        as_frame=True
    )
    data = loaded.data.copy()
    random = np.random.default_rng(0)
    if name == "binary":
        data["size"] = pd.cut(data["mean radius"], [0, 11, 13, 20, 100], labels=["S", "M", "L", "XL"]).astype(
            object
        )
        data.loc[random.random(len(data)) < 0.05, "size"] = None
        data.loc[random.random(len(data)) < 0.1, "mean texture"] = np.nan
    target = loaded.target
    if name == "multiclass":
        target = np.array(loaded.target_names)[loaded.target]
    # The sets are sorted by class: days and sites must not be.
    order = random.permutation(len(data))
    return data.assign(
        target=target, day=order // 8, site=[f"s{value % 12}" for value in order], row_id=_ids(len(data))
    )


def _ids(rows: int) -> list[str]:
    return [f"r{index:04d}" for index in range(rows)]


def params(name: str) -> dict[str, Any]:
    """params.yaml for a data set."""
    data = frame(name)
    categories = ["size"] if name == "binary" else []
    numbers = [
        column for column in data.columns if column not in (*categories, "target", "day", "site", "row_id")
    ]
    model = {
        "binary": "logistic",
        "multiclass": "logistic",
        "regression": "ridge",
    }[name]
    positive = 1 if name == "binary" else None
    metric = {"binary": "roc_auc", "multiclass": "log_loss", "regression": "r2_score"}[name]
    return {
        "split": {
            "method": "hash",
            "hash": {"share": 0.3, "salt": name},
            "label": {"name": "target", "column": "target"},
            "inputs": [*numbers, *categories],
            "keep": ["day", "site"],
        },
        "features": {"numbers": numbers, "categories": categories, "clip": [0.01, 0.99], "min_rows": 30},
        "train": {
            "name": f"{name}-sample",
            "task": name,
            "label": "target",
            "positive": positive,
            "model": model,
            "models": {
                "logistic": dict(LOGISTIC),
                "ridge": {
                    "class": "sklearn.linear_model.Ridge",
                    "scale": True,
                    "search": {"alpha": [0.1, 1.0]},
                },
                "boosting": {
                    "class": "sklearn.ensemble.HistGradientBoostingClassifier",
                    "arguments": {"max_iter": 20, "min_samples_leaf": 5},
                    "encode": "ordinal",
                },
            },
            "cross_validation": {
                "binary": {"method": "time", "column": "day", "folds": 3},
                "multiclass": {"method": "rows", "folds": 3},
                "regression": {"method": "group", "column": "site", "folds": 3},
            }[name],
        },
        "evaluate": {"columns": ["site"]},
        "report": {
            "positive": positive,
            "bins": 5,
            "cross_validated": [metric],
            "importance": {"metric": metric, "rows": 100, "repeats": 3},
        },
    }


def write(folder: Path, name: str, changes: dict[str, Any] | None = None) -> dict[str, Any]:
    """A project as validate leaves it; its params, with `changes` to keys such as `train.model`."""
    interim = folder / "data/interim/rows"
    interim.mkdir(parents=True)
    frame(name).to_parquet(interim / "all.parquet", index=False)
    md5 = hashlib.md5((interim / "all.parquet").read_bytes(), usedforsecurity=False).hexdigest()
    (folder / "reports").mkdir()
    (folder / "reports/validation.json").write_text(
        json.dumps({"schema": 1, "valid": True, "files": {"all.parquet": {"md5": md5}}})
    )
    return set_params(folder, name, changes)


def set_params(folder: Path, name: str, changes: dict[str, Any] | None = None) -> dict[str, Any]:
    """Write params.yaml; the whole document."""
    document = params(name)
    for key, value in (changes or {}).items():
        section: Any = document
        *path, last = key.split(".")
        for part in path:
            section = section[part]
        section[last] = value
    with (folder / "params.yaml").open("w") as file:
        YAML(typ="safe", pure=True).dump(document, file)
    return document


def run(folder: Path, *stages: str) -> None:
    """Run stages in `folder`, in this process, because importing scikit-learn takes longer than they do."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name in stages:
            module = importlib.import_module(f"pipeline.{name}")
            code = stage.run(name, getattr(module, name.capitalize()), getattr(module, name))
            assert code == 0, (folder / f"logs/{name}.log").read_text()
