"""Policies as text, cut to what a test is about, and what the loader says of them."""

import pytest

from mergegate import config
from mergegate.config.policy import Policy

FILE = "mergegate.yaml"

Said = tuple[int | None, str, str, str]
"""A problem's line, key, message and hint."""


def loaded(text: str) -> Policy:
    return config.load(text.encode(), file=FILE)


def problems(text: str) -> list[Said]:
    """Every problem of a policy; there must be one."""
    with pytest.raises(config.PolicyError) as caught:
        config.load(text.encode(), file=FILE)
    assert all(one.file == FILE and one.hint for one in caught.value.problems)
    return [(one.line, one.key, one.message, one.hint) for one in caught.value.problems]


def messages(text: str) -> list[str]:
    return [message for _, _, message, _ in problems(text)]


def model(*, task: str = "binary", evaluation: str = "", gates: str = "", bundle: str = "") -> str:
    """A policy of one model, m: its evaluation on line 4, its gates on 5, its bundle on 6 if it has one."""
    lines = (
        "version: 1",
        "models:",
        "  m:",
        f"    evaluation: {{task: {task}, predictions: p{', ' if evaluation else ''}{evaluation}}}",
        f"    gates: {{{gates}}}",
        *((f"    bundle: {bundle}",) if bundle else ()),
    )
    return "\n".join(lines) + "\n"


def gate(entry: str, *, task: str = "binary", evaluation: str = "") -> str:
    """A policy with one metric gate, on line 5."""
    return model(task=task, evaluation=evaluation, gates=f"metrics: [{entry}]")
