"""What the Python processes of a stage open: watched by an audit hook, held against what the stage declares.

The hook comes in as a `sitecustomize` module on PYTHONPATH. A command that sets PYTHONPATH itself would lose
it, so a folder on PATH holds stand-ins for `python` that put it back. What is seen is the least that is read:
other languages, and libraries that open files without Python, go unseen.
"""

import os
import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

from mergegate import repo
from mergegate.dag.paths import ancestors
from mergegate.records.pipeline import Stage

MOST = 20
"""Files that are named for one stage."""

_LARGEST = 16 * 1024 * 1024
_OBSERVER = Path(__file__).with_name("observer.py")
_COMMANDS = ("python", "python3", f"python3.{sys.version_info[1]}")


class Seen(msgspec.Struct, frozen=True):
    """Absolute paths that were opened: `read`, and `written`."""

    read: frozenset[str] = frozenset()
    written: frozenset[str] = frozenset()


def observe(environment: Mapping[str, str], file: Path) -> Mapping[str, str]:
    """The environment in which Python reports to `file`; unchanged where that can't be prepared."""
    folder = file.parent / "python"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_OBSERVER, folder / "sitecustomize.py")
        programs = _stand_in(folder / "bin", folder, environment.get("PATH", os.defpath))
        file.write_bytes(b"")
    except OSError:
        return environment
    python_path = environment.get("PYTHONPATH", "")
    return {
        **environment,
        "PATH": f"{programs}{os.pathsep}{environment.get('PATH', os.defpath)}",
        "PYTHONPATH": f"{folder}{os.pathsep}{python_path}" if python_path else str(folder),
        "MERGEGATE_SEEN": str(file),
    }


def read_seen(file: Path) -> Seen:
    """What was reported; nothing where nothing was."""
    read: set[str] = set()
    written: set[str] = set()
    with suppress(OSError), file.open("rb") as stream:
        for line in stream.read(_LARGEST).decode(errors="replace").split("\0"):
            (written if line[:1] == "w" else read).add(line[1:])
    return Seen(frozenset(read - {""}), frozenset(written - {""}))


def find_undeclared(seen: Seen, stage: Stage, project: repo.Project) -> tuple[str, ...]:
    """Files of the repository that a stage read and does not declare; empty ones don't count."""
    declared = {*stage.deps, *(out.path for out in stage.outs), *(source.file for source in stage.params)}
    if "." in declared:
        return ()
    inside = sorted(set(_inside(seen.read, project.root)))
    suspects = [path for path in inside if declared.isdisjoint((path, *ancestors(path)))]
    if not suspects:
        return ()
    with repo.open_workspace(project) as files:
        known = set(files.paths())
        found = [path for path in suspects if path in known and not _is_pipeline(path)]
    return tuple(path for path in found if (project.root / path).stat().st_size)[:MOST]


def find_outside(seen: Seen, project: repo.Project) -> tuple[str, ...]:
    """Files outside of the repository that a stage wrote, less those in places for temporary things."""
    ours = (f"{project.git_root}{os.sep}", "/proc/")
    temporary = os.path.realpath(tempfile.gettempdir())
    # Where the project itself lies among temporary things, what is beside it is no scratch.
    free = () if str(project.git_root).startswith(temporary) else (f"{temporary}{os.sep}",)
    found = (path for path in seen.written if not path.startswith((*ours, *free)) and not _is_device(path))
    return tuple(sorted(found))[:MOST]


def _is_device(path: str) -> bool:
    """Whether it is no file; in /dev/shm there are files."""
    return path.startswith("/dev/") and not path.startswith("/dev/shm/")  # noqa: S108


def _inside(paths: frozenset[str], root: Path) -> Iterator[str]:
    """Paths from the root, those of compiled modules as their sources."""
    start = f"{root}{os.sep}"
    for path in paths:
        if path.startswith(start):
            name = path[len(start) :]
            folder, _, file = name.rpartition("/")
            if file.endswith(".pyc") and folder.rpartition("/")[2] == "__pycache__":
                name = "/".join((*folder.split("/")[:-1], f"{file.split('.')[0]}.py"))
            yield name


def _is_pipeline(path: str) -> bool:
    """Whether a file is one of git's or DVC's own."""
    name = path.rpartition("/")[2]
    return name in ("dvc.yaml", "dvc.lock", ".gitignore", ".dvcignore") or path.startswith((".git", ".dvc/"))


def _stand_in(programs: Path, watcher: Path, path: str) -> Path:
    """A folder with a stand-in for each name that Python has on PATH."""
    programs.mkdir(exist_ok=True)
    for name in _COMMANDS:
        real = shutil.which(name, path=path)
        if real is None or not Path(real).is_absolute() or (programs / name).exists():
            continue
        script = programs / name
        script.write_text(
            "#!/bin/sh\n"
            f'case ":$PYTHONPATH:" in *:{shlex.quote(str(watcher))}:*) ;;\n'
            f"*) PYTHONPATH={shlex.quote(str(watcher))}${{PYTHONPATH:+:$PYTHONPATH}}; export PYTHONPATH ;;\n"
            "esac\n"
            f'exec {shlex.quote(real)} "$@"\n'
        )
        script.chmod(0o755)
    return programs
