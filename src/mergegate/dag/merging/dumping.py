"""YAML as DVC writes it: ruamel.yaml's round trip in block style."""

import importlib
import io
from collections.abc import Iterable
from typing import Any


def dump(data: Any) -> str:
    """A document as DVC dumps it."""
    return _write(data)


def rewrite(text: str, data: Any) -> str:
    """The text of a document with other values, its comments and the order of its keys kept."""
    held = _yaml().load(text)
    if not isinstance(held, dict):
        return dump(data)
    _apply(data, held)
    return _write(held)


def _yaml() -> Any:
    ruamel: Any = importlib.import_module("ruamel.yaml")
    yaml = ruamel.YAML()
    yaml.default_flow_style = False
    return yaml


def _write(data: Any) -> str:
    stream = io.StringIO()
    _yaml().dump(data, stream)
    return stream.getvalue()


def _apply(wanted: Any, held: Any) -> None:
    """Make `held` equal to `wanted` with as few replacements as possible."""
    for key in [key for key in held if key not in wanted] if isinstance(held, dict) else ():
        del held[key]
    if isinstance(held, list) and len(held) != len(wanted):
        held[:] = wanted
        return
    keys: Iterable[Any] = wanted if isinstance(held, dict) else range(len(held))
    for key in keys:
        new = wanted[key]
        if isinstance(held, dict) and key not in held:
            held[key] = new
            continue
        old = held[key]
        if _are_both(dict, old, new) or _are_both(list, old, new):
            _apply(new, old)
        elif old != new or isinstance(old, bool) != isinstance(new, bool):
            held[key] = new


def _are_both(kind: type, a: Any, b: Any) -> bool:
    return isinstance(a, kind) and isinstance(b, kind)
