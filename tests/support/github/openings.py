"""Openings of a closed repository on the stand-in, and the doctor who looks at it."""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from mergegate import doctor, repo
from mergegate.doctor import on_github
from mergegate.doctor.check import Examination, examine, name
from mergegate.doctor.facts import Facts
from mergegate.flows.doctor.examining import conclude
from mergegate.flows.doctor.github import gather
from mergegate.flows.doctor.hosted import as_hosted, examine_branches
from mergegate.flows.doctor.local import gather as gather_local
from mergegate.flows.doctor.request import Request
from mergegate.records.doctor import Ailment, DoctorAnswer
from support.github.closed import APP, own_files
from support.github.server import GitHubServer
from support.github.settings import Environment, Ruleset, protect
from support.repositories import Repository

Open = Callable[[GitHubServer], object]

NAMES = tuple(name(check) for check in on_github.CHECKS)


class Clone(Struct, frozen=True):
    """A clone in which nothing ails that lets the gate be skipped: what the local checks saw of it."""

    project: repo.Project
    facts: Facts
    examined: Examination

    def ask(self, github: GitHubServer) -> DoctorAnswer:
        """The doctor's answer on this clone and the repository; the token is the environment's."""
        request = Request(self.project.root, github=True, repository=github.repository, api_url=github.url)
        found = gather(self.project, request, self.facts)
        facts = as_hosted(self.facts, found)
        here = self.examined if facts is self.facts else examine(doctor.CHECKS, facts)
        examined = [here, *examine_branches(facts, found), examine(on_github.CHECKS, found)]
        return conclude(examined, found.repository, asked=True)


def make_clone(repository: Repository) -> Clone:
    """Commit the files of a closed repository into an empty one, and look at it."""
    for path, data in own_files().items():
        repository.write(path, data.decode())
    repository.commit("Start")
    project = repo.locate(repository.path)
    facts = gather_local(project)
    return Clone(project, facts, examine(doctor.CHECKS, facts))


def told(answer: DoctorAnswer) -> list[Ailment]:
    """What the checks of GitHub's settings found."""
    return [each for each in answer.ailments if each.check in NAMES]


def the(github: GitHubServer) -> Ruleset:
    return github.settings.rulesets[0]


def parameters(**changes: Any) -> Open:
    """Change parameters of the rules, by rule."""

    def change(github: GitHubServer) -> None:
        for kind, values in changes.items():
            the(github).rule(kind).update(values)

    return change


def bypass(kind: str, number: int | None, mode: str = "always") -> Open:
    actor = {"actor_type": kind, "actor_id": number, "bypass_mode": mode}
    return lambda github: the(github).bypass.append(actor)


def required(*checks: dict[str, Any]) -> Open:
    return parameters(required_status_checks={"required_status_checks": list(checks)})


def classic(**changes: Any) -> Open:
    """No ruleset, but a classic protection of both branches, all closed but for `changes`."""

    def change(github: GitHubServer) -> None:
        github.settings.rulesets.clear()
        for branch in ("main", "release/1.0"):
            whole = protect([{"context": "mergegate", "app_id": APP}], **changes)
            github.settings.protections[branch] = whole

    return change


def environment(**changes: Any) -> Open:
    def change(github: GitHubServer) -> None:
        github.settings.environments[0] = Environment("mergegate", **changes)

    return change


def file(path: str, *edits: tuple[str, str]) -> Open:
    """Edit a file of the default branch; without edits it is gone."""

    def change(github: GitHubServer) -> None:
        text = github.settings.files.pop(path).decode()
        for old, new in edits:
            assert old in text
            text = text.replace(old, new)
        if edits:
            github.settings.files[path] = text.encode()

    return change


def append(path: str, text: str) -> Open:
    """Add lines to a file of the default branch."""

    def change(github: GitHubServer) -> None:
        github.settings.files[path] += text.encode()

    return change


def setting(name: str, value: object) -> Open:
    return lambda github: setattr(github.settings, name, value)


def also(*opens: Open) -> Open:
    def change(github: GitHubServer) -> None:
        for each in opens:
            each(github)

    return change
