"""stdout and stderr of a command: the answer for people in one, what it is doing in the other."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console


class Stdout(Console):
    """A console that prints text as it is: nothing in it is a style or a name of an emoji."""

    def __init__(self) -> None:
        super().__init__(markup=False, emoji=False)

    def on_broken_pipe(self) -> None:
        """Leave it to the one error handler; rich would end with 1, which reads as a failed gate."""
        raise BrokenPipeError


@contextmanager
def progress(first: str) -> Iterator[Callable[[str], None]]:
    """A spinner on stderr with what is being done, `first` to begin with; silent where it is no terminal."""
    errors = Console(stderr=True)
    if not errors.is_terminal:
        yield lambda step: None
        return
    with errors.status(first) as status:
        yield status.update
