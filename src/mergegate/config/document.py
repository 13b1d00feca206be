"""YAML text to plain values that remember their lines; bounded, since a policy may come from a stranger."""

import re
from typing import Any

import msgspec
import yaml

from mergegate.config.problem import KeyPath, PolicyError, Problem, printable, written
from mergegate.config.scalars import AmbiguousScalarError, Scalar, resolve

MOST_BYTES = 256 * 1024
MOST_DEPTH = 24
MOST_VALUES = 20_000

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MERGE = "tag:yaml.org,2002:merge"
_CONFLICT = re.compile(r"^(<{7}|>{7})( |$)", re.MULTILINE)


class Document(msgspec.Struct, frozen=True):
    """A parsed file: its value of dicts, lists and scalars, and the 1-based line of every key path."""

    file: str
    value: Any
    lines: dict[KeyPath, int]

    def problem(self, path: KeyPath, message: str, hint: str = "") -> Problem:
        """A problem at `path`, or at the nearest place above it that stands in the file."""
        place = path
        while place and place not in self.lines:
            place = place[:-1]
        return Problem(
            file=self.file, key=written(path), line=self.lines.get(place), message=message, hint=hint
        )


def parse(data: bytes, *, file: str) -> Document:
    """Parse one YAML document. Raises PolicyError with all problems, or the first that stops the reading."""
    text = _decode(data, file)
    try:
        _check_events(text, file)
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        raise _syntax(error, text, file) from error
    builder = _Builder(file)
    value = builder.build(node, ())
    if builder.problems:
        raise PolicyError(builder.problems)
    return Document(file=file, value=value, lines=builder.lines)


def _stop(file: str, message: str, hint: str = "", line: int | None = None) -> PolicyError:
    return PolicyError([Problem(file=file, key="", line=line, message=message, hint=hint)])


def _decode(data: bytes, file: str) -> str:
    """Bytes to text: size, encoding, NUL, conflict markers, emptiness."""
    if len(data) > MOST_BYTES:
        raise _stop(
            file, f"the file has {len(data):,} bytes, more than the {MOST_BYTES:,} that a policy may have"
        )
    if (at := data.find(b"\0")) >= 0:
        hint = "save it as UTF-8 text (a file with NUL bytes is binary, or UTF-16)"
        raise _stop(file, "the file holds a NUL byte", hint, data.count(b"\n", 0, at) + 1)
    try:
        text = data.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _stop(
            file, f"byte 0x{data[error.start]:02x} is not UTF-8", "save the file as UTF-8", line
        ) from error
    if conflict := _CONFLICT.search(text):
        line = text.count("\n", 0, conflict.start()) + 1
        hint = "keep what you want of both sides, remove the marker lines, and `git add` the file"
        raise _stop(file, "an unresolved merge conflict begins here", hint, line)
    return text


def _check_events(text: str, file: str) -> None:
    """Refuse tags, a second document and too much nesting before anything recursive runs."""
    depth = documents = 0
    for count, event in enumerate(yaml.parse(text, Loader=_LOADER)):
        line = event.start_mark.line + 1 if event.start_mark else None
        documents += isinstance(event, yaml.DocumentStartEvent)
        if documents > 1:
            raise _stop(file, "a second document begins here", "a policy is one document: remove `---`", line)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MOST_DEPTH:
            raise _stop(
                file, f"nested more than {MOST_DEPTH} deep", "no key of a policy lies that deep", line
            )
        if count > MOST_VALUES:
            raise _stop(file, f"more than {MOST_VALUES:,} values", "split the policy by project folder", line)
        tag = getattr(event, "tag", None)
        if tag not in (None, "!"):
            raise _stop(
                file, f"the tag {printable(tag)} is not allowed", "remove the tag: values need none", line
            )


def _syntax(error: yaml.YAMLError, text: str, file: str) -> PolicyError:
    """PyYAML's complaint with its line."""
    what = getattr(error, "problem", None) or getattr(error, "reason", None) or "it can't be read"
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return _stop(file, f"not valid YAML: {printable(what)}", "remove what is not plain text")
    rows = text.splitlines()
    line = min(mark.line + 1, len(rows))
    hint = "mend the YAML at or just above this line"
    if rows and "\t" in rows[line - 1]:
        hint = "indent with spaces: YAML takes no tabs there"
    return _stop(file, f"not valid YAML: {printable(what)}", hint, line)


class _Builder:
    """Turns PyYAML's nodes into values, noting lines and collecting problems."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[KeyPath, int] = {}
        self.problems: list[Problem] = []
        self._built = 0
        self._open: set[int] = set()

    def build(self, node: yaml.Node | None, path: KeyPath) -> Any:
        """The node's value. An alias is built anew wherever it is used, so that its growth counts."""
        if node is None:
            return None
        line = node.start_mark.line + 1
        self._built += 1
        if id(node) in self._open or len(self._open) > MOST_DEPTH or self._built > MOST_VALUES:
            hint = "write the values out, or use fewer aliases"
            raise _stop(self.file, "anchors and aliases expand without bound", hint, line)
        self._open.add(id(node))
        self.lines.setdefault(path, line)
        value: Any
        if isinstance(node, yaml.MappingNode):
            value = self._mapping(node, path)
        elif isinstance(node, yaml.SequenceNode):
            value = [self.build(item, (*path, index)) for index, item in enumerate(node.value)]
        else:
            key = path[-1] if path else ""
            value = self._scalar(node, path, key if isinstance(key, str) else "")
        self._open.remove(id(node))
        return value

    def _mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, Any]:
        """Own keys first; `<<: *anchor` then fills in those that are not there, as YAML's merge key does."""
        value: dict[str, Any] = {}
        merged: list[yaml.Node] = []
        for key_node, value_node in node.value:
            if key_node.tag == _MERGE:
                merged += value_node.value if isinstance(value_node, yaml.SequenceNode) else [value_node]
                continue
            key = self._key(key_node, path)
            if key is None:
                continue
            line = key_node.start_mark.line + 1
            if key in value:
                message = f"the key stands a second time; the first is on line {self.lines[(*path, key)]}"
                self._add((*path, key), line, message, "keep one of the two")
                continue
            self.lines.setdefault((*path, key), line)
            value[key] = self.build(value_node, (*path, key))
        for source in merged:
            if isinstance(source, yaml.MappingNode):
                value = self.build(source, path) | value
            else:
                hint = "write `<<: *name`, where &name marks a mapping"
                self._add(path, source.start_mark.line + 1, "`<<` takes a mapping", hint)
        return value

    def _key(self, node: yaml.Node, path: KeyPath) -> str | None:
        """A key's text; None after a problem."""
        line = node.start_mark.line + 1
        if not isinstance(node, yaml.ScalarNode):
            self._add(path, line, "a list or mapping can't be a key", "keys are plain text")
            return None
        problems = len(self.problems)
        key = self._scalar(node, path)
        if isinstance(key, str):
            return key
        if len(self.problems) == problems:
            word = printable(node.value) or "null"
            self._add(path, line, f"the key {word} is not text", f'write it in quotes: "{word}":')
        return None

    def _scalar(self, node: yaml.Node, path: KeyPath, key: str = "") -> Scalar:
        """A quoted or block scalar is text; a bare word is what all readers agree that it is.

        `key` is what it is the value of.
        """
        word: str = node.value
        if not isinstance(node, yaml.ScalarNode) or node.style:
            return word
        try:
            return resolve(word, node.tag, printable(key))
        except AmbiguousScalarError as error:
            self._add(path, node.start_mark.line + 1, error.message, error.hint)
            return None

    def _add(self, path: KeyPath, line: int, message: str, hint: str) -> None:
        problem = Problem(file=self.file, key=written(path), line=line, message=message, hint=hint)
        self.problems.append(problem)
