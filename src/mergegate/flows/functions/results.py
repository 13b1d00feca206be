"""What a team's own metric says of base and head: values, estimates, or the reason why there is none."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from mergegate.config.policy import OwnFunction
from mergegate.errors import BrokenError
from mergegate.flows.evidence import Reading
from mergegate.flows.functions.child import Answer, Job, Rows, SampleAnswer, ask
from mergegate.flows.functions.code import (
    NoFunctionError,
    check_module,
    missing_function,
    parse_address,
    write_code,
)
from mergegate.predictions.keys import row_keys
from mergegate.records.predictions import Predictions
from mergegate.stats import Design, Estimate, UndefinedError
from mergegate.stats.resampling import FEWEST, resampled

LONGEST_MESSAGE = 200
LONGEST_TIMEOUT = 3_600.0

Picked = NDArray[np.int64] | slice


class Part(msgspec.Struct, frozen=True, eq=False):
    """Rows to call the function on: `base` and `head` pick them, row by row the same; None leaves a side out.

    `weight` (m,) is the function's `sample_weight`; rows with the same code in `cluster` (m,), counted from
    0, are drawn together. `estimated` False asks for values alone.
    """

    base: Picked | None = None
    head: Picked | None = None
    weight: NDArray[np.float64] | None = None
    cluster: NDArray[np.int64] | None = None
    estimated: bool = True


class OwnResult(msgspec.Struct, frozen=True):
    """The metric on one part: `difference` is head's less base's, `own` head's alone.

    `problem` says why there is no value at all, an estimate's own `problem` why it has no interval.
    `skipped`: the function is only in head, and judges once it is merged.
    """

    base: float | None = None
    head: float | None = None
    difference: Estimate | None = None
    own: Estimate | None = None
    problem: str = ""
    skipped: bool = False


def run(
    own: OwnFunction,
    base: Reading,
    head: Reading,
    old: Predictions | None,
    new: Predictions | None,
    parts: Sequence[Part],
) -> tuple[OwnResult, ...]:
    """One result for each part, from one child that may take `own.timeout` seconds for all of its calls.

    `old` and `new` are base's and head's predictions; a side that is None is left out of every part. The same
    input gives the same numbers, in whatever order the rows stand, unless time cuts the resamples short.
    """
    sides = {name: side for name, side in (("base", old), ("head", new)) if side is not None}
    asked: list[tuple[int, Rows, Design]] = []
    results = [OwnResult(problem="there are no rows")] * len(parts)
    for index, part in enumerate(parts):
        rows = _arrange(part, sides)
        try:
            if rows is not None and rows.size:
                asked.append((index, rows, Design(rows.size, weight=rows.weight, cluster=rows.cluster)))
        except UndefinedError as error:
            results[index] = OwnResult(problem=str(error))
    if not asked:
        return tuple(results)
    try:
        answer = _ask(own, base, head, sides, [rows for _, rows, _ in asked])
    except NoFunctionError as error:
        failed = OwnResult(problem=error.message, skipped=error.skipped)
        return (failed,) * len(parts)
    cut = f"{base.name(own.function)} {answer.ending} on resampled rows" if answer.ending else ""
    for (index, rows, design), sample in zip(asked, answer.samples, strict=True):
        result = _result(own, base, sample, rows, design, same=_are_same(rows, sides))
        results[index] = _without_interval(result, cut) if cut else result
    return tuple(results)


def _arrange(part: Part, sides: dict[str, Predictions]) -> Rows | None:
    """The part's rows in the order of their keys, which is the same however the files are sorted."""
    picked = {
        name: np.arange(sides[name].rows)[rows]
        for name, rows in (("base", part.base), ("head", part.head))
        if rows is not None and name in sides
    }
    if not picked:
        return None
    name = "head" if "head" in picked else "base"
    keys = row_keys(sides[name].row_id)[picked[name]]
    order = np.argsort(keys, kind="stable")
    return Rows(
        sides={name: rows[order] for name, rows in picked.items()},
        seed=hashlib.blake2b(keys[order].astype("<u8").tobytes(), digest_size=16).hexdigest(),
        weight=None if part.weight is None else np.asarray(part.weight, np.float64)[order],
        cluster=None if part.cluster is None else _codes(np.asarray(part.cluster)[order]),
        resampled=part.estimated and "head" in picked,
    )


def _codes(cluster: NDArray[Any]) -> NDArray[np.int64]:
    """Codes without gaps, in order of appearance."""
    _, first, codes = np.unique(cluster, return_index=True, return_inverse=True)
    place = np.empty(len(first), np.int64)
    place[np.argsort(first)] = np.arange(len(first))
    return place[codes]


def _ask(
    own: OwnFunction, base: Reading, head: Reading, sides: dict[str, Predictions], samples: list[Rows]
) -> Answer:
    """The child's answer to every sample.

    Raises NoFunctionError when the function can't be called, BrokenError when no child can be started.
    """
    module, name = parse_address(own.function)
    check_module(module, own.function, base, head)
    try:
        answer = _run_child(own, (module, name), base, sides, samples)
    except OSError as error:
        raise BrokenError(
            f"{own.function} can't be run: {error.strerror or error}",
            hint="look at the space in the folder for temporary files, and at memory",
        ) from error
    if answer.kind == "no_function":
        raise missing_function(module, name, base, head)
    called = base.name(own.function)
    if answer.kind == "silent":
        raise NoFunctionError(f"{called} {answer.ending}")
    if answer.kind or len(answer.samples) != len(samples):
        raise NoFunctionError(f"{called} can't be imported: {_line(answer.message)}")
    return answer


def _run_child(
    own: OwnFunction,
    address: tuple[str, str],
    base: Reading,
    sides: dict[str, Predictions],
    samples: list[Rows],
) -> Answer:
    """Run the function in a folder of its own, which goes with it."""
    with TemporaryDirectory(prefix="mergegate-", ignore_cleanup_errors=True) as folder:
        code = Path(folder) / "code"
        code.mkdir()
        write_code(base, code)
        job = Job(
            module=address[0],
            function=address[1],
            seconds=min(own.timeout, LONGEST_TIMEOUT),
            code=code,
            git_root=base.files.project.git_root,
            predictions=sides,
            samples=samples,
        )
        return ask(job, Path(folder))


def _result(
    own: OwnFunction, base: Reading, sample: SampleAnswer, rows: Rows, design: Design, *, same: bool
) -> OwnResult:
    """Values and estimates of one sample."""
    if sample.kind:
        return OwnResult(problem=_complaint(base.name(own.function), sample))
    old, new = sample.values.get("base"), sample.values.get("head")
    result = OwnResult(base=old, head=new)
    if new is None or not rows.resampled:
        return result
    drawn = {name: np.array(values, np.float64) for name, values in sample.resamples.items()}
    result = msgspec.structs.replace(result, own=_estimate(own, new, drawn["head"], design))
    if old is None:
        return result
    apart = _estimate(own, new - old, drawn["head"] - drawn["base"], design, exact=same)
    return msgspec.structs.replace(result, difference=apart)


def _estimate(
    own: OwnFunction, value: float, values: NDArray[np.float64], design: Design, *, exact: bool = False
) -> Estimate:
    """The estimate; one for which time did not suffice says what to do."""
    estimate = resampled(value, values, design, exact=exact)
    if len(values) < FEWEST:
        problem = (
            f"only {len(values)} resamples were done in {own.timeout:g} s, and an interval needs {FEWEST}"
        )
        return replace(estimate, problem=f"{problem}: make the function faster, or raise its `timeout`")
    return estimate


def _without_interval(result: OwnResult, problem: str) -> OwnResult:
    """The values stand, as they were known before the child failed."""
    own, apart = (
        estimate and replace(estimate, problem=problem) for estimate in (result.own, result.difference)
    )
    return msgspec.structs.replace(result, own=own, difference=apart)


def _complaint(called: str, sample: SampleAnswer) -> str:
    """Why the function gave no number."""
    where = f"on {sample.side}'s predictions"
    if sample.kind == "no_number":
        return f"{called} returned {_line(sample.message)} {where}, not a finite number"
    return f"{called} raised {_line(sample.message)}, {where}"


def _line(text: str) -> str:
    """A message of code that we did not write, on one line."""
    clean = "".join(sign if sign.isprintable() else " " for sign in text).strip()
    return clean if len(clean) <= LONGEST_MESSAGE else clean[: LONGEST_MESSAGE - 1] + "…"


def _are_same(rows: Rows, sides: dict[str, Predictions]) -> bool:
    """Whether both models give the same answers on the same labels: then their difference is exactly 0."""
    if set(rows.sides) != {"base", "head"} or sides["base"].classes != sides["head"].classes:
        return False
    old, new = sides["base"], sides["head"]
    left, right = rows.sides["base"], rows.sides["head"]
    if (old.probabilities is None) != (new.probabilities is None):
        return False
    pairs: list[tuple[NDArray[Any], NDArray[Any]]] = [(old.y_true, new.y_true), (old.y_pred, new.y_pred)]
    if old.probabilities is not None and new.probabilities is not None:
        pairs.append((old.probabilities, new.probabilities))
    return all(np.array_equal(a[left], b[right]) for a, b in pairs)
