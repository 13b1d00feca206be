"""A DVC pipeline as one revision states it: what dvc.yaml declares, what dvc.lock and .dvc files record."""

from typing import Any, Literal

import msgspec


class ObjectHash(msgspec.Struct, frozen=True, kw_only=True):
    """A DVC object's name: `md5` (ends in `.dir` for a folder), its size in bytes and number of files if
    recorded.

    `legacy` marks DVC 2's md5-dos2unix, whose objects lie under the old cache path. `files` is the folder's
    list of (relative path, md5) where the record itself holds it, as it does for remotes that keep versions.
    """

    md5: str
    size: int | None = None
    nfiles: int | None = None
    legacy: bool = False
    files: tuple[tuple[str, str], ...] = ()

    @property
    def is_dir(self) -> bool:
        """Whether the object is a folder's list of files."""
        return self.md5.endswith(".dir")


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """An output that dvc.yaml declares; `path` is relative to the project root, with `/` and no trailing
    slash.

    `remote` names the DVC remote that holds it, "" for the default one.
    """

    path: str
    cached: bool = True
    pushed: bool = True
    kind: Literal["data", "metrics", "plots"] = "data"
    remote: str = ""


class ParamSource(msgspec.Struct, frozen=True, kw_only=True):
    """Params a stage depends on: `file` from the project root, dotted `keys`; no keys: the whole file."""

    file: str
    keys: tuple[str, ...] = ()


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """A stage of the resolved dvc.yaml: `name` as dvc.lock has it (`train`, `st@item`), root paths.

    `always_changed`: DVC runs it every time. `listed`: its commands stand in a list.
    """

    name: str
    file: str
    wdir: str
    commands: tuple[str, ...]
    deps: tuple[str, ...] = ()
    params: tuple[ParamSource, ...] = ()
    outs: tuple[Output, ...] = ()
    frozen: bool = False
    always_changed: bool = False
    listed: bool = False

    @property
    def cmd(self) -> str | tuple[str, ...]:
        """The commands as DVC compares them: a list of one is another than the command by itself."""
        return self.commands[0] if len(self.commands) == 1 and not self.listed else self.commands

    @property
    def address(self) -> str:
        """The stage as DVC's commands take it: `train`, or `sub/dvc.yaml:train`."""
        return address(self.file, self.name)


class LockedPath(msgspec.Struct, frozen=True, kw_only=True):
    """A dependency or output in dvc.lock; `hash` is None for one that DVC recorded without a checksum."""

    path: str
    hash: ObjectHash | None


class LockedStage(msgspec.Struct, frozen=True, kw_only=True):
    """A stage's block in dvc.lock; `file` is its dvc.yaml, `params` maps file to {dotted key: value}.

    `listed`: its commands stand in a list.
    """

    name: str
    file: str
    commands: tuple[str, ...]
    deps: tuple[LockedPath, ...] = ()
    params: dict[str, dict[str, Any]] = {}
    outs: tuple[LockedPath, ...] = ()
    listed: bool = False

    @property
    def cmd(self) -> str | tuple[str, ...]:
        """The commands as DVC compares them: a list of one is another than the command by itself."""
        return self.commands[0] if len(self.commands) == 1 and not self.listed else self.commands

    @property
    def address(self) -> str:
        """The stage as DVC's commands take it."""
        return address(self.file, self.name)


class TrackedPath(msgspec.Struct, frozen=True, kw_only=True):
    """A file or folder that a .dvc file tracks; `imported`: it came by `dvc import` or `import-url`."""

    path: str
    file: str
    hash: ObjectHash | None
    imported: bool = False
    cached: bool = True
    remote: str = ""


class Pipeline(msgspec.Struct, frozen=True, kw_only=True):
    """All dvc.yaml, dvc.lock and .dvc files of one revision.

    `params_files` are the params files that no stage need name: a dvc.yaml's own `params` and the params.yaml
    beside it; without a stage, a params.yaml at the top. `metrics_files` and `plots_files`
    are those that a dvc.yaml or a stage calls so. `templated` has each dvc.yaml with templates, and the files
    they take values from.
    """

    stages: tuple[Stage, ...] = ()
    locked: tuple[LockedStage, ...] = ()
    tracked: tuple[TrackedPath, ...] = ()
    params_files: tuple[str, ...] = ()
    metrics_files: tuple[str, ...] = ()
    plots_files: tuple[str, ...] = ()
    templated: dict[str, tuple[str, ...]] = {}

    def hash_of(self, path: str) -> ObjectHash | None:
        """The recorded hash of a stage output or tracked path, None when nothing records it.

        A block of dvc.lock whose stage dvc.yaml no longer has is no record: nobody checks it.
        """
        for entry in self.tracked:
            if entry.path == path:
                return entry.hash
        declared = {(stage.file, stage.name) for stage in self.stages}
        for block in self.locked:
            for out in block.outs:
                if out.path == path and (block.file, block.name) in declared:
                    return out.hash
        return None


def address(file: str, name: str) -> str:
    """A stage as DVC's commands take it: `train`, or `sub/dvc.yaml:train`."""
    return name if file == "dvc.yaml" else f"{file}:{name}"
