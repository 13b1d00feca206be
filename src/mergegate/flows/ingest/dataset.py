"""One dataset: from what its source has to a pull request that holds it."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec.structs import replace

from mergegate import repo
from mergegate.amounts import list_some
from mergegate.config.datasets import Dataset
from mergegate.config.policy import Policy
from mergegate.dag.ignore import Ignore
from mergegate.dataset.privacy import Mask
from mergegate.errors import BrokenError, MergegateError, UsageError
from mergegate.flows.evidence import Reading
from mergegate.flows.ingest import branches
from mergegate.flows.ingest.adding import Added, plan_addition, store
from mergegate.flows.ingest.arrivals import Arrivals, find_arrivals
from mergegate.flows.ingest.branches import Ours
from mergegate.flows.ingest.gathering import Gatherer
from mergegate.flows.ingest.origin import Origin
from mergegate.flows.ingest.proposing import Forge, files_at
from mergegate.flows.ingest.request import Progress, Request
from mergegate.flows.ingest.rerunning import Rerun, rerun
from mergegate.flows.ingest.targets import Target, find_target
from mergegate.flows.ingest.validating import mask_of, validate
from mergegate.flows.ingest.words import body_of, title_of
from mergegate.flows.verify.wanted import Wanted, by_remote
from mergegate.records.ingest import Ingested, IngestOutcome
from mergegate.records.review import Revision
from mergegate.repo.embedded import find_embedded
from mergegate.repo.upload import push_objects
from mergegate.repo.worktree import Room
from mergegate.report.escaping import visible

_SHOWN = 5


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A dataset to ingest into: `base` is what the `target` branch holds, `branch` where new files go.

    `origin` and `forge` are None where nothing is to be pushed.
    """

    request: Request
    project: repo.Project
    dataset: Dataset
    policy: Policy
    target: str
    base: Reading
    branch: str
    origin: Origin | None
    forge: Forge | None
    progress: Progress


def ingest_dataset(case: Case, room: Room, told: Ingested) -> Ingested:
    """Walk one dataset through; `told` is what is known of it so far.

    Raises RefusedError for files that may not come in, and whatever else is in the way.
    """
    return _Walk(case, room, told).go()


class _Walk:
    def __init__(self, case: Case, room: Room, told: Ingested) -> None:
        self.case = case
        self.room = room
        self.told = told
        self.objects = repo.Objects(case.project)

    def go(self) -> Ingested:
        """The steps, cheap ones first."""
        case = self.case
        target = find_target(case.base, self.objects, case.dataset)
        arrivals = self._find(target)
        mask = mask_of(target, arrivals)
        self.told = replace(
            self.told,
            files=tuple(replace(file, path=mask.name(file.path)) for file in arrivals.told),
            files_before=len(target.files),
            files_after=len({**target.files, **arrivals.md5s}),
            bytes=sum(file.bytes for file in arrivals.told),
            notes=tuple(mask.text(note) for note in arrivals.notes),
        )
        if not arrivals.told:
            return self.told
        added = plan_addition(case.project, self.objects, target, arrivals)
        tip, ours = self._find_branch()
        current = ours is not None and self._holds(ours, target, added)
        pull = None
        if case.forge is not None and case.origin is not None:
            pull = case.forge.find_open(case.branch, case.target)
            if pull is None:
                declined = case.forge.find_declined(
                    case.origin, case.branch, case.target, target, arrivals.md5s
                )
                if declined is not None:
                    note = f"pull request {declined.number} with these files was closed: it stays closed"
                    return self._tell("declined", declined.number, declined.html_url, note)
        if current and ours is not None and (pull is not None or case.forge is None):
            self.told = replace(self.told, commit=ours.sha)
            return self._tell("current", pull.number if pull else None, pull.html_url if pull else "")
        if ours is not None and not current:
            self._tell_gone(ours, target, added)
        seen = validate(
            case.policy, target, arrivals, case.base, self.objects, self._folder("read"), case.progress
        )
        self.told = replace(self.told, rows=seen.rows, warnings=seen.warnings)
        if case.request.dry_run:
            return self._tell("planned", pull.number if pull else None, pull.html_url if pull else "")
        sha = self._commit(target, arrivals, added)
        self.told = replace(self.told, commit=sha)
        if case.forge is None or case.origin is None:
            branches.move_local(case.project, case.branch, sha)
            return self._tell("committed", None, "")
        case.progress(f"pushing {case.branch}")
        case.origin.push(case.branch, sha, tip)
        case.progress("opening the pull request" if pull is None else "updating the pull request")
        body = body_of(
            self.told,
            mask_of(target, arrivals),
            target=case.target,
            asked_to_run=case.request.repro,
            checks_start=case.forge.checks_start,
        )
        outcome: IngestOutcome = "opened" if pull is None else "updated"
        pull = case.forge.propose(case.branch, case.target, title_of(self.told), body, pull)
        return self._tell(outcome, pull.number, pull.html_url)

    def _find(self, target: Target) -> Arrivals:
        """What of the source's files is new."""
        case, source = self.case, self.case.dataset.source
        if source is None:
            return Arrivals()
        gatherer = Gatherer(
            case.project, self.room.project, self.room.folder, case.request.environment, case.progress
        )
        if not target.is_folder and source.command is None:
            raise UsageError(
                f"{case.dataset.path} is one file, which only a `command` can replace",
                hint="give its source a `command`, or track a folder",
            )
        offers = gatherer.gather(source, target.files)
        return find_arrivals(
            target,
            offers,
            Ignore(case.base.files),
            self._folder("staging"),
            corrections=case.request.corrections,
            progress=case.progress,
        )

    def _find_branch(self) -> tuple[str | None, Ours | None]:
        """The tip of the branch, as ours. Raises RefusedError where a person worked on it."""
        case = self.case
        if case.origin is None:
            tip = branches.find_local(case.project, case.branch)
        else:
            tip = case.origin.tip(case.branch)
            case.origin.fetch([tip] if tip else [])
        ours = branches.refuse_foreign(
            case.project, case.branch, tip, case.dataset.path, base=case.base.revision.sha or ""
        )
        return tip, ours

    def _tell_gone(self, ours: Ours, target: Target, added: Added) -> None:
        """Note the files that leave the branch, for the source has them no more."""
        with suppress(MergegateError):
            proposed = files_at(self.case.project, ours.sha, target)
            before = files_at(self.case.project, ours.parent, target)
            gone = sorted(proposed.keys() - before.keys() - added.files.keys())
            if gone:
                mask = Mask.of(target.dataset.private, target.files, gone)
                names = list_some((visible(mask.name(name), 100) for name in gone), _SHOWN)
                note = f"Proposed before, and gone from the source since: {names}."
                self.told = replace(self.told, notes=(*self.told.notes, note))

    def _holds(self, ours: Ours, target: Target, added: Added) -> bool:
        """Whether the branch is what would be made now."""
        revision = Revision(name=self.case.branch, sha=ours.sha)
        if repo.read_at(self.case.project, revision, target.document.path) != added.text:
            return False
        return not self.case.request.repro or (ours.reproduced and ours.parent == self.case.base.revision.sha)

    def _commit(self, target: Target, arrivals: Arrivals, added: Added) -> str:
        """Store, run what is asked to run, push objects, and commit; the commit's name."""
        case, tree = self.case, self.room.project
        case.progress("storing the new files")
        store(case.project, arrivals, added)
        path = target.document.path
        branches.restore(tree)
        if (tree.root / path).is_symlink():
            raise UsageError(f"{path} is a symbolic link at {case.target}", hint="commit the file itself")
        (tree.root / path).write_bytes(added.text)
        wanted = [Wanted(case.dataset.path, added.name, target.remote, path)]
        ran = Rerun()
        if case.request.repro:
            head = self._make([path], reproduced=False)
            ran = rerun(case.project, tree, self.room.folder, case.base.revision, head, case.progress)
            wanted += ran.wanted
            self.told = replace(self.told, reproduced=ran.ran)
        embedded = self._push(wanted)
        return self._make([path, *ran.written, *embedded], reproduced=case.request.repro)

    def _make(self, paths: list[str], *, reproduced: bool) -> str:
        return branches.commit(
            self.room.project,
            self.case.base.revision.sha or "",
            self.case.dataset.path,
            title_of(self.told),
            paths,
            reproduced=reproduced,
        )

    def _push(self, wanted: Iterable[Wanted]) -> list[str]:
        """Send objects, and believe only what is seen on the remote; BrokenError for one that isn't.

        To a remote that is part of the repository they go in the checkout that is committed: its folders are
        returned. To any other they go only where a pull request will be opened.
        """
        sent = 0
        folders = []
        for remote, some in by_remote(wanted).items():
            names = [each.name for each in some]
            project = self.case.project
            if (folder := find_embedded(self.room.project, remote)) is not None:
                project = self.room.project
                (project.root / folder).mkdir(parents=True, exist_ok=True)
                folders.append(folder)
            elif self.case.forge is None:
                continue
            pushed = push_objects(project, names, remote=remote, progress=self.case.progress)
            if pushed.failed:
                first = pushed.failed[0]
                more = f" ({len(pushed.failed):,} objects in all)" if len(pushed.failed) > 1 else ""
                raise BrokenError(
                    f"{pushed.where} lacks {first.name.md5}: {first.message}{more}",
                    hint="`mergegate verify --remote` says what is lacking; no branch was pushed",
                )
            sent += len(pushed.sent)
        self.told = replace(self.told, objects_sent=sent)
        return folders

    def _tell(self, outcome: IngestOutcome, number: int | None, url: str, *notes: str) -> Ingested:
        return replace(
            self.told, outcome=outcome, pull_request=number, url=url, notes=(*self.told.notes, *notes)
        )

    def _folder(self, name: str) -> Path:
        folder = self.room.folder / name
        folder.mkdir()
        return folder
