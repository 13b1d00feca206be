"""How a stage runs."""

import logging
from pathlib import Path

import pytest

from pipeline import stage
from pipeline.stage import Section, StageError


class Cook(Section, frozen=True):
    """A stage's params."""

    heat: float
    pots: tuple[str, ...] = ()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def cook(params: Cook, log: logging.Logger) -> str:
    log.info("heating to %s", params.heat)
    if params.heat > 300:
        raise StageError("the kitchen burns", hint="lower cook.heat")
    if params.heat == 0:
        raise ZeroDivisionError("no heat")
    if params.heat < 0:
        raise PermissionError(13, "Permission denied", "oven")
    return f"cooked at {params.heat}"


def run(heat: str) -> int:
    Path("params.yaml").write_text(f"cook:\n  heat: {heat}\n")
    return stage.run("cook", Cook, cook)


def test_a_stage_tells_progress_and_a_summary_and_keeps_a_log(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = run("1e-3")

    assert code == 0
    assert capsys.readouterr() == ("", "cook: heating to 0.001\ncook: done: cooked at 0.001\n")
    assert Path("logs/cook.log").read_text().splitlines()[-1].endswith("INFO done: cooked at 0.001")


@pytest.mark.parametrize(
    ("heat", "said"),
    [
        ("301", "cook: failed: the kitchen burns\ncook: next: lower cook.heat\n"),
        ("-1", "cook: failed: Permission denied: oven\n"),
        (
            "0",
            "cook: failed: unexpected ZeroDivisionError: no heat\n"
            "cook: next: the traceback is in logs/cook.log\n",
        ),
    ],
)
def test_a_failure_is_a_sentence_and_exit_code_1(
    heat: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(heat)

    assert code == 1
    assert capsys.readouterr().err.split("\n", 1)[1] == said


def test_the_traceback_of_a_fault_is_kept_in_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    run("0")

    assert "Traceback" not in capsys.readouterr().err
    assert 'raise ZeroDivisionError("no heat")' in Path("logs/cook.log").read_text()


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (None, "there is no params.yaml in "),
        ("cook: [", "params.yaml is not YAML: "),
        ("bake:\n  heat: 1\n", "params.yaml has no section `cook`"),
        ("- cook\n", "params.yaml has no section `cook`"),
        ("cook:\n  heat: hot\n", "params.yaml, cook.heat: Expected `float`, got `str`"),
        ("cook:\n  heat: 1\n  pots: [a, 2]\n", "params.yaml, cook.pots[1]: Expected `str`, got `int`"),
        ("cook:\n  heat: 1\n  lid: on\n", "params.yaml, cook: Object contains unknown field `lid`"),
        ("cook:\n", "params.yaml, cook: Expected `object`, got `null`"),
    ],
)
def test_params_that_are_wrong_name_file_and_key(params: str | None, message: str) -> None:
    if params is not None:
        Path("params.yaml").write_text(params)

    with pytest.raises(StageError) as caught:
        stage.load_params("cook", Cook)

    assert caught.value.message.startswith(message)
    assert caught.value.hint
