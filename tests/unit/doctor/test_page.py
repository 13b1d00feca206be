"""The page names every check as it names itself, in the order in which they are made."""

import re
from pathlib import Path

from mergegate import doctor
from mergegate.doctor import on_github
from mergegate.doctor.check import name

PAGE = (Path(__file__).parents[3] / "docs/doctor.md").read_text()


def test_the_page_has_each_check_in_its_own_words() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| (.+) \|$", PAGE, flags=re.MULTILINE)
    here = [(name(each), each.LOOKS_FOR) for each in doctor.CHECKS]
    there = [(name(each), each.LOOKS_FOR) for each in on_github.CHECKS]
    assert rows == [*here, *there]
