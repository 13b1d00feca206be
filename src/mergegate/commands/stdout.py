"""stdout as a command writes to it for people."""

from rich.console import Console


class Stdout(Console):
    """A console that prints text as it is: nothing in it is a style or a name of an emoji."""

    def __init__(self) -> None:
        super().__init__(markup=False, emoji=False)

    def on_broken_pipe(self) -> None:
        """Leave it to the one error handler; rich would end with 1, which reads as a failed gate."""
        raise BrokenPipeError
