"""Small models to bundle, and bundles forged in one place with sums that fit."""

import hashlib
import json
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from mergegate import bundle

NUMBERS, CATEGORIES = ["wind speed", "pressure"], ["carrier", "dest"]


def flights(rows: int = 600) -> pd.DataFrame:
    """Prepared rows with two numbers, one missing at times, and two categories, one of them with ""."""
    random = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "wind speed": random.normal(size=rows),
            "pressure": random.normal(1000, 10, size=rows),
            "carrier": random.choice(["AA", "B6", "UA"], rows),
            "dest": random.choice(["", "ATL", "ORD", *(f"D{index:02d}" for index in range(30))], rows),
        }
    )
    frame.loc[::7, "pressure"] = np.nan
    return bundle.prepare(frame)


def late(frame: pd.DataFrame) -> Any:
    """Labels that depend on the wind and the destination."""
    noise = np.random.default_rng(1).normal(size=len(frame))
    return np.where(
        frame["wind speed"] + frame["dest"].isin(["D01", "D05", "ATL"]) + noise > 0.5, "late", "on_time"
    )


def encoded(encoder: Any, *, scaled: bool = True) -> ColumnTransformer:
    """Numbers filled and scaled, categories by `encoder`."""
    steps = [SimpleImputer(strategy="median"), *([StandardScaler()] if scaled else [])]
    return ColumnTransformer(
        [("numbers", make_pipeline(*steps), NUMBERS), ("categories", encoder, CATEGORIES)]
    )


def logistic() -> Any:
    """An unfitted pipeline whose conversion is right."""
    return make_pipeline(encoded(OneHotEncoder(handle_unknown="ignore")), LogisticRegression())


@cache
def _files() -> dict[str, bytes]:
    """The bytes of one saved bundle; made once, because exporting is the slow part."""
    frame = flights()

    with tempfile.TemporaryDirectory() as folder:
        bundle.save(
            Path(folder) / "bundle",
            logistic().fit(frame, late(frame)),
            name="late-arrival",
            task="binary",
            target="late",
            X=frame,
        )
        return {path.name: path.read_bytes() for path in (Path(folder) / "bundle").iterdir()}


def write(path: Path) -> Path:
    """A sound bundle at `path`."""
    path.mkdir(parents=True)
    for name, content in _files().items():
        (path / name).write_bytes(content)
    return path


def edit_manifest(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Rewrite the manifest of the bundle at `path`."""
    file = path / "manifest.json"
    document = json.loads(file.read_bytes())
    change(document)
    file.write_text(json.dumps(document))


def replace_file(path: Path, name: str, content: bytes) -> None:
    """Replace a file of the bundle and list its new size and sum, as a forger would."""
    (path / name).write_bytes(content)

    def relist(document: dict[str, Any]) -> None:
        for entry in document["files"]:
            if entry["path"] == name:
                entry.update(size=len(content), sha256=hashlib.sha256(content).hexdigest())

    edit_manifest(path, relist)
