"""A team's own metrics: what mistakes cost, and a loss that the pipeline writes for each row."""

from collections.abc import Mapping

import msgspec
import numpy as np
from numpy.typing import NDArray

from mergegate import stats
from mergegate.compare.exam import Exam
from mergegate.compare.sample import Sample
from mergegate.records.metrics import MEAN_COST, PRECISION_AT_TOP, TOP_K_ACCURACY
from mergegate.stats import Design, Estimate, Influence, UndefinedError


class Options(msgspec.Struct, frozen=True):
    """What the policy adds to the metrics of a task.

    `costs[truth][prediction]` gives `mean_cost`, in `unit`. `losses` maps a metric's name to its column and
    whether a higher mean is better. `quantile` is the one that a regression's predictions estimate.
    `top_share` of the rows gives `precision_at_top`, `top_k` classes `top_k_accuracy_score`.
    """

    costs: Mapping[str, Mapping[str, float]] = msgspec.field(default_factory=dict)
    unit: str = ""
    losses: Mapping[str, tuple[str, bool]] = msgspec.field(default_factory=dict)
    quantile: float = 0.5
    top_share: float | None = None
    top_k: int | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The metrics that these options add."""
        asked = {
            MEAN_COST: bool(self.costs),
            PRECISION_AT_TOP: self.top_share is not None,
            TOP_K_ACCURACY: self.top_k is not None,
        }
        return (*(name for name, given in asked.items() if given), *self.losses)


class ByCosts(msgspec.Struct, frozen=True):
    """Mean cost of a row by its true and its predicted class; of named classes, what has no cost is free."""

    costs: Mapping[str, Mapping[str, float]]

    def value(self, sample: Sample, design: Design) -> float:
        """As in Measure."""
        return self.alone(sample, design).value

    def alone(self, sample: Sample, design: Design) -> Estimate:
        """As in Measure."""
        matrix, places = self._matrix(sample, sample)
        truth, answer = places[sample.y_true], places[sample.y_pred]
        return stats.Decisions(truth, answer, classes=len(matrix), design=design).cost_absolute(matrix)

    def paired(self, exam: Exam, relative: float = 0.0) -> tuple[float, float, Estimate]:
        """As in Measure."""
        matrix, places = self._matrix(exam.base, exam.head)
        truth, design = places[exam.head.y_true], exam.design
        old, new = (places[side.y_pred] for side in (exam.base, exam.head))
        decisions = stats.Decisions(truth, old, new, classes=len(matrix), design=design)
        base, head = (design.mean(matrix[truth, answer]) for answer in (old, new))
        return base, head, decisions.cost_difference(matrix, share=1 + relative)

    def _matrix(self, *sides: Sample) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """The costs (k, k) of the k classes that the matrix names, and the place of each class among them.

        Raises UndefinedError for a class that no file knows, a misspelling, and for one that occurs and has
        no cost: an answer that nobody priced must not be free.
        """
        classes = sides[0].classes
        named = dict.fromkeys(label for truth, row in self.costs.items() for label in (truth, *row))
        unknown = [label for label in named if label not in classes]
        if unknown:
            known = ", ".join(classes[:10])
            raise UndefinedError(f"the cost matrix names the class {unknown[0]}; there are {known}")
        occur = set().union(
            *(np.unique(codes).tolist() for side in sides for codes in (side.y_true, side.y_pred))
        )
        free = [classes[code] for code in sorted(occur) if classes[code] not in named]
        if free:
            raise UndefinedError(f"the cost matrix does not name the class {free[0]}")
        order = {label: place for place, label in enumerate(named)}
        places = np.array([order.get(label, 0) for label in classes], np.int64)
        table = np.zeros((len(order), len(order)))
        for truth, row in self.costs.items():
            for answer, cost in row.items():
                table[order[truth], order[answer]] = cost
        return table, places


def loss(sample: Sample, design: Design, *, column: str) -> Influence:
    """Mean of a further column of the predictions file."""
    return stats.mean(sample.column(column), design, skewed="always")
