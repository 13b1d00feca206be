"""The doctor looks at a repository whose loop runs: nobody can skip its gate, until somebody opens a hole."""

from collections.abc import Callable
from copy import deepcopy

import pytest

from mergegate import doctor, repo
from mergegate.doctor.check import examine
from mergegate.flows.doctor.local import gather
from support.github.closed import BOT, KEY, SEES, close, give_app, now
from support.github.holes import HOLES
from support.github.openings import Clone, told
from support.loop import Scene

pytestmark = pytest.mark.needs("node")

TOKEN = "ghp_an_administrators"
APP = {"variables": {"MERGEGATE_APP_CLIENT_ID": "Iv1.flights"}, "secrets": {KEY: "an App's key"}}


def protect(stage: Scene) -> None:
    """Have an App set the status, a pattern protected, and every hole closed on GitHub."""
    project, server = stage.project, stage.server
    for name in ("comment.yml", "verify.yml"):
        path = project.root / ".github/workflows" / name
        path.write_text(give_app(path.read_text()))
    policy = (project.root / "mergegate.yaml").read_text()
    project.write("mergegate.yaml", f"{policy}protected: [release/*]\n")
    project.commit("Have an App set the status")
    stage.hosting.seed(project.root)
    stage.hosting.seed(project.root, "release/1.0")
    paths = project.git("ls-files", ".github", "mergegate.yaml").splitlines()
    close(server, {path: (project.root / path).read_bytes() for path in paths})
    server.add_token(TOKEN, SEES, login="ada", user=True)


def test_closed_the_doctor_says_no_and_with_any_hole_opened_yes_and_by_whom(
    scene: Callable[..., Scene], monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = scene(**APP)
    protect(stage)
    pull = stage.propose("better")
    pull.updated_at = now()
    # The branch began before: its own copy of the workflows has no say in who sets the status.
    assert (stage.status(pull).state, stage.status(pull).creator) == ("success", BOT), stage.log()

    stage.project.git("switch", "--quiet", "main")
    stage.project.dvc("checkout", "--quiet")
    asked = ("--repository", stage.server.repository, "--api-url", stage.server.url)
    done = stage.project.run("mergegate", "doctor", "--github", *asked, env={"GITHUB_TOKEN": TOKEN})
    assert done.code == 0, done.out
    assert done.out.startswith("Can this gate be skipped? No: no check found a way.\n")
    assert TOKEN not in done.out + done.err

    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    project = repo.locate(stage.project.root)
    facts = gather(project)
    clone = Clone(project, facts, examine(doctor.CHECKS, facts))
    closed = deepcopy(stage.server.settings)
    for name, (open_it, check, what, who) in HOLES.items():
        open_it(stage.server)
        answer = clone.ask(stage.server)
        assert (answer.skippable, who in answer.by) == ("yes", True), name
        assert any(each.check == check and each.what.startswith(what) for each in told(answer)), name
        stage.server.settings = deepcopy(closed)
    assert clone.ask(stage.server).skippable == "no"
