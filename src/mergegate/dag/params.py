"""Params files: their values, looked up by DVC's dotted keys, and flattened into leaves."""

import ast
import fnmatch
import json
import math
import posixpath
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from mergegate.dag.document import decode, load
from mergegate.dag.files import Files
from mergegate.errors import ConfigError

MISSING: Any = object()
"""What a lookup gives for a key that is not there; None is a value."""

DEEPEST = 100
"""Levels of nesting that a params file may have."""

_WORDS = frozenset({"True", "False", "None", "nan", "inf"})
_QUOTED = re.compile(r"\"[^\"\n]*+\"?+|'[^'\n]*+'?+")


class ParamsFiles:
    """The params files of one revision, each read once; `at` names the revision in errors."""

    def __init__(self, files: Files, *, at: str = "") -> None:
        self._files = files
        self._at = at
        self._values: dict[str, Any] = {}

    def values(self, path: str) -> Any:
        """What a params file holds, MISSING for no such file. Raises ConfigError for one that is broken."""
        if path not in self._values:
            data = self._files.read(path)
            name = f"{path} at {self._at}" if self._at else path
            self._values[path] = MISSING if data is None else parse(data, name)
        return self._values[path]


def parse(data: bytes, name: str) -> Any:
    """Parse a params file by the end of its name, as DVC does. Raises ConfigError."""
    text = decode(data, name)
    suffix = posixpath.splitext(name.split(" at ")[0])[1].lower()
    values = _PARSERS.get(suffix, load)(text, name)
    if _is_deep(values):
        hint = "write the values flatter"
        raise ConfigError(
            f"is nested more than {DEEPEST} levels deep", file=name, hint=hint, code="params-invalid"
        )
    return {} if values is None else values


def look_up(values: Any, key: str) -> Any:
    """The value at a dotted key, MISSING when there is none; list items by number, one match for a glob."""
    found = [values]
    for part in key.split("."):
        if len(found) == 1 and isinstance(found[0], dict) and _is_name(part):
            found = [found[0][part]] if part in found[0] else []
            continue
        found = [child for value in found for name, child in _children(value) if _matches(name, part)]
    return found[0] if len(found) == 1 else MISSING


def leaves(values: Any, section: str = "") -> dict[str, Any]:
    """Every leaf of a section by its dotted key; lists, and mappings without keys, are leaves.

    No two leaves share a key: a name with a dot in it stands in quotes, `"a.b".c`, and of `1` and `"1"` side
    by side the number is `!int 1`.
    """
    flat: dict[str, Any] = {}
    if section or values != {}:
        _flatten(values, section, flat)
    return flat


def same(a: Any, b: Any) -> bool:
    """Whether two values are equal as DVC compares them, except that NaN equals NaN."""
    if isinstance(a, float) and isinstance(b, float) and math.isnan(a) and math.isnan(b):
        return True
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(value, b[key]) for key, value in a.items())
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    return bool(a == b)


def show(value: Any) -> str:
    """A value as JSON text; what JSON has no word for is written as its text, NaN and Infinity as such."""
    try:
        text = json.dumps(value, ensure_ascii=False, default=_show_odd)
    except (TypeError, ValueError):  # a key that JSON has no word for
        text = str(value)
    return printable(text)


def printable(text: str) -> str:
    """Text that can be written as UTF-8: half a surrogate pair, which JSON can hold, is escaped."""
    return text.encode("utf-8", "backslashreplace").decode()


def _show_odd(value: Any) -> Any:
    """What JSON has no word for; a set is sorted, as its own order changes from run to run."""
    return sorted(value, key=str) if isinstance(value, set | frozenset) else str(value)


def _is_deep(values: Any) -> bool:
    """Whether there are more levels than DEEPEST."""
    level = [values]
    for _ in range(DEEPEST + 1):
        level = [child for value in level for _, child in _members(value)]
        if not level:
            return False
    return True


def _members(value: Any) -> Iterable[tuple[Any, Any]]:
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, list | tuple) else ()


def _flatten(value: Any, prefix: str, flat: dict[str, Any]) -> None:
    if not isinstance(value, dict) or not value:
        flat[prefix] = value
        return
    for key, child in value.items():
        name = _spell(key, value)
        _flatten(child, f"{prefix}.{name}" if prefix else name, flat)


def _spell(key: Any, beside: dict[Any, Any]) -> str:
    """A key as one part of a dotted key."""
    if not isinstance(key, str):
        return f"!{type(key).__name__} {key}" if str(key) in beside else str(key)
    return json.dumps(key, ensure_ascii=False) if not key or "." in key or key[0] in '"!' else key


def _is_name(part: str) -> bool:
    """Whether nothing but a key of this very text can match: no glob, no number, date or word of YAML's."""
    return part.isidentifier() and part not in _WORDS


def _children(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield from ((str(key), child) for key, child in value.items())
    elif isinstance(value, list | tuple):
        for index, child in enumerate(value):
            yield str(index), child
            yield str(index - len(value)), child


def _matches(name: str, part: str) -> bool:
    return name == part or (any(sign in part for sign in "*?[") and fnmatch.fnmatchcase(name, part))


def _parse_json(text: str, name: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ConfigError(
            f"is not valid JSON: {error.msg}", file=name, line=error.lineno, code="params-invalid"
        ) from error
    except (RecursionError, ValueError) as error:
        raise ConfigError(
            f"is not valid JSON: {str(error)[:200]}", file=name, code="params-invalid"
        ) from error


def _parse_toml(text: str, name: str) -> Any:
    # tomllib keeps every beginning of a dotted key: one of 100,000 parts would take all the memory there is.
    for number, line in enumerate(text.split("\n"), 1):
        if line.count(".") > DEEPEST and _QUOTED.sub("", line).count(".") > DEEPEST:
            hint = "write the values flatter"
            message = f"has a key of more than {DEEPEST} parts"
            raise ConfigError(message, file=name, line=number, hint=hint)
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise ConfigError(
            f"is not valid TOML: {str(error)[:200]}", file=name, code="params-invalid"
        ) from error


def _parse_python(text: str, name: str) -> Any:
    """Constants that a Python file assigns, at its top, in classes and in `__init__`; nothing is run."""
    try:
        return _read_assignments(ast.parse(text).body, of_self=False)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = error.lineno if isinstance(error, SyntaxError) else None
        raise ConfigError("is not valid Python", file=name, line=line, code="params-invalid") from error


def _read_assignments(body: list[ast.stmt], *, of_self: bool) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for statement in body:
        if isinstance(statement, ast.ClassDef):
            found[statement.name] = _read_assignments(statement.body, of_self=False)
        elif isinstance(statement, ast.FunctionDef) and statement.name == "__init__":
            found |= _read_assignments(statement.body, of_self=True)
        elif isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            target = _name(targets[0], of_self=of_self) if len(targets) == 1 else None
            if target is not None:
                try:
                    found[target] = ast.literal_eval(statement.value)
                except ValueError:
                    continue
    return found


def _name(target: ast.expr, *, of_self: bool) -> str | None:
    if isinstance(target, ast.Name) and not of_self:
        return target.id
    if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == "self":
        return target.attr
    return None


_PARSERS: dict[str, Callable[[str, str], Any]] = {
    ".json": _parse_json,
    ".toml": _parse_toml,
    ".py": _parse_python,
}
