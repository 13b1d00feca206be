"""Metrics files of no model: read as DVC reads them, shown as points, and never a reason to stop."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from mergegate import repo
from mergegate.config.policy import Policy
from mergegate.dag import read
from mergegate.flows.evidence import Reading
from mergegate.flows.points import review_points
from mergegate.records.review import Point, Problem, ReportedFile, Revision
from support.memory import MemoryFiles

DVC_YAML = "metrics:\n- scores.json\n- nested/live.yaml\n"

Files = Mapping[str, str | bytes]


def reading(side: str, files: Files) -> Reading:
    held = MemoryFiles({"dvc.yaml": DVC_YAML, **files})
    revision = Revision(name=side, sha="0" * 40)
    return Reading(side, revision, held, read(held))  # type: ignore[arg-type]


def points(base: Files, head: Files, *named: str) -> tuple[tuple[ReportedFile, ...], tuple[Problem, ...]]:
    nowhere = Path("/nonexistent")
    objects = repo.Objects(repo.Project(git_root=nowhere, root=nowhere, prefix="", dvc_root=None))
    policy = Policy(version=1, metrics=named)
    return review_points(policy, reading("base", base), reading("head", head), objects)


def test_what_differs_stands_first_with_its_difference() -> None:
    base = {"scores.json": '{"same": 1, "auc": {"test": 0.8125}, "seconds": 60, "gone": 2}'}
    head = {"scores.json": '{"same": 1, "auc": {"test": 0.84375}, "seconds": 90, "name": "forest"}'}
    ((file,), problems) = points(base, head)
    assert problems == ()
    assert file == ReportedFile(
        path="scores.json",
        metrics=(
            Point(name="auc.test", base="0.8125", head="0.84375", difference="+0.0312"),
            Point(name="seconds", base="1 min", head="1 min 30 s", difference="+30 s"),
            Point(name="name", base=None, head="forest"),
            Point(name="gone", base="2", head=None),
            Point(name="same", base="1", head="1"),
        ),
    )


def test_yaml_and_toml_are_read_as_dvc_reads_them() -> None:
    head = {"nested/live.yaml": "loss: 1e-3\nfolds: [1, 2]\nday: 2026-01-02\n", "more.toml": "[a]\nb = 0.5\n"}
    files, problems = points({}, head, "more.toml")
    assert problems == ()
    assert [(file.path, [(each.name, each.head) for each in file.metrics]) for file in files] == [
        ("more.toml", [("a.b", "0.5")]),
        ("nested/live.yaml", [("loss", "0.001"), ("folds", "[1, 2]"), ("day", '"2026-01-02"')]),
    ]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ('{"auc": 0.', "it is not valid JSON: Expecting ',' delimiter (line 1)"),
        ("[1, 2]", "it holds no names and numbers"),
        (b"\xff\xfe", "it is not UTF-8 text (line 1)"),
        ("[" * 100_000, "it is not valid JSON"),
        (" " * 2_000_000, "it has 2,000,000 bytes, and at most 1,048,576 are read"),
    ],
)
def test_a_file_that_can_not_be_read_is_noted_and_one_that_the_policy_names_stops_the_change(
    data: str | bytes, why: str
) -> None:
    ((file,), problems) = points({"scores.json": "{}"}, {"scores.json": data})
    assert problems == ()
    assert file.note.startswith(f"head's can't be shown: {why}")
    (_, (problem,)) = points({"scores.json": "{}"}, {"scores.json": data}, "scores.json")
    assert (problem.side, problem.path) == ("head", "scores.json")
    assert points({"scores.json": data}, {"scores.json": "{}"}, "scores.json")[1] == ()


def test_a_file_that_the_policy_names_may_not_be_missing_in_head() -> None:
    assert points({"scores.json": "{}"}, {}) == ((), ())
    (_, (problem,)) = points({"scores.json": "{}"}, {}, "scores.json")
    assert (problem.message, problem.hint) == ("is missing", "write it, or take it from `metrics`")


def test_numbers_that_are_none_are_shown_and_compared_with_nothing() -> None:
    head = {"scores.json": '{"a": NaN, "b": Infinity, "c": 1' + "0" * 400 + ', "d": true}'}
    ((file,), _) = points({"scores.json": '{"a": 1, "b": 1, "c": 1, "d": false}'}, head)
    assert [(each.name, each.head, each.difference) for each in file.metrics] == [
        ("a", "nan", None),
        ("b", "inf", None),
        ("c", "a number too large to compare", None),
        ("d", "true", None),
    ]


def test_only_so_many_values_and_files_are_shown() -> None:
    many = json.dumps({f"fold{number}": number for number in range(5_000)})
    ((file,), _) = points({}, {"scores.json": many})
    assert len(file.metrics) == 1_000
