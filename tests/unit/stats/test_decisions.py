"""Metrics of decisions: scikit-learn's values, slopes by brute force, intervals of special cases."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats
from sklearn import metrics as oracle

from mergegate.stats.cells import Cells, squares_over_all
from mergegate.stats.counts import PER_CLASS, WHOLE, Margins
from mergegate.stats.decisions import Decisions
from mergegate.stats.design import Design, UndefinedError

# scikit-learn warns where a class has no row, a case that these tests want.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:sklearn", "ignore::RuntimeWarning:sklearn")

Codes = NDArray[np.int64]
Weight = NDArray[np.float64] | None
NAMES = (*WHOLE, *PER_CLASS)


def _value(name: str, truth: Codes, answer: Codes, weight: Weight, code: int) -> float:
    """The metric by scikit-learn."""
    options: dict[str, Any] = {"sample_weight": weight}
    if name in ("accuracy", "balanced_accuracy"):
        return float(getattr(oracle, f"{name}_score")(truth, answer, **options))
    if name == "matthews_corrcoef":
        return float(oracle.matthews_corrcoef(truth, answer, **options))
    metric, _, average = name.partition("_")
    if not average:
        options |= {"labels": [code], "average": None}
    else:
        options["average"] = average
    found = getattr(oracle, f"{metric}_score")(truth, answer, zero_division=0, **options)
    return float(np.ravel(found)[0])


@st.composite
def decided(draw: st.DrawFn) -> tuple[Codes, Codes, Codes, NDArray[np.float64], int]:
    """Truth, base's and head's answers (n,), weights, number of classes."""
    classes, n = draw(st.sampled_from([2, 3, 5])), draw(st.integers(5, 60))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    truth = random.integers(0, classes, n)
    base = np.where(random.random(n) < 0.6, truth, random.integers(0, classes, n))
    head = np.where(
        random.random(n) < draw(st.sampled_from([0.7, 1.0])), base, random.integers(0, classes, n)
    )
    return truth, base, head, np.round(random.exponential(size=n), 2), classes


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=40, deadline=None)
@given(rows=decided())
def test_the_value_is_scikit_learns(name: str, rows: tuple[Codes, Codes, Codes, Weight, int]) -> None:
    truth, base, head, weights, classes = rows
    for weight in (None, weights):
        decisions = Decisions(truth, base, head, classes=classes, design=Design(len(truth), weight=weight))
        try:
            apart, alone = decisions.difference(name), decisions.absolute(name)
        except UndefinedError:
            continue
        before, after = (_value(name, truth, answer, weight, 1) for answer in (base, head))
        assert alone.value == pytest.approx(after, abs=1e-9)
        assert apart.value == pytest.approx(after - before, abs=1e-9)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=25, deadline=None)
@given(k=st.integers(2, 5), seed=st.integers(0, 2**32 - 1))
def test_slopes_are_those_of_the_value(name: str, k: int, seed: int) -> None:
    table = np.random.default_rng(seed).uniform(0.5, 5, (k, k))
    metric, present = WHOLE.get(name) or PER_CLASS[name], np.ones(k, np.bool_)

    def value(table: NDArray[np.float64]) -> float:
        margins = Margins(np.diag(table).copy(), table.sum(axis=1), table.sum(axis=0))
        return float(metric(margins, present)[0])

    slopes = metric(Margins(np.diag(table).copy(), table.sum(axis=1), table.sum(axis=0)), present)[1]
    found = np.diag(slopes.hits) + slopes.truth[:, np.newaxis] + slopes.answer
    step = 1e-5
    for cell in np.ndindex(k, k):
        nudge = np.zeros((k, k))
        nudge[cell] = step
        wanted = (value(table + nudge) - value(table - nudge)) / (2 * step)
        assert found[cell] == pytest.approx(wanted, abs=1e-8)
    assert (found * table).sum() == pytest.approx(0, abs=1e-12)


@settings(max_examples=50, deadline=None)
@given(k=st.integers(2, 5), models=st.integers(1, 2), seed=st.integers(0, 2**32 - 1))
def test_squares_over_all_cells_are_summed_without_visiting_them(k: int, models: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    slopes = [Margins(*random.normal(size=(3, k))) for _ in range(models)]
    codes = np.indices((k,) * (models + 1)).reshape(models + 1, -1)
    cells = Cells(codes[0], list(codes[1:]), k, Design(codes.shape[1]))
    assert squares_over_all(slopes) == pytest.approx(float(cells.moves(slopes) @ cells.moves(slopes)))


@settings(max_examples=50, deadline=None)
@given(rows=decided())
def test_accuracys_difference_is_agresti_and_mins(rows: tuple[Codes, Codes, Codes, Weight, int]) -> None:
    truth, base, head, _, classes = rows
    n = len(truth)
    lost = np.count_nonzero((base == truth) & (head != truth)) + 0.5
    won = np.count_nonzero((base != truth) & (head == truth)) + 0.5
    centre = (won - lost) / (n + 2)
    reach = 1.959963984540054 * math.sqrt((won + lost) - (won - lost) ** 2 / (n + 2)) / (n + 2)
    interval = (
        Decisions(truth, base, head, classes=classes, design=Design(n)).difference("accuracy").interval()
    )
    assert interval.low == pytest.approx(max(centre - reach, -1), abs=1e-12)
    assert interval.high == pytest.approx(min(centre + reach, 1), abs=1e-12)


@settings(max_examples=50, deadline=None)
@given(hits=st.integers(0, 40), misses=st.integers(0, 40), confidence=st.sampled_from([0.8, 0.95, 0.99]))
def test_an_accuracy_alone_has_wilsons_interval(hits: int, misses: int, confidence: float) -> None:
    n = hits + misses
    assume(n)
    answer = np.concatenate([np.zeros(hits, np.int64), np.ones(misses, np.int64)])
    interval = Decisions(np.zeros(n, np.int64), answer, classes=2, design=Design(n)).absolute("accuracy")
    wilson = stats.binomtest(hits, n).proportion_ci(confidence, method="wilson")
    assert interval.interval(confidence).low == pytest.approx(wilson.low, abs=1e-9)
    assert interval.interval(confidence).high == pytest.approx(wilson.high, abs=1e-9)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=20, deadline=None)
@given(rows=decided())
def test_exchange_mirrors_and_order_does_not_matter(
    name: str, rows: tuple[Codes, Codes, Codes, Weight, int]
) -> None:
    truth, base, head, weight, classes = rows
    n = len(truth)
    cluster = np.arange(n) % 4
    order = np.random.default_rng(1).permutation(n)
    for design, moved in (
        (Design(n), Design(n)),
        (Design(n, weight=weight), Design(n, weight=None if weight is None else weight[order])),
        (Design(n, cluster=cluster), Design(n, cluster=cluster[order])),
    ):
        try:
            there = _limits(Decisions(truth, base, head, classes=classes, design=design), name)
            back = _limits(Decisions(truth, head, base, classes=classes, design=design), name)
        except UndefinedError:
            continue
        assert back == pytest.approx((-there[0], -there[2], -there[1]), abs=1e-9)
        shuffled = Decisions(truth[order], base[order], head[order], classes=classes, design=moved)
        assert _limits(shuffled, name) == pytest.approx(there, abs=1e-9)


def _limits(decisions: Decisions, name: str) -> tuple[float, float, float]:
    estimate = decisions.difference(name)
    interval = estimate.interval()
    return estimate.value, interval.low, interval.high


def test_models_that_agree_on_every_row_differ_by_about_nothing() -> None:
    truth, answer = np.arange(1_000) % 2, np.arange(1_000) % 3 % 2
    estimate = Decisions(truth, answer, answer, classes=2, design=Design(1_000)).difference("accuracy")
    interval = estimate.interval()
    assert (estimate.value, estimate.discordant) == (0.0, 0)
    assert -0.003 < interval.low < 0 < interval.high < 0.003


def test_discordant_rows_of_a_recall_are_its_own() -> None:
    truth = np.array([1, 1, 1, 0, 0, 0])
    base, head = np.array([1, 1, 0, 0, 0, 1]), np.array([1, 0, 1, 1, 0, 1])
    decisions = Decisions(truth, base, head, classes=2, design=Design(6))
    assert (decisions.difference("recall").discordant, decisions.difference("accuracy").discordant) == (2, 3)
    ignored = Decisions(truth, base, head, classes=2, design=Design(6, weight=[1, 0, 1, 1, 1, 1]))
    assert ignored.difference("recall").discordant == 1


def test_what_carries_a_metric() -> None:
    truth = np.repeat([0, 1], [70, 30])
    answer = np.repeat([0, 1, 0, 1], [60, 10, 10, 20])
    decisions = Decisions(truth, answer, answer, classes=2, design=Design(100))
    carried = {name: decisions.difference(name).carried for name in ("accuracy", "recall", "precision", "f1")}
    assert carried == {"accuracy": 100, "recall": 30, "precision": 30, "f1": 40}
    assert decisions.difference("balanced_accuracy").carried == 30


@pytest.mark.parametrize(
    ("name", "truth", "answer", "sentence"),
    [
        ("precision", [0, 1], [0, 0], "no row is predicted to be of the class"),
        ("recall", [0, 0], [0, 1], "no row is truly of the class"),
        ("f1", [0, 0], [0, 0], "no row is truly of the class or predicted to be"),
        ("balanced_accuracy", [1, 1], [0, 1], "every row is truly of the same class"),
        ("matthews_corrcoef", [1, 1], [0, 1], "every row is truly of the same class"),
    ],
)
def test_what_has_no_value_says_why(name: str, truth: list[int], answer: list[int], sentence: str) -> None:
    decisions = Decisions(np.array(truth), np.array(answer), np.array(answer), classes=2, design=Design(2))
    with pytest.raises(UndefinedError, match=sentence):
        decisions.difference(name)
    with pytest.raises(UndefinedError, match=sentence):
        decisions.absolute(name)


def test_the_same_answer_everywhere_has_no_correlation() -> None:
    truth, answer = np.arange(50) % 2, np.zeros(50, np.int64)
    estimate = Decisions(truth, answer, answer, classes=2, design=Design(50)).absolute("matthews_corrcoef")
    assert estimate.value == 0
    assert estimate.interval().low < 0 < estimate.interval().high


def test_a_class_only_in_heads_answers_counts_for_head_alone() -> None:
    truth = np.array([0, 1] * 20)
    base, head = truth.copy(), truth.copy()
    head[0] = 2
    estimate = Decisions(truth, base, head, classes=3, design=Design(40)).difference("f1_macro")
    wanted = oracle.f1_score(truth, head, average="macro", zero_division=0) - 1
    assert estimate.value == pytest.approx(wanted)


def test_two_million_classes_cost_no_more_than_those_that_occur() -> None:
    random = np.random.default_rng(0)
    truth = random.integers(0, 2_000_000, 3_000)
    base = np.where(random.random(3_000) < 0.7, truth, random.integers(0, 2_000_000, 3_000))
    head = np.where(random.random(3_000) < 0.9, base, truth)
    decisions = Decisions(truth, base, head, classes=2_000_000, design=Design(3_000))
    for name in ("accuracy", "f1_macro", "recall_weighted", "matthews_corrcoef"):
        estimate = decisions.difference(name)
        assert estimate.value > 0
        assert ("too few for" in estimate.problem) == (name != "accuracy")


@pytest.mark.parametrize("name", ["accuracy", "f1", "recall", "matthews_corrcoef"])
def test_summed_influence_and_jackknife_by_cluster_agree(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(5)
    n = 6_000
    cluster = random.integers(0, 150, n)
    truth = random.integers(0, 2, n)
    base, head = (np.where(random.random(n) < 0.8, truth, 1 - truth) for _ in range(2))
    jackknife = Decisions(truth, base, head, classes=2, design=Design(n, cluster=cluster)).difference(name)
    monkeypatch.setattr("mergegate.stats.decisions.JACKKNIFE_BELOW", 0)
    summed = Decisions(truth, base, head, classes=2, design=Design(n, cluster=cluster)).difference(name)
    assert summed.standard_error == pytest.approx(jackknife.standard_error, rel=0.01)
    assert summed.interval() != jackknife.interval()
