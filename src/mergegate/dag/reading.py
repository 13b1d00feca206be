"""Read a revision's pipeline: every dvc.yaml, dvc.lock and .dvc file that DVC would see."""

import posixpath

from mergegate.dag.definition import (
    DEFAULT_PARAMS,
    check,
    has_templates,
    read_metrics_files,
    read_params_files,
    read_plots_files,
    read_stages,
)
from mergegate.dag.document import Document, parse
from mergegate.dag.files import Files
from mergegate.dag.ignore import Ignore
from mergegate.dag.lock import read_lock
from mergegate.dag.paths import ancestors
from mergegate.dag.templates import resolve_templates, value_files
from mergegate.dag.tracked import read_tracked
from mergegate.errors import ConfigError
from mergegate.records.pipeline import LockedStage, Pipeline, Stage, TrackedPath

PROJECT_FILE = "dvc.yaml"
LOCK_FILE = "dvc.lock"
SUFFIX = ".dvc"


def read(files: Files, *, at: str = "") -> Pipeline:
    """Read the pipeline of one revision; `at` names the revision in errors, "" for the workspace.

    Raises ConfigError for a file that DVC would refuse, with file, key and line.
    """
    stages: list[Stage] = []
    locked: list[LockedStage] = []
    tracked: list[TrackedPath] = []
    params: dict[str, None] = {}
    metrics: dict[str, None] = {}
    plots: dict[str, None] = {}
    templated: dict[str, tuple[str, ...]] = {}
    for path in find_dvc_files(files):
        document = _parse(files, path, at)
        if path.endswith(SUFFIX):
            tracked += read_tracked(document)
            continue
        resolved = None
        if has_templates(document):
            check(document)
            resolved = resolve_templates(document, files)
            templated[path] = value_files(document)
            params |= dict.fromkeys(templated[path])
        found = read_stages(document, resolved)
        stages += found
        locked += _read_lock(files, path, found, at)
        params |= dict.fromkeys(read_params_files(document))
        metrics |= dict.fromkeys(read_metrics_files(document))
        plots |= dict.fromkeys(read_plots_files(document))
    # What people call their params, where no dvc.yaml says so.
    params |= {} if stages else {DEFAULT_PARAMS: None}
    _refuse_shared_outputs(stages, tracked)
    known = [
        file for file in params if posixpath.basename(file) != DEFAULT_PARAMS or files.read(file) is not None
    ]
    metrics |= {out.path: None for stage in stages for out in stage.outs if out.kind == "metrics"}
    plots |= {out.path: None for stage in stages for out in stage.outs if out.kind == "plots"}
    return Pipeline(
        stages=tuple(stages),
        locked=tuple(locked),
        tracked=tuple(tracked),
        params_files=tuple(known),
        metrics_files=tuple(metrics),
        plots_files=tuple(plots),
        templated=templated,
    )


def find_dvc_files(files: Files) -> list[str]:
    """Paths of all dvc.yaml and .dvc files that DVC would read."""
    paths = files.paths()
    nested = {
        folder
        for path in paths
        if "/.dvc/" in path and (folder := path.split("/.dvc/")[0])  # a DVC repository of its own
    }
    candidates = [path for path in paths if _is_dvc_file(path)]
    if not candidates:
        return []
    ignore = Ignore(files)
    return [
        path for path in candidates if not nested.intersection(ancestors(path)) and not ignore.hides(path)
    ]


def _is_dvc_file(path: str) -> bool:
    name = posixpath.basename(path)
    return (name == PROJECT_FILE or (name.endswith(SUFFIX) and name != SUFFIX)) and not path.startswith(
        ".dvc/"
    )


def _read_lock(files: Files, path: str, stages: tuple[Stage, ...], at: str) -> tuple[LockedStage, ...]:
    lock = posixpath.join(posixpath.dirname(path), LOCK_FILE)
    if files.read(lock) is None:
        return ()
    return read_lock(_parse(files, lock, at), {stage.name: stage for stage in stages})


def _parse(files: Files, path: str, at: str) -> Document:
    data = files.read(path)
    if data is None:
        raise ConfigError(
            "can't be read: it is no file, or a link that leads nowhere", file=path, code="dvc-file-invalid"
        )
    return parse(data, path, at=at)


def _refuse_shared_outputs(stages: list[Stage], tracked: list[TrackedPath]) -> None:
    """DVC refuses a path that two stages, or a stage and a .dvc file, both claim."""
    owners: dict[str, tuple[str, str]] = {}
    claims = [(out.path, stage.file, f"stage {stage.address}") for stage in stages for out in stage.outs]
    claims += [(entry.path, entry.file, entry.file) for entry in tracked]
    for path, file, owner in claims:
        if path in owners:
            raise ConfigError(
                f"{path!r:.100} is an output of both {owners[path][1]} and {owner}",
                file=file,
                hint="let one of them write it",
                code="dvc-file-invalid",
            )
        owners[path] = (file, owner)
