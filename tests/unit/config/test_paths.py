"""Paths stay inside the project, and are one however they are written."""

import pytest

from mergegate.config.policy import Evaluation
from support.policy_texts import loaded, model, problems


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("/etc/passwd", "is absolute"),
        ("C:/data", "is absolute"),
        ("../data", "climbs out with `..`"),
        ("data/../../x", "climbs out with `..`"),
        ("data\\raw", "holds a backslash"),
        ("s3://bucket/key", "is a URL, not a path"),
        (".", "is the whole project"),
        ("./", "is the whole project"),
        ("", "is empty"),
        (" ", "is empty"),
        (".git/config", "lies in .git"),
        ("sub/.GIT/hooks", "lies in .git"),
        ("d" * 1025, "is too long"),
    ],
)
def test_a_path_stays_inside_the_project(path: str, fault: str) -> None:
    at = [
        ("models.m.bundle", f"bundle: '{path}', evaluation: {{task: binary, predictions: p}}"),
        ("models.m.evaluation.predictions", f"evaluation: {{task: binary, predictions: '{path}'}}"),
        ("models.m.evaluation.inputs", f"evaluation: {{task: binary, predictions: p, inputs: '{path}'}}"),
        (
            "models.m.evaluation.training_rows",
            f"evaluation: {{task: binary, predictions: p, training_rows: '{path}'}}",
        ),
        ("models.m.evaluation.metrics", f"evaluation: {{task: binary, predictions: p, metrics: '{path}'}}"),
        ("models.m.evaluation.seeds", f"evaluation: {{task: binary, predictions: p, seeds: '{path}'}}"),
    ]
    for key, written in at:
        ((line, found, message, hint),) = problems(f"version: 1\nmodels:\n  m: {{{written}}}\n")
        assert (line, found) == (3, key)
        assert message.endswith(fault)
        assert hint == "write a path inside the project, from the policy's folder, with `/` between folders"
    ((line, found, message, _),) = problems(f"version: 1\ndatasets:\n  - path: '{path}'\n")
    assert (line, found) == (3, "datasets[0].path")
    assert message.endswith(fault)


@pytest.mark.parametrize("path", ["a b/ü.parquet", "a..b/c", "...", "~/x", "new\\nline"])
def test_odd_but_plain_paths_are_taken(path: str) -> None:
    text = f'version: 1\ndatasets: [{{path: "{path}"}}]\n'
    assert loaded(text).datasets[0].path == path.replace("\\n", "\n")


def test_every_path_of_a_model_takes_its_one_form() -> None:
    text = model(
        evaluation="inputs: ./i/, training_rows: a//t, metrics: ././m.json, seeds: ./reports//seeds.json",
        bundle="models/bundle/",
    ).replace("predictions: p", "predictions: r/./p")
    found = loaded(text).models["m"]
    assert found.bundle == "models/bundle"
    assert found.evaluation == Evaluation(
        task="binary",
        predictions="r/p",
        inputs="i",
        training_rows="a/t",
        metrics="m.json",
        seeds="reports/seeds.json",
    )
