"""A group of commands that are imported when they run, so that `--help` stays instant."""

import gc
import importlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class LazyGroup(click.Group):
    """A group whose commands are imported on use; their help lines come from `table`.

    `table`: name → (module, help line); the module's attribute `command` is the command.
    """

    def __init__(self, *arguments: Any, table: Mapping[str, tuple[str, str]], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the table's order."""
        return list(self.table)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Import the command's module."""
        if name in self.table:
            with _uncollected(), _one_blas_thread():
                command: click.Command = importlib.import_module(self.table[name][0]).command
            return command
        if ctx.resilient_parsing:
            return None
        # Only a mistake pays for this import.
        import difflib  # noqa: PLC0415

        close = difflib.get_close_matches(name, self.table, n=1)
        meant = f"did you mean {close[0]}?" if close else f"there are {', '.join(self.table)}"
        raise click.UsageError(f"no command is called {name!r}; {meant}", ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help lines without importing a command."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in self.table.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        """Complete names from the table, again without importing a command; options as click does."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415

        names = [
            CompletionItem(name, help=text)
            for name, (_, text) in self.table.items()
            if name.startswith(incomplete)
        ]
        return names + click.Command.shell_complete(self, ctx, incomplete)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Import without the garbage collector, which would walk all that is imported, again and again.

    Modules live as long as the process: they are left out of every later collection too.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        if enabled:
            gc.enable()


_BLAS_THREADS = "OPENBLAS_NUM_THREADS"


@contextmanager
def _one_blas_thread() -> Iterator[None]:
    """Let numpy, which looks once, when it is first imported, compute in the thread that asks.

    Its own threads spin while they wait, and a sum that they share out has other last digits on another
    number of processors. The processes that a command starts are told nothing.
    """
    if _BLAS_THREADS in os.environ:
        yield
        return
    os.environ[_BLAS_THREADS] = "1"
    try:
        yield
    finally:
        del os.environ[_BLAS_THREADS]
