"""Stage validate: hold the joined data against its schema, and its sources against the allow-list.

Each file by itself, so that a bad month can't hide among good ones. All problems are collected into
reports/validation.json and reports/validation.txt; if there is one the stage fails and nothing after it runs.
"""

import importlib
import json
import logging
from collections.abc import Mapping, Sequence, Sized
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import msgspec
import pandera.pandas as pa

from pipeline import stage, tables
from pipeline.problems import Example, Problem, cut, find_problems
from pipeline.stage import Section, StageError

DATA = Path("data/interim/rows")
SOURCES = Path("data/interim/sources.json")
REPORT = Path("reports/validation.json")
TEXT = Path("reports/validation.txt")
SCHEMA = 1
"""Version of validation.json."""


class Allowed(Section, frozen=True):
    """An origin that may feed the pipeline: `path` is a pattern whose `*` and `?` stay within one folder."""

    kind: str
    path: str


class Validate(Section, frozen=True):
    """`schema` names one of schema.py, or any as `module:name`; `allowed` is by source."""

    schema: str
    allowed: dict[str, Allowed]
    max_examples: int = 10


def validate(params: Validate, log: logging.Logger) -> str:
    """Write the two reports. StageError when anything is wrong."""
    schema = find_schema(params.schema)
    problems = check_sources(_read_sources(), params.allowed)
    files: dict[str, dict[str, Any]] = {}
    for path in tables.partitions(DATA):
        frame = tables.to_pandas(tables.read(path))
        found = find_problems(frame, schema, where=path.name, max_examples=params.max_examples)
        log.info("%s: %s rows, %s", path.name, f"{len(frame):,}", _count(found))
        problems += found
        files[path.name] = {"rows": len(frame), "md5": tables.md5(path)}
    rows = sum(file["rows"] for file in files.values())
    summary = f"{rows:,} rows in {_count(files, 'file')} against the schema {params.schema}"
    report = {
        "schema": SCHEMA,
        "valid": not problems,
        "rows": rows,
        "files": files,
        "problems": msgspec.to_builtins(problems),
    }
    tables.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", REPORT)
    tables.write_text(as_text(problems, summary), TEXT)
    if not problems:
        return f"{summary}: valid"
    for problem in problems[: params.max_examples]:
        log.error("%s", problem.sentence)
    raise StageError(
        f"{_count(problems)} in {summary}",
        hint=f"{TEXT} says for each what to do; mend it and run `dvc repro` again",
    )


def find_schema(name: str) -> pa.DataFrameSchema:
    """A schema of schema.py by name, or any as `module:name`. StageError when there is none."""
    module, _, attribute = name.rpartition(":")
    try:
        found = getattr(importlib.import_module(module or "pipeline.schema"), attribute)
    except (ImportError, AttributeError) as error:
        hint = "name a schema of src/pipeline/schema.py, or one elsewhere as module:name"
        raise StageError(f"params.yaml, validate.schema: {error}", hint=hint) from error
    if not isinstance(found, pa.DataFrameSchema):
        raise StageError(f"params.yaml, validate.schema: {name} is no pandera DataFrameSchema")
    return found


def check_sources(sources: Mapping[str, Any], allowed: Mapping[str, Allowed]) -> list[Problem]:
    """What was read that the allow-list does not name."""
    problems = []
    for name, source in sources.items():
        rule = allowed.get(name)
        origins = [str(part["origin"]) for part in source["parts"]]
        if rule is None:
            problems.append(_foreign(name, "a source of params.yaml, validate.allowed", origins))
        elif rule.kind != source["kind"]:
            problems.append(_foreign(name, f"the kind {rule.kind}", [str(source["kind"])]))
        elif others := [origin for origin in origins if not matches(origin, rule.path)]:
            problems.append(_foreign(name, f"only {rule.path}", others))
    return problems


def matches(path: str, pattern: str) -> bool:
    """Whether a path fits a pattern, folder by folder; one that climbs (`..`) fits none."""
    parts, patterns = path.split("/"), pattern.split("/")
    return (
        ".." not in parts
        and len(parts) == len(patterns)
        and all(fnmatchcase(part, one) for part, one in zip(parts, patterns, strict=True))
    )


def as_text(problems: Sequence[Problem], summary: str) -> str:
    """validation.txt: what is wrong and what to do, for people."""
    if not problems:
        return f"Valid: {summary}.\n"
    lines = [f"NOT VALID: {_count(problems)} in {summary}.", ""]
    for number, problem in enumerate(problems, 1):
        lines += [f"{number}. {problem.sentence}", f"   What to do: {problem.advice}.", ""]
    return "\n".join(lines)


def _read_sources() -> Mapping[str, Any]:
    """What ingest says it read."""
    try:
        sources: Mapping[str, Any] = json.loads(SOURCES.read_bytes())["sources"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StageError(f"{SOURCES} can't be read: {error}", hint="run `dvc repro ingest`") from error
    return sources


def _foreign(source: str, expected: str, origins: Sequence[str]) -> Problem:
    """A source that the allow-list does not cover."""
    return Problem(
        where="sources",
        column=source,
        expected=expected,
        rows=None,
        examples=tuple(Example(row_id="", value=cut(origin)) for origin in origins[:3]),
        advice="take it out of ingest.sources in params.yaml, or add it to validate.allowed if you trust it",
    )


def _count(things: Sized, noun: str = "problem") -> str:
    """`no problem`, `1 problem`, `2 problems`."""
    return f"{len(things) or 'no'} {noun}{'s' if len(things) > 1 else ''}"


if __name__ == "__main__":
    raise SystemExit(stage.run("validate", Validate, validate))
