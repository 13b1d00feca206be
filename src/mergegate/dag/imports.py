"""Code that a stage runs and does not declare: DVC follows no import, so its change reproduces nothing."""

import posixpath
import re
from collections.abc import Iterable, Iterator

from mergegate.dag.files import Files
from mergegate.dag.modules import Found, Import, Sources, read_imports
from mergegate.dag.paths import ancestors
from mergegate.dag.programs import Program, find_programs
from mergegate.records.pipeline import Pipeline, Stage
from mergegate.records.surroundings import UndeclaredImport

MOST_FILES = 2_000
"""Files of one program that are followed."""

MOST_PROGRAMS = 2_000
"""Programs of one pipeline that are looked at."""

MOST_LISTED = 3
"""Files of a package that are named one by one where the stage declares nothing of it."""

_TOOLKIT = "mergegate"
_TOOLKIT_PROJECT = re.compile(rb'^name\s*=\s*"mergegate"\s*$', re.MULTILINE)


def find_undeclared(
    pipeline: Pipeline, files: Files, base: Files | None = None
) -> tuple[UndeclaredImport, ...]:
    """The repository's own Python files that stages run and don't declare, what differs from `base` first.

    Commands are read and imports followed as text; nothing is imported or executed. A script that its stage
    does not declare stands under `imported` too. A package of which the stage declares nothing is named by
    its folder. `__init__.py` files without code count only where they changed.
    """
    search = _Search(files, base)
    found = [each for stage in pipeline.stages for each in search.of_stage(stage)]
    return tuple(sorted(dict.fromkeys(found), key=lambda each: not each.changed))


class _Search:
    """The search through one revision."""

    def __init__(self, files: Files, base: Files | None) -> None:
        self.files = files
        self.base = base
        self.sources = Sources(files)
        self.run_by: dict[Program, tuple[str, dict[str, str]]] = {}
        self.reached: dict[tuple[object, ...], tuple[tuple[str, str], ...]] = {}
        self.changes: dict[str, bool] = {}
        self.is_toolkit: bool | None = None

    def of_stage(self, stage: Stage) -> Iterator[UndeclaredImport]:
        """What one stage runs and does not declare."""
        declared = {*stage.deps, *(source.file for source in stage.params)}
        if "." in declared:
            return
        for command in stage.commands:
            for program in find_programs(command, "" if stage.wdir == "." else stage.wdir):
                if program not in self.run_by:
                    if len(self.run_by) >= MOST_PROGRAMS:
                        return
                    self.run_by[program] = self.follow(program)
                script, run = self.run_by[program]
                yield from self.report(stage, script, run, declared)

    def report(
        self, stage: Stage, script: str, run: dict[str, str], declared: set[str]
    ) -> Iterator[UndeclaredImport]:
        """Those of the files `run` that are not `declared`, packages as one."""
        groups: dict[str, list[str]] = {}
        for path, top in sorted(run.items()):
            if declared.isdisjoint((path, *ancestors(path))) and self.matters(path):
                groups.setdefault(top or path, []).append(path)
        for top, paths in groups.items():
            inside = f"{top}/"
            known = len(paths) <= MOST_LISTED or any(dep.startswith(inside) for dep in declared)
            for imported, parts in [(path, [path]) for path in paths] if known else [(top, paths)]:
                yield UndeclaredImport(
                    stage=stage.address,
                    script=script,
                    imported=imported,
                    changed=any(map(self.differs, parts)),
                )

    def matters(self, path: str) -> bool:
        """Whether a file holds code, or did."""
        blank = posixpath.basename(path) == "__init__.py" and self.sources.is_blank(path)
        return not blank or self.differs(path)

    def differs(self, path: str) -> bool:
        """Whether base has other bytes, or none."""
        if path not in self.changes:
            self.changes[path] = self.base is not None and self.base.md5(path) != self.files.md5(path)
        return self.changes[path]

    def follow(self, program: Program) -> tuple[str, dict[str, str]]:
        """The program's own file, and every file that it runs with the folder of its outermost package."""
        installed = _installed(program.folder)
        script, run = self.start(program, installed)
        waiting = list(run)
        if program.code:
            script = "python -c"
            for each in read_imports(program.code.encode(errors="replace")):
                waiting += _add(run, self.resolve(each, "", program, installed, ""))
        while waiting and len(run) < MOST_FILES and not self.sources.exhausted:
            path = waiting.pop()
            waiting += _add(run, self.reach(path, program, installed, run[path]))
        return script, run

    def reach(
        self, path: str, program: Program, installed: tuple[str, ...], top: str
    ) -> tuple[tuple[str, str], ...]:
        """What the imports of a file run; looked up once for all programs that search the same folders."""
        key = (path, program.folders, installed, top)
        if key not in self.reached:
            found = (self.resolve(each, path, program, installed, top) for each in self.sources.imports(path))
            self.reached[key] = tuple(dict.fromkeys(pair for pairs in found for pair in pairs))
        return self.reached[key]

    def start(self, program: Program, installed: tuple[str, ...]) -> tuple[str, dict[str, str]]:
        """The file that the program starts with, and what Python runs before it."""
        if program.module:
            found = self.locate(program.module, program, installed)
            mains = (f"{folder}/__main__.py" for folder in found.folders)
            files = (*found.files, *(main for main in mains if self.sources.has(main)))
            return (files[-1], dict.fromkeys(files, found.top)) if files else ("", {})
        for path in (program.script, posixpath.join(program.script, "__main__.py")):
            if path and self.sources.has(path):
                return path, {path: ""}
        return "", {}

    def locate(self, name: str, program: Program, installed: tuple[str, ...]) -> Found:
        if name.partition(".")[0] == _TOOLKIT and self.is_own_repository():
            return Found()
        return self.sources.locate(name, program.folders, installed)

    def is_own_repository(self) -> bool:
        """Whether this is where the toolkit is made: to its pipeline it is a library, as to any other."""
        if self.is_toolkit is None:
            project = self.files.read("pyproject.toml") or b""
            self.is_toolkit = _TOOLKIT_PROJECT.search(project) is not None
        return self.is_toolkit

    def resolve(
        self, each: Import, path: str, program: Program, installed: tuple[str, ...], top: str
    ) -> Iterator[tuple[str, str]]:
        """The files that one import of the file `path` runs, each with its outermost package."""
        parts = each.module.split(".") if each.module else []
        if each.level:
            folder = posixpath.dirname(path)
            for _ in range(min(each.level, 50) - 1):
                folder = posixpath.dirname(folder)
            found = self.sources.descend(Found(folders=(folder,), top=top or folder), parts)
        else:
            found = self.locate(each.module, program, installed)
        yield from ((file, found.top) for file in found.files)
        if found.folders:
            for name in each.names:
                inner = self.sources.descend(Found(folders=found.folders, top=found.top), [name])
                yield from ((file, inner.top) for file in inner.files)


def _add(run: dict[str, str], found: Iterable[tuple[str, str]]) -> list[str]:
    """Enter the files that are new; those."""
    new = []
    for path, top in found:
        if path not in run:
            run[path] = top
            new.append(path)
    return new


def _installed(folder: str) -> tuple[str, ...]:
    """Where a project's own packages lie when they are installed for editing."""
    places = [folder, *ancestors(folder), ""] if folder else [""]
    return tuple(dict.fromkeys(inner for place in places for inner in (posixpath.join(place, "src"), place)))
