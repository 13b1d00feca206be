"""The YAML of a workflow, read as GitHub reads it.

Written by whoever may push, so everything is bounded before it is made.
"""

import re
from typing import Any

import yaml

LARGEST = 512 * 1024
"""Bytes of the largest workflow that is read; GitHub's own bound is the same."""

MOST_VALUES = 50_000
"""Values that a workflow may expand to."""

DEEPEST = 200
"""Levels of nesting, or signs of them."""


class WorkflowError(Exception):
    """The text is no workflow; the message says why."""


def load(text: str) -> Any:
    """The text as plain values. Raises WorkflowError for what is no YAML, hostile or too large."""
    if len(text) > LARGEST:
        raise WorkflowError(f"it is larger than {LARGEST:,} bytes")
    try:
        _refuse_hostile(text)
        found = yaml.load(text, Loader=_Loader)  # noqa: S506 (the loader is safe)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise WorkflowError(
            f"it is not YAML{line}: "
            f"{getattr(error, 'problem', '') or getattr(error, 'reason', '') or 'it ends early'}"
        ) from error
    _refuse_huge(found)
    return found


class _Loader(yaml.CSafeLoader):
    """Safe, and by YAML 1.2 as GitHub reads: `on` is a word, and only `true` and `false` are booleans."""


_Loader.yaml_implicit_resolvers = {}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"(?:true|True|TRUE|false|False|FALSE)\Z"), list("tTfF")
)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:null", re.compile(r"(?:~|null|Null|NULL|)\Z"), ["~", "n", "N", ""]
)
_TEXT = "tag:yaml.org,2002:str"


def _refuse_hostile(text: str) -> None:
    """Refuse deep nesting before it is composed: that recurses in C, and would end the whole process.

    Refuses tags too, by which a scalar breaks its constructor, and mappings multiply as they are merged.
    """
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                raise WorkflowError(f"it is nested more than {DEEPEST} levels deep")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        tag = getattr(event, "tag", None)
        if tag not in (None, "!", _TEXT):
            raise WorkflowError(f"it is not YAML as GitHub reads it: the tag {tag[:40]}")


def _refuse_huge(value: object) -> None:
    """Refuse what aliases make huge, or endless."""
    left = MOST_VALUES
    waiting = [value]
    while waiting:
        item = waiting.pop()
        left -= 1
        if left < 0:
            raise WorkflowError(f"it expands to more than {MOST_VALUES:,} values")
        if isinstance(item, dict):
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item
