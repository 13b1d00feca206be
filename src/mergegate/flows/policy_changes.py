"""What a change's own policy would demand after the merge, beside what the one that judges demands."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from mergegate.config.policy import POLICY_FILE, Policy
from mergegate.records.review import ParamChange

MOST = 50
_NAMES = ("name", "path", "gate", "stage")
"""Keys by which the entries of a policy's lists are known."""


def policy_changes(judge: Policy, head: Policy) -> tuple[ParamChange, ...]:
    """Each key that differs, in the order of the file; the first fifty."""
    old, new = (dict(_flatten(msgspec.to_builtins(policy), "")) for policy in (judge, head))
    keys = [key for key in dict.fromkeys((*old, *new)) if old.get(key) != new.get(key)]
    keys = [key for key in keys if not (_emptied(key, old, new) or _emptied(key, new, old))]
    return tuple(
        ParamChange(file=POLICY_FILE, key=key, old=old.get(key), new=new.get(key)) for key in keys[:MOST]
    )


def _flatten(node: Any, key: str) -> Iterator[tuple[str, str]]:
    """Leaves as JSON text by their path; entries of a list by their name, a list of plain values as one."""
    if isinstance(node, dict):
        for part, child in node.items():
            yield from _flatten(child, f"{key}.{part}" if key else str(part))
    elif isinstance(node, list | tuple) and any(isinstance(child, dict) for child in node):
        for index, child in enumerate(node):
            yield from _flatten(child, f"{key}[{_name(child, index)}]")
    elif node is not None:
        yield key, json.dumps(node, ensure_ascii=False)


def _emptied(key: str, side: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Whether it is an empty list whose entries the other side tells one by one."""
    return side.get(key) == "[]" and key not in other and any(each.startswith(f"{key}[") for each in other)


def _name(child: Any, index: int) -> str:
    names = (str(child[name]) for name in _NAMES if isinstance(child, dict) and name in child)
    return next(names, str(index))
