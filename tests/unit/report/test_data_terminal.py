"""A dataset at a terminal: readable at any width, and inert whatever the data says."""

import io

import pytest
from rich.console import Console

from mergegate.report.data.terminal import render_terminal
from support.datasets import Story, stories
from support.golden import assert_golden


def shown(story: Story, *, width: int = 100) -> str:
    """What a terminal of this width receives; without the blanks that end lines."""
    out = io.StringIO()
    render_terminal(Console(file=out, width=width, _environ={}), story.dataset, story.change)
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


@pytest.mark.parametrize("story", stories())
def test_each_story_is_told_as_a_person_has_read_it(story: str) -> None:
    assert_golden(f"data/{story}.txt", shown(stories()[story]))
