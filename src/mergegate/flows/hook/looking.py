"""What is wrong with the commits of a push, told within a second: no stage runs, nothing is fetched."""

import importlib
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Literal

import msgspec

from mergegate import dag, repo
from mergegate.config.policy import POLICY_FILE
from mergegate.dag.origins import find_sources
from mergegate.doctor.facts import ConfigText
from mergegate.doctor.secrets import find_secrets
from mergegate.errors import MergegateError
from mergegate.flows.hook.exams import find_exams
from mergegate.flows.hook.pushed import MOST, Sent
from mergegate.flows.hook.unpushed import find_unpushed
from mergegate.flows.merges import check_merges
from mergegate.records.pipeline import Pipeline
from mergegate.records.review import LockFinding, Revision
from mergegate.repo import git

PATIENCE = 0.8
"""Seconds after which no further commit is looked at."""

MOST_SHOWN = 3
_NOT_HERE = ("templates-need-dvc", "package-missing")
"""What is wrong with where the hook runs, not with the push."""
_CONFIGS = (".dvc/config", ".dvc/config.local")

Kind = Literal["lock stale", "unreadable", "not pushed", "leak", "credentials"]


class Warned(msgspec.Struct, frozen=True):
    """One warning: `what` is so, and the command that mends it, "" where there is none."""

    kind: Kind
    what: str
    mend: str = ""


class Looked(msgspec.Struct, frozen=True):
    """What was seen of one pushed commit; `notes` say what was not looked at."""

    sent: Sent
    project: str
    warned: tuple[Warned, ...]
    notes: tuple[str, ...] = ()


class Side(msgspec.Struct, frozen=True):
    """A commit as read."""

    revision: Revision
    files: repo.Snapshot
    pipeline: Pipeline


def find_folders(here: repo.Project) -> tuple[Path, ...]:
    """The folders of a repository's projects: those in it that have a policy, else the one of `here`."""
    listed = git.ask(here.git_root, "ls-files", "-z", "--", POLICY_FILE, f"**/{POLICY_FILE}") or ""
    folders = [here.git_root / path.rpartition("/")[0] for path in listed.split("\0") if path]
    return tuple(folder for folder in folders if folder.is_dir()) or (here.root,)


def look(
    project: repo.Project, sent: tuple[Sent, ...], *, ask_remotes: bool, began: float
) -> Iterator[Looked]:
    """Look at each commit, as long as there is time for it; `began` is a time of `time.monotonic`."""
    for number, each in enumerate(sent):
        late = time.monotonic() - began > PATIENCE
        if number and (late or number == MOST):
            rest = len(sent) - number
            note = f"{rest:,} more {'commit was' if rest == 1 else 'commits were'} not looked at"
            yield Looked(each, project.prefix, (), (note,))
            return
        yield _look(project, each, ask_remotes=ask_remotes)


def _look(project: repo.Project, sent: Sent, *, ask_remotes: bool) -> Looked:
    warned: list[Warned] = []
    notes: list[str] = []
    with repo.Blobs(project.git_root), ExitStack() as stack:
        try:
            head = _open(stack, project, sent.sha, sent.name)
        except MergegateError as error:
            said = error.message.splitlines()[0]
            if error.code in _NOT_HERE:
                return Looked(sent, project.prefix, (), (f"{said}: nothing was looked at",))
            told = Warned("unreadable", said, "mergegate verify")
            return Looked(sent, project.prefix, (told,))
        base = _base(stack, project, sent, head)
        objects = repo.Objects(project)
        warned += _check_lock(project, objects, base, head)
        warned += _check_credentials(head)
        imports = find_sources(head.files, head.pipeline, at=sent.name)
        unpushed = find_unpushed(
            project, objects, base.pipeline if base else None, head.pipeline, imports, ask_remotes=ask_remotes
        )
        warned += [Warned("not pushed", what, f"mergegate push {sent.sha[:10]}") for what in unpushed.missing]
        notes += unpushed.notes
        for kind, what in _find_leaks(objects, base, head):
            if kind == "leak":
                warned.append(Warned("leak", what, "mergegate review"))
            else:
                notes.append(what)
    return Looked(sent, project.prefix, tuple(warned), tuple(notes))


def _open(stack: ExitStack, project: repo.Project, sha: str, name: str) -> Side:
    found = repo.resolve(project, sha)
    revision = msgspec.structs.replace(found, name=name)
    files = stack.enter_context(repo.open_commit(project, revision))
    return Side(revision, files, dag.read(files, at=name))


def _base(stack: ExitStack, project: repo.Project, sent: Sent, head: Side) -> Side | None:
    """What the other side has: of this branch, else of the default one."""
    try:
        known = sent.known
        if known is None:
            branch = repo.find_default_branch(project)
            known = repo.merge_base(project, branch, head.revision) if branch else None
        if known is None or known == sent.sha:
            parent = git.ask(project.git_root, "rev-parse", "--verify", "--quiet", f"{sent.sha}^1^{{commit}}")
            known = known and parent
        return _open(stack, project, known, known[:10]) if known else None
    except MergegateError:
        return None


def _check_lock(
    project: repo.Project, objects: repo.Objects, base: Side | None, head: Side
) -> Iterator[Warned]:
    try:
        findings: list[LockFinding] = list(
            dag.chain(head.pipeline, head.files, "head", tree=objects.tree, at=head.revision.name)
        )
        if base is not None:
            findings += check_merges(project, base.revision, head.revision, head.pipeline)
    except MergegateError as error:
        yield Warned("unreadable", error.message.splitlines()[0], "mergegate verify")
        return
    breaks = [each for each in findings if each.blocking and each.kind != "unchecked"]
    for each in breaks[:MOST_SHOWN]:
        yield Warned("lock stale", each.message, each.mend)
    if len(breaks) > MOST_SHOWN:
        yield Warned("lock stale", f"{len(breaks) - MOST_SHOWN:,} more findings", "mergegate verify")


def _check_credentials(head: Side) -> Iterator[Warned]:
    """Keys of the data remote in DVC's settings: once pushed, they are everybody's."""
    for path in _CONFIGS:
        data = head.files.read(path)
        if data is None:
            continue
        text = ConfigText(path=path, text=data[:1_000_000].decode(errors="replace"))
        for line, section, _, what in find_secrets(text, frozenset()):
            yield Warned(
                "credentials",
                f"{path} line {line} holds {what} ({section or 'no section'}), for all who read this",
                "keep it in .dvc/config.local, and take it out of every commit that is not pushed yet",
            )


def _find_leaks(objects: repo.Objects, base: Side | None, head: Side) -> list[tuple[str, str]]:
    """Leaks of exams that moved; what reads tables is imported only where one did."""
    data = head.files.read(POLICY_FILE)
    exams = find_exams(data, base.pipeline if base else None, head.pipeline) if data else ()
    if not exams:
        return []
    leaks = importlib.import_module("mergegate.flows.hook.leaks")
    found: list[tuple[str, str]] = leaks.find_leaks(exams, objects, head.pipeline)
    return found
