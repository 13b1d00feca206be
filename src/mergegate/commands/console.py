"""stdout and stderr of a command: the answer for people in one, what it is doing in the other.

rich, which writes both, is imported where there is a person to read it: for JSON there is none.
"""

import importlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mergegate.commands.stdout import Stdout


def stdout() -> "Stdout":
    """Where an answer for people goes."""
    found: Stdout = importlib.import_module("mergegate.commands.stdout").Stdout()
    return found


@contextmanager
def progress(first: str) -> Iterator[Callable[[str], None]]:
    """A spinner on stderr with what is being done, `first` to begin with; silent where it is no terminal."""
    if not sys.stderr.isatty():
        yield lambda step: None
        return
    errors = importlib.import_module("rich.console").Console(stderr=True)
    with errors.status(first) as status:
        yield status.update
