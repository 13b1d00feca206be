"""Metrics files of no model, in a comment, a terminal and a page: single numbers, and said to be."""

import io

import msgspec
from rich.console import Console

from mergegate.records.review import Point, ReportedFile, Review
from mergegate.records.verdict import GateResult
from mergegate.report import markdown, terminal
from mergegate.report.html.review import render
from support.extremes import POINTS
from support.told import review

WHY = "Single numbers, as the project writes them: nothing tells a difference from noise, and no gate judges."


def reported(*files: ReportedFile) -> Review:
    return msgspec.structs.replace(review(), reported=files)


def section(text: str) -> str:
    start = text.index("### Reported")
    return text[start : text.index("\n\n###", start + 1)]


def test_a_comment_has_what_differs_first_and_says_what_it_is_worth() -> None:
    assert section(markdown.render(reported(*POINTS))) == "\n".join(
        [
            "### Reported, not judged: 2 of 7 metrics differ",
            "",
            f"- {WHY}",
            "- other.yaml: head's can't be shown: it is not valid YAML.",
            "",
            "| Metric | Base | Head | Difference |",
            "| --- | ---: | ---: | ---: |",
            "| `loss` | `0.5` | `0.25` | −0.25 |",
            "| `step` | `2` | *absent* |  |",
            "| `same` | `1` | `1` |  |",
            "",
            "*4 more metrics, `review.json` lists 3 in all.*",
        ]
    )


def test_where_nothing_differs_it_is_folded() -> None:
    same = ReportedFile(path="m.json", metrics=(Point(name="auc", base="1", head="1"),))
    text = markdown.render(reported(same))
    assert "<details><summary>Reported, not judged: 1 metric, all the same</summary>" in text


def test_where_no_model_is_judged_it_says_what_would_be() -> None:
    bare = msgspec.structs.replace(reported(*POINTS), models=())
    assert f"{WHY} Predictions, one row per evaluated example, would be judged" in markdown.render(bare)


def test_metrics_of_several_files_stand_with_their_file() -> None:
    files = [ReportedFile(path=f"{name}.json", metrics=POINTS[0].metrics[:1]) for name in ("a", "b")]
    text = markdown.render(reported(*files))
    assert "| `loss`<br>`a.json` | `0.5` | `0.25` | −0.25 |" in text
    assert "| `loss`<br>`b.json` | `0.5` | `0.25` | −0.25 |" in text


def test_a_terminal_and_a_page_say_the_same() -> None:
    stream = io.StringIO()
    terminal.render(reported(*POINTS), Console(file=stream, width=100))
    page = render(reported(*POINTS))
    for shown in (stream.getvalue(), page):
        assert "Reported, not judged: 2 of 7 metrics differ" in shown
        assert "−0.25" in shown
        assert "live/metrics.json" in shown
        assert "it is not valid YAML" in shown.replace("&#39;", "'")


def test_a_file_that_can_not_be_read_is_told_by_itself() -> None:
    assert "other.yaml: head's can't be shown: it is not valid YAML." in markdown.render(reported(POINTS[1]))


def test_without_a_stage_no_lock_is_said_to_name_the_files() -> None:
    gate = GateResult(
        id="lock/chain", kind="lock", outcome="skipped", sentence="no dvc.yaml declares a stage."
    )
    told = msgspec.structs.replace(review(), gates=(gate,), strength="consistent")
    said = "Strength *consistent*: the files judged are the ones that head's .dvc files name."
    assert said in markdown.render(told)
    told = msgspec.structs.replace(told, strength="claimed")
    assert "nothing but the commit says where the files judged are from." in markdown.render(told)
