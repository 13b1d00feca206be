"""Metrics files of no model: what a project says of itself, base beside head, as single numbers."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from mergegate import repo
from mergegate.compare import reported
from mergegate.config.policy import Policy
from mergegate.dag import params
from mergegate.errors import ConfigError, ContractError, ObjectError
from mergegate.flows.evidence import Reading, find_object, find_source
from mergegate.records.pipeline import ObjectHash
from mergegate.records.review import Problem, ReportedFile

MOST_FILES = 50
"""Metrics files that are opened; a project that writes one for each fold has hundreds."""

LARGEST = 1024 * 1024
"""Bytes of one."""


def files_of(policy: Policy, base: Reading, head: Reading) -> tuple[str, ...]:
    """Paths of the metrics files that no model of the policy has, those that the policy names first."""
    told = {model.evaluation.metrics for model in policy.models.values()}
    named = (*policy.metrics, *head.pipeline.metrics_files, *base.pipeline.metrics_files)
    return tuple(path for path in dict.fromkeys(named) if path not in told)


def review_points(
    policy: Policy, base: Reading, head: Reading, objects: repo.Objects
) -> tuple[tuple[ReportedFile, ...], tuple[Problem, ...]]:
    """Each metrics file with its values, and head's files that the policy names and that can't be used.

    What no policy names is only shown: where it can't be read, a note says so.
    """
    paths = files_of(policy, base, head)[:MOST_FILES]
    with suppress(ObjectError):  # told by whoever opens the file
        objects.fetch(list(_needed(paths, (base, head), objects)))
    files: list[ReportedFile] = []
    problems: list[Problem] = []
    for path in paths:
        values: list[dict[str, reported.Value]] = []
        notes: list[str] = []
        for side in (base, head):
            found, problem = _read(side, objects, path, asked=path in policy.metrics)
            values.append(found)
            if problem is not None:
                problems += [problem] if side is head and path in policy.metrics else []
                notes.append(f"{side.side}'s can't be shown: {problem.clause}")
        metrics = reported.compare_points(*values)
        if metrics or notes:
            files.append(ReportedFile(path=path, metrics=metrics, note="; ".join(notes)))
    return tuple(files), tuple(problems)


def _needed(paths: Sequence[str], sides: Sequence[Reading], objects: repo.Objects) -> Iterator[ObjectHash]:
    """The DVC objects of the files, but for those that are too large to be shown."""
    for side in sides:
        for path in paths:
            with suppress(ObjectError):
                found = find_object(side, objects, path)
                if found is not None and not found.is_dir and (found.size or 0) <= LARGEST:
                    yield found


def _read(
    reading: Reading, objects: repo.Objects, path: str, *, asked: bool
) -> tuple[dict[str, reported.Value], Problem | None]:
    """One side's values by their dotted key, none where there is no such file; or what is wrong with it."""
    name = reading.name(path)
    try:
        source = find_source(reading, objects, path)
        if source is None:
            # Base may have none yet, and so may head where only an unmerged dvc.yaml of base names it.
            if reading.side == "base" or not asked:
                return {}, None
            raise ContractError(
                "is missing", file=name, hint="write it, or take it from `metrics`", code="metrics-invalid"
            )
        return dict(_values(_bytes(source, name), path, name)), None
    except (ContractError, ObjectError) as error:
        return {}, reading.problem(path, error)


def _bytes(source: Path | bytes, name: str) -> bytes:
    size = len(source) if isinstance(source, bytes) else source.stat().st_size
    if size > LARGEST:
        message = f"has {size:,} bytes, and at most {LARGEST:,} are read"
        raise ContractError(
            message, file=name, hint="keep long tables in a plots file", code="metrics-invalid"
        )
    return source if isinstance(source, bytes) else source.read_bytes()


def _values(data: bytes, path: str, name: str) -> Iterator[tuple[str, reported.Value]]:
    """The leaves of a metrics file, as DVC reads it by the end of its name."""
    try:
        document = params.parse(data, path)
    except ConfigError as error:
        _, _, reason = error.message.partition(": ")
        reason += f" (line {error.line})" if error.line is not None else ""
        raise ContractError(reason, file=name, hint=error.hint, code="metrics-invalid") from error
    if not isinstance(document, dict):
        raise ContractError(
            "holds no names and numbers", file=name, hint='write `{"roc_auc": 0.9}`', code="metrics-invalid"
        )
    for number, (key, value) in enumerate(params.leaves(document).items()):
        if number == reported.MOST_VALUES:
            return
        yield key[: reported.LONGEST_TEXT], _plain(value)


def _plain(value: Any) -> reported.Value:
    """A value as JSON has it; a list, a date, or a number that no float can hold as its text."""
    if isinstance(value, int) and value.bit_length() > reported.LARGEST_BITS:
        return "a number too large to compare"
    return value if isinstance(value, int | float | str | None) else params.show(value)
