"""How to write a predictions file, in three lines, for the library that a project already has."""

from typing import Literal

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
