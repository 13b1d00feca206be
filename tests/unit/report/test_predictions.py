"""Two predictions files compared: the first thing that people try."""

import io

import msgspec
import pytest
from hypothesis import given, settings
from rich.console import Console

from mergegate.records.comparison import MetricComparison, RowCounts
from mergegate.report import predictions
from support.attacks import ATTACKS, HOSTILE, poison
from support.comparisons import NOISY_ROC, SAME_ROWS, WORSE_ROC
from support.designs import slices
from support.golden import assert_golden
from support.measured import AP, CALIBRATION, LOSS, RECALL, untold
from support.told import SAME

FEW = msgspec.structs.replace(RECALL, **untold("31 rows carry it, and the policy asks for 50", 0.21, 0.29))
MIXED = (WORSE_ROC, AP, LOSS, FEW, CALIBRATION)


def shown(
    *metrics: MetricComparison,
    rows: RowCounts = SAME_ROWS,
    names: tuple[str, str] = ("old.parquet", "new.parquet"),
    notes: tuple[str, ...] = (),
    width: int = 100,
) -> str:
    """What a terminal of this width receives; without the blanks that end lines."""
    out = io.StringIO()
    console = Console(file=out, width=width, _environ={})
    predictions.render(
        rows, metrics, task="binary", names=names, notes=notes, confidence=0.95, console=console
    )
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


@pytest.mark.parametrize("width", [60, 100])
def test_two_files_are_told_as_a_person_has_read_it(width: int) -> None:
    rows = RowCounts(base=26_230, head=28_330, shared=26_230, new=2_100, labels_changed=3)
    notes = ("the positive class is late: the later of the two by name",)
    assert_golden(f"report/predictions.{width}.txt", shown(*MIXED, rows=rows, notes=notes, width=width))


def test_slices_are_told_too() -> None:
    (model,) = slices().models
    assert_golden("report/predictions-slices.txt", shown(*model.metrics))


@pytest.mark.parametrize(
    ("metrics", "said"),
    [
        ((LOSS,), "B against A: better in log_loss."),
        (
            MIXED,
            "B against A: worse in roc_auc; better in log_loss; no evidence of a difference in "
            "average_precision; can't tell in recall[late].",
        ),
        ((NOISY_ROC,) * 5, "B against A: no evidence of a difference in 5 metrics."),
        (SAME, "B against A: no metric differs."),
        ((CALIBRATION,), "B against A: nothing could be judged."),
        ((), "B against A: nothing could be judged."),
    ],
)
def test_the_first_line_says_what_it_comes_to(metrics: tuple[MetricComparison, ...], said: str) -> None:
    assert predictions.headline(metrics) == said


def test_files_without_a_shared_row_are_not_compared() -> None:
    apart = RowCounts(base=10, head=20, new=20, gone=10)
    lone = MetricComparison(name="roc_auc", greater_is_better=True, base_all=0.6, head_all=0.7)
    assert shown(lone, rows=apart, width=200).splitlines() == [
        "B against A: nothing could be judged.",
        "A (base) is old.parquet, B (head) is new.parquet: binary predictions. A evaluated 10 rows, B 20, "
        "and they share none: each number is of its side's own rows, and the two can't be compared.",
        "",
        "Metrics, each on its own file's rows",
        "  metric   A, its rows  B, its rows",
        "  ─────────────────────────────────",
        "  roc_auc       0.6000       0.7000",
    ]


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_known_attack_reaches_the_terminal(attack: str) -> None:
    assert_inert(attack)


@settings(max_examples=60, deadline=None)
@given(HOSTILE)
def test_no_text_reaches_the_terminal_as_anything_but_text(text: str) -> None:
    assert_inert(text)


def assert_inert(text: str) -> None:
    """Assert that texts of the files come as printable characters within the width."""
    metrics = [poison(metric, text) for metric in MIXED]
    received = shown(*metrics, names=(text, text), notes=(text,))
    assert all(character.isprintable() for character in received.replace("\n", ""))
