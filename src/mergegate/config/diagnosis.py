"""Why plain values are not a Policy, in words: the schema and the document are walked side by side.

msgspec says only the first fault and hides the keys of mappings, so it decides and this explains.
"""

import difflib
from collections.abc import Iterator
from typing import Any

from msgspec import inspect

from mergegate.config.document import Document
from mergegate.config.policy import Policy
from mergegate.config.problem import KeyPath, Problem, printable

VERSION = 1


def diagnose(document: Document) -> list[Problem]:
    """Every place where the document does not fit the Policy's structs; empty when it fits."""
    value = document.value
    if value is None:
        hint = "write `version: 1`, and under `models` what to judge; docs/policy.md has an example"
        return [document.problem((), "the file is empty", hint)]
    if is_of_other_version(document):
        # The rest is of another format: to explain it by this one would mislead.
        message = f"version {value['version']} of the policy; this mergegate reads version {VERSION}"
        return [document.problem(("version",), message, f"write `version: {VERSION}`, or update mergegate")]
    return list(_mismatches(document, inspect.type_info(Policy), value, ()))


def is_of_other_version(document: Document) -> bool:
    """Whether the document says that it is of another version of the format."""
    version = document.value.get("version") if isinstance(document.value, dict) else None
    return isinstance(version, int | float) and not isinstance(version, bool) and version != VERSION


def _mismatches(document: Document, kind: inspect.Type, value: Any, path: KeyPath) -> Iterator[Problem]:
    """The problems of one value and all below it."""
    if isinstance(kind, inspect.Metadata):
        yield from _mismatches(document, kind.type, value, path)
    elif isinstance(kind, inspect.UnionType):
        fitting = [member for member in kind.types if _has_shape(member, value)]
        if fitting:
            yield from _mismatches(document, fitting[0], value, path)
        else:
            yield _unexpected(document, kind, value, path)
    elif not _has_shape(kind, value):
        yield _unexpected(document, kind, value, path)
    elif isinstance(kind, inspect.StructType):
        yield from _struct(document, kind, value, path)
    elif isinstance(kind, inspect.DictType):
        for key, item in value.items():
            yield from _mismatches(document, kind.value_type, item, (*path, key))
    elif isinstance(kind, inspect.VarTupleType):
        for index, item in enumerate(value):
            yield from _mismatches(document, kind.item_type, item, (*path, index))


def _struct(
    document: Document, kind: inspect.StructType, value: dict[str, Any], path: KeyPath
) -> Iterator[Problem]:
    """Missing and unknown keys, then the known keys' values."""
    fields = {field.encode_name: field for field in kind.fields}
    for name, field in fields.items():
        if field.required and name not in value:
            yield document.problem(
                path, f"the key `{name}` is missing", f"add `{name}:`, {_words(field.type)}"
            )
    for name, item in value.items():
        if name in fields:
            yield from _mismatches(document, fields[name].type, item, (*path, name))
        else:
            yield document.problem((*path, name), f"unknown key `{printable(name)}`", _nearest(name, fields))


def _nearest(word: str, valid: dict[str, Any] | tuple[Any, ...]) -> str:
    """A hint: the nearest valid word, else all of them."""
    names = [str(name) for name in valid]
    close = difflib.get_close_matches(word, names, n=1)
    return f"did you mean `{close[0]}`?" if close else f"one of {', '.join(names)}"


def _has_shape(kind: inspect.Type, value: Any) -> bool:
    """Whether a value is of a type's outer shape, by msgspec's strict rules."""
    match kind:
        case inspect.Metadata():
            return _has_shape(kind.type, value)
        case inspect.NoneType():
            return value is None
        case inspect.BoolType():
            return isinstance(value, bool)
        case inspect.StrType():
            return isinstance(value, str)
        case inspect.IntType():
            return isinstance(value, int) and not isinstance(value, bool)
        case inspect.FloatType():
            return isinstance(value, int | float) and not isinstance(value, bool)
        case inspect.LiteralType():
            return any(type(value) is type(option) and value == option for option in kind.values)
        case inspect.VarTupleType():
            return isinstance(value, list)
        case _:
            return isinstance(value, dict)


def _unexpected(document: Document, kind: inspect.Type, value: Any, path: KeyPath) -> Problem:
    """The problem of a value of the wrong shape."""
    message = f"expected {_words(kind)}, got {_described(value)}"
    return document.problem(path, message, _remedy(kind, value))


def _words(kind: inspect.Type) -> str:
    """A type in words."""
    match kind:
        case inspect.Metadata():
            return _words(kind.type)
        case inspect.UnionType():
            members = [_words(member) for member in kind.types if not isinstance(member, inspect.NoneType)]
            return " or ".join(members)
        case inspect.LiteralType():
            options = [str(option) for option in kind.values]
            return f"one of {', '.join(options)}" if len(options) > 1 else options[0]
        case inspect.StrType():
            return "text"
        case inspect.BoolType():
            return "true or false"
        case inspect.IntType():
            return "a whole number"
        case inspect.FloatType():
            return "a number"
        case inspect.VarTupleType():
            return "a list"
        case _:
            return "a mapping"


def _described(value: Any) -> str:
    """A value in words, cut and escaped."""
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case str():
            return f'the text "{printable(value)}"'
        case int() | float():
            return f"the number {value}"
        case list():
            return "a list"
        case _:
            return "a mapping"


def _options(kind: inspect.Type) -> list[str]:
    """The words that a union takes among other things."""
    members = kind.types if isinstance(kind, inspect.UnionType) else ()
    literals = (member for member in members if isinstance(member, inspect.LiteralType))
    return [str(option) for literal in literals for option in literal.values]


def _remedy(kind: inspect.Type, value: Any) -> str:
    """What to write instead."""
    if value is None:
        return "give it a value, or remove the key"
    if isinstance(kind, inspect.LiteralType):
        if isinstance(value, str) and not all(isinstance(option, int) for option in kind.values):
            return _nearest(value, kind.values)
        return f"write {_words(kind)}"
    if isinstance(value, str) and (options := _options(kind)):
        close = difflib.get_close_matches(value, options, n=1)
        return f"did you mean `{close[0]}`?" if close else f"write {_words(kind)}"
    if isinstance(value, str) and "number" in _words(kind):
        return "write a number, without quotes or a unit"
    if isinstance(value, int | float) and "text" in _words(kind):
        return f'write it in quotes: "{str(value).lower()}"'
    if isinstance(kind, inspect.VarTupleType):
        return "begin each entry of the list with `- `, also when there is only one"
    if isinstance(kind, inspect.StructType):
        return f"write its keys below it, indented: {', '.join(field.name for field in kind.fields)}"
    return f"write {_words(kind)}"
