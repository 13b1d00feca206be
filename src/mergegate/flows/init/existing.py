"""The workflows that a repository has already: which of ours they are, which stand in the way."""

import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import yaml

from mergegate.scaffold.mark import read_state
from mergegate.scaffold.workflows import COMMENT, REVIEW

STATUS = "mergegate"
_OURS = re.compile(rb"uses:\s*[\"']?[\w.-]+/mergegate@")
"""A step of mergegate's action, whoever's copy of it."""

_FOLDER = ".github/workflows"
_LARGEST = 500_000
_MOST_FILES = 200


class Existing(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in the way. `taken` are our paths that others' workflows have; `notes` are sentences.

    `projects` are the folders that a review.yml of ours reviews, "" for the top.
    """

    taken: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    project: str | None = None


def find_existing(top: Path) -> Existing:
    """Read every workflow that is there."""
    taken, notes, project = [], [], None
    with suppress(OSError):
        files = sorted(file for file in (top / _FOLDER).iterdir() if file.suffix in (".yml", ".yaml"))
        for file in files[:_MOST_FILES]:
            path = f"{_FOLDER}/{file.name}"
            content = _read(file) if file.is_file() else b""
            ours = read_state(content) != "foreign" or _OURS.search(content) is not None
            if path in (REVIEW, COMMENT) and not ours:
                taken.append(path)
            told = _parse(content)
            notes += _clashes(path, told, ours=ours)
            if path == REVIEW and ours:
                project = _find_project(told)
    return Existing(taken=tuple(taken), notes=tuple(notes), project=project)


def _clashes(path: str, told: Any, *, ours: bool) -> list[str]:
    """What in a workflow would be taken for ours."""
    if not isinstance(told, dict) or ours:
        return []
    found = []
    jobs = told.get("jobs")
    for name, job in jobs.items() if isinstance(jobs, dict) else ():
        shown = job.get("name", name) if isinstance(job, dict) else name
        if STATUS in (str(name).lower(), str(shown).strip().lower()):
            found.append(
                f"{path} has a job called {STATUS}: rename it, GitHub would ask for its check beside the "
                f"status `{STATUS}`."
            )
    if str(told.get("name")) == "review" and path != REVIEW:
        found.append(f"{path} is called `review` too, and would start comment.yml for nothing: rename it.")
    return found


def _find_project(told: Any) -> str:
    """The folder that a review.yml of ours reviews."""
    with suppress(AttributeError, KeyError, TypeError):
        for job in told["jobs"].values():
            for step in job["steps"]:
                if step.get("with", {}).get("run") == "review":
                    return str(step["with"].get("project", "")).strip("./")
    return ""


def _parse(content: bytes) -> Any:
    """A workflow as data, None for one that is no YAML."""
    try:
        return yaml.safe_load(content.decode(errors="replace"))
    except (yaml.YAMLError, RecursionError, ValueError):
        return None


def _read(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(_LARGEST)
