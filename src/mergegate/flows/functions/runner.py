"""The program of the child that runs a team's own metric: nothing of mergegate, numpy alone.

    python -s -P -S function_runner.py JOB_FOLDER

Reads job.json and .npy files there, calls the function, writes answer.json there: once with the values on the
rows themselves, and again with those of the resamples.
"""

import importlib
import json
import numbers
import os
import random
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

ROUND = 40
"""Resamples come in rounds less one: with 40·k − 1 of them a 95 % limit is one of the values."""

LONGEST_MESSAGE = 300
LARGEST_WRITTEN = 64 * 1024 * 1024


class NoAnswerError(Exception):
    """The function can't be had, or gave no number; `kind` says which."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message[:LONGEST_MESSAGE]


def main(folder: Path) -> None:
    """Do the job in `folder`."""
    begun = time.monotonic()
    _die_with_the_parent()
    job = json.loads((folder / "job.json").read_text())
    _limit(job["memory"], job["seconds"])
    # The roots of base's code come behind Python's own library, as a stray queue.py must not break numpy, and
    # before everything installed, as an installed copy of the project is not base's.
    sys.path[:] = [*sys.path, *job["roots"], *job["path"]]
    answer: dict[str, Any] = {"kind": "", "message": "", "samples": [], "done": False}
    try:
        samples = _samples(folder, job)
        function = _load(job)
    except NoAnswerError as error:
        answer |= {"kind": error.kind, "message": error.message}
        _write(folder, answer)
        return
    answer["samples"] = [sample.ask(function) for sample in samples]
    _write(folder, answer)
    _resample(samples, answer["samples"], function, job["resamples"], begun + job["seconds"])
    _write(folder, answer | {"done": True})


def _die_with_the_parent() -> None:
    """End this process group when the other end of stdin closes, as it does when the parent dies."""
    leash = os.dup(0)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)

    def wait() -> None:
        while os.read(leash, 1):
            pass
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=wait, daemon=True).start()


def _limit(memory: int, seconds: float) -> None:
    """Bound what the function may use, beyond the time that the parent watches."""
    limits = {
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_FSIZE: LARGEST_WRITTEN,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: int(4 * seconds) + 60,
    }
    for which, most in limits.items():
        # Not every system has every limit, and a lower one may stand already.
        with suppress(ValueError, OSError):
            resource.setrlimit(which, (most, most))


def _samples(folder: Path, job: dict[str, Any]) -> "list[Sample]":
    """The rows to call the function on."""
    try:
        np = importlib.import_module("numpy")
        sides = {name: Side(np, folder, name, about) for name, about in job["sides"].items()}
        return [Sample(np, folder, index, about, sides) for index, about in enumerate(job["samples"])]
    except (ImportError, MemoryError) as error:
        raise NoAnswerError("import", _describe(error)) from error


def _load(job: dict[str, Any]) -> Callable[..., Any]:
    """Import the function, and make sure that it is base's."""
    module, name = job["module"], job["function"]
    try:
        loaded = importlib.import_module(module)
    except BaseException as error:
        raise NoAnswerError("import", _describe(error)) from error
    home, file = Path(job["roots"][0]).resolve(), getattr(loaded, "__file__", None)
    if file is None or not Path(file).resolve().is_relative_to(home):
        raise NoAnswerError("import", f"Python's own library has a module {module}, which comes first")
    function = getattr(loaded, name, None)
    if function is None:
        raise NoAnswerError("no_function", "")
    if not callable(function):
        raise NoAnswerError("import", f"{name} is a {type(function).__name__}, not a function")
    return function  # type: ignore[no-any-return]


class Side:
    """The rows of base or of head, as arrays."""

    def __init__(self, np: Any, folder: Path, name: str, about: dict[str, Any]) -> None:
        self.name = name
        self.true = _read(np, folder / f"{name}.y_true.npy")
        self.pred = _read(np, folder / f"{name}.y_pred.npy")
        self.classes = np.array(about["classes"]) if about["classes"] else None
        matrix = _read(np, folder / f"{name}.probabilities.npy") if about["probabilities"] else None
        self.columns = (
            None
            if matrix is None
            else {text: np.ascontiguousarray(matrix[:, code]) for code, text in enumerate(about["classes"])}
        )

    def arguments(self, rows: Any) -> dict[str, Any]:
        """What the function is called with: copies, so that one call can't change what the next one sees."""
        true, pred = self.true[rows], self.pred[rows]
        return {
            "y_true": true if self.classes is None else self.classes[true],
            "y_pred": pred if self.classes is None else self.classes[pred],
            "probabilities": None
            if self.columns is None
            else {text: column[rows] for text, column in self.columns.items()},
        }


class Sample:
    """Some rows of one side, or the same ones of both, and how they are drawn again."""

    def __init__(
        self, np: Any, folder: Path, index: int, about: dict[str, Any], sides: dict[str, Side]
    ) -> None:
        self._np = np
        self.sides = {name: sides[name] for name in about["sides"]}
        self._rows = {name: _read(np, folder / f"{index}.{name}.npy") for name in self.sides}
        self.size: int = about["rows"]
        self._weight = _read(np, folder / f"{index}.weight.npy") if about["weight"] else None
        self.resampled: bool = about["resampled"]
        self._bits = np.random.PCG64(int(about["seed"], 16))
        if about["cluster"]:
            codes = _read(np, folder / f"{index}.cluster.npy")
            self._order = np.argsort(codes, kind="stable")
            self._counts = np.bincount(codes)
            self._starts = np.cumsum(self._counts) - self._counts
        else:
            self._order = None

    def ask(self, function: Callable[..., Any]) -> dict[str, Any]:
        """The values on the rows themselves, or why there is none."""
        answer: dict[str, Any] = {"values": {}, "resamples": {}, "kind": "", "message": "", "side": ""}
        for name in self.sides:
            try:
                answer["values"][name] = self.call(function, name, self._np.arange(self.size))
            except NoAnswerError as error:
                return answer | {"values": {}, "kind": error.kind, "message": error.message, "side": name}
        if self.resampled:
            answer["resamples"] = {name: [] for name in self.sides}
        return answer

    def call(self, function: Callable[..., Any], side: str, drawn: Any) -> float:
        """The function's number on some of the rows, `drawn` by their place."""
        arguments = self.sides[side].arguments(self._rows[side][drawn])
        arguments["sample_weight"] = None if self._weight is None else self._weight[drawn]
        # A function that draws random numbers must draw the same ones for a second judge.
        random.seed(0)
        self._np.random.seed(0)
        try:
            found = function(**arguments)
        except MemoryError as error:
            raise NoAnswerError("raised", "MemoryError: it ran out of memory") from error
        except BaseException as error:
            raise NoAnswerError("raised", _describe(error)) from error
        return self._number(found)

    def _number(self, found: Any) -> float:
        if isinstance(found, self._np.ndarray) and found.ndim == 0:
            found = found[()]
        if isinstance(found, bool) or not isinstance(found, numbers.Real):
            raise NoAnswerError("no_number", type(found).__name__)
        try:
            number = float(found)
        except (OverflowError, ValueError) as error:
            raise NoAnswerError("no_number", "a number that is too large") from error
        if not -float("inf") < number < float("inf"):
            raise NoAnswerError("no_number", repr(number))
        return number

    def draw(self) -> Any:
        """Places of one resample: as many rows, or clusters, as there are, each any number of times."""
        np = self._np
        if self._order is None:
            return self._pick(self.size)
        clusters = self._pick(len(self._counts))
        sizes = self._counts[clusters]
        ends = np.cumsum(sizes)
        within = np.arange(ends[-1]) - np.repeat(ends - sizes, sizes)
        return self._order[np.repeat(self._starts[clusters], sizes) + within]

    def _pick(self, units: int) -> Any:
        """Numbers (units,) below `units`, from a bit stream that never changes (NEP 19)."""
        np = self._np
        raw = self._bits.random_raw(units)
        return ((raw >> np.uint64(32)) * np.uint64(units) >> np.uint64(32)).astype(np.int64)


def _resample(
    samples: list[Sample],
    answers: list[dict[str, Any]],
    function: Callable[..., Any],
    most: int,
    deadline: float,
) -> None:
    """Call the function on resamples, the same draws for both sides, until there are `most` or time is up."""
    asked = [(sample, answer["resamples"]) for sample, answer in zip(samples, answers, strict=True)]
    asked = [(sample, values) for sample, values in asked if values]
    done, slowest = 0, 0.0
    while done < most and asked:
        begun = time.monotonic()
        # The next one must fit as well: a slow function is stopped here, not by the parent.
        if begun + slowest > deadline:
            break
        for sample, values in asked:
            drawn = sample.draw()
            for name, numbers_ in values.items():
                try:
                    numbers_.append(sample.call(function, name, drawn))
                except NoAnswerError:
                    numbers_.append(None)
        done += 1
        slowest = max(slowest, time.monotonic() - begun)
    kept = done if done == most else max((done + 1) // ROUND * ROUND - 1, 0)
    for _, values in asked:
        for name in values:
            del values[name][kept:]


def _read(np: Any, file: Path) -> Any:
    return np.load(file, allow_pickle=False)


def _write(folder: Path, answer: dict[str, Any]) -> None:
    """The answer appears whole: the parent may end this process at any time."""
    temporary = folder / "answer.json.tmp"
    temporary.write_text(json.dumps(answer, allow_nan=False))
    temporary.replace(folder / "answer.json")


def _describe(error: BaseException) -> str:
    return f"{type(error).__name__}: {_first_line(error)}".removesuffix(": ")


def _first_line(error: BaseException) -> str:
    try:
        lines = str(error).strip().splitlines()
    except Exception:
        return "its message can't be read"
    return lines[0][:LONGEST_MESSAGE] if lines else ""


if __name__ == "__main__":
    main(Path(sys.argv[1]))
    # Threads that the function left behind must not hold the answer up.
    os._exit(0)
