"""A dataset at a terminal: readable at any width, and inert whatever the data says."""

import io

import pytest
from rich.console import Console

from mergegate.records.data import LabelEdit
from mergegate.report import terminal
from mergegate.report.data.terminal import render_terminal
from support.changes import DATA
from support.datasets import Story, dataset, everything, labels, stories
from support.golden import assert_golden
from support.reviews import review


def shown(story: Story, *, width: int = 100) -> str:
    """What a terminal of this width receives; without the blanks that end lines."""
    out = io.StringIO()
    render_terminal(Console(file=out, width=width, _environ={}), story.dataset, story.change)
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


@pytest.mark.parametrize("story", stories())
def test_each_story_is_told_as_a_person_has_read_it(story: str) -> None:
    assert_golden(f"data/{story}.txt", shown(stories()[story]))


@pytest.mark.parametrize("width", [20, 40, 60, 80, 200])
def test_no_line_is_wider_than_the_terminal_and_no_name_is_lost(width: int) -> None:
    text = shown(Story(everything()), width=width)
    assert max(map(len, text.splitlines())) <= width
    assert all(name in text for name in ("dep_delay", "tailnum", "income", "wind_gust"))


def test_a_value_can_not_be_taken_for_a_word_of_ours() -> None:
    edits = tuple(LabelEdit(old=old, new=None, rows=1) for old in ("missing", "", " x", "hidden", None))
    text = shown(Story(dataset(labels=labels(edits=edits))), width=200)
    rows = [line.split()[:2] for line in text.partition("Edits\n")[2].splitlines()[2:7]]
    assert rows == [
        ['"missing"', "missing"],
        ['""', "missing"],
        ['"', 'x"'],
        ['"hidden"', "missing"],
        ["missing", "missing"],
    ]


def test_a_review_tells_the_dataset_in_place_of_its_files() -> None:
    out = io.StringIO()
    told = review(datasets=(stories()["labels-edited"].dataset, stories()["rows-added"].dataset), data=DATA)
    terminal.render(told, Console(file=out, width=100, _environ={}))
    text = out.getvalue()
    assert "data/model/evaluation: 212 labels edited, 212 rows changed" in text
    assert text.index("212 labels edited") < text.index("data/raw/flights: 28,330 rows added")
    assert "Other tracked data changed: 1" in text
    assert "Rows: 28,330 added" not in text
