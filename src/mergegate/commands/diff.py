"""`mergegate diff`: two of a kind beside each other, without a policy."""

import click

from mergegate.commands.lazy import LazyGroup

COMMANDS = {
    "predictions": ("mergegate.commands.diff_predictions", "Is one model better than another?"),
    "data": ("mergegate.commands.diff_data", "What changed between two datasets?"),
}


@click.group(cls=LazyGroup, table=COMMANDS)
def command() -> None:
    """Compare two files, folders or revisions of one, without a policy."""
