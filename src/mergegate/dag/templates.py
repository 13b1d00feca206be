"""Fill in the templates of a dvc.yaml (`vars`, `foreach`, `matrix`, `${…}`): the one module that uses DVC for
it.

DVC's language of templates is not written again here: its own resolver runs, on files held in memory. So any
revision can be resolved without a checkout, and a hostile `vars: [../../secret.yaml]` finds nothing to read.
DVC is imported only when templates stand.
"""

import configparser
import importlib
import math
import posixpath
import re
from types import SimpleNamespace
from typing import Any

from mergegate.dag.document import Document
from mergegate.dag.files import Files
from mergegate.dag.params import parse
from mergegate.dag.paths import is_external
from mergegate.errors import ConfigError

MOST_STAGES = 10_000
"""Stages that the templates of one dvc.yaml may make."""

MOST_BYTES = 2_000_000
"""Bytes of all files together that templates take values from."""

MOST_TEXT = 50_000_000
"""Characters that a dvc.yaml may have once its templates are filled in."""

MOST_AT_ONCE = 500_000_000
"""Characters that one stage could have if each of its templates took all the values there are."""

_DEFAULT = "params.yaml"
_PLACE = re.compile(r"failed to (?:parse|resolve) '(stages\.[^']+|vars)'")
_HIGHEST = 8


def resolve_templates(document: Document, files: Files) -> dict[str, Any]:
    """The stages of a checked dvc.yaml with templates filled in: name (`train@item`) → block.

    Raises ConfigError for a template that can't be filled in, and when DVC is not installed.
    """
    try:
        parsing: Any = importlib.import_module("dvc.parsing")
        fs_module: Any = importlib.import_module("dvc.fs")
    except ImportError as error:
        raise ConfigError(
            "has templates, and DVC is not installed to fill them in",
            file=document.name,
            hint="run `pip install 'mergegate[dvc]'`",
            code="templates-need-dvc",
        ) from error
    memory = fs_module.MemoryFileSystem(global_store=False)
    variables = _variables(document, files)
    for path, data in variables.items():
        memory.pipe_file(path, data)
    repo = SimpleNamespace(fs=memory, config={"parsing": _settings(files)})
    try:
        resolver = parsing.DataResolver(repo, posixpath.dirname(document.path), document.data)
        _refuse_many(document, resolver, variables)
        return _resolve(document, resolver)
    except ConfigError:
        raise
    except Exception as error:  # DVC's own errors have no common base, and a hostile template may raise any
        raise _explain(document, " ".join(str(error).split())) from error


def value_files(document: Document) -> tuple[str, ...]:
    """Paths of the files that templates take values from, whether they are there or not."""
    return tuple(dict.fromkeys(map(posixpath.normpath, _places(document))))


def _explain(document: Document, said: str) -> ConfigError:
    """What DVC says, with the line that it means: it names only the key."""
    found = _PLACE.search(said)
    parts = found[1].split(".") if found else []
    written = document.data.get("stages") or {}
    if len(parts) > 1 and parts[1] not in written:
        parts[1] = parts[1].rsplit("@", 1)[0]
        if "do" in (written.get(parts[1]) or {}):
            parts.insert(2, "do")
    message = f"its templates can't be filled in: {said[:400]}"
    return document.wrong(message, *parts, hint="run `dvc stage list`")


def _refuse_many(document: Document, resolver: Any, variables: dict[str, bytes]) -> None:
    """Refuse templates that make more than can be held, before any is filled in."""
    stages = 0
    for name, definition in resolver.definitions.items():
        stages += _count(definition)
        if stages > MOST_STAGES:
            message = f"makes more than {MOST_STAGES:,} stages"
            raise document.wrong(message, "stages", name, hint="split it over several dvc.yaml")
    size = sum(map(len, variables.values())) + len(document.text)
    own = any("vars" in block for block in _blocks(document)[1:])
    # A stage's own `vars` make DVC read the files again for each stage.
    if document.text.count("${") * size > MOST_AT_ONCE or (own and stages * size > MOST_TEXT):
        hint = "keep the values that templates take in a small file of their own"
        raise document.wrong(f"its templates could take all of {size:,} characters too often", hint=hint)


def _count(definition: Any) -> int:
    """How many stages a block makes; its product is not built for that."""
    if hasattr(definition, "matrix_data"):
        return math.prod(len(values) for values in definition.resolved_iterable.values())
    return len(definition.resolved_iterable) if hasattr(definition, "foreach_data") else 1


def _resolve(document: Document, resolver: Any) -> dict[str, Any]:
    """All stages with templates filled in, one after the other."""
    stages: dict[str, Any] = {}
    size = 0
    for key in resolver.get_keys():
        stages |= resolver.resolve_one(key)
        size += _measure(stages[key])
        if size > MOST_TEXT:
            raise document.wrong(f"has more than {MOST_TEXT:,} characters with its templates filled in")
    return stages


def _measure(value: Any) -> int:
    """About how many characters a value takes."""
    if isinstance(value, dict):
        return sum(len(str(key)) + _measure(child) for key, child in value.items())
    if isinstance(value, list):
        return sum(map(_measure, value))
    return len(value) if isinstance(value, str) else 1


def _variables(document: Document, files: Files) -> dict[str, bytes]:
    """The files that templates may take values from, by path. Raises ConfigError for what expands hugely."""
    held = {path: data for path in sorted(value_files(document)) if (data := files.read(path)) is not None}
    size = 0
    for path, data in held.items():
        name = path + document.name.removeprefix(document.path)
        size += len(data)
        if size > MOST_BYTES:
            message = f"brings the values that templates take to more than {MOST_BYTES:,} bytes"
            raise ConfigError(message, file=name, hint="keep them in a small file of their own")
        parse(data, name)
    return held


def _places(document: Document) -> list[str]:
    """Paths of files with values, from the project root."""
    folder = posixpath.dirname(document.path)
    places = [posixpath.join(folder, _DEFAULT)]
    for block in _blocks(document):
        if not isinstance(block.get("vars"), list):
            continue
        wdir = block.get("wdir", ".")
        where = posixpath.join(folder, wdir if isinstance(wdir, str) else ".")
        for entry in block["vars"]:
            # `file.yaml:key1,key2` takes only some keys of the file.
            if isinstance(entry, str) and not is_external(entry):
                places.append(posixpath.join(where, entry.partition(":")[0]))
    return places


def _blocks(document: Document) -> list[dict[str, Any]]:
    """The whole document, then all blocks of stages."""
    written = (document.data.get("stages") or {}).values()
    return [document.data, *(block.get("do", block) for block in written)]


def _settings(files: Files) -> dict[str, str]:
    """The section `parsing` of .dvc/config, which says how lists and booleans become text."""
    # A project may lie below the folder that DVC was set up in.
    places = (f"{'../' * depth}.dvc/config" for depth in range(_HIGHEST))
    data = next((found for place in places if (found := files.read(place)) is not None), None)
    parser = configparser.RawConfigParser(strict=False, delimiters=("=",))
    try:
        parser.read_string((data or b"").decode("utf-8", errors="replace"))
    except configparser.Error:
        return {}
    return dict(parser["parsing"]) if parser.has_section("parsing") else {}
