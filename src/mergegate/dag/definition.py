"""dvc.yaml: the stages that it declares, read as strictly as DVC reads them."""

import difflib
import posixpath
from collections.abc import Iterator
from typing import Any, Literal

from mergegate.dag.document import Document, Key, dotted, kind
from mergegate.dag.paths import resolve
from mergegate.errors import ConfigError
from mergegate.records.pipeline import Output, ParamSource, Stage

DEFAULT_PARAMS = "params.yaml"

_TOP = ("stages", "vars", "params", "metrics", "plots", "artifacts", "datasets")
_TEMPLATE_KEYS = frozenset({"foreach", "do", "matrix"})
_STAGE = (
    "cmd",
    "wdir",
    "deps",
    "params",
    "outs",
    "metrics",
    "plots",
    "frozen",
    "always_changed",
    "desc",
    "meta",
    "vars",
    *sorted(_TEMPLATE_KEYS),
)
_FLAGS = ("cache", "push", "persist", "remote", "checkpoint", "desc", "type", "labels", "meta")
_PLOT_FLAGS = ("template", "x", "y", "x_label", "y_label", "title", "header")
_SECTIONS: tuple[tuple[str, Literal["data", "metrics", "plots"]], ...] = (
    ("outs", "data"),
    ("metrics", "metrics"),
    ("plots", "plots"),
)


def has_templates(document: Document) -> bool:
    """Whether a dvc.yaml must be resolved by DVC before its stages can be read."""
    stages = document.data.get("stages") if isinstance(document.data, dict) else None
    blocks = stages.values() if isinstance(stages, dict) else ()
    return "${" in document.text or any(isinstance(b, dict) and _TEMPLATE_KEYS & b.keys() for b in blocks)


def check(document: Document) -> None:
    """Refuse a dvc.yaml that DVC would refuse: unknown keys, and stages that are no mappings."""
    top = document.mapping(document.data)
    for key in top:
        if key not in _TOP:
            raise document.wrong(f"{key[:80]!r} is no key of a dvc.yaml", key, hint=_nearest(key, _TOP))
    for name, block in document.mapping(top.get("stages") or {}, "stages").items():
        keys: tuple[Key, ...] = ("stages", name)
        if isinstance(block, dict) and "do" in block:
            _check_keys(document, block, ("foreach", "do"), *keys)
            block, keys = block["do"], (*keys, "do")
        _check_keys(document, block, _STAGE, *keys)


def _check_keys(document: Document, block: Any, known: tuple[str, ...], *keys: Key) -> None:
    for key in document.mapping(block, *keys):
        if key not in known:
            raise document.wrong(f"{key[:80]!r} is no key of a stage", *keys, key, hint=_nearest(key, known))


def read_stages(document: Document, resolved: dict[str, Any] | None = None) -> tuple[Stage, ...]:
    """The stages of a dvc.yaml; `resolved` are its stages with templates filled in. Raises ConfigError."""
    check(document)
    blocks = document.data.get("stages") or {} if resolved is None else resolved
    return tuple(_Reader(document, name).read(block) for name, block in blocks.items())


def read_params_files(document: Document) -> tuple[str, ...]:
    """The params files that a dvc.yaml names for all its stages, and the params.yaml beside it."""
    return _files(document, [DEFAULT_PARAMS, *document.items(document.data.get("params") or [], "params")])


def read_metrics_files(document: Document) -> tuple[str, ...]:
    """The metrics files that a dvc.yaml names for all its stages, less those with a template in the name."""
    return _files(document, document.items(document.data.get("metrics") or [], "metrics"))


def read_plots_files(document: Document) -> tuple[str, ...]:
    """The files that a dvc.yaml's own plots are drawn from; what names no data file is named by its file."""
    told = document.data.get("plots") or []
    named: list[Any] = []
    for each in told if isinstance(told, list) else [told]:
        for name, settings in each.items() if isinstance(each, dict) else [(each, None)]:
            drawn = settings.get("y") if isinstance(settings, dict) else None
            named += list(drawn) if isinstance(drawn, dict) else [name]
    return _files(document, named)


def _files(document: Document, named: list[Any]) -> tuple[str, ...]:
    folder = posixpath.dirname(document.path)
    return tuple(resolve(folder, file) for file in named if isinstance(file, str) and "${" not in file)


class _Reader:
    """Reads one stage; keys of errors are those of the file before templates were filled in."""

    def __init__(self, document: Document, name: str) -> None:
        self.document = document
        self.name = name
        written = document.data.get("stages") or {}
        group = name if name in written else name.rsplit("@", 1)[0]
        self.keys: tuple[Key, ...] = ("stages", group)
        if isinstance(written.get(group), dict) and "do" in written[group]:
            self.keys += ("do",)

    def read(self, block: Any) -> Stage:
        """The stage."""
        values = self.document.mapping(block, *self.keys)
        folder = posixpath.dirname(self.document.path)
        wdir = self._text(values["wdir"], "wdir") if values.get("wdir") is not None else "."
        where = resolve(folder, wdir)
        return Stage(
            name=self.name,
            file=self.document.path,
            wdir=where,
            commands=self._commands(values),
            listed=isinstance(values.get("cmd"), list),
            deps=tuple(dict.fromkeys(resolve(where, path) for path in self._texts(values, "deps"))),
            params=self._params(values, where),
            outs=self._outs(values, where),
            frozen=self._flag(values, "frozen"),
            always_changed=self._flag(values, "always_changed"),
        )

    def _commands(self, values: dict[str, Any]) -> tuple[str, ...]:
        command = values.get("cmd")
        if isinstance(command, str) and command:
            return (command,)
        if isinstance(command, list) and command:
            return tuple(item if isinstance(item, str) else str(item) for item in command)
        raise self._wrong(f"cmd should be a command or a list of commands, and is {kind(command)}")

    def _params(self, values: dict[str, Any], where: str) -> tuple[ParamSource, ...]:
        """Keys by file; a file that is named without keys once is tracked whole, whatever else is named."""
        keys: dict[str, list[str]] = {}
        whole: set[str] = set()
        for place, entry in self._items(values, "params"):
            if isinstance(entry, str):
                keys.setdefault(DEFAULT_PARAMS, []).append(entry)
                continue
            for file, names in self.document.mapping(entry, *place).items():
                if not names:
                    whole.add(file)
                    keys.setdefault(file, [])
                    continue
                listed = self.document.items(names, *place, file)
                keys.setdefault(file, []).extend(
                    self.document.string(name, *place, file, index) for index, name in enumerate(listed)
                )
        merged: dict[str, tuple[str, ...]] = {}
        for file, names in keys.items():
            merged[resolve(where, file)] = () if file in whole else tuple(dict.fromkeys(names))
        return tuple(ParamSource(file=file, keys=names) for file, names in merged.items())

    def _outs(self, values: dict[str, Any], where: str) -> tuple[Output, ...]:
        outs: dict[str, Output] = {}
        for section, kind_ in _SECTIONS:
            for path, flags, place in self._entries(values, section):
                known = _FLAGS + (_PLOT_FLAGS if section == "plots" else ())
                for flag in flags:
                    if flag not in known:
                        raise self.document.wrong(
                            f"{flag[:80]!r} is no option of an output", *place, hint=_nearest(flag, known)
                        )
                remote = flags.get("remote")
                out = Output(
                    path=resolve(where, path),
                    cached=self.document.flag(flags.get("cache", True), *place, "cache"),
                    pushed=self.document.flag(flags.get("push", True), *place, "push"),
                    kind=kind_,
                    remote=self.document.string(remote, *place, "remote") if remote is not None else "",
                )
                if out.path in outs:
                    raise self.document.wrong(f"{path!r:.100} is named twice as an output", *place)
                outs[out.path] = out
        return tuple(outs.values())

    def _entries(
        self, values: dict[str, Any], section: str
    ) -> Iterator[tuple[str, dict[str, Any], tuple[Key, ...]]]:
        """Outputs of a section: path, options, where it stands."""
        for place, entry in self._items(values, section):
            if isinstance(entry, str):
                yield entry, {}, place
                continue
            for path, flags in self.document.mapping(entry, *place).items():
                where = (*place, path)
                if isinstance(flags, list) and section == "plots":
                    flags = flags[0] if flags else {}
                yield path, self.document.mapping(flags or {}, *where), where

    def _texts(self, values: dict[str, Any], section: str) -> list[str]:
        return [self.document.string(entry, *place) for place, entry in self._items(values, section)]

    def _items(self, values: dict[str, Any], section: str) -> list[tuple[tuple[Key, ...], Any]]:
        listed = values.get(section)
        if listed is None and section not in values:
            return []
        items = self.document.items(listed, *self.keys, section)
        return [((*self.keys, section, index), entry) for index, entry in enumerate(items)]

    def _text(self, value: Any, key: str) -> str:
        return self.document.string(value, *self.keys, key)

    def _flag(self, values: dict[str, Any], key: str) -> bool:
        return self.document.flag(values.get(key, False), *self.keys, key)

    def _wrong(self, message: str) -> ConfigError:
        return self.document.wrong(f"{message} (stage {dotted((self.name,))})", *self.keys)


def _nearest(word: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(word, known, n=1)
    return f"did you mean `{near[0]}`?" if near else "known are " + ", ".join(known)
