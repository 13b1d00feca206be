"""Tables of metrics on the page: as narrow as a screen, each fold with a name of its own."""

import re

from mergegate.report.html.review import render
from support.reviews import stories


def test_an_interval_stands_below_its_number() -> None:
    page = render(stories()["rescored"])
    assert re.search(r'<td class="number">0\.\d+<div class="note">0\.\d+ to 0\.\d+</div></td>', page)
    assert not re.search(r'<td class="number">[\d.]+ \(', page)


def test_how_intervals_were_computed_is_told_for_each_comparison_by_name() -> None:
    page = render(stories()["rescored"])
    assert re.findall("<summary>(How each interval[^<]*)</summary>", page) == [
        "How each interval was computed",
        "How each interval was computed, on head&#x27;s rows",
    ]
