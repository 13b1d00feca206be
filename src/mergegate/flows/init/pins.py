"""The pin of mergegate's action in workflows that a person has edited: all that an upgrade moves."""

import re
from pathlib import Path

from mergegate.flows.init.writing import Wanted
from mergegate.scaffold.mark import read_state

_LARGEST = 500_000


def find_moved(top: Path, action: str, *, but: frozenset[str]) -> tuple[Wanted, ...]:
    """The workflows that name the action at another commit, with its pin moved; those of `but` left out."""
    name, _, _ = action.partition("@")
    used = re.compile(
        rf"(?m)^(\s*(?:-\s+)?uses:\s*)[\"']?{re.escape(name)}@[^\s\"'#]+[\"']?(?:[ \t]+#[^\n\r]*)?"
    )
    moved = []
    folder = top / ".github/workflows"
    files = sorted(folder.glob("*.y*ml")) if folder.is_dir() else []
    for file in files:
        path = f".github/workflows/{file.name}"
        content = file.read_bytes()[:_LARGEST] if path not in but and file.is_file() else b""
        if not content or len(content) == _LARGEST or read_state(content) == "untouched":
            continue
        try:
            text = content.decode()
        except UnicodeDecodeError:
            continue
        new = used.sub(lambda found: f"{found[1]}{action}", text)
        if new != text:
            moved.append(Wanted(path, new, moved=True))
    return tuple(moved)
