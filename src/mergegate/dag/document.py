"""One configuration file as data, with errors that name file, key and line."""

import re
from typing import Any

import msgspec
import yaml

from mergegate.dag import yaml12
from mergegate.errors import ConfigError

LARGEST = 8 * 1024 * 1024
"""Bytes of the largest YAML file that is read."""

_CONFLICT = re.compile(r"^(?:<{7}|>{7})(?: |$)", re.MULTILINE)

Key = str | int


class Document(msgspec.Struct, frozen=True):
    """A parsed file: `path` from the project root, `name` as errors call it."""

    path: str
    name: str
    text: str
    data: Any

    def wrong(self, message: str, *keys: Key, hint: str = "") -> ConfigError:
        """The error for what stands at `keys`."""
        return ConfigError(
            message,
            file=self.name,
            key=dotted(keys),
            line=_line(self.text, keys),
            hint=hint,
            code="dvc-file-invalid",
        )

    def mapping(self, value: Any, *keys: Key) -> dict[str, Any]:
        """`value` as a mapping with text keys. Raises ConfigError."""
        if not isinstance(value, dict):
            raise self.wrong(f"should be a mapping, and is {kind(value)}", *keys)
        for key in value:
            if not isinstance(key, str):
                raise self.wrong(f"has the key {key!r:.80}, which is {kind(key)} and should be text", *keys)
        return value

    def items(self, value: Any, *keys: Key) -> list[Any]:
        """`value` as a list. Raises ConfigError."""
        if not isinstance(value, list):
            raise self.wrong(f"should be a list, and is {kind(value)}", *keys)
        return value

    def string(self, value: Any, *keys: Key) -> str:
        """`value` as text. Raises ConfigError."""
        if not isinstance(value, str):
            raise self.wrong(f"should be text, and is {kind(value)}", *keys)
        return value

    def flag(self, value: Any, *keys: Key) -> bool:
        """`value` as true or false. Raises ConfigError."""
        if not isinstance(value, bool):
            raise self.wrong(f"should be true or false, and is {kind(value)}", *keys)
        return value


def parse(data: bytes, path: str, *, at: str = "") -> Document:
    """Parse a YAML file; `at` names the revision in errors. An empty file is an empty mapping.

    Raises ConfigError for what is no UTF-8, no YAML, or holds git's conflict markers.
    """
    name = f"{path} at {at}" if at else path
    text = decode(data, name)
    return Document(path, name, text, load(text, name) or {})


def decode(data: bytes, name: str) -> str:
    """Bytes as text with `\\n` line ends. Raises ConfigError."""
    if len(data) > LARGEST:
        raise ConfigError(f"has {len(data):,} bytes, and at most {LARGEST:,} are read", file=name)
    try:
        text = data.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(
            "is not UTF-8 text", file=name, line=line, hint="save it as UTF-8", code="dvc-file-invalid"
        ) from error
    if marker := _CONFLICT.search(text):
        raise ConfigError(
            "holds git's conflict markers: a merge was committed unfinished",
            file=name,
            line=text.count("\n", 0, marker.start()) + 1,
            hint=_mend_conflict(name),
            code="conflict-markers",
        )
    return text


def load(text: str, name: str) -> Any:
    """Parse YAML text as DVC does. Raises ConfigError with the line."""
    try:
        return yaml12.load(text)
    except yaml12.SyntaxFault as fault:
        hint = "mend the line; DVC writes dvc.lock and .dvc files itself: `dvc repro`, `dvc add`"
        raise ConfigError(
            f"is not valid YAML: {str(fault)[:200]}",
            file=name,
            line=fault.line,
            hint=hint,
            code="dvc-file-invalid",
        ) from fault


def dotted(keys: tuple[Key, ...]) -> str:
    """A key path as people write it: `stages.train.deps[0]`."""
    path = ""
    for key in keys:
        path += f"[{key}]" if isinstance(key, int) else f".{key[:80]}"
    return path.removeprefix(".")


def kind(value: Any) -> str:
    """What a value is, for people."""
    if value is None:
        return "empty"
    names = {
        bool: "true or false",
        int: "a number",
        float: "a number",
        str: "text",
        list: "a list",
        dict: "a mapping",
    }
    return names.get(type(value), type(value).__name__)


def _mend_conflict(name: str) -> str:
    if "dvc.lock" in name:
        return (
            "take either side (`git checkout --theirs dvc.lock`), run `dvc repro`, and commit what it writes"
        )
    return "finish the merge by hand, and commit"


def _line(text: str, keys: tuple[Key, ...]) -> int | None:
    """The line of the value at `keys`, 1-based, or of the nearest one above that is there."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError):
        return None
    line: int | None = None
    for key in keys:
        found = None
        if isinstance(node, yaml.MappingNode):
            found = next(((k, v) for k, v in node.value if k.value == key), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
            found = (node.value[key], node.value[key])
        if found is None:
            return line
        line, node = found[0].start_mark.line + 1, found[1]
    return line
