"""Objects that a push's commits name anew, and that their remote does not have."""

from collections.abc import Collection, Iterator

import msgspec

from mergegate import repo
from mergegate.amounts import list_some
from mergegate.errors import MergegateError, ObjectError
from mergegate.flows.verify.wanted import by_remote, list_wanted
from mergegate.records.pipeline import ObjectHash, Pipeline
from mergegate.repo.objects import location
from mergegate.repo.presence import look_for, open_store
from mergegate.repo.settings import read_settings

MOST = 2_000
"""Objects of one remote that are asked for."""


class Unpushed(msgspec.Struct, frozen=True):
    """Sentences: what is `missing`, and `notes` on what was not asked."""

    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def find_unpushed(
    project: repo.Project,
    objects: repo.Objects,
    base: Pipeline | None,
    head: Pipeline,
    imports: Collection[str],
    *,
    ask_remotes: bool,
) -> Unpushed:
    """Ask for what head names and base does not: remotes that are folders, all where `ask_remotes`."""
    if project.dvc_root is None:
        return Unpushed()
    known = {each.name.md5 for each in list_wanted(base)} if base else set()
    new = [each for each in list_wanted(head, imports) if each.name.md5 not in known]
    settings = read_settings(project.dvc_root / ".dvc")
    missing: list[str] = []
    notes: list[str] = []
    for remote, some in by_remote(new).items():
        name = (remote or settings.default).lower()
        url = settings.remotes.get(name, "")
        if not url:
            missing.append(f"{_paths([each.path for each in some])}: no remote is configured to keep it")
            continue
        if "://" in url and not ask_remotes:
            listed = _paths([each.path for each in some])
            notes.append(f"remote {name} was not asked for {listed}: `mergegate push` sends what it lacks")
            continue
        names: dict[str, str] = {}
        for each in some:
            names |= {location(object_): each.path for object_ in _open(objects, each.name)}
        try:
            told = look_for(open_store(project, name), list(names)[:MOST])
        except MergegateError as error:
            notes.append(f"{error.message}: whether objects are there is not known")
            continue
        gone = [place for place, answer in told.items() if isinstance(answer, FileNotFoundError)]
        if gone:
            paths = list(dict.fromkeys(names[place] for place in gone))
            missing.append(f"remote {name} lacks {len(gone):,} of {len(told):,} objects of {_paths(paths)}")
        if len(names) > MOST:
            notes.append(
                f"remote {name} was asked for {MOST:,} of {len(names):,} objects: "
                "`mergegate verify --remote` asks for all"
            )
    return Unpushed(tuple(missing), tuple(notes))


def _open(objects: repo.Objects, name: ObjectHash) -> Iterator[ObjectHash]:
    """An object, and the files of a folder's list as far as it is here."""
    yield name
    if name.is_dir:
        try:
            for md5 in objects.tree(name).values():
                yield ObjectHash(md5=md5, legacy=name.legacy)
        except ObjectError:
            return


def _paths(paths: list[str]) -> str:
    return list_some((path[:100] for path in paths), 3)
