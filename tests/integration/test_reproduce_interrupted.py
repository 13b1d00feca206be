"""`mergegate reproduce --twice --push` that is ended at one moment after another: nothing false stays."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mergegate.flows.reproduce import Request, Teller, reproduce
from support.pipelines import build_pipeline
from support.projects import Project

KILLED = """\
import os, pathlib, signal, sys
from mergegate.flows.reproduce import Request, Teller, reproduce, running

moment, number, seen = sys.argv[1], int(sys.argv[2]), []

def end(what):
    seen.append(what)
    if seen.count(moment) == number:
        os.kill(os.getpid(), signal.SIGKILL)

def tell(text):
    print(text, flush=True)
    end(" ".join(text.split()[:2]))

# The last that is done before a stage is noted as finished.
running.record_duration = lambda *given: end("the journal")
reproduce(Request(start=pathlib.Path(), twice=True, push=True), Teller(tell, tell))
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A true change, of which the remote has nothing yet: `train` ran, and notes each run in `runs`."""
    made = build_pipeline(tmp_path)
    made.write("train.py", f"{made.read('train.py')}open({str(tmp_path / 'runs')!r}, 'a').write('ran ')\n")
    made.write("params.yaml", "length: 3\n")
    made.dvc("repro", "--quiet")
    made.commit("Longer words")
    (tmp_path / "runs").unlink()
    for name, value in made.environment().items():
        monkeypatch.setenv(name, value)
    return made


def runs(project: Project) -> int:
    """How often `train` ran."""
    file = project.home / "runs"
    return file.read_text().count("ran") if file.exists() else 0


def there(project: Project) -> list[Path]:
    """All that the remote holds."""
    return sorted(path for path in (project.home / "remote").rglob("*") if path.is_file())


def rooms(project: Project) -> list[str]:
    return sorted(path.name for path in (project.root / ".dvc/tmp/mergegate/reproduce").iterdir())


def interrupt(moment: str, number: int) -> Teller:
    """Ctrl-C when a step or line begins so for the so-manieth time."""
    seen: list[str] = []

    def tell(text: str) -> None:
        seen.append(" ".join(text.split()[:2]))
        if seen.count(moment) == number:
            raise KeyboardInterrupt

    return Teller(tell, tell)


def test_ctrl_c_at_any_moment_leaves_no_place_and_sends_nothing(project: Project) -> None:
    request = Request(start=project.root, twice=True, push=True)
    before = there(project)
    for moment, number, ran in (
        ("running train", 1, 0),
        ("running all", 1, 1),
        ("running train", 2, 2),
        ("sending to", 1, 4),
    ):
        with pytest.raises(KeyboardInterrupt):
            reproduce(request, interrupt(moment, number))
        assert (rooms(project), there(project), runs(project)) == ([], before, ran), moment
        assert project.git("worktree", "list").count("\n") == 1
        assert project.git("status", "--porcelain") == ""
    told = reproduce(request)
    assert (told.outcome, told.again, told.pushed) == ("reproduced", (), 1)
    assert len(there(project)) == len(before) + 1


def test_one_that_is_killed_at_any_moment_goes_on_by_what_was_noted(project: Project) -> None:
    before = there(project)
    for moment, number, ran, said in (
        # It ran, and nobody knows: it runs again.
        ("the journal", 1, 1, False),
        ("train: ran", 1, 2, False),
        ("running train", 1, 2, True),
    ):
        done = subprocess.run(
            [sys.executable, "-c", KILLED, moment, str(number)],
            cwd=project.root,
            env=project.environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert (done.returncode, done.stderr) == (-signal.SIGKILL, ""), moment
        assert ("train: ran before this was interrupted" in done.stdout, runs(project)) == (said, ran), moment
        assert (rooms(project) != [], there(project)) == (True, before), moment
    lines: list[str] = []
    told = reproduce(
        Request(start=project.root, twice=True, push=True), Teller(lambda text: None, lines.append)
    )
    assert lines[:2] == [
        "going on where an interrupted run ended",
        "train: ran before this was interrupted",
    ]
    assert (told.outcome, told.again, told.pushed, runs(project)) == ("reproduced", (), 1, 3)
    assert (rooms(project), len(there(project))) == ([], len(before) + 1)
    assert project.git("worktree", "list").count("\n") == 1
