"""YAML as DVC reads it: version 1.2 by ruamel.yaml, duplicate keys refused.

ruamel.yaml without its C part takes 0.1 s to import and 20 ms for a dvc.lock of 250 lines. Documents of the
plain shape that DVC and people write (block style or simple flow; no anchor, tag, directive or block scalar)
mean the same to libyaml, up to how a scalar is typed: these are parsed by libyaml, and typed here only where
YAML 1.1 and 1.2 leave no doubt. Whatever is not surely plain goes to ruamel.yaml, which is imported only
then.
"""

import importlib
import re
from functools import lru_cache
from typing import Any

import yaml

MOST_VALUES = 200_000
"""Values that a document may expand to; aliases can make a small one huge."""

DEEPEST = 200
"""Levels of nesting of a document that is not plain; a plain one can't have many more."""

# Possessive throughout: a hostile line must not make the matching slow.
_PLAIN = r"(?:[^\s\-?:,\[\]{}#&*!|>'\"%@`=<]|-(?=[^\s?:,\[\]{}#&*!|>'\"%@`]))(?:(?!:\s|:$|\s\#)[^\n])*+"
_QUOTED = r"(?:'(?:[^'\n]|'')*+'|\"[^\"\\\n]*+\")"
_WORD = r"(?:[A-Za-z0-9_./]|-(?=[A-Za-z0-9_.]))[A-Za-z0-9_./+*?@-]*+"
_FLOW = rf"[\[{{](?:{_WORD}|{_QUOTED}|[\[\]{{}}\ ]|,\ |:\ )*+(?<=[\]}}])"
_SCALAR = rf"(?>{_QUOTED}|{_FLOW}|{_PLAIN})"
_LINE = re.compile(
    rf"\ *+(?:-\ ++)*+(?:(?>{_QUOTED}|{_PLAIN})(?::(?:\ ++{_SCALAR})?+)?+|{_FLOW}|-)?+(?:\ ++\#[^\n]*+|\ *+)"
    r"|\ *+\#[^\n]*+"
)
# libyaml's composer recurses in C, and a document that is nested deeply enough ends the whole process.
_DEEP = re.compile(r"[\ -]{200}")
# Beyond these YAML 1.1 and 1.2 differ on what ends a line, or on what a document may hold.
_CHARACTERS = re.compile(r"[\n\x20-\x7e\u00a1-\u1fff\u2010-\u2027\u3001-\ud7ff]*")
_MARKER = re.compile(r"^(?:---|\.\.\.|%)", re.MULTILINE)

_WORDS = {"": None, "~": None} | {
    spelt: value
    for word, value in (("null", None), ("true", True), ("false", False))
    for spelt in (word, word.title(), word.upper())
}
_LONGEST_NUMBER = 1000
_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]+(?:[eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+)")
# With a hex digit where no number of YAML's has one: digits around a single `e` are a float, `0b` starts an
# integer. One in 10,000 checksums has neither a, c, d nor f, and a large dvc.lock has several such.
_MD5 = re.compile(r"(?=[0-9be]*+[acdf]|[0-9e]{2,}+b|[0-9]*+e[0-9]*+e)[0-9a-f]{32}")
_NUMBERLIKE = re.compile(r"[-+.0-9_: \tTtZzxXoOa-fA-F]*|\.(?:inf|nan)|<<|=|[-+]\.inf", re.IGNORECASE)


class UnsureError(Exception):
    """The document is not surely plain."""


class SyntaxFault(Exception):  # noqa: N818 — it is turned into a ConfigError by those who know the file
    """The text is not YAML; `line` is 1-based where known."""

    def __init__(self, problem: str, line: int | None = None) -> None:
        super().__init__(problem)
        self.line = line


def load(text: str) -> Any:
    """Parse one document; an empty one is None. Raises SyntaxFault, also for one that expands hugely."""
    try:
        return load_plain(text)
    except (UnsureError, yaml.YAMLError):
        return _load_any(text)


def load_plain(text: str) -> Any:
    """Parse a document of plain shape. Raises an error of this module's or of libyaml's for any other."""
    return _build(_compose(text))


@lru_cache(maxsize=32)
def _compose(text: str) -> yaml.Node | None:
    """The nodes of a document of plain shape; base and head mostly have the same files."""
    if not yaml.__with_libyaml__ or not _CHARACTERS.fullmatch(text) or _MARKER.search(text):
        raise UnsureError
    for line in text.split("\n"):
        if _DEEP.match(line) or line.count("[") + line.count("{") > 30 or not _LINE.fullmatch(line):
            raise UnsureError
    return yaml.compose(text, Loader=yaml.CSafeLoader)


def _build(node: yaml.Node | None) -> Any:
    """The value of a node, typed by YAML 1.2."""
    if node is None:
        return None
    if isinstance(node, yaml.ScalarNode):
        return node.value if node.style in ("'", '"') else _type(node.value)
    if isinstance(node, yaml.SequenceNode):
        return [_build(item) for item in node.value]
    mapping: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            raise UnsureError
        key = _build(key_node)
        if key in mapping:
            raise UnsureError
        mapping[key] = _build(value_node)
    return mapping


def _type(text: str) -> Any:
    """The value of a plain scalar."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "-+.0123456789<=" or _MD5.fullmatch(text):
        return text
    if len(text) > _LONGEST_NUMBER:
        raise UnsureError
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _NUMBERLIKE.fullmatch(text):
        raise UnsureError
    return text


def _load_any(text: str) -> Any:
    """Parse any document with ruamel.yaml."""
    ruamel: Any = importlib.import_module("ruamel.yaml")
    errors: Any = importlib.import_module("ruamel.yaml.error")
    try:
        reader = ruamel.YAML(typ="safe")
        _bound_merges(reader.constructor)
        value = reader.load(text)
        _refuse_huge(value)
    except errors.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = error.problem or error.context or "it can't be parsed"
        raise SyntaxFault(problem, mark.line + 1 if mark else None) from error
    except RecursionError as error:
        raise SyntaxFault("it is nested too deeply") from error
    except (errors.YAMLError, ValueError) as error:
        raise SyntaxFault(str(error)) from error
    return value


def _bound_merges(constructor: Any) -> None:
    """Refuse merge keys (`<<`) that copy too much, before they do: a few lines can double it each."""
    merge, merged = constructor.flatten_mapping, 0

    def flatten(node: Any) -> None:
        nonlocal merged
        for key, value in node.value:
            if key.tag != "tag:yaml.org,2002:merge":
                continue
            for inner in value.value if value.id == "sequence" else [value]:
                if inner.id != "mapping":
                    continue
                flatten(inner)
                merged += len(inner.value)
                if merged > MOST_VALUES:
                    raise SyntaxFault(f"it expands to more than {MOST_VALUES:,} values")
        merge(node)

    constructor.flatten_mapping = flatten


def _refuse_huge(value: Any) -> None:
    """Refuse what expands hugely, or contains itself."""
    sizes: dict[int, int] = {}
    open_: set[int] = set()

    def count(item: Any, depth: int = 0) -> int:
        if not isinstance(item, dict | list | set):
            return 1
        if id(item) in open_:
            raise SyntaxFault("a value contains itself")
        if id(item) not in sizes:
            if depth > DEEPEST:
                raise SyntaxFault(f"it is nested more than {DEEPEST} levels deep")
            open_.add(id(item))
            inner = item.values() if isinstance(item, dict) else item
            sizes[id(item)] = 1 + sum(count(child, depth + 1) for child in inner)
            open_.discard(id(item))
        return sizes[id(item)]

    if count(value) > MOST_VALUES:
        raise SyntaxFault(f"it expands to more than {MOST_VALUES:,} values")
