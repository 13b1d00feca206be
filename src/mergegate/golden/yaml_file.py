"""Golden rows in a YAML file: a list of mappings, each with `inputs:`; read event by event, nothing built."""

from collections.abc import Iterator
from typing import Any

import yaml
from yaml.resolver import Resolver

from mergegate.config.scalars import AmbiguousScalarError, resolve
from mergegate.errors import ContractError
from mergegate.golden.row import KEYS, Cell, Record, shown

MOST_VALUES = 600_000
INPUTS = "inputs"

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_RESOLVER: Any = Resolver()


def records(text: str, *, file: str) -> Iterator[Record]:
    """The rows of a YAML text. Raises ContractError with the line of what is none."""
    events = _events(text, file)
    for opening in (yaml.StreamStartEvent, yaml.DocumentStartEvent):
        if not isinstance(next(events), opening):
            raise _fail(file, 1, "holds no row", "write a list: `- name: …`")
    first = next(events)
    if not isinstance(first, yaml.SequenceStartEvent):
        raise _fail(file, _line(first), "is no list of golden rows", "begin every row with `- name: …`")
    for event in events:
        if isinstance(event, yaml.SequenceEndEvent):
            break
        if not isinstance(event, yaml.MappingStartEvent):
            raise _fail(file, _line(event), "is no golden row", "write `name:`, `inputs:`, `expected:` …")
        yield _record(events, _line(event), file)
    next(events)
    if not isinstance(after := next(events), yaml.StreamEndEvent):
        raise _fail(file, _line(after), "begins a second document", "remove `---`: the file is one list")


def _record(events: Iterator[Any], line: int, file: str) -> Record:
    keys: dict[str, Cell] = {}
    inputs: dict[str, Cell] | None = None
    for key, event in _items(events, file):
        if key == INPUTS:
            if not isinstance(event, yaml.MappingStartEvent):
                raise _fail(
                    file,
                    _line(event),
                    "has `inputs` that are no mapping",
                    "write `inputs: {column: value, …}`",
                )
            if inputs is not None:
                raise _twice(file, event, key)
            inputs = {}
            for name, cell in _items(events, file):
                if name in inputs:
                    raise _twice(file, cell, name)
                inputs[name] = _scalar(cell, name, file)
            continue
        if key not in KEYS:
            hint = f"one of {INPUTS}, {', '.join(KEYS)}; columns of the model stand under `{INPUTS}:`"
            raise _fail(file, _line(event), f"has the unknown key {shown(key)}", hint)
        if key in keys:
            raise _twice(file, event, key)
        keys[key] = _scalar(event, key, file)
    if not inputs:
        raise _fail(file, line, f"begins a row without `{INPUTS}`", "write `inputs: {column: value, …}`")
    return Record(f"line {line:,}", keys, inputs, typed=True)


def _items(events: Iterator[Any], file: str) -> Iterator[tuple[str, Any]]:
    """Each key of a mapping that has begun, with the event that begins its value."""
    for event in events:
        if isinstance(event, yaml.MappingEndEvent):
            return
        if not isinstance(event, yaml.ScalarEvent):
            raise _fail(file, _line(event), "has a key that is no text", "keys are plain text")
        yield event.value, next(events)


def _scalar(event: Any, key: str, file: str) -> Cell:
    """A quoted or block scalar is text; a bare word is what all YAML readers agree that it is."""
    if not isinstance(event, yaml.ScalarEvent):
        raise _fail(file, _line(event), f"has a list or mapping in {shown(key)}", "write one value")
    if event.style:
        return str(event.value)
    tag = _RESOLVER.resolve(yaml.ScalarNode, event.value, (True, False))
    try:
        return resolve(event.value, tag, shown(key).strip("`"))
    except AmbiguousScalarError as error:
        raise ContractError(f"line {_line(event):,}: {error.message}", file=file, hint=error.hint) from error


def _events(text: str, file: str) -> Iterator[Any]:
    """The events of a YAML text, without tags, aliases, or more than can be meant."""
    try:
        for count, event in enumerate(yaml.parse(text, Loader=_LOADER)):
            if isinstance(event, yaml.AliasEvent):
                raise _fail(file, _line(event), "is an alias", "write the value out: golden rows take none")
            if (tag := getattr(event, "tag", None)) is not None:
                raise _fail(file, _line(event), f"has the tag {shown(tag)}", "remove the tag")
            if count > MOST_VALUES:
                hint = "write them as CSV or Parquet"
                raise _fail(file, _line(event), f"is beyond {MOST_VALUES:,} values", hint)
            yield event
    except yaml.YAMLError as error:
        what = getattr(error, "problem", None) or getattr(error, "reason", None) or "it can't be read"
        mark = getattr(error, "problem_mark", None)
        line = 1 if mark is None else mark.line + 1
        raise _fail(
            file,
            line,
            f"is no valid YAML: {shown(str(what)).strip('`')}",
            "mend it at or just above this line",
        ) from error


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1 if event.start_mark else 1


def _twice(file: str, event: Any, key: str) -> ContractError:
    return _fail(file, _line(event), f"has {shown(key)} a second time in one row", "keep one of the two")


def _fail(file: str, line: int, message: str, hint: str) -> ContractError:
    return ContractError(f"line {line:,} {message}", file=file, hint=hint)
