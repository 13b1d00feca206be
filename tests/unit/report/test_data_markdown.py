"""Datasets in the comment: what a reader must see stands open, the rest is folded, all of it is inert."""

import msgspec
import pytest

from mergegate.records.review import Review
from mergegate.report import markdown
from mergegate.report.data.markdown import markdown_section
from support.changes import DATA, LOST
from support.datasets import Story, dataset, stories
from support.golden import assert_golden
from support.reviews import review


def section(*told: Story) -> str:
    """The blocks of the section, as the comment joins them."""
    changes = [story.change for story in told if story.change]
    blocks = markdown_section([story.dataset for story in told], changes)
    return "\n\n".join(filter(None, blocks)) + "\n"


@pytest.mark.parametrize("story", stories())
def test_each_story_is_told_as_a_person_has_read_it(story: str) -> None:
    assert_golden(f"data/{story}.md", section(stories()[story]))


def test_what_is_notable_stands_open_and_first() -> None:
    told = stories()
    text = section(told["rows-added"], told["unchanged"], told["labels-edited"])
    lines = [line for line in text.splitlines() if line.startswith(("#", "<details>"))]
    assert lines[0] == "### Data: 2 datasets changed"
    assert lines[1] == "#### ⚠️ `data/model/evaluation`: 212 labels edited, 212 rows changed"
    assert "<details><summary>data/raw/flights: 28,330 rows added</summary>" in lines
    assert lines[-1] == "<details><summary>Other data: 1 dataset reviewed, nothing changed</summary>"


def test_without_datasets_there_is_no_section() -> None:
    assert list(markdown_section(())) == []


def test_datasets_that_there_is_no_room_for_are_listed() -> None:
    edited = stories()["labels-edited"].dataset
    many = tuple(msgspec.structs.replace(edited, path=f"data/{number}") for number in range(25))
    text = "\n\n".join(filter(None, markdown_section(many)))
    assert text.count("####") == 20
    assert "| `data/24` | 212 labels edited, 212 rows changed |" in text


def test_a_reviewed_dataset_is_told_once_with_its_files() -> None:
    comment = markdown.render(with_data("rows-added"))
    assert comment.count("Files 3 → 4 (+1), 1 added") == 1
    assert comment.count("data/raw/flights/2013-04.parquet") == 1
    assert "### 1 other tracked dataset changed" in comment
    assert "| `data/raw/flights` |" not in comment


def test_a_loss_of_files_is_said_above_the_gates_once() -> None:
    above = markdown.render(with_data("month-lost", data=(LOST,))).partition("### Gates")[0]
    assert "**`data/raw/flights` lost all its 3 files**" in above
    assert "1 of base's 3 files is gone" not in above


def test_a_loss_that_the_files_do_not_show_is_said_above_the_gates_and_is_not_fine() -> None:
    comment = markdown.render(with_data("month-lost", data=()))
    assert comment.startswith("## ⚠️ Passed")
    assert "**`data/raw/flights`**: 1 of base's 3 files is gone" in comment.partition("### Gates")[0]


def test_a_dataset_that_changed_in_nothing_that_was_read_says_so() -> None:
    text = section(Story(dataset(rows=None)))
    assert "data/raw/flights: changed, but no row and no column" in text


def with_data(story: str, **changes: object) -> Review:
    """A review of the flights as the story has them."""
    return review(**{"datasets": (stories()[story].dataset,), "data": DATA, **changes})
