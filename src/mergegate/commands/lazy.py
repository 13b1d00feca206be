"""A group of commands that are imported when they run, so that `--help` stays instant."""

import importlib
import os
import warnings
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
            with _steady_numpy():
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


_DISABLE, _ENABLE = "NPY_DISABLE_CPU_FEATURES", "NPY_ENABLE_CPU_FEATURES"
_NUMPY = {
    "OPENBLAS_NUM_THREADS": "1",
    _DISABLE: "X86_V4 AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX512_SPR",
}


@contextmanager
def _steady_numpy() -> Iterator[None]:
    """Let numpy, which looks once, when it is first imported, compute alike wherever it runs.

    Its own threads spin while they wait, and a sum that they share out has other last digits on another
    number of processors. With AVX-512 a logarithm has other last digits than without, and a sort takes five
    times as long on AMD's Zen 4 (numpy#32690). The processes that a command starts are told nothing.
    """
    unsaid = {name: value for name, value in _NUMPY.items() if name not in os.environ}
    if _ENABLE in os.environ:
        # numpy takes one of the two only.
        unsaid.pop(_DISABLE, None)
    os.environ |= unsaid
    try:
        with warnings.catch_warnings():
            # Each numpy has names of its own for these features.
            warnings.simplefilter("ignore", ImportWarning)
            yield
    finally:
        for name in unsaid:
            del os.environ[name]
