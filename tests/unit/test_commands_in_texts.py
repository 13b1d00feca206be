"""Every `mergegate …` that a page, a message or a workflow tells people to type is one that there is."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click

from mergegate.cli import cli

ROOT = Path(__file__).parents[2]
TEXTS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "action.yml")),
    *sorted(ROOT.glob("docs/**/*.md")),
    *sorted(ROOT.glob(".github/**/*.yml")),
    *sorted(ROOT.glob("src/mergegate/**/*.md")),
    *sorted(ROOT.glob("src/mergegate/**/*.py")),
]
QUOTED = re.compile(r"`mergegate ([^`]+)`|\"mergegate ([a-z][^\"]*)\"")
FILLED_IN = re.compile(r"\{[^{}]*\}")
"""What an f-string puts into a sentence: an argument."""
TYPED = re.compile(r"^(?:[-+] )?(?:run: )?mergegate ((?:[^#\n\\]|\\\n)+)", re.MULTILINE)
BLOCK = re.compile(r"^ *```(?:bash|yaml|console)\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
SYNTAX = re.compile(r"[|>;…\[(]|, | on | failed|^is | command is")
"""Where a command ends: the shell's signs, placeholders, the words of a sentence that begins with one."""


def commands(path: Path) -> Iterator[str]:
    """What a file says to type after `mergegate`."""
    text = FILLED_IN.sub("X", path.read_text(encoding="utf-8"))
    yield from ("".join(found) for found in QUOTED.findall(text))
    blocks = BLOCK.findall(text) if path.suffix == ".md" else [text] if path.suffix == ".yml" else []
    for block in blocks:
        yield from TYPED.findall(re.sub(r"^ +", "", block, flags=re.MULTILINE))


def mistake(typed: str) -> str:
    """What is wrong with the command: a name or an option that there is not; "" for nothing."""
    words = SYNTAX.split(typed.replace("\\\n", " "))[0]
    try:
        parts = shlex.split(words)
    except ValueError:
        parts = words.split()
    context = click.Context(cli, info_name="mergegate", **cli.context_settings)
    command: click.Command = cli
    while parts and isinstance(command, click.Group):
        name = parts[0]
        if name.startswith("-"):
            break
        found = command.get_command(context, name) if name in command.list_commands(context) else None
        if found is None:
            return f"no command {name}"
        command, parts = found, parts[1:]
    known = {name for each in command.params for name in (*each.opts, *each.secondary_opts)} | {
        "-h",
        "--help",
    }
    used = {part.partition("=")[0] for part in parts if re.match(r"--?[a-z]", part)}
    return ", ".join(f"no option {each}" for each in sorted(used - known))


def test_what_people_are_told_to_type_is_there() -> None:
    told = [(path.relative_to(ROOT).as_posix(), typed) for path in TEXTS for typed in commands(path)]
    assert len(told) > 300
    assert [(path, typed, said) for path, typed in told if (said := mistake(typed))] == []


def test_a_command_that_is_not_there_is_told() -> None:
    assert mistake("reviw --head HEAD") == "no command reviw"
    assert mistake("diff dat a b") == "no command dat"
    assert mistake("diff data a b --row-only --key id") == "no option --row-only"
    assert mistake("diff data a b --rows-only --key=id | head") == ""


def test_every_target_of_make_that_a_page_names_is_one() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    pages = [path for path in TEXTS if path.suffix == ".md" and "scaffold" not in path.parts]
    named = {
        (path.relative_to(ROOT).as_posix(), target)
        for path in (*pages, ROOT / "data" / "README.md")
        for target in re.findall(r"(?:`|^ *)make ([a-z]+)", path.read_text(), re.MULTILINE)
    }
    assert ("README.md", "demo") in named
    assert {(path, target) for path, target in named if target not in targets} == set()
