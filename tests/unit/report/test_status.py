"""The screen: whatever a work tree holds, no text of it acts, and it stays one screen."""

import io

import pytest
from rich.console import Console

from mergegate.records.plan import PlannedStage, Why
from mergegate.records.review import ParamChange, Revision
from mergegate.records.status import Forecast, MovedData, Moves, Place, Status, Step
from mergegate.report.status import render
from support.anything import anything

HOSTILE = "\x1b[2J\u202e[bold]x[/bold]\n::error::y\r|z" + "w" * 5_000
HEAD = Revision(name="workspace", sha="a" * 40, workspace=True)


def shown(status: Status, width: int = 100) -> str:
    output = io.StringIO()
    render(status, Console(file=output, width=width, markup=False, emoji=False))
    return "\n".join(line.rstrip() for line in output.getvalue().splitlines()) + "\n"


def status(place: Place, moves: Moves, forecast: Forecast, step: Step) -> Status:
    return Status(mergegate="1", project="p", place=place, moves=moves, forecast=forecast, next=step)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("width", [20, 100])
def test_no_text_of_a_status_acts(seed: int, width: int) -> None:
    text = shown(anything(Status, lambda _: HOSTILE, seed=seed), width)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "\n::error::" not in text


def test_all_that_there_is_to_say_fits_one_screen() -> None:
    stages = tuple(
        PlannedStage(name=f"stage{number}", will="run", stale=True, reasons=(Why(cause="code", what="x.py"),))
        for number in range(40)
    )
    found = status(
        Place(
            branch="change",
            head=HEAD,
            target="origin/main",
            base=Revision(name="the merge base with origin/main", sha="b" * 40),
            ahead=2,
            behind=1_200,
            upstream="origin/change",
            unpushed=1,
            edited=3,
            untracked=1,
        ),
        Moves(
            data=(
                MovedData(path="data/raw", change="changed", files_added=1, files_removed=0, files_changed=2),
                MovedData(path="data/new", change="added"),
                MovedData(path="data/here", change="changed", added_yet=False),
            ),
            params=(ParamChange(file="params.yaml", key="train.rate", old=None, new="0.1"),),
            params_total=1,
            files=tuple(f"src/{number}.py" for number in range(100)),
            files_total=140,
            stages=stages,
            stages_total=40,
            policy=True,
        ),
        Forecast(
            source="review",
            outcome="fails",
            sentence="late: roc_auc is 0.5.",
            failing=("late/roc_auc/min", "late/log_loss/max"),
        ),
        Step(command="mergegate gates explain late/roc_auc/min", why="late/roc_auc/min blocks"),
    )
    assert shown(found) == (
        "change on aaaaaaa, 2 commits ahead of origin/main and 1,200 behind, 1 not pushed, 3 files "
        "edited, 1\n"
        "file not in git\n"
        "\n"
        "Changed since the merge base with origin/main\n"
        "  data    data/raw: 1 file added, 2 files changed; data/new: added; data/here: here and not added\n"
        "  params  train.rate nothing → 0.1\n"
        "  files   src/0.py, src/1.py, src/2.py, src/3.py, src/4.py, src/5.py, 134 more\n"
        "  policy  mergegate.yaml; it counts once it is merged\n"
        "  runs    stage0 (code); stage1 (code); stage2 (code); stage3 (code); stage4 (code); 35 more\n"
        "\n"
        "The gate\n"
        "  failed  late: roc_auc is 0.5.\n"
        "  fails   late/roc_auc/min, late/log_loss/max\n"
        "\n"
        "Next: mergegate gates explain late/roc_auc/min\n"
        "  late/roc_auc/min blocks\n"
    )


def test_what_runs_again_is_told_by_how_sure_it_is() -> None:
    lock = Why(cause="lock", what="dvc.lock")
    stages = (
        PlannedStage(name="clean", will="run", reasons=(lock,)),
        PlannedStage(name="train", will="run", reasons=(Why(cause="params", what="p"), lock)),
        PlannedStage(name="plot", will="if-changed"),
        PlannedStage(name="old", will="frozen", stale=True),
    )
    text = shown(
        status(
            Place(branch=None, head=HEAD, target="main", base=HEAD, ahead=0, behind=0),
            Moves(stages=stages, stages_total=4),
            Forecast(source="none", outcome="unknown", sentence="There is no policy."),
            Step(command="", why="nothing"),
        )
    )
    assert text.startswith("no branch on aaaaaaa, level with main, nothing uncommitted\n")
    assert "  runs  plot (if needed); old (frozen)\n  ran   clean, train, says dvc.lock\n" in text
    assert "  no verdict  There is no policy.\n" in text
    assert text.endswith("Next: nothing to type\n  nothing\n")
