"""Gates on the page: whole names, and numbers beside their bars."""

import re

from msgspec.structs import replace

from mergegate.records.verdict import GateResult
from mergegate.report.html.review import render
from support.outline import outline
from support.told import review


def names(gate: GateResult) -> list[str]:
    """What stands in the first cell of the gate's row, piece by piece."""
    page = render(review(gates=(gate,)))
    (cell,) = re.findall(r'<tbody><tr><th scope="row">(.*?)</th>', page)[:1]
    return re.findall("<bdi>(.*?)</bdi>", cell)


def test_a_long_name_breaks_behind_whose_gate_it_is_and_reads_as_one() -> None:
    gate = GateResult(id="late-arrival/roc_auc/min", kind="metric", outcome="pass", sentence="holds.")
    assert names(gate) == ["late-arrival/roc_auc/min"]
    assert names(replace(gate, subject="late-arrival")) == ["late-arrival/", "roc_auc/min"]
    assert names(replace(gate, id="late-arrival/", subject="late-arrival")) == ["late-arrival/"]
    page = render(review(gates=(replace(gate, subject="late-arrival"),)))
    assert "late-arrival/roc_auc/min" in outline(page).text
