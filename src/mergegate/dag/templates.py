"""Fill in the templates of a dvc.yaml (`vars`, `foreach`, `matrix`, `${…}`): the one module that uses DVC for
it.

DVC's language of templates is not written again here: its own resolver runs, on files held in memory. So any
revision can be resolved without a checkout, and a hostile `vars: [../../secret.yaml]` finds nothing to read.
DVC is imported only when templates stand.
"""

import configparser
import importlib
import posixpath
from types import SimpleNamespace
from typing import Any

from mergegate.dag.document import Document
from mergegate.dag.files import Files
from mergegate.dag.paths import is_external
from mergegate.errors import ConfigError

_DEFAULT = "params.yaml"
_HIGHEST = 8


def resolve_templates(document: Document, files: Files) -> dict[str, Any]:
    """The stages of a dvc.yaml with templates filled in: name (`train@item`) → block.

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
        ) from error
    memory = fs_module.MemoryFileSystem(global_store=False)
    for path, data in _variables(document, files).items():
        memory.pipe_file(path, data)
    repo = SimpleNamespace(fs=memory, config={"parsing": _settings(files)})
    try:
        resolver = parsing.DataResolver(repo, posixpath.dirname(document.path), document.data)
        stages: dict[str, Any] = resolver.resolve()["stages"] or {}
    except Exception as error:  # DVC's own errors have no common base, and a hostile template may raise any
        said = " ".join(str(error).split())
        raise ConfigError(
            f"its templates can't be filled in: {said[:400]}", file=document.name, hint="run `dvc stage list`"
        ) from error
    return stages


def _variables(document: Document, files: Files) -> dict[str, bytes]:
    """The files that templates may take values from, by path."""
    places = {posixpath.normpath(place) for place in _places(document)}
    return {path: data for path in sorted(places) if (data := files.read(path)) is not None}


def _places(document: Document) -> list[str]:
    """Paths of files with values, from the project root."""
    folder = posixpath.dirname(document.path)
    stages = document.data.get("stages")
    blocks = [document.data, *(stages.values() if isinstance(stages, dict) else ())]
    blocks += [
        block["do"] for block in blocks if isinstance(block, dict) and isinstance(block.get("do"), dict)
    ]
    places = [posixpath.join(folder, _DEFAULT)]
    for block in blocks:
        if not isinstance(block, dict) or not isinstance(block.get("vars"), list):
            continue
        wdir = block.get("wdir", ".")
        where = posixpath.join(folder, wdir if isinstance(wdir, str) else ".")
        for entry in block["vars"]:
            # `file.yaml:key1,key2` takes only some keys of the file.
            if isinstance(entry, str) and not is_external(entry):
                places.append(posixpath.join(where, entry.partition(":")[0]))
    return places


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
