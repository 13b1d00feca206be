"""Tell git to merge dvc.lock and .dvc files with mergegate.

Two halves: lines of .gitattributes, committed once for the team, and the command itself in each clone's own
configuration, because git takes no command from a repository.
"""

import shlex
import shutil
import sys
from pathlib import Path

import msgspec

from mergegate import atomic, repo
from mergegate.errors import UsageError
from mergegate.repo import git

SCHEMA = 1
DRIVER = "mergegate"
FILE = ".gitattributes"
PATTERNS = ("dvc.lock", "*.dvc")

_OURS = f"merge={DRIVER}"
_DVCS = "merge=dvc"
_ARGUMENTS = "merge-driver run -- %O %A %B %P %L %S %X %Y"


class Setup(msgspec.Struct, frozen=True, kw_only=True):
    """What changed: lines of .gitattributes added, replaced (old, new) and removed; whether this clone's
    configuration did; and what stands against it, in sentences.
    """

    schema: int = SCHEMA
    file: str = FILE
    added: tuple[str, ...] = ()
    replaced: tuple[tuple[str, str], ...] = ()
    removed: tuple[str, ...] = ()
    configured: bool = False
    driver: str = ""
    notes: tuple[str, ...] = ()


def install_driver(start: Path) -> Setup:
    """Write both halves; a second time changes nothing.

    Raises UsageError outside a git repository, or for a .gitattributes that is a link.
    """
    top = repo.locate(start).git_root
    file = _attributes(top)
    lines = _read(file)
    replaced = [(line, new) for line in lines if (new := _swap(line)) != line]
    kept = [_swap(line) for line in lines]
    held = {_pattern(line) for line in kept if _OURS in line.split()[1:]}
    added = tuple(f"{pattern} {_OURS}" for pattern in PATTERNS if pattern not in held)
    if added or replaced:
        _write(file, [*kept, *added])
    driver = _command()
    configured = git.ask(top, "config", "--local", f"merge.{DRIVER}.driver") != driver
    if configured:
        git.run(top, "config", "--local", f"merge.{DRIVER}.name", "stage by stage, file by file")
        git.run(top, "config", "--local", f"merge.{DRIVER}.driver", driver)
    return Setup(
        added=added,
        replaced=tuple(replaced),
        configured=configured,
        driver=driver,
        notes=_check(top),
    )


def uninstall_driver(start: Path) -> Setup:
    """Take both halves away again; what else stands in the lines stays."""
    top = repo.locate(start).git_root
    file = _attributes(top)
    lines = _read(file)
    removed = tuple(line for line in lines if _OURS in line.split()[1:])
    if removed:
        kept = [_without(line) if line in removed else line for line in lines]
        _write(file, [line for line in kept if line is not None])
    configured = git.ask(top, "config", "--local", f"merge.{DRIVER}.driver") is not None
    if configured:
        git.run(top, "config", "--local", "--remove-section", f"merge.{DRIVER}")
    return Setup(removed=removed, configured=configured)


def _attributes(top: Path) -> Path:
    file = top / FILE
    if file.is_symlink():
        raise UsageError(f"{FILE} is a link, and git does not follow it", hint="make it a file of its own")
    return file


def _read(file: Path) -> list[str]:
    if not file.exists():
        return []
    return file.read_bytes().decode(errors="surrogateescape").splitlines()


def _write(file: Path, lines: list[str]) -> None:
    """Write the lines; a file without any goes."""
    if not lines:
        file.unlink(missing_ok=True)
        return
    atomic.write_bytes(file, "".join(f"{line}\n" for line in lines).encode(errors="surrogateescape"))


def _pattern(line: str) -> str:
    return line.split()[0] if line.strip() and not line.lstrip().startswith("#") else ""


def _swap(line: str) -> str:
    """A line that gives DVC's files to DVC's own driver, given to ours; any other as it is."""
    pattern = _pattern(line)
    if not pattern.endswith((".dvc", "dvc.lock")) or _DVCS not in line.split()[1:]:
        return line
    return " ".join(_OURS if word == _DVCS else word for word in line.split())


def _without(line: str) -> str | None:
    """A line without our driver, None when nothing is left."""
    words = [word for word in line.split() if word != _OURS]
    return " ".join(words) if len(words) > 1 else None


def _command() -> str:
    """The shell command that git runs; it must not fail with our side in the file.

    git calls whatever a missing program leaves a conflict, and the file would hold one side without a sign.
    """
    program = [part.replace("%", "%%") for part in _find_program()]
    both = "{ echo '<<<<<<< ours'; cat %A; echo =======; cat %B; echo '>>>>>>> theirs'; }"
    gone = f"{program[0]} is gone: run 'mergegate merge-driver install' again"
    return (
        f"if test -x {shlex.quote(program[0])}; then {shlex.join(program)} {_ARGUMENTS}; "
        f"else {both} >%A.both; mv %A.both %A; echo {shlex.quote(gone)} >&2; exit 1; fi"
    )


def _find_program() -> list[str]:
    """The mergegate of this very environment, else the one on the path."""
    beside = Path(sys.executable).with_name("mergegate")
    if beside.is_file():
        return [str(beside)]
    found = shutil.which("mergegate")
    return [found] if found else [sys.executable, "-m", "mergegate"]


def _check(top: Path) -> tuple[str, ...]:
    """What other attributes say of files that are ours to merge."""
    listed = git.run(top, "ls-files", "-z", "--", "dvc.lock", "**/dvc.lock", "*.dvc")
    paths = [path for path in listed.decode(errors="surrogateescape").split("\0") if path]
    told = git.run(top, "check-attr", "-z", "merge", "--", "dvc.lock", "any.dvc", *paths[:500])
    fields = told.decode(errors="surrogateescape").split("\0")
    notes = {
        f"{path} is merged as `{value}`: a later line of git's attributes overrides ours"
        for path, value in zip(fields[0::3], fields[2::3], strict=False)
        if value != DRIVER
    }
    return tuple(sorted(notes))
