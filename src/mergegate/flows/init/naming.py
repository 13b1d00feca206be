"""What the proposed models are called."""

import posixpath
import re
from collections.abc import Sequence

from mergegate.amounts import amount
from mergegate.config.policy import NAME_PATTERN
from mergegate.errors import UsageError

_GENERIC = {
    "reports",
    "report",
    "predictions",
    "prediction",
    "preds",
    "outputs",
    "output",
    "outs",
    "results",
    "data",
    "eval",
    "evaluation",
    "models",
}
_KIND = re.compile(r"^(predictions|prediction|preds|pred)[-_]|[-_](predictions|prediction|preds|pred)$")


def name_models(
    paths: Sequence[str], alone: str, *, asked: Sequence[str], known: dict[str, str]
) -> list[str]:
    """A name for each predictions file: as `asked`, as `known` by path, else by what its path has of its own.

    `alone` is what the model of the only one is called.

    Raises UsageError where names and files don't fit one another.
    """
    if asked:
        return _take(paths, asked)
    names: dict[str, str] = {path: known[path] for path in paths if path in known}
    own = _own_parts(paths)
    for number, path in enumerate(paths, 1):
        if path in names:
            continue
        name = (slug(alone) or "model") if len(paths) == 1 else (own[path] or f"model-{number}")
        while name in names.values():
            name = f"{name[:60]}-{number}"
        names[path] = name
    return [names[path] for path in paths]


def slug(text: str) -> str:
    """A text as a model may be called; empty where nothing of it can be."""
    return re.sub(r"[^a-z0-9._]+", "-", text.lower()).strip("-._")[:64].strip("-._")


def _take(paths: Sequence[str], asked: Sequence[str]) -> list[str]:
    if len(asked) != len(paths):
        count = amount(len(paths), "predictions file")
        raise UsageError(
            f"--model stands {len(asked)} times, and there are {count}",
            hint="give each --predictions its --model, in the same order",
        )
    for name in asked:
        if not re.fullmatch(NAME_PATTERN, name):
            hint = "up to 64 of a-z, 0-9, `.`, `_` and `-`, beginning with a letter or digit"
            raise UsageError(f"{name!r:.80} can't be a model's name", hint=hint)
    if len(set(asked)) < len(asked):
        raise UsageError("two models can't bear one name", hint="give each --model a name of its own")
    return list(asked)


def _own_parts(paths: Sequence[str]) -> dict[str, str]:
    """What each path has that not all of them have, as a name."""
    words = {path: [slug(part) for part in posixpath.splitext(path)[0].split("/")] for path in paths}
    common = set.intersection(*map(set, words.values())) if words else set()
    found = {}
    for path, parts in words.items():
        own = [_KIND.sub("", part) for part in parts if part and part not in common]
        found[path] = slug("-".join(part for part in own if part not in _GENERIC))
    return found
