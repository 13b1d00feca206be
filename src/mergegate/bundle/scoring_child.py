"""The child process that runs a bundle: limits itself first, then imports what does the work."""

import importlib
import os
import re
import resource
import sys
import threading
from contextlib import suppress
from pathlib import Path

import msgspec

from mergegate.bundle.scoring_messages import JOB, REPORT, Failure, Job, Report
from mergegate.errors import ContractError, MergegateError

WORK = "mergegate.bundle.scoring_job"
MEASURE = "mergegate.bundle.measuring_job"
_OUT_OF_MEMORY = re.compile(r"bad.?alloc|allocat", re.IGNORECASE)
_LONGEST = 2_000


def main(folder: Path) -> None:
    """Do the job in `folder` and leave a report there."""
    job = msgspec.json.decode((folder / JOB).read_bytes(), type=Job)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _limit(job)
    report = _work(job, folder)
    (folder / REPORT).write_bytes(msgspec.json.encode(report))


def _end_with_parent() -> None:
    """Standard input ends when the parent does, however it ended."""
    while os.read(0, 1):
        pass
    os._exit(1)


def _limit(job: Job) -> None:
    """Limits that nothing here can raise again."""
    for kind, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, job.seconds),
        (resource.RLIMIT_FSIZE, job.output),
        (resource.RLIMIT_AS, job.memory),
    ):
        # macOS knows RLIMIT_AS and refuses to set it; there the time alone is bounded.
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, most))


def _work(job: Job, folder: Path) -> Report:
    try:
        report: Report = importlib.import_module(MEASURE if job.measures else WORK).run(job, folder)
    except ImportError as error:
        return Report(failure=_missing(error))
    except MemoryError:
        return Report(failure=Failure(kind="memory", message=""))
    except ContractError as error:
        if _OUT_OF_MEMORY.search(error.reason):
            return Report(failure=Failure(kind="memory", message=""))
        return Report(failure=_failure("contract", error, message=error.reason, file=error.file))
    except MergegateError as error:
        return Report(failure=_failure("broken", error, message=error.message))
    except OSError as error:
        what = f"a temporary file can't be written: {error.strerror or error}"
        return Report(failure=Failure(kind="broken", message=what, hint="free some space"))
    return report


def _failure(kind: str, error: MergegateError, *, message: str, file: str = "") -> Failure:
    return msgspec.convert(
        {"kind": kind, "message": message[:_LONGEST], "file": file[:_LONGEST], "hint": error.hint[:_LONGEST]},
        Failure,
    )


def _missing(error: ImportError) -> Failure:
    if isinstance(error, ModuleNotFoundError):
        message = f"{error.name} is not installed"
    else:
        message = f"a library that runs bundles can't be loaded: {str(error)[:_LONGEST]}"
    return Failure(kind="broken", message=message, hint="pip install 'mergegate[serving]'")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
