"""What explains a change, in a review of a real repository: flips with inputs, segments, gaps, the page."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from support.projects import Project, build_project

ROWS = 1_200
HOUR = np.arange(ROWS) % 24
ORIGIN = np.array(["EWR", "JFK", "LGA"])[np.arange(ROWS) // 24 % 3]
POLICY = """\
version: 1
models:
  late:
    evaluation:
      task: binary
      positive: late
      predictions: reports/late.parquet
      inputs: data/inputs
      bands: {hour: 4}
      segments: [origin, wind]
    gates:
      metrics:
        - {name: accuracy, max_regression: 0.2, slices: [hour]}
      flips: {max_share: 0.2, max_broken: 0.01}
      gaps:
        - {metric: accuracy, column: origin, max: 0.05}
datasets:
  - {path: data/inputs, key: row_id, label: truth, private: [passenger]}
"""


def write_model(project: Project, *, wrong_at_night: bool) -> None:
    """Predictions that are right but for every seventh row, and perhaps for windy nights at EWR."""
    random = np.random.default_rng(3)
    truth = random.random(ROWS) < 0.4
    wrong = np.arange(ROWS) % 7 == 0
    if wrong_at_night:
        wrong = wrong | ((HOUR >= 18) & (ORIGIN == "EWR"))
    called = truth ^ wrong
    score = np.where(called, 0.8, 0.2) + random.uniform(-0.1, 0.1, ROWS)
    label = np.array(["on_time", "late"])
    table = {
        "row_id": [f"f{row:04d}" for row in range(ROWS)],
        "y_true": label[truth.astype(int)],
        "y_pred": label[called.astype(int)],
        "proba_late": score,
        "proba_on_time": 1 - score,
        "hour": HOUR,
        "origin": ORIGIN,
    }
    inputs = {
        "row_id": table["row_id"],
        "wind": np.where((HOUR >= 18) & (ORIGIN == "EWR"), 40.5, 3.25),
        "passenger": [f"secret-{row}" for row in range(ROWS)],
        "truth": table["y_true"],
    }
    for path, columns in (("reports/late.parquet", table), ("data/inputs/all.parquet", inputs)):
        file = project.write(path, b"")
        pq.write_table(pa.table(columns), file)


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = build_project(tmp_path_factory.mktemp("explained") / "home")
    project.write("mergegate.yaml", POLICY)
    write_model(project, wrong_at_night=False)
    project.commit("Predict late flights")
    project.git("switch", "--quiet", "--create", "change")
    write_model(project, wrong_at_night=True)
    project.commit("Try another model")
    return project


@pytest.fixture
def project(told: Project, tmp_path: Path) -> Project:
    return told.copy(tmp_path / "home")


def review(project: Project, *options: str) -> dict[str, Any]:
    ended = project.mergegate("review", "--head", "HEAD", "--json", *options)
    assert "Traceback" not in ended.err
    found: dict[str, Any] = json.loads(ended.out)
    return found


def test_flips_segments_and_gaps_are_told_and_judged(project: Project) -> None:
    found = review(project)
    model = found["models"][0]
    night = int((((HOUR >= 18) & (ORIGIN == "EWR")) & (np.arange(ROWS) % 7 != 0)).sum())
    flips = model["flips"]
    assert (flips["changed"], flips["broke"], flips["mended"]) == (night, night, 0)
    assert flips["without_inputs"] == ""
    assert {each["level"] for each in flips["slices"] if each["column"] == "hour"} == {
        "0 to 5", "6 to 11", "12 to 17", "18 to 23",
    }  # fmt: skip
    # The label is no input, and of the private column nothing but its name is told.
    assert flips["telling"][0]["inputs"] == [
        {"name": "wind", "value": "40.5", "hidden": False},
        {"name": "passenger", "value": None, "hidden": True},
    ]
    assert [each["conditions"] for each in model["segments"]["found"]] == [
        [{"column": "wind", "level": "40.5"}]
    ]
    assert model["gaps"][0]["head_worst"] == "EWR"
    gates = {gate["id"]: gate["outcome"] for gate in found["gates"]}
    assert gates["late/flips/max_share"] == "pass"
    assert gates["late/flips/max_broken"] == "fail"
    assert gates["late/accuracy/max_gap[origin]"] == "fail"
    assert gates["late/accuracy/max_regression[hour=18 to 23]"] in ("fail", "insufficient")
    assert gates["late/accuracy/max_regression[hour=0 to 5]"] == "pass"
    for written in ("review.json", "comment.md"):
        assert "secret-" not in project.read(f"reports/review/{written}")


def test_the_page_is_written_beside_when_asked_and_linked_from_the_comment(project: Project) -> None:
    review(project, "--html", "--report-url", "https://ci.example/run/7#report")
    page = project.read("reports/review/report.html")
    assert page.startswith("<!doctype html>")
    assert "secret-" not in page
    link = "[The whole report, with charts](https://ci.example/run/7#report)"
    assert project.read("reports/review/comment.md").rstrip().endswith(link)
    # A review without the page leaves no older one's behind.
    review(project)
    assert not (project.root / "reports/review/report.html").exists()
    assert "The whole report" not in project.read("reports/review/comment.md")


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://x/)![a](b", "https://" + "x" * 600, ""])
def test_only_an_address_is_linked(project: Project, url: str) -> None:
    ended = project.mergegate("review", "--report-url", url)
    assert (ended.code, ended.out) == (2, "")
    assert "it is no http or https address" in ended.err


def test_without_inputs_the_rows_stand_alone_and_it_says_why(project: Project) -> None:
    project.git("rm", "--quiet", "-r", "data/inputs")
    project.commit("Lose the inputs")
    flips = review(project)["models"][0]["flips"]
    assert flips["without_inputs"] == "head has no data/inputs"
    assert flips["telling"][0]["inputs"] == []


def test_rows_that_the_inputs_lack_are_counted_and_a_broken_file_is_told(project: Project) -> None:
    file = project.root / "data/inputs/all.parquet"
    table = pq.read_table(file)
    pq.write_table(table.slice(0, 30), file)
    project.commit("Keep a few inputs")
    assert review(project)["models"][0]["flips"]["without_inputs"] == "data/inputs lacks 17 of these rows"
    file.write_bytes(file.read_bytes()[:-40])
    project.commit("Cut the inputs off")
    flips = review(project)["models"][0]["flips"]
    assert flips["without_inputs"].startswith("data/inputs can't be read: ")
    assert flips["changed"] > 0


def test_gates_on_flips_and_gaps_are_explained(project: Project) -> None:
    review(project)
    for gate in ("late/flips/max_broken", "late/accuracy/max_gap[origin]"):
        ended = project.mergegate("gates", "explain", gate)
        assert ended.code == 0, ended.err
        assert gate in ended.out


def test_columns_that_a_dataset_calls_private_are_not_told_level_by_level(project: Project) -> None:
    project.git("switch", "--quiet", "main")
    policy = POLICY.replace("      segments: [origin, wind]\n", "").replace(
        "[passenger]", "[passenger, Origin]"
    )
    policy = (
        policy.split("      gaps:")[0].replace(", slices: [hour]", "") + policy[policy.index("datasets:") :]
    )
    project.write("mergegate.yaml", policy)
    project.commit("Hide where flights start")
    project.git("switch", "--quiet", "change")
    model = review(project)["models"][0]
    assert {each["column"] for each in model["flips"]["slices"]} == {"hour"}
    assert {each["column"] for each in model["segments"]["bands"]} == {"hour"}


HOSTILE_INPUTS = {
    "a time zone that is none": pa.array([1], pa.timestamp("us", "Nowhere/City")),
    "a time beyond Python's": pa.array([2**62], pa.timestamp("us")),
    "a date beyond Python's": pa.array([2**30], pa.date32()),
    "text that is no UTF-8": pa.Array.from_buffers(pa.string(), 1, pa.array([b"\xff"]).buffers()),
    "a private part": pa.array([{"Passenger": "secret-0"}]),
    "a list": pa.array([list(range(1_000))]),
}


def test_whatever_the_inputs_hold_the_review_comes_to_its_verdict(project: Project) -> None:
    file = project.root / "data/inputs/all.parquet"
    table = pq.read_table(file).select(["row_id"])
    every = pa.array([0] * len(table))
    columns = [table["row_id"], every, every, *(column.take(every) for column in HOSTILE_INPUTS.values())]
    pq.write_table(pa.Table.from_arrays(columns, names=["row_id", "twice", "twice", *HOSTILE_INPUTS]), file)
    project.commit("Hurt the reviewer")
    flips = review(project)["models"][0]["flips"]
    assert {each["name"]: each["value"] for each in flips["telling"][0]["inputs"]} == {
        "a time zone that is none": "(no timestamp[us, tz=Nowhere/City] that can be shown)",
        "a time beyond Python's": "<value out of range: 4611686018427387904>",
        "a date beyond Python's": "<value out of range: 1073741824>",
        "text that is no UTF-8": "\N{REPLACEMENT CHARACTER}",
        "a private part": None,
        "a list": str(list(range(1_000)))[:99] + "\N{HORIZONTAL ELLIPSIS}",
    }
    pq.write_table(pa.Table.from_arrays([table["row_id"]] * 2, names=["row_id"] * 2), file)
    project.commit("Name each row twice")
    flips = review(project)["models"][0]["flips"]
    assert flips["without_inputs"].startswith("data/inputs can't be read: ")


def test_a_gap_is_told_of_the_groups_that_its_gate_judges_and_with_its_interval(project: Project) -> None:
    project.git("switch", "--quiet", "main")
    gaps = "[{metric: accuracy, column: hour, max: 0.9}, {metric: fee, column: gone, max: 1}]"
    policy = POLICY.replace("bands: {hour: 4}", "bands: {hour: 4}\n      losses: [{name: fee, column: hour}]")
    project.write("mergegate.yaml", policy.split("      gaps:")[0] + f"      gaps: {gaps}\n")
    project.commit("Watch the hours")
    project.git("switch", "--quiet", "change")
    found = review(project)
    gap, lost = found["models"][0]["gaps"]
    assert (gap["levels"], gap["head_worst"], gap["problem"]) == (4, "18 to 23", "")
    (gate,) = (gate for gate in found["gates"] if gate["id"] == "late/accuracy/max_gap[hour]")
    assert gap["head"] == pytest.approx(gate["value"])
    assert [gap[name] for name in ("head_all", "head_low", "head_high")] == [
        gate[name] for name in ("value", "low", "high")
    ]
    assert (lost["problem"], lost["head_all"]) == ("the file has no column gone", None)


def test_two_files_alone_show_the_same_parts(project: Project, tmp_path: Path) -> None:
    base = tmp_path / "base.parquet"
    base.write_bytes((project.root / "reports/late.parquet").read_bytes())
    project.git("switch", "--quiet", "main")
    (project.root / "head.parquet").write_bytes(base.read_bytes())
    arguments = ("diff", "predictions", "reports/late.parquet", "head.parquet", "--positive", "late")
    ended = project.mergegate(*arguments, "--json", "--html", "page.html")
    assert ended.code == 0, ended.err
    found = json.loads(ended.out)
    assert found["flips"]["broke"] > 0
    assert [curves["side"] for curves in found["curves"]] == ["base", "head"]
    assert {band["column"] for band in found["segments"]["bands"]} == {"hour", "origin"}
    assert project.read("page.html").startswith("<!doctype html>")
    shown = project.mergegate(*arguments).out
    assert "Changed answers: " in shown
    assert "Weak segment" in shown
    bare = json.loads(project.mergegate(*arguments, "--no-explain", "--json").out)
    assert (bare["flips"], bare["segments"], bare["curves"]) == (None, None, [])
