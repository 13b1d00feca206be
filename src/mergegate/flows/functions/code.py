"""The code of a team's own metric: found in base's git tree, and written out for the child alone."""

import re
from pathlib import Path

from mergegate.errors import UsageError
from mergegate.flows.evidence import Reading

MOST_FILES = 10_000
MOST_BYTES = 64_000_000

ROOTS = ("", "src/")
"""Where modules are looked for, from the policy's folder."""

_ADDRESS = re.compile(r"(?P<module>[^\W\d]\w*(?:\.[^\W\d]\w*)*):(?P<name>[^\W\d]\w*)")


class NoFunctionError(Exception):
    """The function can't be had from base; `skipped` when head brings it, so that it can't judge yet."""

    def __init__(self, message: str, *, skipped: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.skipped = skipped


def parse_address(function: str) -> tuple[str, str]:
    """Module and name of `package.module:function`. Raises NoFunctionError for anything else."""
    found = _ADDRESS.fullmatch(function)
    if found is None or len(function) > 200:
        raise NoFunctionError(f"{function[:80]!r} is not of the form package.module:function")
    return found["module"], found["name"]


def check_module(module: str, function: str, base: Reading, head: Reading) -> None:
    """Raise NoFunctionError when base does not have the module."""
    if _find(module, base):
        return
    path = _find(module, head)
    if path:
        raise NoFunctionError(_only_in_head(function), skipped=True)
    places = " and ".join(f"{root}{module.replace('.', '/')}.py" for root in ROOTS)
    raise NoFunctionError(f"{function}: {base.name('base')} has no such module (looked for {places})")


def missing_function(module: str, name: str, base: Reading, head: Reading) -> NoFunctionError:
    """Why base's module does not have the function; head's is read as text and never run."""
    function = f"{module}:{name}"
    path = _find(module, head)
    try:
        text = (head.files.read(path) or b"") if path else b""
    except UsageError:
        text = b""
    defined = rf"^(?:(?:async )?def {name}\b|{name}\b[^\n]*=|(?:from|import)\b[^\n]*\b{name}\b)".encode()
    if re.search(defined, text, re.MULTILINE):
        return NoFunctionError(_only_in_head(function), skipped=True)
    where = base.name(_find(module, base) or module)
    return NoFunctionError(f"{function}: there is no {name} in {where}")


def write_code(base: Reading, folder: Path) -> None:
    """Write base's Python files below `folder`.

    Links become the files that they lead to inside the repository. Raises NoFunctionError beyond MOST_FILES
    or MOST_BYTES.
    """
    paths = [path for path in base.files.paths() if path.endswith(".py") and _is_inside(path)]
    if len(paths) > MOST_FILES:
        raise NoFunctionError(f"base has {len(paths):,} Python files, and {MOST_FILES:,} are read at most")
    left = MOST_BYTES
    for path in paths:
        try:
            data = base.files.read(path)
        except UsageError as error:
            raise NoFunctionError(error.message) from error
        if data is None:
            continue
        left -= len(data)
        if left < 0:
            raise NoFunctionError(f"base's Python files have over {MOST_BYTES:,} bytes")
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def _only_in_head(function: str) -> str:
    return f"{function} is only in head: it will count once it is merged, as base's code judges"


def _find(module: str, reading: Reading) -> str | None:
    """The file of a module at one side."""
    stem = module.replace(".", "/")
    held = frozenset(reading.files.paths())
    choices = [f"{root}{stem}{end}" for root in ROOTS for end in (".py", "/__init__.py")]
    return next((path for path in choices if path in held), None)


def _is_inside(path: str) -> bool:
    """Whether a path of a git tree, which anyone can forge, stays below the folder it is written to."""
    return not path.startswith("/") and not {"", ".", ".."} & set(path.split("/"))
