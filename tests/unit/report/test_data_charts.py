"""Small pictures of a dataset: each says in numbers what it shows."""

import re

from msgspec.structs import replace

from mergegate.report.data import charts
from support.datasets import everything
from support.outline import outline


def test_rows_of_files_that_are_alike_are_rows_that_are_the_same() -> None:
    dataset = everything()
    assert dataset.rows is not None
    added = replace(dataset.rows, old=0, new=28_330, added=28_330, removed=0, changed=0, same=0)
    drawn = charts.rows(replace(dataset, rows=added, files_skipped=3, rows_skipped=80_789))
    legend = re.findall(r"</i>([^<]+)</span>", drawn)
    assert legend == ["0 removed", "0 changed", "80,789 same", "28,330 added"]
    widths = re.findall(r'class="(same|added)" x="[\d.]+" y="0" width="([\d.]+)"', drawn)
    assert widths == [("same", "74.04"), ("same", "74.04"), ("added", "25.96")]


def test_each_column_that_was_compared_has_a_bar_the_furthest_first() -> None:
    dataset = everything()
    found = re.findall("<li>.*?</li>", charts.shift(dataset))
    bars = [" ".join(outline(bar).text.split()) for bar in found]
    assert bars == [
        "temp 39.91 → 51.75 0.41",
        "carrier 0.12",
        "wind_gust 25.10 → 25.40 0.06",
        "distance 1,007 → 1,039 0.02",
    ]
    assert charts.shift(dataset).count('class="notable"') == 2
    assert charts.shift(replace(dataset, shift=())) == ""


def test_of_many_columns_the_first_are_drawn_and_the_rest_counted() -> None:
    dataset = everything()
    drawn = charts.shift(replace(dataset, shift=dataset.shift * 125))
    assert drawn.count("<li>") == 24
    assert "476 more in the table below" in drawn
