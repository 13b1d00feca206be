"""How a stage runs: its params, its log, its summary line, its exit code.

A stage is a module that ends in `raise SystemExit(stage.run("split", Split, split))`: `Split` is the struct
of its section in params.yaml, `split(params, log)` does the work and returns one sentence for people.
"""

import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

PARAMS_FILE = Path("params.yaml")
LOGS = Path("logs")

P = TypeVar("P")


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of params.yaml: frozen, unknown keys refused."""


class StageError(Exception):
    """The stage can't go on: what happened and where, and `hint`, what to do next."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def load_params(section: str, kind: type[P]) -> P:
    """Read one section of params.yaml in the current folder as `kind`.

    YAML 1.2, as DVC reads it. Raises StageError with the file and the key's path.
    """
    try:
        document = YAML(typ="safe", pure=True).load(PARAMS_FILE)
    except FileNotFoundError:
        raise StageError(
            f"there is no {PARAMS_FILE} in {Path.cwd()}", hint="run `dvc repro` from the project's folder"
        ) from None
    except YAMLError as error:
        raise StageError(f"{PARAMS_FILE} is not YAML: {error}", hint="mend it; nothing was run") from error
    if not isinstance(document, dict) or section not in document:
        raise StageError(f"{PARAMS_FILE} has no section `{section}`", hint=f"add `{section}:` to it")
    return parse(document[section], kind, where=section)


def parse(value: Any, kind: type[P], *, where: str) -> P:
    """Convert plain YAML to `kind`; a StageError names the key's path, which starts with `where`."""
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        reason, _, place = str(error).partition(" - at `")
        key = where + place.removesuffix("`").removeprefix("$")
        raise StageError(f"{PARAMS_FILE}, {key}: {reason}", hint="mend the key and run again") from error


def run(name: str, kind: type[P], work: Callable[[P, logging.Logger], str]) -> int:
    """Run one stage in the current folder; its exit code: 0 done, 1 refused or broken.

    Progress goes to stderr and, with tracebacks, to logs/<name>.log.
    """
    log = open_log(name)
    try:
        summary = work(load_params(name, kind), log)
    except StageError as error:
        log.error("failed: %s", error.message)
        if error.hint:
            log.error("next: %s", error.hint)
        return 1
    except OSError as error:
        log.debug("traceback", exc_info=True)
        log.error("failed: %s%s", error.strerror or error, f": {error.filename}" if error.filename else "")
        return 1
    except Exception as error:
        log.debug("traceback", exc_info=True)
        log.error("failed: unexpected %s: %s", type(error).__name__, error)
        log.error("next: the traceback is in %s", LOGS / f"{name}.log")
        return 1
    log.info("done: %s", summary)
    return 0


def open_log(name: str) -> logging.Logger:
    """A logger that tells people on stderr and keeps everything in logs/<name>.log, which starts anew."""
    log = logging.getLogger(f"pipeline.{name}")
    for handler in list(log.handlers):
        log.removeHandler(handler)
        handler.close()
    log.setLevel(logging.DEBUG)
    log.propagate = False
    screen = logging.StreamHandler(sys.stderr)
    screen.setLevel(logging.INFO)
    screen.setFormatter(logging.Formatter(f"{name}: %(message)s"))
    LOGS.mkdir(exist_ok=True)
    file = logging.FileHandler(LOGS / f"{name}.log", mode="w", encoding="utf-8")
    file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    log.addHandler(screen)
    log.addHandler(file)
    return log
