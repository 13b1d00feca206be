"""A team's own metrics: what mistakes cost, and a loss that the pipeline writes for each row."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mergegate import stats
from mergegate.compare.exam import Exam
from mergegate.compare.sample import Sample
from mergegate.records.metrics import MEAN_COST, PRECISION_AT_TOP, TOP_K_ACCURACY
from mergegate.stats import Design, Estimate, Influence, UndefinedError


@dataclass(frozen=True)
class Options:
    """What the policy adds to the metrics of a task.

    `costs[truth][prediction]` gives `mean_cost`, in `unit`. `losses` maps a metric's name to its column and
    whether a higher mean is better. `quantile` is the one that a regression's predictions estimate.
    `top_share` of the rows gives `precision_at_top`, `top_k` classes `top_k_accuracy_score`.
    """

    costs: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    unit: str = ""
    losses: Mapping[str, tuple[str, bool]] = field(default_factory=dict)
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


@dataclass(frozen=True)
class ByCosts:
    """Mean cost of a row by its true and its predicted class; what the matrix does not name costs nothing."""

    costs: Mapping[str, Mapping[str, float]]

    def value(self, sample: Sample, design: Design) -> float:
        """As in Measure."""
        return self.alone(sample, design).value

    def alone(self, sample: Sample, design: Design) -> Estimate:
        """As in Measure."""
        answers = stats.Decisions(sample.y_true, sample.y_pred, classes=len(sample.classes), design=design)
        return answers.cost_absolute(self._matrix(sample))

    def paired(self, exam: Exam, relative: float = 0.0) -> tuple[float, float, Estimate]:
        """As in Measure."""
        matrix, design = self._matrix(exam.head), exam.design
        values = (design.mean(matrix[side.y_true, side.y_pred]) for side in (exam.base, exam.head))
        base, head = values
        return base, head, exam.decisions.cost_difference(matrix, share=1 + relative)

    def _matrix(self, sample: Sample) -> NDArray[np.float64]:
        """The costs (k, k). Raises UndefinedError for a class that no file knows: a misspelling."""
        places = {label: place for place, label in enumerate(sample.classes)}
        table = np.zeros((len(places), len(places)))
        for truth, row in self.costs.items():
            for answer, cost in row.items():
                unknown = [label for label in (truth, answer) if label not in places]
                if unknown:
                    known = ", ".join(sample.classes[:10])
                    raise UndefinedError(f"the cost matrix names the class {unknown[0]}; there are {known}")
                table[places[truth], places[answer]] = cost
        return table


def loss(sample: Sample, design: Design, *, column: str) -> Influence:
    """Mean of a further column of the predictions file."""
    return stats.mean(sample.column(column), design, skewed="always")
