"""Why a graph may differ from its estimator: the sentence that a failed parity check ends with."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mergegate.bundle.conversion import parts
from mergegate.bundle.edges import Edges
from mergegate.bundle.folder import printable
from mergegate.bundle.parity import Comparison
from mergegate.errors import UsageError

MAX_ROWS = 5
MAX_COLUMNS = 8
_TREES = ("Tree", "Forest", "Boosting")
_INEXACT = ("Scaler", "Transformer", "PCA")
_EXACT = ("ColumnTransformer", "FunctionTransformer")
ROUNDING = 1e-3
"""A smaller difference looks like float32 arithmetic, a larger one like another model."""


def refuse(
    estimator: Any, check: Comparison, edges: Comparison, tried: Edges, *, tolerance: float
) -> UsageError | None:
    """The error that a parity check ends with, None where graph and estimator agree."""
    wrong, wrong_edges = check.wrong(tolerance), edges.wrong(tolerance)
    if not len(wrong) and not len(wrong_edges):
        return None
    lines = [
        f"the graph and the estimator disagree on {len(wrong):,} of {len(check.rows):,} rows"
        f" and {len(wrong_edges):,} of {int(edges.accepted.sum()):,} edge rows;"
        f" largest difference {max(check.largest, edges.largest):.3g}, allowed {tolerance:g}"
    ]
    lines += [_row(check, int(row), f"row {row}") for row in wrong[:MAX_ROWS]]
    lines += [
        _row(edges, int(row), _edge(tried, int(row)), first=tried.columns[row])
        for row in wrong_edges[:MAX_ROWS]
    ]
    kinds = {tried.kinds[row] for row in wrong_edges}
    largest = max(check.largest, edges.largest)
    cause = _cause(estimator, kinds, largest, only_edges=not len(wrong), error=check.error or edges.error)
    return UsageError("\n  ".join(lines), hint=cause)


def _edge(tried: Edges, row: int) -> str:
    name = tried.columns[row]
    return f"{tried.kinds[row]} `{name}`" if name else f"{tried.kinds[row]} edge row {row}"


def _row(comparison: Comparison, row: int, title: str, *, first: str = "") -> str:
    """One disagreement; the column that the row tries stands first."""
    values = comparison.rows.iloc[row].to_dict()
    names = sorted(values, key=lambda name: name != first)
    shown = ", ".join(f"{name}={_value(values[name])}" for name in names[:MAX_COLUMNS])
    more = f", … {len(values) - MAX_COLUMNS} more" if len(values) > MAX_COLUMNS else ""
    if np.isinf(comparison.difference[row]) and comparison.error:
        said = "the graph fails"
    else:
        said = f"estimator {_answer(comparison.expected, row)}, graph {_answer(comparison.found, row)}"
    return f"{title}: {said} ({shown}{more})"


def _value(value: Any) -> str:
    return repr(printable(value)) if isinstance(value, str) else f"{value:.9g}"


def _answer(predicted: Any, row: int) -> str:
    if predicted.probabilities is None:
        return str(predicted.y_pred[row])
    shown = " ".join(f"{value:.6f}" for value in predicted.probabilities[row][:4])
    return f"{predicted.y_pred[row]} [{shown}]"


def _cause(estimator: Any, kinds: set[str], largest: float, *, only_edges: bool, error: str) -> str:
    """The likeliest cause and what to do."""
    for suspect in _suspects(estimator):
        return suspect
    if error:
        return f"the graph fails where the estimator does not: {printable(error)}"
    if only_edges and kinds <= {"unseen", "combined"} and "unseen" in kinds:
        return (
            "likely cause: categories that training did not show; encode them by "
            'OneHotEncoder(handle_unknown="ignore") or by OrdinalEncoder(unknown_value=-1)'
        )
    if only_edges and kinds <= {"missing", "combined"} and "missing" in kinds:
        return "likely cause: missing values; impute them before the step that treats them specially"
    if only_edges and kinds <= {"extreme", "combined"}:
        return "likely cause: values far outside the training range; clip the inputs before the model"
    if largest < ROUNDING:
        return (
            "likely cause: the graph computes in float32; scale the inputs, or allow more with `tolerance` "
            "if a difference of this size means nothing to the model's users"
        )
    return "likely cause: a step that skl2onnx converts wrongly; leave steps out one by one to find it"


def _suspects(estimator: Any) -> Iterator[str]:
    """Sentences for steps that are known to convert wrongly without an error."""
    for part in parts(estimator):
        name = type(part).__name__
        if name.startswith("HistGradientBoosting") and getattr(part, "is_categorical_", None) is not None:
            yield (
                f"likely cause: {name} with categorical_features, which skl2onnx converts wrongly; "
                "encode the categories as numbers or one-hot before it and leave categorical_features out"
            )
        if name == "OneHotEncoder" and (part.min_frequency is not None or part.max_categories is not None):
            yield (
                "likely cause: OneHotEncoder with min_frequency or max_categories, whose graph fails on "
                "categories that training did not show; group rare values before it and use "
                'handle_unknown="ignore"'
            )

    names = [type(part).__name__ for part in parts(estimator)]
    scalers = [name for name in names if name.endswith(_INEXACT) and name not in _EXACT]
    trees = [name for name in names if any(kind in name for kind in _TREES)]
    if scalers and trees:
        yield (
            f"likely cause: {scalers[0]} before {trees[-1]}: its arithmetic differs in the last digit, which "
            "moves values that lie on a split to the other side; trees need no scaling, leave the step out"
        )
