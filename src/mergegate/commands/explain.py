"""`mergegate explain`: what a gate, metric, finding, error code or check means."""

import shutil

import click
import msgspec
from click.shell_completion import CompletionItem

from mergegate.errors import UsageError
from mergegate.report import topics as words
from mergegate.report.escaping import visible
from mergegate.topics import Topic, find, nearest, parts, read_all

SCHEMA = 1
"""Version of what `--json` prints."""

_SHOWN = 80


class Explained(msgspec.Struct, frozen=True):
    """What a name means: the one that was asked for, None for all, and every topic that it is the name of."""

    name: str | None
    topics: tuple[Topic, ...]
    schema: int = SCHEMA


def _complete(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Names that begin so; of several kinds each once."""
    names = dict.fromkeys(name for topic in read_all() for name in topic.names)
    return [CompletionItem(name) for name in names if name.startswith(incomplete.casefold())]


@click.command("explain")
@click.argument("name", required=False, shell_complete=_complete)
@click.option("--json", "as_json", is_flag=True, help="Print the topics as JSON.")
def command(name: str | None, as_json: bool) -> int:
    """Say what NAME means: an error's code, a gate, a metric, a finding, a cause, a check, an outcome.

    Without NAME all names are listed. A name that several kinds have is explained for each; `cause/missing`
    is the one alone. The id of a gate is explained by its parts; `mergegate gates explain` says how that gate
    of your last review came to its outcome.

    \b
      mergegate explain broken-link
      mergegate explain max_regression
      mergegate explain late-arrival/roc_auc/min

    Exit codes: 0 explained, 2 nothing has the name.
    """
    found = read_all() if name is None else find(name) or parts(name)
    if name is not None and not found:
        raise UsageError(f"nothing is called {visible(name, _SHOWN)}", hint=_hint(name), code="unknown-name")
    if as_json:
        asked = (
            name and name.encode(errors="backslashreplace").decode()
        )  # bytes of an argument that are no text
        click.echo(msgspec.json.format(msgspec.json.encode(Explained(asked, found)), indent=2).decode())
        return 0
    width = shutil.get_terminal_size().columns
    click.echo(words.listing(width) if name is None else words.render(found, width))
    return 0


def _hint(name: str) -> str:
    near = nearest(name)
    listed = "`mergegate explain` lists all names"
    return f"did you mean {' or '.join(near)}? {listed}" if near else listed
