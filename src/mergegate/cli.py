"""The command line: a lazy table of commands, the one error handler, the exit codes.

0 passed, 1 a gate failed, 2 usage or configuration, 3 the tool or its surroundings broke, 130 interrupted,
143 ended. Only a verdict exits with 1, so no error may be left to Python, which would exit with 1 too.
"""

import atexit
import contextlib
import errno
import gc
import io
import itertools
import os
import re
import signal
import sys
import traceback
from typing import NoReturn, get_args

import click

from mergegate import __version__
from mergegate.commands.lazy import LazyGroup
from mergegate.errors import Code, ContractError, GeneralCode, MergegateError

# Name → (module, help line).
COMMANDS = {
    "review": ("mergegate.commands.review", "Compare two revisions and judge the change by the policy."),
    "init": ("mergegate.commands.init", "Set a repository up for reviews."),
    "doctor": ("mergegate.commands.doctor", "Say whether the gate can be skipped, and what mends it."),
    "explain": ("mergegate.commands.explain", "Say what a gate, metric, finding or error code means."),
    "hook": ("mergegate.commands.hook", "Warn before a push: stale lock, missing objects, leaks."),
    "plan": ("mergegate.commands.plan", "Say what a change must run again, and what that needs."),
    "verify": ("mergegate.commands.verify", "Say whether a revision is whole and true."),
    "push": ("mergegate.commands.push", "Push a revision's objects, and see each arrive."),
    "reproduce": ("mergegate.commands.reproduce", "Run a change again in a clean place; compare its lock."),
    "gates": ("mergegate.commands.gates", "Explain a gate of the last review; suggest bars."),
    "policy": ("mergegate.commands.policy", "Check the policy file; print its schema."),
    "diff": ("mergegate.commands.diff", "Compare predictions or data, without a policy."),
    "merge-driver": (
        "mergegate.commands.merge_driver",
        "Merge dvc.lock and tracked folders inside `git merge`.",
    ),
    "golden": ("mergegate.commands.golden", "Add or check golden rows: answers that the model owes."),
    "bundle": ("mergegate.commands.bundle", "Verify or show a model bundle."),
    "ingest": ("mergegate.commands.ingest", "Propose new data of a source as a pull request."),
    "keep": ("mergegate.commands.keep", "Clear a shared remote of what no revision needs."),
    "backup": ("mergegate.commands.backup", "Copy what a remote must keep to a second one."),
    "judge": ("mergegate.commands.judge", "Judge a run's pull requests, in a trusted job."),
    "status": ("mergegate.commands.status", "Say where a change stands, and what to do next."),
    "comment": ("mergegate.commands.comment", "Post a review as one comment on a pull request."),
    "completion": ("mergegate.commands.completion", "Print the shell completion script."),
}

USAGE = 2
BROKEN = 3
INTERRUPTED = 130
TERMINATED = 143

COMPLETION_VARIABLE = "_MERGEGATE_COMPLETE"

_GARBAGE = 200_000
"""Objects after which unused ones are looked for: every import makes thousands, and they stay."""


class Terminated(BaseException):
    """SIGTERM arrived: unwinds like Ctrl-C, so that temporary files and child processes are cleared away."""


@click.group(cls=LazyGroup, table=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="mergegate")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def cli(debug: bool) -> None:
    """Git as the way machine learning reaches production.

    Compares a change's data, params and predictions with its base, and judges it by the policy in
    mergegate.yaml.

    \b
    Exit codes:
      0  passed, or only advised
      1  a gate failed
      2  wrong usage or configuration
      3  the tool or its surroundings broke
    """


def main() -> NoReturn:
    """Run the command line and exit.

    At once, once all is written and closed: to take every module apart first takes Python a thirtieth of a
    second.
    """
    signal.signal(signal.SIGTERM, _terminate)
    gc.set_threshold(_GARBAGE)
    _prepare_streams()
    code = run(sys.argv[1:])
    atexit._run_exitfuncs()
    with contextlib.suppress(OSError):
        sys.stderr.flush()
    os._exit(code)


def run(arguments: list[str]) -> int:
    """Run one command; the exit code. Errors become sentences on stderr, a traceback only with --debug."""
    try:
        code = _invoke(arguments)
        sys.stdout.flush()
    except BaseException as error:
        code = _report(error, debug="--debug" in itertools.takewhile(_is_option, arguments))
    return code


def _is_option(argument: str) -> bool:
    return argument.startswith("-")


def _terminate(number: int, frame: object) -> NoReturn:
    raise Terminated


def _invoke(arguments: list[str]) -> int:
    """Parse and call; what the command returns is the exit code.

    Not click's own `main`, which exits with 1 when a pipe breaks: 1 means that a gate failed.
    """
    if instruction := os.environ.get(COMPLETION_VARIABLE):
        from click.shell_completion import shell_complete  # noqa: PLC0415

        return shell_complete(cli, {}, "mergegate", COMPLETION_VARIABLE, instruction)
    try:
        with cli.make_context("mergegate", list(arguments)) as context:
            result = cli.invoke(context)
    except click.exceptions.Exit as exit_:
        return exit_.exit_code
    return result if isinstance(result, int) else 0


def _report(error: BaseException, *, debug: bool) -> int:
    """Say what happened and what to do next; the exit code."""
    _settle_stdout()
    if isinstance(error, BrokenPipeError):
        # The reader went away (`| head`): nobody is left to read a sentence.
        return BROKEN
    message, hint, code = _explain(error)
    more = _name(error)
    # What is wrong with a file may quote names and cells of whoever wrote it; only we begin new lines.
    kept = "" if isinstance(error, ContractError) else "\n"
    message, hint = _plain(message, kept), _plain(hint, kept)
    # Where stderr can't be written either, the exit code is all that is left to say.
    with contextlib.suppress(OSError):
        if debug:
            traceback.print_exception(error)
        if isinstance(error, click.ClickException):
            error.show()
        else:
            click.echo(f"mergegate: {message}", err=True)
        if hint:
            click.echo(f"  next: {hint}", err=True)
        if more and (debug or more not in get_args(GeneralCode)):
            click.echo(f"  more: mergegate explain {more}", err=True)
    return code


def _name(error: BaseException) -> Code | None:
    """The stable code of an error; None for one that says all there is in a line."""
    match error:
        case MergegateError():
            return error.code
        case click.ClickException() | KeyboardInterrupt() | click.Abort() | Terminated():
            return None
        case ModuleNotFoundError() if not str(error.name).startswith("mergegate"):
            return "package-missing"
        case OSError():
            return "disk-full" if error.errno in _FULL else "file-unusable"
        case _:
            return "internal-error"


_FULL = (errno.ENOSPC, errno.EDQUOT)

_COMMAND = re.compile(r"(?m)(##|^\s*)(\[|::)")
"""How GitHub Actions is told something by a job's output: `::` begins a line, `##[` stands anywhere in it."""


def _plain(text: str, kept: str) -> str:
    """The text with what would steer a terminal or a CI's log shown: control characters, commands."""
    shown = "".join(
        char if char.isprintable() or char in kept else char.encode("unicode_escape").decode()
        for char in text
    )
    return _COMMAND.sub(lambda found: f"{found[1]}\\{found[2]}", shown)


def _explain(error: BaseException) -> tuple[str, str, int]:
    """Message, hint and exit code of any error."""
    match error:
        case click.NoSuchOption(option_name="--debug"):
            return error.message, "write it before the command: mergegate --debug …", USAGE
        case click.ClickException():
            return error.message, "", USAGE
        case MergegateError():
            return error.message, error.hint, error.exit_code
        case KeyboardInterrupt() | click.Abort():
            return "interrupted; nothing was left half-written", "", INTERRUPTED
        case Terminated():
            return "ended by SIGTERM; nothing was left half-written", "", TERMINATED
        case ModuleNotFoundError() if not str(error.name).startswith("mergegate"):
            hint = "install what every command needs: pip install 'mergegate[all]'"
            return f"this command needs the Python package {error.name}, which is not installed", hint, BROKEN
        case OSError():
            where = f": {error.filename}" if error.filename else ""
            if error.errno in _FULL:
                hint = "free some space and run the command again; no file was left half-written"
                return f"the disk is full{where}", hint, BROKEN
            return f"{error.strerror or error}{where}", "mend this and run the command again", BROKEN
        case _:
            hint = (
                "this is a fault of mergegate: run again with `mergegate --debug …` and report what it prints"
            )
            return f"unexpected {type(error).__name__}: {error}", hint, BROKEN


def _prepare_streams() -> None:
    """Make printing safe: a closed stream takes what is written, a name that is no text is escaped."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: PTH123, SIM115
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def _settle_stdout() -> None:
    """Leave nothing in stdout's buffer that would fail, and change the exit code, when Python shuts down."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
