"""The next command: the first thing that stands between here and a merge."""

import pytest

from mergegate.flows.status.advice import advise
from mergegate.records.plan import PlannedStage
from mergegate.records.review import Revision
from mergegate.records.status import Forecast, MovedData, Moves, Place
from mergegate.repo.state import State

HEAD = Revision(name="workspace", sha="a" * 40, workspace=True)
CODE = Moves(files=("x.py",), files_total=1)
GOOD = Forecast(source="review", outcome="passes", sentence="It holds.")
BAD = Forecast(source="review", outcome="fails", sentence="It fails.", failing=("a/b/min",))
ADVISED = Forecast(
    source="review", outcome="fails", sentence="It fails.", failing=("a/b/min",), enforced=False
)
REFUSED = Forecast(
    source="predicted",
    outcome="fails",
    sentence="The policy here can't be used.",
    failing=("mergegate.yaml/contract",),
    why=("line 1: nonsense.",),
)
UNTOLD = Forecast(source="predicted", outcome="unknown", sentence="Who knows.")


def place(**fields: object) -> Place:
    known = {"branch": "change", "head": HEAD, "target": "origin/main", "ahead": 1, "behind": 0}
    return Place(**(known | fields))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("where", "moves", "forecast", "command"),
    [
        (place(doing="rebase"), CODE, UNTOLD, "git rebase --continue"),
        (
            place(head=Revision(name="w", sha=None), untracked=1),
            CODE,
            UNTOLD,
            "git add --all && git commit -m 'Begin'",
        ),
        (place(head=Revision(name="w", sha=None)), Moves(), UNTOLD, "mergegate init --template tabular"),
        (place(branch="main", ahead=0, behind=3, upstream="origin/main"), Moves(), UNTOLD, "git pull"),
        (place(ahead=0, behind=3), Moves(), UNTOLD, "git merge origin/main"),
        (place(branch=None, ahead=0, behind=1), Moves(), UNTOLD, "git merge origin/main"),
        (place(branch="main", ahead=0), Moves(), UNTOLD, "git switch --create NAME"),
        (
            place(),
            Moves(data=(MovedData(path="a b", change="changed", added_yet=False),)),
            UNTOLD,
            "dvc add 'a b'",
        ),
        (place(), Moves(files=("x",), problems=("dvc.yaml:1: is not valid",)), UNTOLD, "mergegate plan"),
        (place(branch="main"), Moves(problems=("reports can't be read",)), UNTOLD, "mergegate plan"),
        (place(), Moves(stages=(PlannedStage(name="t", will="frozen"),)), UNTOLD, "dvc unfreeze t"),
        (place(), Moves(stages=(PlannedStage(name="t", will="run", stale=True),)), UNTOLD, "dvc repro"),
        (place(), Moves(stages=(PlannedStage(name="t", will="run"),)), UNTOLD, "mergegate review"),
        (place(), CODE, BAD, "mergegate gates explain a/b/min"),
        (place(edited=1), CODE, GOOD, "git add --all && git commit"),
        (place(branch=None), CODE, GOOD, "git switch --create NAME"),
        (place(), CODE, REFUSED, "mergegate policy check"),
        (place(), CODE, GOOD, "git push --set-upstream origin change"),
        (place(upstream="origin/change", unpushed=2), CODE, GOOD, "git push"),
        (place(upstream="origin/change", unpushed=2), CODE, ADVISED, "git push"),
        (
            place(upstream="origin/change", unpushed=1),
            Moves(data=(MovedData(path="d", change="added"),)),
            GOOD,
            "mergegate push && git push",
        ),
        (place(upstream="origin/change", unpushed=0), CODE, GOOD, ""),
    ],
)
def test_one_command_comes_next(where: Place, moves: Moves, forecast: Forecast, command: str) -> None:
    step = advise(where, moves, forecast, State(branch=where.branch, remotes=("origin", "backup")))
    assert step.command == command
    assert step.why


def test_where_it_is_pushed_to_is_asked_of_git() -> None:
    pushes = [
        advise(place(), CODE, GOOD, State(branch="change", remotes=remotes)).command
        for remotes in (("up stream",), ())
    ]
    assert pushes == ["git push --set-upstream 'up stream' change", "git remote add origin URL"]


def test_once_all_is_pushed_a_pull_request_is_left() -> None:
    where = place(upstream="origin/change", unpushed=0)
    assert advise(where, CODE, GOOD, State(branch="change")).why == (
        "all is pushed: open a pull request into main"
    )
