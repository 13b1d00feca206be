"""How much worse the bundle gets when one input's values change places between rows."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mergegate.bundle import Bundle, Predicted
from pipeline.curves import DIGITS, Rows
from pipeline.scores import GREATER_IS_WORSE
from pipeline.stage import Section, StageError


class Importance(Section, frozen=True):
    """`metric` that is watched, on at most `rows` rows, each input shuffled `repeats` times from `seed`."""

    metric: str
    rows: int = 5000
    repeats: int = 5
    seed: int = 0


def permute(
    bundle: Bundle,
    table: dict[str, NDArray[Any]],
    y_true: NDArray[Any],
    score: Callable[[NDArray[Any], Predicted], dict[str, float]],
    params: Importance,
) -> Rows:
    """Loss of `params.metric` per input, mean and standard deviation over the repeats, greatest first.

    `table` maps each input to its values (n,), `y_true` (n,) are the labels. Positive means that the input
    helps.
    """
    random = np.random.default_rng(params.seed)
    rows = len(y_true)
    chosen = np.sort(random.choice(rows, min(rows, params.rows), replace=False))
    sample = {name: values[chosen] for name, values in table.items()}
    truth = y_true[chosen]
    sign = -1.0 if params.metric in GREATER_IS_WORSE else 1.0

    def measure(columns: dict[str, NDArray[Any]]) -> float:
        scores = score(truth, bundle.predict(columns))
        if params.metric not in scores:
            raise StageError(
                f"params.yaml, report.importance.metric: these rows give no `{params.metric}`",
                hint=f"choose one of {', '.join(scores)}",
            )
        return sign * scores[params.metric]

    whole = measure(sample)
    found = []
    for name in sample:
        losses = [
            whole - measure({**sample, name: random.permutation(sample[name])}) for _ in range(params.repeats)
        ]
        spread = float(np.std(losses, ddof=1)) if len(losses) > 1 else 0.0
        found.append(
            {"input": name, "mean": round(float(np.mean(losses)), DIGITS), "spread": round(spread, DIGITS)}
        )
    return sorted(found, key=lambda row: (-row["mean"], row["input"]))
