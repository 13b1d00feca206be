"""The child that runs a team's own metric: its job, its surroundings, its end."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from mergegate.flows.functions import runner
from mergegate.records.predictions import Predictions

RESAMPLES = 399
"""Resamples where time allows: with B + 1 a multiple of 40 the 95 % limits are resampled values."""

MEMORY = 4_000_000_000
"""Bytes of address space for the child, beyond what copies of its arrays take."""

_COPIES = 12
_SHARE_FOR_CALLS = 0.9
"""Share of the timeout after which no further resample is begun."""

_LARGEST_ANSWER = runner.LARGEST_WRITTEN
# What Python and its libraries may need to start; nothing that could be a credential.
_KEPT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
# One thread: sums come out the same on every machine, and memory is what it seems.
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


class Rows(msgspec.Struct, frozen=True, eq=False):
    """What one sample consists of: rows (m,) by side, the same ones in the same order, and their seed."""

    sides: dict[str, NDArray[np.int64]]
    seed: str
    weight: NDArray[np.float64] | None = None
    cluster: NDArray[np.int64] | None = None
    resampled: bool = True

    @property
    def size(self) -> int:
        """Number of rows."""
        return len(next(iter(self.sides.values())))


class SampleAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Values by side, and resampled ones (null: no number); `kind` of what went wrong, at `side`."""

    values: dict[str, float]
    resamples: dict[str, list[float | None]]
    kind: str
    message: str
    side: str


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What the child wrote; `kind` is empty when the function could be called.

    `ending` says how the child ended when it had values but was not `done` with the resamples.
    """

    kind: str = ""
    message: str = ""
    samples: tuple[SampleAnswer, ...] = ()
    done: bool = False
    ending: str = ""


class Job(msgspec.Struct, frozen=True, eq=False):
    """One function on some rows; `code` holds base's files, `git_root` what the child may not import from."""

    module: str
    function: str
    seconds: float
    code: Path
    git_root: Path
    predictions: dict[str, Predictions]
    samples: Sequence[Rows] = msgspec.field(default=())


def ask(job: Job, scratch: Path) -> Answer:
    """Run the child in `scratch`, an empty folder; its group is ended whatever happens."""
    folder = scratch / "job"
    folder.mkdir()
    (scratch / "home").mkdir()
    _write(job, folder)
    command = [sys.executable, "-s", "-P", "-S", "-B", str(Path(runner.__file__).resolve()), str(folder)]
    process = subprocess.Popen(
        command,
        cwd=job.code,
        env=_environment(scratch / "home"),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    late = False
    try:
        process.wait(job.seconds)
    except subprocess.TimeoutExpired:
        late = True
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if process.stdin is not None:
            process.stdin.close()
    answer = _read(folder / "answer.json") or Answer(kind="silent")
    return answer if answer.done else msgspec.structs.replace(answer, ending=_ending(job, process, late))


def import_path(git_root: Path) -> list[str]:
    """Where installed packages are; never a folder of the repository, such as an editable install's `src`.

    A virtual environment inside the repository is none of its folders.
    """
    kept = []
    for entry in sys.path:
        place = Path(entry).resolve()
        if entry and (place.is_relative_to(Path(sys.prefix).resolve()) or not place.is_relative_to(git_root)):
            kept.append(str(place))
    return kept


def _write(job: Job, folder: Path) -> None:
    """Write the job: names as JSON, arrays as .npy without objects."""
    for side, predictions in job.predictions.items():
        _save(folder / f"{side}.y_true.npy", predictions.y_true)
        _save(folder / f"{side}.y_pred.npy", predictions.y_pred)
        _save(folder / f"{side}.probabilities.npy", predictions.probabilities)
    for index, rows in enumerate(job.samples):
        for side, places in rows.sides.items():
            _save(folder / f"{index}.{side}.npy", places)
        _save(folder / f"{index}.weight.npy", rows.weight)
        _save(folder / f"{index}.cluster.npy", rows.cluster)
    size = sum(file.stat().st_size for file in folder.iterdir())
    (folder / "job.json").write_text(json.dumps(_describe(job) | {"memory": MEMORY + _COPIES * size}))


def _save(file: Path, array: NDArray[Any] | None) -> None:
    if array is not None:
        np.save(file, array, allow_pickle=False)


def _describe(job: Job) -> dict[str, Any]:
    return {
        "module": job.module,
        "function": job.function,
        "seconds": job.seconds * _SHARE_FOR_CALLS,
        "resamples": RESAMPLES,
        "roots": [str(job.code), str(job.code / "src")],
        "path": import_path(job.git_root),
        "sides": {
            side: {"classes": predictions.classes, "probabilities": predictions.probabilities is not None}
            for side, predictions in job.predictions.items()
        },
        "samples": [
            {
                "sides": list(rows.sides),
                "rows": rows.size,
                "seed": rows.seed,
                "weight": rows.weight is not None,
                "cluster": rows.cluster is not None,
                "resampled": rows.resampled,
            }
            for rows in job.samples
        ],
    }


def _environment(home: Path) -> dict[str, str]:
    """An environment of its own; as nothing of Python's is taken over, `-I` would only hide the hash seed."""
    return (
        {name: os.environ[name] for name in _KEPT if name in os.environ}
        | dict.fromkeys(_THREADS, "1")
        | {"HOME": str(home), "TMPDIR": str(home), "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        # Sets of text are walked in the same order by a second judge.
        | {"PYTHONHASHSEED": "0"}
    )


def _read(file: Path) -> Answer | None:
    """The child's answer, None when there is none."""
    try:
        if file.stat().st_size > _LARGEST_ANSWER:
            return None
        return msgspec.json.decode(file.read_bytes(), type=Answer)
    except (OSError, msgspec.MsgspecError):
        return None


def _ending(job: Job, process: "subprocess.Popen[bytes]", late: bool) -> str:
    """How a child without an answer ended."""
    if late:
        return f"did not end within {job.seconds:g} s"
    code = process.returncode
    if code < 0:
        name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
        return f"was ended by {name}"
    return f"ended its process with exit code {code}"
