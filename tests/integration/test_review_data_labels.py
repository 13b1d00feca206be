"""Reviews of labels and of the exam: who edited, who approved, by what guideline, and what leaks."""

from collections.abc import Callable
from pathlib import Path

import pytest

from support.data_review import EXAM, TRAIN, Data, Reviewed, review, rows

Review = Callable[[Data], Reviewed]
APPROVERS = f"{EXAM}/approvers"
EDITED = rows(90, count=200).replace("90000,0,yes", "90000,0,no")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Data:
    """One month, an exam and what was trained on; never to be changed."""
    data = Data.build(tmp_path_factory.mktemp("labels-review"), months=1)
    data.repository.git("switch", "--quiet", "main")
    data.repository.write(EXAM, rows(90, count=200))
    data.track("More exam\n\nLabels-approved-by: Mo", EXAM)
    data.repository.git("switch", "--quiet", "--force-create", "change")
    return data


@pytest.fixture
def data(built: Data, tmp_path: Path) -> Data:
    return built.copy(tmp_path)


@pytest.fixture
def reviewed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Review:
    return lambda data: review(data, capsys, monkeypatch)


def test_an_edit_names_its_authors_and_waits_for_one_who_may_approve(data: Data, reviewed: Review) -> None:
    """An approval on main is none of this change, and neither is that of someone who has no say."""
    data.repository.write(EXAM, EDITED)
    data.track("Edit a label\n\nLabels-approved-by: Ada <ada@example.org>", EXAM)
    data.repository.write("notes.md", "Nothing of the labels.")
    data.repository.git("add", "notes.md")
    data.repository.git(
        "commit",
        "--quiet",
        "--author",
        "Ben <ben@example.org>",
        "--message",
        "Note\n\nLabels-approved-by: Momo",
    )
    ended = reviewed(data)
    labels = ended.data(EXAM)["labels"]
    assert labels["edits"] == [{"old": "yes", "new": "no", "rows": 1}]
    assert labels["authors"] == [{"name": "Ada", "commits": 1}]
    assert labels["approved_by"] == ["Ada <ada@example.org>", "Momo"]
    assert (labels["guideline"], labels["guideline_changed"]) == ("docs/labels.md", False)
    assert (ended.code, ended.gates[APPROVERS]) == (1, "fail")

    data.repository.write("docs/labels.md", "Late is fifteen minutes.\n")
    data.repository.commit("Say it better\n\nlabels-approved-by: Mo <mo@example.org>")
    ended = reviewed(data)
    assert ended.data(EXAM)["labels"]["guideline_changed"] is True
    assert (ended.code, ended.gates[APPROVERS]) == (0, "pass")


def test_a_label_that_is_gone_or_a_key_that_is_fails_what_was_asked_of_it(
    data: Data, reviewed: Review
) -> None:
    data.repository.write(EXAM, rows(90, count=200, head="id,delay,tardy"))
    data.track("Rename the label", EXAM)
    ended = reviewed(data)
    assert ended.data(EXAM)["problem"] == "head has no label column late; base has it"
    assert (ended.code, ended.gates[f"{EXAM}/max_label_change_share"]) == (1, "fail")

    data.repository.write(EXAM, rows(90, count=200).replace("id,", "number,"))
    data.track("Rename the key", EXAM)
    ended = reviewed(data)
    assert ended.data(EXAM)["problem"] == "key column `id` is missing in head"
    assert (ended.code, ended.gates[f"{EXAM}/unique_key"]) == (1, "fail")


def test_a_column_that_tells_the_outcome_is_found_by_name_and_by_strength(
    data: Data, reviewed: Review
) -> None:
    with_delay = [
        line + (f",{number * 13 % 7 + (20 if 'yes' in line else 0)}" if number else ",dep_delay")
        for number, line in enumerate(rows(90, count=200).splitlines())
    ]
    data.repository.write(EXAM, "\n".join(with_delay) + "\n")
    data.track("Add a feature", EXAM)
    ended = reviewed(data)
    leaks = {leak["kind"]: leak for leak in ended.data(EXAM)["leaks"]}
    assert leaks["known_later"]["column"] == "dep_delay"
    single = leaks["single_feature"]
    assert (single["column"], single["measure"], single["strength"], single["strength_old"]) == (
        "dep_delay",
        "AUC",
        1.0,
        None,
    )
    assert ended.code == 1
    assert {gate: outcome for gate, outcome in ended.gates.items() if "dep_delay" in gate} == {
        f"{EXAM}/leakage/known_later[dep_delay]": "fail",
        f"{EXAM}/leakage/single_feature[dep_delay]": "warn",
    }


def test_training_rows_that_move_into_the_exam_are_found_where_only_training_changed(
    data: Data, reviewed: Review
) -> None:
    data.repository.write(TRAIN, rows(91, count=40) + "\n".join(rows(90, count=3).splitlines()[1:]) + "\n")
    data.track("Train on three rows of the exam", TRAIN)
    ended = reviewed(data)
    assert ended.data(EXAM)["changed"] is False
    leaks = {leak["kind"]: leak["found"] for leak in ended.data(EXAM)["leaks"]}
    assert (leaks["key"], leaks["base_training"]) == (3, 0)
    assert (ended.code, ended.gates[f"{EXAM}/leakage/key"]) == (1, "fail")


def test_training_rows_that_cannot_be_read_fail_the_exam(data: Data, reviewed: Review) -> None:
    data.repository.write(TRAIN, rows(91) + "1,2\n")
    data.track("Break what is trained on", TRAIN)
    ended = reviewed(data)
    assert ended.data(EXAM)["problem"] == (
        "data/train.csv at change: line 14 has 2 cells where the header has 3"
    )
    assert (ended.code, ended.gates[f"{EXAM}/leakage/key"]) == (1, "fail")
