"""Datasets in the comment: what a reader must see stands open, the rest is folded, all of it is inert."""

import pytest

from mergegate.report.data.markdown import markdown_section
from support.datasets import Story, stories
from support.golden import assert_golden


def section(*told: Story) -> str:
    """The blocks of the section, as the comment joins them."""
    changes = [story.change for story in told if story.change]
    blocks = markdown_section([story.dataset for story in told], changes)
    return "\n\n".join(filter(None, blocks)) + "\n"


@pytest.mark.parametrize("story", stories())
def test_each_story_is_told_as_a_person_has_read_it(story: str) -> None:
    assert_golden(f"data/{story}.md", section(stories()[story]))
