"""The command line: a lazy table of commands, the one error handler, the exit codes.

0 passed, 1 a gate failed, 2 usage or configuration, 3 the tool or its surroundings broke.
"""

import importlib
import os
import sys
import traceback

import click

from mergegate import __version__
from mergegate.errors import MergegateError

# Name → (module, help line). The module is imported when its command runs, so that `--help` stays instant.
COMMANDS = {
    "review": ("mergegate.commands.review", "Compare two revisions and judge the change by the policy."),
    "policy": ("mergegate.commands.policy", "Check the policy file."),
    "bundle": ("mergegate.commands.bundle", "Verify or show a model bundle."),
    "completion": ("mergegate.commands.completion", "Print the shell completion script."),
}

INTERRUPTED = 130


class LazyGroup(click.Group):
    """A group whose commands are imported on use; their help lines come from the table."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the table's order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Import the command's module; its `command` attribute is the command."""
        if name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(COMMANDS[name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help lines without importing a command."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="mergegate")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def cli(debug: bool) -> None:
    """Git as the way machine learning reaches production.

    Compares a change's data, params and predictions with its base, and judges it by the policy in mergegate.yaml.

    Exit codes: 0 passed, 1 a gate failed, 2 usage or configuration, 3 something broke.
    """


def main() -> None:
    """Run the command line and exit."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command; the exit code. Every error becomes sentences on stderr, a traceback only with --debug."""
    debug = "--debug" in arguments
    try:
        result = cli.main(arguments, prog_name="mergegate", standalone_mode=False)
        sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except click.exceptions.Abort:
        return _say("interrupted; nothing was left half-written", code=INTERRUPTED)
    except click.exceptions.Exit as exit_:
        return exit_.exit_code
    except click.ClickException as error:
        error.show()
        return 2
    except MergegateError as error:
        if debug:
            traceback.print_exc()
        return _say(error.message, hint=error.hint, code=error.exit_code)
    except BrokenPipeError:
        # The reader went away (`| head`): nothing more can be said, and nothing is wrong with the verdict.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 3
    except OSError as error:
        if debug:
            traceback.print_exc()
        where = f": {error.filename}" if error.filename else ""
        return _say(f"{error.strerror or error}{where}", hint="mend this and run the command again", code=3)
    except Exception as error:
        if debug:
            traceback.print_exc()
        hint = "this is a fault of mergegate: run again with `mergegate --debug …` and report what it prints"
        return _say(f"unexpected {type(error).__name__}: {error}", hint=hint, code=3)


def _say(message: str, *, hint: str = "", code: int) -> int:
    """Print an error for people; the code."""
    click.echo(f"mergegate: {message}", err=True)
    if hint:
        click.echo(f"  next: {hint}", err=True)
    return code
