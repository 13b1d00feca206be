"""YAML as DVC reads it: version 1.2, by ruamel.yaml, duplicate keys refused.

ruamel.yaml without its C part takes 30 ms for a dvc.lock of 250 lines. Documents of the plain shape that DVC
and people write (block style, no anchor, tag, directive or block scalar) mean the same to libyaml, up to how
a scalar is typed; these are parsed by libyaml and typed by ruamel's own table. Whatever is not surely plain
goes to ruamel.yaml.
"""

import re
from typing import Any

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.resolver import implicit_resolvers

MOST_VALUES = 200_000
"""Values that a document may expand to; aliases can make a small one huge."""

# Possessive throughout: a hostile line must not make the matching slow.
_PLAIN = r"(?:[^\s\-?:,\[\]{}#&*!|>'\"%@`=<]|-(?=[^\s\-?:,\[\]{}#&*!|>'\"%@`]))(?:(?!:\s|:$|\s\#)[^\n])*+"
_QUOTED = r"(?:'(?:[^'\n]|'')*+'|\"[^\"\\\n]*+\")"
_WORD = r"(?:[A-Za-z0-9_./]|-(?=[A-Za-z0-9_.]))[A-Za-z0-9_./+*@-]*+"
_FLOW = rf"[\[{{](?:{_WORD}|{_QUOTED}|[\[\]{{}}\ ]|,\ |:\ )*+(?<=[\]}}])"
_SCALAR = rf"(?>{_QUOTED}|{_FLOW}|{_PLAIN})"
_LINE = re.compile(
    rf"\ *+(?:-\ ++)*+(?:(?>{_QUOTED}|{_PLAIN})(?::(?:\ ++{_SCALAR})?+)?+|{_FLOW}|-)?+(?:\ ++\#[^\n]*+|\ *+)"
    r"|\ *+\#[^\n]*+"
)
# Beyond these YAML 1.1 and 1.2 differ on what ends a line, or on what a document may hold.
_CHARACTERS = re.compile(r"[\n\x20-\x7e\u00a1-\u1fff\u2010-\u2027\u3001-\ud7ff]*")
_MARKER = re.compile(r"^(?:---|\.\.\.|%)", re.MULTILINE)

_TYPES = [
    (tag, pattern, set(first)) for versions, tag, pattern, first in implicit_resolvers if (1, 2) in versions
]
_TAG = "tag:yaml.org,2002:"
_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?")


class _UnsureError(Exception):
    """The document is not surely plain."""


def load(text: str) -> Any:
    """Parse one document, an empty one is None. Raises ruamel's YAMLError, also when it expands hugely."""
    try:
        return _load_plain(text)
    except (_UnsureError, yaml.YAMLError):
        pass
    try:
        value = YAML(typ="safe").load(text)
        _measure(value)
    except (RecursionError, ValueError) as error:
        raise YAMLError(f"it can't be read: {error}") from error
    return value


def _load_plain(text: str) -> Any:
    if not _CHARACTERS.fullmatch(text) or _MARKER.search(text):
        raise _UnsureError
    if not all(_LINE.fullmatch(line) for line in text.split("\n")):
        raise _UnsureError
    loader = yaml.CSafeLoader if yaml.__with_libyaml__ else None
    if loader is None:
        raise _UnsureError
    return _build(yaml.compose(text, Loader=loader))


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
            raise _UnsureError
        key = _build(key_node)
        if key in mapping:
            raise _UnsureError
        mapping[key] = _build(value_node)
    return mapping


def _type(text: str) -> Any:
    """The value of a plain scalar."""
    first = text[:1]
    for tag, pattern, firsts in _TYPES:
        if first in firsts and pattern.match(text):
            if tag == f"{_TAG}int" and _INT.fullmatch(text):
                return int(text)
            if tag == f"{_TAG}float" and _FLOAT.fullmatch(text):
                return float(text)
            if tag == f"{_TAG}bool":
                return text.lower() == "true"
            if tag == f"{_TAG}null":
                return None
            raise _UnsureError
    return text


def _measure(value: Any) -> None:
    """Refuse what expands hugely, or contains itself."""
    sizes: dict[int, int] = {}
    open_: set[int] = set()

    def count(item: Any) -> int:
        if not isinstance(item, dict | list | set):
            return 1
        if id(item) in open_:
            raise YAMLError("a value contains itself")
        if id(item) not in sizes:
            open_.add(id(item))
            inner = item.values() if isinstance(item, dict) else item
            sizes[id(item)] = 1 + sum(count(child) for child in inner)
            open_.discard(id(item))
        return sizes[id(item)]

    if count(value) > MOST_VALUES:
        raise YAMLError(f"it expands to more than {MOST_VALUES:,} values")
