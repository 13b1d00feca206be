"""What stops a stage from running before it began: files, params and data that nobody has."""

import bisect
from collections.abc import Callable, Iterator, Sequence

from mergegate.dag.files import Files
from mergegate.dag.needs import parts
from mergegate.dag.outputs import Made, Outputs
from mergegate.dag.params import MISSING, ParamsFiles, look_up
from mergegate.dag.paths import ancestors, is_external
from mergegate.dag.stored import read_submodules
from mergegate.records.pipeline import Stage
from mergegate.records.review import Problem

MOST = 100
"""Problems that are told."""


def find_obstacles(
    stages: Sequence[Stage],
    outputs: Outputs,
    files: Files,
    params: ParamsFiles,
    *,
    obtainable: Callable[[Made], bool],
) -> list[Problem]:
    """What the stages that may run would fail on at once, at most MOST. Raises ConfigError as `params` do."""
    found: dict[str, Problem] = {}
    present = _Presence(files)
    for stage in stages:
        for problem in (
            *_of_paths(stage, outputs, present),
            *_of_params(stage, outputs, params),
            *_of_data(stage, outputs, obtainable),
        ):
            found.setdefault(problem.message, problem)
        if len(found) >= MOST:
            break
    return list(found.values())[:MOST]


def _of_paths(stage: Stage, outputs: Outputs, present: "_Presence") -> Iterator[Problem]:
    for path in stage.deps:
        if not outputs.of(path) and not present.has(path):
            message = f"{stage.address} can't run: it reads {path}, and git has no such file"
            hint = f"add it to git or `dvc add` it, or take it out of the stage's deps in {stage.file}"
            yield Problem(side="head", path=path, message=message, hint=hint)


def _of_params(stage: Stage, outputs: Outputs, params: ParamsFiles) -> Iterator[Problem]:
    for source in stage.params:
        values = params.values(source.file)
        if values is MISSING:
            if not outputs.of(source.file):
                message = f"{stage.address} can't run: it reads params from {source.file}, which is not there"
                hint = f"write {source.file} and `git add` it, or mend the stage's params in {stage.file}"
                yield Problem(side="head", path=source.file, message=message, hint=hint)
            continue
        for key in source.keys:
            if look_up(values, key) is MISSING:
                message = f"{stage.address} can't run: {source.file} has no param {key:.100}"
                hint = f"write it into {source.file}, or mend the stage's params in {stage.file}"
                yield Problem(side="head", path=source.file, message=message, hint=hint)


def _of_data(stage: Stage, outputs: Outputs, obtainable: Callable[[Made], bool]) -> Iterator[Problem]:
    for part in parts(stage, outputs):
        made = part.made
        if not obtainable(made):
            who = f"stage {made.stage}, which is frozen," if made.stage else made.file
            message = (
                f"{stage.address} can't run: {made.path} of {who} is neither in the cache nor on a remote"
            )
            hint = "run `dvc push` where the data is, or name a remote: `dvc remote add --default NAME URL`"
            yield Problem(side="head", path=made.path, message=message, hint=hint)


class _Presence:
    """Whether a revision has a path, as a file or folder of git's."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._paths = files.paths()
        self._submodules = read_submodules(files)

    def has(self, path: str) -> bool:
        if is_external(path) or path.startswith("..") or path == ".":
            return True
        start = f"{path}/"
        index = bisect.bisect_left(self._paths, path)
        if index < len(self._paths) and self._paths[index] == path:
            return True
        index = bisect.bisect_left(self._paths, start)
        if index < len(self._paths) and self._paths[index].startswith(start):
            return True
        if any(folder in (path, *ancestors(path)) for folder in self._submodules):
            return True
        return self._files.md5(path) is not None
