"""Golden rows in a review of real repositories: whose judge, and what is said of those that fail."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from mergegate.flows.review import Request, review
from support.golden_models import POLICY, ROWS, build_golden, write_model
from support.projects import Project

GATE = "line/golden/max_failed"
NOT_WORSE = "name,expected,not_worse,tolerance,reason,author,x\n"


@pytest.fixture(scope="session")
def built_golden(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return build_golden(tmp_path_factory.mktemp("golden") / "home")


@pytest.fixture
def project(built_golden: Project, tmp_path: Path) -> Project:
    return built_golden.copy(tmp_path / "home")


def told(project: Project) -> tuple[str, str, dict[str, Any]]:
    """The gate's outcome and sentence, and the golden set of the review of the workspace."""
    result = review(Request(start=project.root))
    (gate,) = [each for each in result.gates if each.id == GATE]
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(result.models[0].golden))
    return gate.outcome, gate.sentence, found


def on_main(project: Project, files: dict[str, str | bytes]) -> None:
    """Commit files to main while the branch stays behind."""
    project.git("switch", "--quiet", "main")
    for path, content in files.items():
        project.write(path, content)
    project.commit("Move main on")
    project.git("switch", "--quiet", "change")


def test_a_model_that_keeps_them_passes(project: Project) -> None:
    outcome, sentence, found = told(project)
    assert (outcome, sentence) == ("pass", "all 2 golden rows hold.")
    assert found == {
        "files": ["golden/rows.csv"],
        "rows": 2,
        "failed": 0,
        "failures": [],
        "changed": [],
        "changed_total": 0,
        "notes": [],
        "problem": "",
    }


def test_a_row_that_fails_is_shown_whole_with_both_answers(project: Project) -> None:
    write_model(project, "below")
    outcome, sentence, found = told(project)
    assert outcome == "fail"
    assert sentence == (
        "2 of 2 golden rows fail: first, `high` (golden/rows.csv): head answers `0`, where `1` is expected; "
        "base answers `1`. Why it must hold: Far above the line."
    )
    first = found["failures"][0]
    assert first.pop("base_score") > 0.9 > 0.1 > first.pop("head_score")
    assert first == {
        "file": "golden/rows.csv",
        "name": "high",
        "expected": "1",
        "tolerance": None,
        "min_probability": None,
        "not_worse": False,
        "reason": "Far above the line.",
        "author": "Ada",
        "base": "1",
        "head": "0",
        "inputs": [{"name": "x", "value": "3", "hidden": False}],
        "fault": "head answers `0`, where `1` is expected",
        "problem": "",
    }


def test_the_policy_may_let_some_fail_and_hide_values(project: Project) -> None:
    policy = (
        POLICY + "    gates: {golden: {max_failed: 2}}\ndatasets: [{path: inputs.parquet, private: [x]}]\n"
    )
    on_main(project, {"mergegate.yaml": policy})
    write_model(project, "below")
    outcome, sentence, found = told(project)
    assert (outcome, sentence) == ("pass", "2 of 2 golden rows fail; up to 2 may.")
    assert [row["inputs"] for row in found["failures"]] == [
        [{"name": "x", "value": None, "hidden": True}]
    ] * 2


@pytest.mark.parametrize(
    ("rows", "changed", "note"),
    [
        (
            ROWS.replace("high,1,", "high,0,"),
            ["high"],
            "This change alters the golden row `high`: judged as main has it until the change is merged.",
        ),
        (
            ROWS.replace("low,0,Far below the line.,Ada,-3\n", ""),
            ["low"],
            "This change removes the golden row `low`: judged as main has it until the change is merged.",
        ),
        (
            ROWS.replace("high,1,", "higher,0,").replace("-3", "-1"),
            ["low", "high"],
            "This change alters the golden row `low` and removes the golden row `high`: judged as main has "
            "them until the change is merged.",
        ),
    ],
)
def test_a_change_can_not_soften_the_rows_that_judge_it(
    project: Project, rows: str, changed: list[str], note: str
) -> None:
    project.write("golden/rows.csv", rows)
    write_model(project, "below")
    outcome, _, found = told(project)
    assert outcome == "fail"
    assert [row["name"] for row in found["failures"]][:2] == ["high", "low"]
    assert (found["changed"], found["changed_total"], found["notes"]) == (changed, len(changed), [note])


def test_a_change_can_not_do_away_with_the_whole_set(project: Project) -> None:
    (project.root / "golden/rows.csv").unlink()
    write_model(project, "below")
    outcome, _, found = told(project)
    assert (outcome, found["failed"], found["changed"]) == ("fail", 2, ["high", "low"])


def test_rows_that_a_change_adds_judge_it_in_every_format(project: Project) -> None:
    project.write(
        "golden/new.yaml", "- {name: new, expected: 0, reason: r, author: a, inputs: {x: 2}}\n# no more\n"
    )
    project.write("golden/README.md", "Not read.\n")
    outcome, sentence, found = told(project)
    assert (outcome, found["rows"], found["notes"]) == ("fail", 3, [])
    assert sentence.startswith("1 of 3 golden rows fails: `new` (golden/new.yaml): head answers `1`")


def test_a_row_that_main_gained_since_judges_and_nobody_is_said_to_have_removed_it(project: Project) -> None:
    on_main(project, {"golden/more.csv": "name,expected,reason,author,x\nmore,0,r,a,2\n"})
    outcome, sentence, found = told(project)
    assert (outcome, found["changed"], found["notes"]) == ("fail", [], [])
    assert sentence.startswith("1 of 3 golden rows fails: `more` (golden/more.csv)")


def test_a_row_that_main_lost_since_judges_no_more(project: Project) -> None:
    on_main(project, {"golden/rows.csv": ROWS.replace("low,0,Far below the line.,Ada,-3\n", "")})
    outcome, _, found = told(project)
    assert (outcome, found["rows"], found["notes"]) == ("pass", 1, [])


def test_a_model_may_be_asked_to_be_no_worse_than_base(project: Project) -> None:
    on_main(
        project, {"golden/rows.csv": f"{NOT_WORSE}a,1,true,,r,me,3\nb,1,true,0.5,r,me,3\nc,,true,,r,me,-3\n"}
    )
    write_model(project, "above, less sure")
    outcome, _, found = told(project)
    assert outcome == "fail"
    assert [row["name"] for row in found["failures"]] == ["a"]
    assert found["failures"][0]["fault"].startswith("head gives `1` a probability of 0.")
    write_model(project, "above")
    assert told(project)[0] == "pass"


def test_a_number_is_held_to_its_tolerance(project: Project) -> None:
    policy = POLICY.replace("binary", "regression")
    header = "name,expected,tolerance,reason,author,x\n"
    on_main(
        project,
        {"mergegate.yaml": policy, "golden/rows.csv": f"{header}a,5,0.01,r,me,2\nb,5.1,0.01,r,me,2.0001\n"},
    )
    write_model(project, "number")
    outcome, sentence, _ = told(project)
    assert outcome == "fail"
    assert sentence == (
        "1 of 2 golden rows fails: `b` (golden/rows.csv): head answers 5.0002, where at most 0.01 away from "
        "5.1 is expected. Why it must hold: r."
    )


def test_the_policys_threshold_decides_what_is_answered(project: Project) -> None:
    on_main(project, {"mergegate.yaml": POLICY.replace("binary,", "binary, threshold: 0.9999,")})
    outcome, sentence, _ = told(project)
    assert outcome == "fail"
    assert sentence.startswith("1 of 2 golden rows fails: `high` (golden/rows.csv): head answers `0`")


def test_a_model_with_a_new_input_is_judged_by_rows_that_it_completes(project: Project) -> None:
    write_model(project, "wider")
    _, sentence, found = told(project)
    assert sentence == (
        "2 of 2 golden rows fail: first, `high` (golden/rows.csv): it lacks the input `z`, which the model "
        "takes. Why it must hold: Far above the line."
    )
    project.write(
        "golden/rows.csv",
        ROWS.replace("x\n", "x,z\n").replace("Ada,3\n", "Ada,3,9\n").replace("-3\n", "-3,9\n"),
    )
    outcome, _, found = told(project)
    assert outcome == "pass"
    assert found["notes"] == [
        "Inputs that main does not have yet are head's own, in the golden rows `high`, `low`."
    ]


def test_the_first_golden_rows_are_the_changes_own(project: Project) -> None:
    project.git("switch", "--quiet", "main")
    project.git("rm", "--quiet", "-r", "golden")
    project.commit("Begin without")
    project.git("switch", "--quiet", "-C", "change")
    assert told(project)[:2] == (
        "fail",
        "the golden rows can't be judged: golden: there is no such file or folder, and neither dvc.lock nor "
        "a .dvc file names it; run `dvc repro`, and commit dvc.lock.",
    )
    project.write("golden/rows.csv", ROWS)
    outcome, _, found = told(project)
    assert outcome == "pass"
    assert found["notes"] == [
        "There are no golden rows yet at golden at main: this change is judged by its own."
    ]


@pytest.mark.parametrize(
    ("files", "why"),
    [
        (
            {"golden/rows.csv": "name,expected\nhigh\n"},
            "golden/rows.csv: line 2 has 1 cells, the header 2; put a cell with a comma, a quote or a line "
            'break into "quotes"',
        ),
        (
            {"golden/rows.csv": b"\xff"},
            "golden/rows.csv: line 1 holds the byte 0xff, which is not UTF-8; save the file as UTF-8",
        ),
        (
            {"golden/more.csv": ROWS},
            "golden/rows.csv: line 2 has the name `high` of golden/more.csv, line 2; give every golden row a "
            "name of its own, or remove one of the two",
        ),
        (
            {
                "golden/more.csv": ROWS.replace("author,x", "author,x,expcted")
                .replace("3\n", "3,1\n")
                .replace("h", "H")
            },
            None,
        ),
        (
            {"models/bundle/manifest.json": "{}"},
            "models/bundle/manifest.json: its schema is None; this version of mergegate reads 1; update "
            "mergegate, or write the bundle again",
        ),
        ({"models/bundle/model.onnx": b"no"}, None),
    ],
)
def test_what_head_broke_fails_the_gate(
    project: Project, files: dict[str, str | bytes], why: str | None
) -> None:
    for path, content in files.items():
        project.write(path, content)
    outcome, sentence, found = told(project)
    assert outcome == "fail"
    assert found["rows"] == 0
    if why is not None:
        assert found["problem"] == why
    assert sentence == f"the golden rows can't be judged: {found['problem']}."


def test_a_golden_set_is_bounded(project: Project) -> None:
    text = ROWS + '"' + "x" * 3_900_000 + '"\n'
    for number in range(5):
        project.write(f"golden/a{number}.csv", text)
    assert told(project)[2]["problem"].startswith("golden/a0.csv: line 4 is no CSV: field larger than")
    quoted = ROWS.replace("high", "{0}-high").replace("low", "{0}-low") + "\n" * 3_900_000
    for number in range(5):
        project.write(f"golden/a{number}.csv", quoted.format(number))
    assert told(project)[2]["problem"] == (
        "golden: the golden files have more than 16,000,000 bytes together; keep the rows that matter most"
    )
    for number in range(201):
        project.write(f"golden/a{number}.csv", ROWS)
    assert told(project)[2]["problem"] == (
        "golden: it has 202 golden files, more than 200; write fewer, larger files"
    )


def test_a_bundle_that_is_gone_fails_the_gate(project: Project) -> None:
    project.git("rm", "--quiet", "-r", "models/bundle")
    outcome, sentence, _ = told(project)
    assert outcome == "fail"
    assert sentence.startswith(
        "the golden rows can't be judged: models/bundle: there is no such file or folder"
    )


def test_rows_that_main_broke_do_not_stop_the_change_that_mends_them(project: Project) -> None:
    on_main(project, {"golden/rows.csv": "name\n"})
    project.git("merge", "--quiet", "main")
    assert told(project)[0] == "fail"
    project.git("reset", "--quiet", "--hard", "HEAD^")
    assert told(project)[2]["rows"] == 2
    project.git("merge", "--quiet", "main")
    project.write("golden/rows.csv", ROWS)
    outcome, _, found = told(project)
    assert outcome == "pass"
    assert found["notes"] == [
        "The golden rows of golden at main can't be read, so only head's judge: golden/rows.csv at main: it "
        "holds no row; write a golden row, or remove the file."
    ]


def test_a_link_out_of_the_repository_is_not_followed(project: Project) -> None:
    outside = project.home / "outside.csv"
    outside.write_text(ROWS)
    (project.root / "golden/link.csv").symlink_to(outside)
    outcome, sentence, _ = told(project)
    assert outcome == "fail"
    assert (
        sentence == "the golden rows can't be judged: golden/link.csv: the file is missing; run `dvc repro`."
    )


def test_golden_rows_and_bundle_may_be_under_dvc(project: Project) -> None:
    project.git("switch", "--quiet", "main")
    project.dvc("init", "--quiet")
    (project.home / "remote").mkdir()
    project.dvc("remote", "add", "--quiet", "--default", "store", "../remote")
    project.git("rm", "--quiet", "-r", "--cached", "golden", "models/bundle")
    project.dvc("add", "--quiet", "golden", "models/bundle")
    project.dvc("push", "--quiet")
    project.commit("Track them")
    clone = project.clone("clone")
    clone.git("switch", "--quiet", "--create", "change")
    outcome, _, found = told(clone)
    assert (outcome, found["files"]) == ("pass", ["golden/rows.csv"])


def test_base_is_asked_only_where_it_tells_something(project: Project) -> None:
    on_main(project, {"models/bundle/model.onnx": b"broken"})
    project.git("merge", "--quiet", "main")
    write_model(project, "above")
    assert told(project)[2]["notes"] == []
    write_model(project, "below")
    outcome, _, found = told(project)
    assert outcome == "fail"
    assert found["failures"][0]["base"] is None
    (note,) = found["notes"]
    assert note.startswith("Base's answers are not known: models/bundle/model.onnx at main: it has 6 bytes")
