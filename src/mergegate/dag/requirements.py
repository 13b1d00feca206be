"""Files that say which libraries are installed: requirements, projects, locks, conda environments."""

import json
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from mergegate.dag.document import decode, load
from mergegate.dag.params import parse, printable
from mergegate.errors import ConfigError

LARGEST = 5_000_000
"""Bytes of the largest file that is read."""

LARGEST_TREE = 300_000
"""Bytes of the largest TOML or YAML file: these are parsed by Python."""

LONGEST = 100
"""Characters of a name or version that are kept."""

ANY = "any version"

Versions = dict[str, set[str]]
"""Library, by its normalised name → its versions, or what it is required to be."""

_LINE = re.compile(
    r"^[ \t]*+([A-Za-z0-9][A-Za-z0-9._-]*+)[ \t]*+(?:\[[^\]\n]*+\])?+([^;#\n\\]*+)", re.MULTILINE
)
_PINNED = re.compile(r"={2,3}\s*([^\s,*]+)")
_CREDENTIALS = re.compile(r"//[^/@\s]*@")
_BLOCK = re.compile(r"^\[\[packages?\]\]\n((?:(?:[^\[\n][^\n]*+)?+\n)*+)", re.MULTILINE)
_ENTRY = re.compile(r'^(name|version) = "([^"\n]*+)"', re.MULTILINE)
_CONDA = re.compile(r"(?:[A-Za-z0-9_./-]+::)?([A-Za-z0-9_][A-Za-z0-9._-]*)\s*(.*)", re.DOTALL)


def is_requirements(path: str) -> bool:
    """Whether a file's name says that it lists libraries."""
    return _reader(path) is not None


def read_requirements(data: bytes, path: str) -> Versions:
    """The libraries that a file names. Raises ConfigError for one that can't be read."""
    reader = _reader(path)
    if reader is None:
        return {}
    if len(data) > LARGEST:
        raise ConfigError(f"has {len(data):,} bytes, and at most {LARGEST:,} are read", file=path)
    found: Versions = {}
    for name, version in reader(data, path):
        found.setdefault(normalise(name), set()).add(_cut(version) or ANY)
    return found


def normalise(name: str) -> str:
    """A library's name as indexes compare it: `Scikit_Learn` is `scikit-learn`."""
    return _cut(re.sub(r"[-_.]+", "-", name).lower())


def _cut(text: str) -> str:
    text = printable("".join(char if char.isprintable() else " " for char in text[: LONGEST + 1]).strip())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _read_lines(data: bytes, path: str) -> Iterator[tuple[str, str]]:
    """requirements.txt and constraints.txt, with hashes or without."""
    for name, rest in _LINE.findall(decode(data, path)):
        specified = _specified(rest)
        if specified is not None:
            yield name, specified


def _specified(rest: str) -> str | None:
    """What stands behind a library's name as a version; None where the line was none of a library."""
    rest = rest.split(" --", 1)[0].strip().strip("()").strip()
    if not rest:
        return ""
    if rest[0] == "@":
        return _CREDENTIALS.sub("//", rest[1:].strip()).split("?", 1)[0]
    if rest[0] not in "=<>!~":
        return None
    pinned = _PINNED.fullmatch(rest)
    return pinned[1] if pinned else "".join(rest.split())


def _read_requirement(text: Any) -> Iterator[tuple[str, str]]:
    """One requirement as pyproject.toml writes it."""
    found = _LINE.match(text) if isinstance(text, str) and "\n" not in text else None
    specified = _specified(found[2]) if found else None
    if found and specified is not None:
        yield found[1], specified


def _read_project(data: bytes, path: str) -> Iterator[tuple[str, str]]:
    """pyproject.toml: the project's own tables, dependency groups, and Poetry's."""
    document = parse(_small(data, path), path)
    project, tool = _table(document, "project"), _table(document, "tool")
    listed = [project.get("dependencies"), *_table(project, "optional-dependencies").values()]
    listed += _table(document, "dependency-groups").values()
    own = project.get("name")
    for group in listed:
        for requirement in group if isinstance(group, list) else ():
            for name, version in _read_requirement(requirement):
                if not isinstance(own, str) or normalise(name) != normalise(own):
                    yield name, version
    if isinstance(project.get("requires-python"), str):
        yield "python", _specified(project["requires-python"]) or project["requires-python"]
    poetry = _table(tool, "poetry")
    groups = [each for each in _table(poetry, "group").values() if isinstance(each, dict)]
    for table in (poetry, *groups):
        for name, value in _table(table, "dependencies").items():
            version = value.get("version", "") if isinstance(value, dict) else value
            yield name, version.strip() if isinstance(version, str) else ""


def _read_blocks(data: bytes, path: str) -> Iterator[tuple[str, str]]:
    """uv.lock, poetry.lock, pdm.lock, pylock.toml: `[[package]]` blocks as these tools write them."""
    for block in _BLOCK.findall(decode(data, path) + "\n"):
        entries = dict(_ENTRY.findall(block))
        if "name" in entries:
            yield entries["name"], entries.get("version", "")


def _read_pipfile(data: bytes, path: str) -> Iterator[tuple[str, str]]:
    """Pipfile.lock."""
    try:
        document = json.loads(decode(data, path))
    except (ValueError, RecursionError) as error:
        raise ConfigError("is not valid JSON", file=path) from error
    for section in ("default", "develop"):
        for name, entry in _table(document, section).items():
            version = entry.get("version") if isinstance(entry, dict) else None
            yield name, (_specified(version) or "") if isinstance(version, str) else ""


def _read_conda(data: bytes, path: str) -> Iterator[tuple[str, str]]:
    """A conda environment, with what pip installs into it."""
    document = load(decode(_small(data, path), path), path)
    listed = document.get("dependencies") if isinstance(document, dict) else None
    for entry in listed if isinstance(listed, list) else ():
        if isinstance(entry, dict):
            inner = entry.get("pip")
            for requirement in inner if isinstance(inner, list) else ():
                yield from _read_requirement(requirement)
        elif isinstance(entry, str) and (found := _CONDA.fullmatch(entry.strip())):
            yield found[1], _conda_version(found[2])


def _conda_version(text: str) -> str:
    """`=1.2=build` and `==1.2` are versions; anything else is a demand."""
    if text.startswith("="):
        return text.lstrip("=").split("=")[0].strip()
    return "".join(text.split())


def _read_python(data: bytes, path: str) -> Iterator[tuple[str, str]]:
    """.python-version: the first line."""
    lines = decode(data, path).split()
    yield from [("python", lines[0])] if lines else []


def _small(data: bytes, path: str) -> bytes:
    if len(data) > LARGEST_TREE:
        raise ConfigError(f"has {len(data):,} bytes, and at most {LARGEST_TREE:,} are read", file=path)
    return data


def _table(values: Any, key: str) -> dict[str, Any]:
    """A table inside a document; an empty one where there is none."""
    found = values.get(key) if isinstance(values, dict) else None
    return {str(name): value for name, value in found.items()} if isinstance(found, dict) else {}


Reader = Callable[[bytes, str], Iterable[tuple[str, str]]]

_READERS: tuple[tuple[re.Pattern[str], Reader], ...] = (
    (re.compile(r"(?:.*[-_.])?(?:requirements|constraints)(?:[-_.].*)?\.txt"), _read_lines),
    (re.compile(r"pyproject\.toml"), _read_project),
    (re.compile(r"(?:uv|poetry|pdm)\.lock|pylock(?:\..*)?\.toml"), _read_blocks),
    (re.compile(r"Pipfile\.lock"), _read_pipfile),
    (re.compile(r"(?:conda|env|environment)(?:[-_.].*)?\.ya?ml"), _read_conda),
    (re.compile(r"\.python-version"), _read_python),
)
_ENDS = (".txt", ".toml", ".lock", ".yml", ".yaml", ".python-version")


def _reader(path: str) -> Reader | None:
    if not path.endswith(_ENDS):
        return None
    folder, name = posixpath.split(path)
    if posixpath.basename(folder) in ("requirements", "constraints") and name.endswith(".txt"):
        return _read_lines
    return next((reader for pattern, reader in _READERS if pattern.fullmatch(name)), None)
