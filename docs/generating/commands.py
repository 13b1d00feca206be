"""docs/reference/cli.md, from the commands' own help: every command, subcommand, argument and option."""

import inspect
import re
from collections.abc import Iterator

import click

from mergegate.cli import cli

INTRODUCTION = """\
<!-- Written by `make docs` from the commands' help: change it in src/mergegate/commands. -->
# The command line

{help}

| exit code | meaning |
|---|---|
{codes}| 130 | interrupted by Ctrl-C |
| 143 | ended by SIGTERM |

Only a verdict exits with 1: a mistake never looks like a gate that failed. Where a command's own codes say
more, they stand with it. stdout is the answer, stderr progress and warnings; `--json` makes the answer JSON,
whose [schemas are published](schemas.md). Before the command's name stand

{options}
`-h` or `--help` after any command prints what is below.

| command | does |
|---|---|
{index}"""

COMMAND = """\
{level} {path}

```text
{usage}
```

{help}
"""

OPTIONS = """\
| option | meaning |
|---|---|
"""

_PREFORMATTED = "\b"
_LINE = 200
"""The longest first sentence of a command's help."""
_SELF = {"--help"}
_MARKUP = re.compile(r"([\\*<])")


def page() -> str:
    """The whole page."""
    root = click.Context(cli, info_name="mergegate", **cli.context_settings)
    below = [each for each in walk(root) if each is not root]
    (codes,) = re.findall(r"Exit codes:\n(.*)", cli.help or "", flags=re.DOTALL)
    introduction = INTRODUCTION.format(
        help=prose((cli.help or "").split(_PREFORMATTED)[0]),
        codes="".join(f"| {code} | {told} |\n" for code, told in re.findall(r"(\d)  (.+)", codes)),
        options=options(root),
        index="".join(f"| [{each.command_path}](#{anchor(each)}) | {summary(each)} |\n" for each in below),
    )
    return "\n".join([introduction, *(section(each) for each in below)])


def walk(context: click.Context) -> Iterator[click.Context]:
    """A command and all below it, each as the context that it would run in."""
    yield context
    if isinstance(context.command, click.Group):
        for name in context.command.list_commands(context):
            command = context.command.get_command(context, name)
            if command and not command.hidden:
                yield from walk(click.Context(command, info_name=name, parent=context))


def anchor(context: click.Context) -> str:
    """Where the command's section is, as forges and the site name headings."""
    return context.command_path.replace(" ", "-")


def summary(context: click.Context) -> str:
    """A line on a command: what its group's help says of it."""
    return prose(context.command.get_short_help_str(_LINE))


def section(context: click.Context) -> str:
    """A command's heading, usage, help and options."""
    told = COMMAND.format(
        level="###" if context.parent and context.parent.parent else "##",
        path=context.command_path,
        usage=" ".join([context.command_path, *context.command.collect_usage_pieces(context)]),
        help=prose(context.command.help or ""),
    )
    table = options(context)
    return f"{told}\n{table}" if table else told


def options(context: click.Context) -> str:
    """A table of a command's options; empty where it has none of its own."""
    records = (
        option.get_help_record(context)
        for option in context.command.get_params(context)
        if isinstance(option, click.Option) and not _SELF & set(option.opts)
    )
    rows = "".join(f"| `{cell(names)}` | {cell(prose(told))} |\n" for names, told in filter(None, records))
    return rows and OPTIONS + rows


def cell(text: str) -> str:
    """A text that stays in one cell of a table."""
    return " ".join(text.split()).replace("|", r"\|")


def prose(help_text: str) -> str:
    """Help as Markdown: what click prints as it stands becomes a block, the rest paragraphs."""
    paragraphs = inspect.cleandoc(help_text).split("\n\n")
    return "\n\n".join(_paragraph(each) for each in paragraphs if each.strip(f"{_PREFORMATTED} \n"))


def _paragraph(text: str) -> str:
    first, _, rest = text.partition("\n")
    if first.strip() == _PREFORMATTED:
        return f"```text\n{inspect.cleandoc(rest)}\n```"
    words = " ".join(text.split())
    told = "".join(
        each if each.startswith("`") else _MARKUP.sub(r"\\\1", each) for each in re.split(r"(`[^`]*`)", words)
    )
    return re.sub(r"^(Exit codes|Environment)\b", r"**\1**", told)
