"""Where new files of a dataset come from: `mergegate ingest`."""

import posixpath
import re
import shlex
from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta

from mergegate.config import ranges
from mergegate.config.document import Document
from mergegate.config.problem import KeyPath, Problem, printable
from mergegate.config.section import FILLED_PATTERN, Section, described

VARIABLE_PATTERN = r"^[A-Za-z_][A-Za-z0-9_]*$"
"""What an environment variable may be called."""

TOKENS = ("MERGEGATE_TOKEN", "GITHUB_TOKEN", "GH_TOKEN", "REPO_TOKEN", "ACTIONS_RUNTIME_TOKEN")
"""Variables that no command is ever given: who holds one can push, or speak as the workflow."""

KINDS = ("command", "folder", "prefix")

_PREFIX = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s]+(/.*)?")


class Source(Section, frozen=True, kw_only=True):
    """Where new files come from: exactly one of `command`, `folder` and `prefix`."""

    command: Annotated[
        str | None,
        described(
            "A command, its words split as a shell would and run without one, in a clean checkout of the "
            "target branch. It writes new files into the folder that `MERGEGATE_INGEST_INTO` names; the file "
            "that `MERGEGATE_INGEST_KNOWN` names lists what is there already, a name a line.",
            pattern=FILLED_PATTERN,
        ),
    ] = None
    folder: Annotated[
        str | None,
        described(
            "A folder on the machine that ingests; a relative one is in the project.", pattern=FILLED_PATTERN
        ),
    ] = None
    prefix: Annotated[
        str | None,
        described(
            "A place in a storage that DVC knows: `s3://BUCKET/FOLDER`, or `remote://NAME/FOLDER` below a "
            "DVC remote, with that remote's settings.",
            pattern=r"://",
        ),
    ] = None
    timeout: Annotated[float, described("Seconds that the command may take, up to 3600.", ranges.SECONDS)] = (
        900.0
    )
    env: Annotated[
        tuple[Annotated[str, Meta(extra_json_schema={"pattern": VARIABLE_PATTERN})], ...],
        described(
            "Environment variables that the command is given besides `PATH`, `HOME`, locale, time zone and "
            "proxies; never a GitHub token.",
            uniqueItems=True,
        ),
    ] = ()
    max_size_mb: Annotated[
        float, described("Megabytes that the new files of one run may have together.", ranges.SIZE)
    ] = 1000.0


def check(source: Source, at: KeyPath, document: Document) -> Iterator[Problem]:
    """One kind of source, that can be one, and bounds in their ranges."""
    named = [word for word in KINDS if getattr(source, word) is not None]
    if len(named) != 1:
        message = f"a source is one of {', '.join(KINDS)}; named here: {', '.join(named) or 'none'}"
        yield document.problem(at, message, "write exactly one of them")
    yield from _command(source, at, document)
    if source.folder is not None and (not source.folder.strip() or not source.folder.isprintable()):
        yield document.problem((*at, "folder"), "names no folder", "write a path, such as data/incoming")
    if source.prefix is not None and not _is_prefix(source.prefix):
        # Not quoted: it may hold a credential.
        message = "is no place in a storage"
        hint = "write s3://BUCKET/FOLDER without credentials, or remote://NAME/FOLDER"
        yield document.problem((*at, "prefix"), message, hint)
    yield from ranges.SECONDS.check(source.timeout, (*at, "timeout"), document)
    yield from ranges.SIZE.check(source.max_size_mb, (*at, "max_size_mb"), document)
    yield from _variables(source, (*at, "env"), document)


def _command(source: Source, at: KeyPath, document: Document) -> Iterator[Problem]:
    if source.command is None:
        if source.env:
            yield document.problem((*at, "env"), "`env` needs a `command`", "remove it")
        return
    try:
        words = shlex.split(source.command)
    except ValueError as error:
        hint = "close every quote"
        yield document.problem((*at, "command"), f"can't be split into words: {error}", hint)
        return
    if not words or not words[0].strip() or "\0" in source.command:
        yield document.problem((*at, "command"), "names no program", "write the program and its arguments")


def _variables(source: Source, at: KeyPath, document: Document) -> Iterator[Problem]:
    for index, name in enumerate(source.env):
        if not re.fullmatch(VARIABLE_PATTERN, name):
            message = f'"{printable(name)}" can\'t be an environment variable'
            yield document.problem((*at, index), message, "write the name alone, such as STATION_KEY")
        elif name.upper() in TOKENS:
            message = f"{printable(name)} is never given to a command"
            yield document.problem(
                (*at, index), message, "give it a credential of its own under another name"
            )
    if len(set(source.env)) < len(source.env):
        yield document.problem(at, "a variable stands twice in `env`", "name each once")


def _is_prefix(prefix: str) -> bool:
    """Whether it is a URL with a bucket or remote, and neither a credential nor a way out of its folder."""
    place = prefix.partition("://")[2]
    return (
        bool(_PREFIX.fullmatch(prefix))
        and prefix.isprintable()
        and "@" not in place.partition("/")[0]
        and ".." not in place.split("/")
        and posixpath.normpath(place) != "."
        and not prefix.startswith(("http://", "https://", "file://"))
    )
