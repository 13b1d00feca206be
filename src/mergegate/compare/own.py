"""A team's own metrics: what mistakes cost, and a loss that the pipeline writes for each row."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from mergegate import stats
from mergegate.compare.sample import Sample
from mergegate.records.metrics import MEAN_COST
from mergegate.stats import Design, Influence, UndefinedError


@dataclass(frozen=True)
class Options:
    """What the policy adds to the metrics of a task.

    `costs[truth][prediction]` gives `mean_cost`, in `unit`. `losses` maps a metric's name to its column and
    whether a higher mean is better. `quantile` is the one that a regression's predictions estimate.
    """

    costs: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    unit: str = ""
    losses: Mapping[str, tuple[str, bool]] = field(default_factory=dict)
    quantile: float = 0.5

    @property
    def names(self) -> tuple[str, ...]:
        """The metrics that these options add."""
        return (*((MEAN_COST,) if self.costs else ()), *self.losses)


def mean_cost(sample: Sample, design: Design, *, costs: Mapping[str, Mapping[str, float]]) -> Influence:
    """Mean cost of a row by its true and its predicted class; what the matrix does not name costs nothing.

    Raises UndefinedError for a matrix that names a class which no file knows: most likely a misspelling.
    """
    places = {label: place for place, label in enumerate(sample.classes)}
    table = np.zeros((len(places), len(places)))
    for truth, row in costs.items():
        for answer, cost in row.items():
            unknown = [label for label in (truth, answer) if label not in places]
            if unknown:
                known = ", ".join(sample.classes[:10])
                raise UndefinedError(f"the cost matrix names the class {unknown[0]}; there are {known}")
            table[places[truth], places[answer]] = cost
    return stats.mean(table[sample.y_true, sample.y_pred], design, skewed="always")


def loss(sample: Sample, design: Design, *, column: str) -> Influence:
    """Mean of a further column of the predictions file."""
    return stats.mean(sample.column(column), design, skewed="always")


def cost_of(options: Options) -> "partial[Influence]":
    """`mean_cost` by the policy's matrix."""
    return partial(mean_cost, costs=options.costs)
