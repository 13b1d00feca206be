"""dvc.lock as text and meaning: each stage's lines as they stand, and the run they state.

A merged lock is put together from the lines of the sides, so that what nobody touched keeps DVC's very bytes.
Lines are told apart by their indent, and each part is then parsed by itself: where one is not what it should
be, the whole document is parsed and written anew as DVC would.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from mergegate.dag import yaml12
from mergegate.dag.document import Document, decode, load
from mergegate.dag.merging.dumping import dump
from mergegate.dag.merging.layout import read_layout
from mergegate.dag.merging.runs import Run, read_run
from mergegate.errors import ConfigError

SCHEMA = "2.0"

_SECTION = re.compile(r"^[^\s#-]", re.MULTILINE)
_STAGE = re.compile(r"^  [^\s#-]", re.MULTILINE)
_STAGES = "stages:\n"


class Block(msgspec.Struct, frozen=True):
    """A stage's name and lines, and the run they state."""

    name: str
    text: str
    run: Run


class Lock(msgspec.Struct, frozen=True):
    """A dvc.lock: `sections` are its top-level parts but `stages`, {key: (lines, value)}, in their order."""

    sections: dict[str, tuple[str, Any]]
    blocks: dict[str, Block]
    order: tuple[str, ...] = ("schema", "stages")


EMPTY = Lock({}, {}, ())


def read_lock(data: bytes, name: str, parsed: dict[str, Block]) -> Lock:
    """Read a dvc.lock; `name` is what errors call it, `parsed` remembers blocks by their lines.

    Raises ConfigError for what DVC 3 would refuse.
    """
    text = decode(data, name)
    if text and not text.endswith("\n"):
        text += "\n"
    lock = _split(text, name, parsed)
    if lock is None:
        lock = _split(_normalise(text, name), name, {})
    if lock is None:
        raise ConfigError("is not as DVC writes it", file=name, hint="run `dvc repro`, and merge again")
    return lock


def write_lock(lock: Lock) -> str:
    """The text of a dvc.lock; without a stage it has no `stages`, for DVC would go on in flow style."""
    parts = {key: text for key, (text, _) in lock.sections.items()}
    if lock.blocks:
        parts["stages"] = _STAGES + "".join(block.text for block in lock.blocks.values())
    return "".join(parts[key] for key in lock.order if key in parts)


def _split(text: str, name: str, parsed: dict[str, Block]) -> Lock | None:
    """The parts of a document in DVC's own layout, None for any other."""
    sections: dict[str, tuple[str, Any]] = {}
    blocks: dict[str, Block] = {}
    order = []
    for part in _cut(text, _SECTION):
        if part.startswith(_STAGES):
            found = None if "stages" in order else _split_stages(part[len(_STAGES) :], name, parsed)
            if found is None:
                return None
            blocks, key = found, "stages"
        else:
            value = _load(part)
            if not isinstance(value, dict) or len(value) != 1:
                return None
            key = next(iter(value))
            if key in order or not isinstance(key, str) or key == "stages":
                return None
            sections[key] = (part, value[key])
        order.append(key)
    document = Document(name, name, text, None)
    if order and (schema := sections.get("schema", ("", None))[1]) != SCHEMA:
        raise document.wrong(
            f"has the schema {schema!r:.40}, and {SCHEMA!r} is known",
            "schema",
            hint="run `dvc repro` with DVC 3 on both branches, and merge again",
        )
    return Lock(sections, blocks, tuple(order))


def _split_stages(text: str, name: str, parsed: dict[str, Block]) -> dict[str, Block] | None:
    blocks: dict[str, Block] = {}
    for part in _cut(text, _STAGE):
        if part not in parsed:
            found = _read_stage(part, name)
            if found is None:
                return None
            parsed[part] = found
        stage = parsed[part].name
        if stage in blocks:
            raise ConfigError(f"has the stage {stage!r:.80} twice", file=name, hint="run `dvc repro`")
        blocks[stage] = parsed[part]
    return blocks


def _read_stage(text: str, name: str) -> Block | None:
    """One stage from its lines, None when they are not one."""
    document = Document(name, name, "", None)
    plain = read_layout(text)
    if plain is not None:
        stage, lines, deps, outs = plain
        value = _load(lines)
        if isinstance(value, dict) and value.keys() <= {"cmd", "params"}:
            return Block(stage, text, replace(read_run(document, stage, value), deps=deps, outs=outs))
    value = _load(text)
    if not isinstance(value, dict) or len(value) != 1:
        return None
    stage = next(iter(value))
    return Block(stage, text, read_run(document, stage, value[stage])) if isinstance(stage, str) else None


def _cut(text: str, head: re.Pattern[str]) -> Iterator[str]:
    """The text in parts that begin at lines like `head`; what stands before the first belongs to it."""
    starts = [found.start() for found in head.finditer(text)]
    for start, end in zip([0, *starts[1:]], [*starts[1:], len(text)], strict=bool(starts)):
        yield text[start:end]


def _load(text: str) -> Any:
    """A part parsed by itself, None for what is no document."""
    try:
        return yaml12.load(text)
    except yaml12.SyntaxFault:
        return None


def _normalise(text: str, name: str) -> str:
    """The document as DVC would write it."""
    data = load(text, name)
    document = Document(name, name, text, data)
    if data is None:
        return ""
    document.mapping(data)
    stages = document.mapping(data.get("stages") or {}, "stages")
    kept: Mapping[str, Any] = {key: value for key, value in data.items() if key != "stages" or stages}
    return dump(dict(kept))
