"""The pre-push hook in a clone: never in the place of another one, which is called first instead."""

import os
import shlex
import sys
from pathlib import Path

import msgspec

from mergegate import atomic, repo
from mergegate.errors import UsageError
from mergegate.repo.hooks import find_hooks

NAME = "pre-push"
BEFORE = "pre-push.before-mergegate"
"""What the hook that was there is called now."""

_MARK = "# Written by `mergegate hook install`; `mergegate hook uninstall` takes it away."

# Interrupted by hand, a push is not to go on.
_SCRIPT = """\
#!/bin/sh
{mark}
refs=$(cat)
feed() {{ if [ -n "$refs" ]; then printf '%s\\n' "$refs"; fi; }}
before=$(dirname "$0")/{before}
if [ -x "$before" ]; then
    feed | "$before" "$@" || exit $?
fi
if [ -x {program} ]; then
    feed | {command} hook run{options} -- "$@"
elif command -v mergegate > /dev/null; then
    feed | mergegate hook run{options} -- "$@"
else
    echo "mergegate is not installed here: nothing was looked at before this push" >&2
    exit 0
fi
code=$?
{end}
"""
_GO_ON = 'if [ "$code" -eq 130 ]; then exit 130; fi\nexit 0'
_STOP = 'exit "$code"'


class Installed(msgspec.Struct, frozen=True):
    """What became of the hook at `path`: whether it `changed`, and the one that is called before it."""

    path: str
    changed: bool
    chained: str = ""


def install_hook(start: Path, *, strict: bool = False, ask_remotes: bool = False) -> Installed:
    """Put the hook where git looks for it; a second time changes nothing.

    A hook that is there moves beside and is called first, with the same words on its stdin; what it ends with
    counts. Raises UsageError where hooks are not this clone's own.
    """
    folder = _folder(start)
    hook, before = folder / NAME, folder / BEFORE
    text = _write(strict=strict, ask_remotes=ask_remotes)
    ours = _is_ours(hook)
    if ours and hook.read_text(errors="replace") == text:
        return Installed(str(hook), changed=False, chained=_chained(before))
    moved = not ours and os.path.lexists(hook)
    if moved:
        if os.path.lexists(before):
            raise UsageError(
                f"{hook} is not mergegate's, and {before.name} is there already",
                hint=f"put what both do into {before}, and delete {hook}",
            )
        hook.rename(before)
    try:
        with atomic.replacing(hook) as temporary:
            temporary.write_text(text)
            temporary.chmod(0o755)
    except BaseException:
        if moved:
            before.rename(hook)
        raise
    return Installed(str(hook), changed=True, chained=_chained(before))


def uninstall_hook(start: Path) -> Installed:
    """Take it away; the hook that was there before is in its place again. Another's hook stays."""
    folder = _folder(start)
    hook, before = folder / NAME, folder / BEFORE
    if not _is_ours(hook):
        return Installed(str(hook), changed=False)
    if os.path.lexists(before):
        before.replace(hook)
        return Installed(str(hook), changed=True, chained=str(before))
    hook.unlink()
    return Installed(str(hook), changed=True)


def _folder(start: Path) -> Path:
    """The clone's own folder of hooks."""
    hooks = find_hooks(repo.locate(start))
    if hooks.whose == "clone":
        hooks.folder.mkdir(parents=True, exist_ok=True)
        return hooks.folder
    by = "the team tracks them" if hooks.whose == "tracked" else "other repositories have the same"
    raise UsageError(
        f"git looks for hooks in {hooks.folder} (core.hooksPath), and {by}: nothing is written there",
        hint=f'add the line `mergegate hook run -- "$@"` to {hooks.folder / NAME}; it reads what git says on '
        "stdin",
    )


def _write(*, strict: bool, ask_remotes: bool) -> str:
    options = (" --strict" if strict else "") + (" --ask-remotes" if ask_remotes else "")
    # Never as `python -m`, which would import what the work tree has under our modules' names.
    beside = Path(sys.executable).with_name("mergegate")
    command = [str(beside)] if beside.is_file() else [sys.executable, "-P", "-m", "mergegate"]
    return _SCRIPT.format(
        mark=_MARK,
        before=BEFORE,
        program=shlex.quote(command[0]),
        command=shlex.join(command),
        options=options,
        end=_STOP if strict else _GO_ON,
    )


def _is_ours(hook: Path) -> bool:
    if hook.is_symlink() or not hook.is_file():
        return False
    return _MARK in hook.read_text(errors="replace").splitlines()[:3]


def _chained(before: Path) -> str:
    return str(before) if os.access(before, os.X_OK) else ""
