"""How to write a predictions file, in three lines, for the library that a project already has."""

import json
import posixpath
from collections.abc import Iterator
from typing import Literal

import msgspec

Library = Literal["pandas", "pytorch", "xgboost", "r"]

CONTRACT = (
    "one row per evaluated example: row_id (unique, the same in every revision), y_true, y_pred, and for "
    "classifiers proba_<class> for each class"
)

SNIPPETS: dict[Library, tuple[str, ...]] = {
    "pandas": (
        'table = pd.DataFrame({"row_id": test.index, "y_true": y_test, "y_pred": model.predict(X_test)})',
        'table[[f"proba_{name}" for name in model.classes_]] = model.predict_proba(X_test)  # classifiers',
        'table.to_parquet("reports/predictions.parquet", index=False)',
    ),
    "pytorch": (
        "proba = torch.softmax(logits, dim=1).cpu().numpy()  # file, class and logits of each test example",
        'table = {"row_id": names, "y_true": labels, "y_pred": [classes[i] for i in proba.argmax(axis=1)]}',
        'table |= {f"proba_{name}": proba[:, i] for i, name in enumerate(classes)}',
        'pd.DataFrame(table).to_parquet("reports/predictions.parquet", index=False)',
    ),
    "xgboost": (
        "proba = booster.predict(dtest)  # objective binary:logistic; `dtest` in the order of `test`",
        'table = {"row_id": test["id"], "y_true": y_test, "y_pred": (proba >= 0.5).astype(int)}',
        'table |= {"proba_1": proba, "proba_0": 1 - proba}',
        'pd.DataFrame(table).to_parquet("reports/predictions.parquet", index=False)',
    ),
    "r": (
        "table <- data.frame(row_id = test$id, y_true = test$label, y_pred = pred)",
        'table[paste0("proba_", colnames(proba))] <- as.data.frame(proba)  # classifiers',
        'arrow::write_parquet(table, "reports/predictions.parquet")',
    ),
}
"""Each ends with a Parquet file; the stage that runs it lists the file under `outs`."""


class NearMiss(msgspec.Struct, frozen=True, kw_only=True):
    """A file that is nearly what the contract wants: `renames` theirs → the contract's, `lacking` columns.

    `delimiter` is that of text, "" for Parquet; `score` a column that may be a probability.
    """

    path: str
    renames: dict[str, str]
    lacking: tuple[str, ...] = ()
    delimiter: str = ""
    score: str = ""


def mend(near: NearMiss, *, r: bool) -> tuple[str, ...]:
    """The lines that make predictions of a file which nearly is one; what only a person knows is left as …"""
    target = posixpath.splitext(near.path)[0] + ".parquet"
    return tuple(_mend_in_r(near, target) if r else _mend_in_python(near, target))


def _mend_in_python(near: NearMiss, target: str) -> Iterator[str]:
    separator = "" if near.delimiter in ("", ",") else f", sep={near.delimiter!r}"
    reader = "read_csv" if near.delimiter else "read_parquet"
    yield f"table = pd.{reader}({near.path!r}{separator})"
    if near.renames:
        told = ", ".join(f"{old!r}: {new!r}" for old, new in near.renames.items())
        yield f"table = table.rename(columns={{{told}}})"
    for name in near.lacking:
        yield f'table["{name}"] = …  # {_meaning(name, near.score)}'
    yield f"table.to_parquet({target!r}, index=False)"


def _mend_in_r(near: NearMiss, target: str) -> Iterator[str]:
    read = f"read.csv({_in_r(near.path)}, sep = {_in_r(near.delimiter)})"
    yield f"table <- {read if near.delimiter else f'arrow::read_parquet({_in_r(near.path)})'}"
    for old, new in near.renames.items():
        yield f"names(table)[names(table) == {_in_r(old)}] <- {_in_r(new)}"
    for name in near.lacking:
        yield f"table${name} <- …  # {_meaning(name, near.score)}"
    yield f"arrow::write_parquet(table, {_in_r(target)})"


def _in_r(text: str) -> str:
    """A string of R, which takes what JSON takes."""
    return json.dumps(text, ensure_ascii=False)


def _meaning(name: str, score: str) -> str:
    if name == "row_id":
        return "unique, and the same for the same example in every revision"
    if name == "y_true":
        return "the truth"
    return f"the answer; {score!r} itself may become proba_<class>" if score else "the answer"


_IMPORTS: dict[str, Library] = {
    "torch": "pytorch",
    "pytorch_lightning": "pytorch",
    "lightning": "pytorch",
    "torchvision": "pytorch",
    "xgboost": "xgboost",
}


def choose_library(imported: frozenset[str], *, r: bool) -> Library:
    """The library whose snippet fits, by the packages that the project imports or lists; else pandas."""
    found = next((library for name, library in _IMPORTS.items() if name in imported), None)
    return found or ("r" if r and "pandas" not in imported else "pandas")
