"""Pull requests that change data, each told by its comment: whole documents, read as a stranger would."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mergegate import __version__
from support.data_stories import (
    EXAM,
    GUIDELINE,
    HISTORY,
    LATE,
    PARCELS,
    WEATHER,
    DataStory,
    Row,
    as_parquet,
    build_data_story,
    parcels,
)
from support.golden import assert_golden

APRIL = f"{PARCELS}/2026-04.parquet"


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> DataStory:
    """`main` as it stands before every story, never to be changed."""
    return build_data_story(tmp_path_factory.mktemp("data-shop") / "home")


@pytest.fixture
def story(shop: DataStory, tmp_path: Path) -> DataStory:
    return shop.copy(tmp_path / "home")


@pytest.fixture(scope="session")
def relabelled(shop: DataStory, tmp_path_factory: pytest.TempPathFactory) -> DataStory:
    """A pull request in which two people edit labels of the exam; never to be changed."""
    story = shop.copy(tmp_path_factory.mktemp("relabelled") / "home")
    story.begin("relabel")
    story.edit_rows(EXAM, pardon_the_islands)
    story.commit("Call no parcel to the islands late")
    story.edit_rows(EXAM, lambda number, row: {**row, "late": ""} if number == 7 else row)
    story.git("add", "--all")
    story.git("commit", "--quiet", "--author", "Ben <ben@example.invalid>", "--message", "Unlabel a parcel")
    return story


def pardon_the_islands(number: int, row: Row) -> Row:
    return {**row, "late": "no"} if row["region"] == "islands" and number % 2 else row


def judge(story: DataStory) -> tuple[int, dict[str, Any]]:
    """Review the pull request: exit code and review."""
    ended = story.mergegate("review", "--head", "HEAD", "--json")
    assert "Traceback" not in ended.err
    review: dict[str, Any] = json.loads(ended.out)
    return ended.code, review


def dataset(review: Mapping[str, Any], path: str) -> dict[str, Any]:
    (found,) = [each for each in review["datasets"] if each["path"] == path]
    assert isinstance(found, dict)
    return found


def blocked(review: Mapping[str, Any]) -> list[str]:
    """The gates that fail, in the review's order."""
    return [gate["id"] for gate in review["gates"] if gate["outcome"] == "fail"]


def assert_told(story: DataStory, review: Mapping[str, Any], name: str) -> None:
    """The comment is the golden one, but for what commits, objects and this version are called."""
    comment = story.read("reports/review/comment.md")
    for side in ("base", "head"):
        comment = comment.replace(review[side]["sha"][:10], f"{side}-commit")
    comment = comment.replace(f"mergegate {__version__}</sub>", "mergegate VERSION</sub>")
    assert not re.search("`[0-9a-f]{7,}`", comment)
    assert_golden(f"stories/data-{name}.md", comment)


def test_a_month_that_comes_in_is_read_alone_and_passes(story: DataStory) -> None:
    story.begin("april")
    story.write(APRIL, as_parquet(parcels(4, 400, rain=3.2, regions=("coast",))))
    story.track(PARCELS)
    story.commit("Add April's parcels")
    code, review = judge(story)
    found = dataset(review, PARCELS)
    assert (code, blocked(review)) == (0, [])
    assert (found["files_skipped"], found["files_read_old"], found["files_read_new"]) == (3, 0, 1)
    assert (found["rows"]["added"], found["rows"]["removed"]) == (400, 0)
    assert [shift["column"] for shift in found["shift"] if shift["notable"]] == ["region", "rain"]
    assert_told(story, review, "rows-added")


def test_months_lost_by_dvc_add_in_a_clone_that_has_not_pulled_them_block(story: DataStory) -> None:
    clone = story.clone("fresh")
    clone.begin("april")
    clone.dvc("pull", "--quiet", f"{PARCELS}/2026-03.parquet")
    clone.write(APRIL, as_parquet(parcels(4, 400)))
    clone.track(PARCELS)
    clone.commit("Add April's parcels")
    assert "up to date" in clone.dvc("status", PARCELS + ".dvc")
    code, review = judge(clone)
    found = dataset(review, PARCELS)
    assert (code, blocked(review)) == (1, [f"data:{PARCELS}/max_removed_share"])
    assert [fact["kind"] for fact in found["facts"] if fact["loud"]] == ["files_lost"]
    assert (found["rows"]["added"], found["rows"]["removed"]) == (400, 800)
    assert_told(clone, review, "month-lost")


def test_a_month_lost_to_an_ignore_file_is_told_the_same_way(story: DataStory) -> None:
    story.begin("tidy")
    story.write(".dvcignore", "2026-01*\n")
    story.write(APRIL, as_parquet(parcels(4, 400)))
    story.track(PARCELS)
    story.commit("Ignore drafts, add April's parcels")
    code, review = judge(story)
    assert (code, blocked(review)) == (1, [f"data:{PARCELS}/max_removed_share"])
    assert [fact["sentence"] for fact in dataset(review, PARCELS)["facts"]] == [
        "1 of base's 3 files is gone: 2026-01.parquet."
    ]


def test_labels_edited_without_an_approver_block(relabelled: DataStory, tmp_path: Path) -> None:
    story = relabelled.copy(tmp_path / "home")
    code, review = judge(story)
    assert (code, blocked(review)) == (
        1,
        [f"data:{EXAM}/max_label_change_share", f"data:{EXAM}/approvers"],
    )
    labels = dataset(review, EXAM)["labels"]
    assert {author["name"]: author["commits"] for author in labels["authors"]} == {"Ada": 1, "Ben": 1}
    assert (labels["guideline_changed"], labels["approved_by"]) == (False, [])
    assert_told(story, review, "labels-edited")


def test_labels_edited_by_a_new_guideline_and_approved_only_miss_their_share(
    relabelled: DataStory, tmp_path: Path
) -> None:
    story = relabelled.copy(tmp_path / "home")
    story.write(GUIDELINE, LATE + "\nTo the islands no day is promised.\n")
    story.commit("Say what late means on the islands\n\nLabels-approved-by: Mo <mo@example.invalid>")
    code, review = judge(story)
    assert (code, blocked(review)) == (1, [f"data:{EXAM}/max_label_change_share"])
    labels = dataset(review, EXAM)["labels"]
    assert (labels["guideline_changed"], labels["approved_by"]) == (True, ["Mo <mo@example.invalid>"])
    assert_told(story, review, "labels-approved")


def test_an_exam_that_is_topped_up_from_training_and_told_the_outcome_blocks(story: DataStory) -> None:
    story.begin("attempts")
    history = story.read_rows(HISTORY)
    story.write_rows(HISTORY, [told_attempts(row) for row in history])
    story.write_rows(EXAM, [told_attempts(row) for row in (*story.read_rows(EXAM), *history[-25:])])
    story.commit("Let the model know of delivery attempts")
    code, review = judge(story)
    assert code == 1
    assert blocked(review) == [
        f"data:{EXAM}/leakage/{kind}"
        for kind in ("key", "time", "single_feature[attempts]", "known_later[attempts]")
    ]
    assert_told(story, review, "leak")


def told_attempts(row: Row) -> Row:
    """The row, and how often the courier rang: twice where the parcel was late, and at every tenth door."""
    again = row["late"] == "yes" or row["parcel"].endswith("0")
    return {**row, "attempts": 2 if again else 1}


def test_a_column_renamed_and_one_of_another_type_block(story: DataStory) -> None:
    story.begin("stations")
    story.edit_rows(
        WEATHER,
        lambda number, row: {
            ("precipitation" if name == "rain" else name): f"W{value}" if name == "station" else value
            for name, value in row.items()
        },
    )
    story.commit("Name stations as the weather service does")
    code, review = judge(story)
    assert (code, blocked(review)) == (1, [f"data:{WEATHER}/schema"])
    assert_told(story, review, "schema-break")


def test_another_unit_is_told_by_its_rule(story: DataStory) -> None:
    story.begin("units")
    story.edit_rows(WEATHER, lambda number, row: {**row, "temp": f"{float(row['temp']) * 1.8 + 32:.2f}"})
    story.commit("Take the weather from another service")
    code, review = judge(story)
    assert (code, blocked(review)) == (0, [])
    (column,) = dataset(review, WEATHER)["columns"]
    assert (column["column"], column["pattern"]) == ("temp", "× 1.8 + 32")
    assert_told(story, review, "unit-change")
