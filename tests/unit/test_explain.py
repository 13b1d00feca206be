"""`mergegate explain` as a person, a shell and a machine meet it."""

import json

import pytest
from click.shell_completion import ShellComplete

from mergegate.cli import cli, run


@pytest.fixture(autouse=True)
def a_wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")


def test_a_name_is_explained_for_every_kind_that_has_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "Broken-Link"]) == 0
    told = capsys.readouterr()
    assert told.err == ""
    assert told.out == (
        "broken-link: a finding of verify or the review\n\n"
        "The stage read another file than the stage before it wrote, or than the .dvc file tracks: its\n"
        "output belongs to other data than this revision has. Typical after `dvc repro` in a clone that\n"
        "holds only a part of the data, and after a merge of dvc.lock. Bring the data whole, then run the\n"
        "stage again.\n\n"
        "broken-link: a reason why a stage runs again\n\n"
        "dvc.lock says that the stage read another file than the stage before it wrote.\n"
    )


def test_the_id_of_a_gate_is_explained_by_its_parts(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "late-arrival/roc_auc/min"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("min: a gate\n\nThe metric of head, on all rows")
    assert "\n\nroc_auc: a metric\n\nThe chance that a positive row" in out


def test_an_unknown_name_gets_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "max_regresion"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(
        "mergegate: nothing is called max_regresion\n  next: did you mean max_regression"
    )
    assert run(["explain", "\x1b[2J" + "z" * 10_000]) == 2
    told = capsys.readouterr()
    assert "\x1b" not in told.err
    assert len(told.err) < 300


def test_without_a_name_all_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("Errors\n  usage-error, config-error, ")
    for name in ("not-a-repository", "max_regression", "roc_auc", "broken-link", "reproduced"):
        assert name in out
    assert run(["explain", "--json"]) == 0
    everything = json.loads(capsys.readouterr().out)
    assert everything["name"] is None
    assert len(everything["topics"]) > 200


def test_a_machine_gets_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "known_later", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "schema": 1,
        "name": "known_later",
        "topics": [
            {
                "kind": "leak",
                "names": ["known_later"],
                "text": "A column that the policy lists under `known_later` is among the inputs: it is "
                "not known when the model must answer.",
            }
        ],
    }


def test_a_shell_completes_the_names() -> None:
    completion = ShellComplete(cli, {}, "mergegate", "_MERGEGATE_COMPLETE")
    found = [item.value for item in completion.get_completions(["explain"], "max_r")]
    assert found == ["max_regression", "max_relative_regression", "max_rows_gone", "max_removed_share"]


def test_the_code_that_an_error_shows_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["verify", "--nonsense"]) == 2
    assert "more:" not in capsys.readouterr().err
    assert run(["policy", "check", "nowhere/mergegate.yaml"]) == 2
    assert "more:" not in capsys.readouterr().err
    assert run(["--debug", "policy", "check", "nowhere/mergegate.yaml"]) == 2
    assert capsys.readouterr().err.endswith("  more: mergegate explain config-error\n")
