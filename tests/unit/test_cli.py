"""The command line: help, the one error handler, and an exit code for everything that can happen."""

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import click
import pytest

from mergegate import __version__
from mergegate.cli import COMMANDS, Terminated, cli, run
from mergegate.errors import BrokenError, ConfigError, UsageError

Install = Callable[[Callable[[], object]], None]

OUR_FAULT = (
    "  next: this is a fault of mergegate: run again with `mergegate --debug …` and report what it prints\n"
    "  more: mergegate explain internal-error\n"
)

MERGEGATE = [sys.executable, "-m", "mergegate"]


@pytest.fixture
def boom(monkeypatch: pytest.MonkeyPatch) -> Install:
    """Put a command `boom` into the table that does what the test says."""

    def install(action: Callable[[], object]) -> None:
        module = ModuleType("boom")
        module.command = click.Command("boom", callback=action)  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "boom", module)
        monkeypatch.setitem(COMMANDS, "boom", ("boom", "Do what the test says."))

    return install


def raising(error: BaseException) -> Callable[[], object]:
    def action() -> object:
        raise error

    return action


def process(*arguments: str | Path, **streams: int) -> "subprocess.CompletedProcess[str]":
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | streams
    return subprocess.run([*MERGEGATE, *arguments], text=True, timeout=60, check=False, **streams)  # type: ignore[call-overload, no-any-return]


def paths() -> list[tuple[str, ...]]:
    """Every command and subcommand, as typed."""
    found: list[tuple[str, ...]] = []
    context = click.Context(cli)
    for name in COMMANDS:
        command = cli.get_command(context, name)
        found.append((name,))
        if isinstance(command, click.Group):
            found += [(name, child) for child in command.commands]
    return found


@pytest.mark.parametrize("path", paths(), ids=" ".join)
def test_every_command_explains_itself_and_all_its_options(
    path: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*path, "--help"]) == 0
    text = capsys.readouterr().out
    assert text.startswith(f"Usage: mergegate {' '.join(path)} ")
    command: click.Command = cli
    for name in path:
        assert isinstance(command, click.Group)
        found = command.get_command(click.Context(command), name)
        assert found is not None
        command = found
    assert command.help
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{parameter.name} has no help"
            assert all(option in text for option in parameter.opts)
        else:
            assert parameter.make_metavar(click.Context(command)) in text


def test_help_lists_the_commands_and_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    text = capsys.readouterr().out
    assert (
        "  Exit codes:\n"
        "    0  passed, or only advised\n"
        "    1  a gate failed\n"
        "    2  wrong usage or configuration\n"
        "    3  the tool or its surroundings broke\n"
    ) in text
    for name, (_, line) in COMMANDS.items():
        assert f"  {name}" in text
        assert line in text
    assert run(["-h"]) == 0
    assert capsys.readouterr().out == text


def test_version_is_printed_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"mergegate, version {__version__}\n"


def test_help_and_version_import_nothing_that_a_command_needs() -> None:
    heavy = {"msgspec", "yaml", "ruamel", "numpy", "pyarrow", "rich", "jinja2", "dvc", "importlib.metadata"}
    code = (
        "import sys; from mergegate.cli import run; run(['--help']); run(['--version']); run(['nonsense']); "
        f"sys.exit(','.join(sorted({heavy!r} & set(sys.modules))) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


def test_an_unknown_command_gets_the_nearest_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["reviw"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == (
        "Usage: mergegate [OPTIONS] COMMAND [ARGS]...\n"
        "Try 'mergegate --help' for help.\n\n"
        "Error: no command is called 'reviw'; did you mean review?\n"
    )
    assert run(["zzz"]) == 2
    assert f"there are {', '.join(COMMANDS)}" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [[], ["--nonsense"], ["policy"], ["policy", "check", "a", "b"], ["completion", "csh"]]
)
def test_wrong_usage_exits_with_2_and_says_so_on_stderr(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("Usage: mergegate")


@pytest.mark.parametrize(("result", "code"), [(0, 0), (1, 1), (2, 2), (None, 0)])
def test_what_a_command_returns_is_the_exit_code(boom: Install, result: int | None, code: int) -> None:
    boom(lambda: result)
    assert run(["boom"]) == code


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (UsageError("no such tag"), 2, "mergegate: no such tag\n"),
        (
            UsageError("no such tag", code="unknown-revision"),
            2,
            "mergegate: no such tag\n  more: mergegate explain unknown-revision\n",
        ),
        (UsageError("no such tag", hint="fetch it"), 2, "mergegate: no such tag\n  next: fetch it\n"),
        (ConfigError("bad", file="f.yaml", key="a.b", line=3), 2, "mergegate: f.yaml:3, a.b: bad\n"),
        (
            UsageError("no ##[add-mask]s, a::b\n  ::stop-commands::x"),
            2,
            "mergegate: no ##\\[add-mask]s, a::b\n  \\::stop-commands::x\n",
        ),
        (BrokenError("git is not installed"), 3, "mergegate: git is not installed\n"),
        (KeyboardInterrupt(), 130, "mergegate: interrupted; nothing was left half-written\n"),
        (click.Abort(), 130, "mergegate: interrupted; nothing was left half-written\n"),
        (Terminated(), 143, "mergegate: ended by SIGTERM; nothing was left half-written\n"),
        (
            click.UsageError("wrong"),
            2,
            "Usage: mergegate boom [OPTIONS]\nTry 'mergegate boom --help' for help.\n\nError: wrong\n",
        ),
        (click.FileError("f", "unreadable"), 2, "Error: Could not open file 'f': unreadable\n"),
        (BrokenPipeError(errno.EPIPE, "Broken pipe"), 3, ""),
        (
            OSError(errno.ENOSPC, "No space left on device", "out/review.json"),
            3,
            "mergegate: the disk is full: out/review.json\n"
            "  next: free some space and run the command again; no file was left half-written\n"
            "  more: mergegate explain disk-full\n",
        ),
        (
            PermissionError(errno.EACCES, "Permission denied", "out"),
            3,
            "mergegate: Permission denied: out\n  next: mend this and run the command again\n",
        ),
        (
            ModuleNotFoundError("No module named 'onnxruntime'", name="onnxruntime"),
            3,
            "mergegate: this command needs the Python package onnxruntime, which is not installed\n"
            "  next: install what every command needs: pip install 'mergegate[all]'\n"
            "  more: mergegate explain package-missing\n",
        ),
        (
            ValueError("odd"),
            3,
            f"mergegate: unexpected ValueError: odd\n{OUR_FAULT}",
        ),
        (
            SystemExit(0),
            3,
            f"mergegate: unexpected SystemExit: 0\n{OUR_FAULT}",
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_every_error_has_its_exit_code_and_a_sentence(
    boom: Install, capsys: pytest.CaptureFixture[str], error: BaseException, code: int, text: str
) -> None:
    boom(raising(error))
    assert run(["boom"]) == code
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", text)


def test_a_traceback_is_shown_only_with_debug_before_the_command(
    boom: Install, capsys: pytest.CaptureFixture[str]
) -> None:
    boom(raising(BrokenError("git is not installed")))
    assert run(["boom"]) == 3
    assert "Traceback" not in capsys.readouterr().err
    assert run(["--debug", "boom"]) == 3
    text = capsys.readouterr().err
    assert text.startswith("Traceback (most recent call last):\n")
    assert text.endswith("mergegate: git is not installed\n  more: mergegate explain broken\n")
    assert run(["boom", "--debug"]) == 2
    assert capsys.readouterr().err.endswith("  next: write it before the command: mergegate --debug …\n")


@pytest.mark.parametrize(
    ("number", "code", "text"),
    [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "ended by SIGTERM")],
)
def test_a_signal_ends_the_command_with_a_sentence(
    tmp_path: Path, number: signal.Signals, code: int, text: str
) -> None:
    pipe = tmp_path / "mergegate.yaml"
    os.mkfifo(pipe)
    command = [*MERGEGATE, "policy", "check", str(pipe)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        with pipe.open("wb"):  # returns once the command reads
            running.send_signal(number)
            out, err = running.communicate(timeout=60)
        assert (running.returncode, out, err) == (
            code,
            "",
            f"mergegate: {text}; nothing was left half-written\n",
        )


def test_a_reader_that_goes_away_is_met_with_silence(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = process("--help", stdout=writing)
    os.close(writing)
    assert (done.returncode, done.stderr) == (3, "")


def test_a_full_disk_behind_stdout_says_so() -> None:
    with Path("/dev/full").open("wb") as full:
        done = process("--version", stdout=full.fileno())
        assert (done.returncode, done.stderr) == (
            3,
            "mergegate: the disk is full\n"
            "  next: free some space and run the command again; no file was left half-written\n"
            "  more: mergegate explain disk-full\n",
        )
        assert process("nonsense", stderr=full.fileno()).returncode == 2


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
@pytest.mark.parametrize(("argument", "code"), [("--version", 0), ("nonsense", 2)])
def test_closed_streams_change_no_exit_code(closed: str, argument: str, code: int) -> None:
    command = ["sh", "-c", f'exec "$0" -m mergegate {argument} {closed}', sys.executable]
    assert subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == code


def bash(script: str) -> str:
    """What real bash prints, with this environment's mergegate first on its path."""
    folder = Path(sys.executable).parent
    environment = {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
    command = ["bash", "--norc", "--noprofile", "-euc", script]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=60, check=True
    ).stdout


@pytest.mark.parametrize(
    ("words", "completions"),
    [
        ("rev", "review"),
        ("", " ".join(COMMANDS)),
        ("--de", "--debug"),
        ("policy ch", "check"),
        ("policy check --js", "--json"),
        ("completion ", "bash zsh fish"),
    ],
)
def test_bash_completes_commands_and_options(words: str, completions: str) -> None:
    typed = ["mergegate", *words.split(" ")]
    script = f"""
        eval "$(mergegate completion bash)"
        [[ "$(complete -p mergegate)" == *" -F _mergegate_completion mergegate" ]]
        COMP_WORDS=({" ".join(repr(word) for word in typed)}); COMP_CWORD={len(typed) - 1}; COMPREPLY=()
        _mergegate_completion mergegate
        echo "${{COMPREPLY[*]-}}"
    """
    assert bash(script) == f"{completions}\n"


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_have_a_script_too(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", shell]) == 0
    assert f"_MERGEGATE_COMPLETE={shell}_complete" in capsys.readouterr().out
