"""The options by which commands take two revisions, and the branch that the change wants to enter."""

from collections.abc import Callable
from typing import Any

import click

from mergegate.repo import WORKSPACE

Option = Callable[[Any], Any]

TARGET: Option = click.option(
    "--target",
    metavar="REV",
    help="The branch that the change wants to enter: its policy holds.  [default: the policy's baseline]",
)

HEAD: Option = click.option(
    "--head",
    metavar="REV",
    default=WORKSPACE,
    show_default=True,
    help="The change: a revision, or `workspace`.",
)


def base(meaning: str) -> Option:
    """`--base`, of which `meaning` says what the command does with it."""
    return click.option("--base", metavar="REV", help=f"{meaning}  [default: merge base with the target]")
