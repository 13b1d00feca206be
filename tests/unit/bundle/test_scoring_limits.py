"""A hostile graph can take no more than its limits, see no secret, and outlive nobody."""

import os
import signal
import subprocess
import sys
import venv
from pathlib import Path
from types import FrameType

import msgspec
import numpy
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from msgspec.structs import replace

import mergegate
from mergegate.bundle import scoring_process
from mergegate.bundle.scoring import Limits, Scores, score
from mergegate.bundle.scoring_messages import ASKED, JOB, Job
from mergegate.errors import BrokenError, ContractError
from support import scoring

ROW_ID = pa.array(["a", "b"], pa.large_string())


def inputs(folder: Path) -> Path:
    path = folder / "inputs.parquet"
    pq.write_table(pa.table({"row_id": ["a", "b"], "x": [1.0, 2.0]}), path)
    return path


def run(bundle: Path, limits: Limits) -> Scores:
    return score(
        bundle,
        files=scoring.of_bundle(bundle, "models/bundle at main"),
        task="regression",
        row_id=ROW_ID,
        asked="head's predictions",
        inputs=scoring.files(inputs(bundle.parent), name="data/evaluation"),
        limits=limits,
    )


def children() -> set[str]:
    """Processes that this one started; another test's engine may be among them."""
    tasks = Path(f"/proc/{os.getpid()}/task")
    return {child for task in tasks.iterdir() for child in (task / "children").read_text().split()}


def test_a_graph_that_never_ends_is_ended(tmp_path: Path) -> None:
    path = scoring.slow(tmp_path / "bundle")
    before = children()
    with pytest.raises(ContractError) as error:
        run(path, Limits(seconds=2.0))
    assert error.value.message == (
        "models/bundle at main: running it on data/evaluation took longer than 2 s"
    )
    assert children() == before


def test_a_graph_that_asks_for_all_memory_gets_none(tmp_path: Path) -> None:
    path = scoring.large(tmp_path / "bundle")
    with pytest.raises(ContractError) as error:
        run(path, replace(scoring.QUICK, memory=2_000_000_000))
    assert error.value.message == (
        "models/bundle at main: running it on data/evaluation needed more than 2 GB of memory"
    )


def test_a_small_file_that_unpacks_to_many_gigabytes_is_stopped(tmp_path: Path) -> None:
    path = scoring.write(tmp_path / "bundle", "regression")
    long = pa.DictionaryArray.from_arrays(pa.array([0] * 20_000), pa.array(["x" * 1_000_000]))
    pq.write_table(pa.table({"row_id": long, "x": [1.0] * 20_000}), tmp_path / "bomb.parquet")
    assert (tmp_path / "bomb.parquet").stat().st_size < 1_000_000
    with pytest.raises(ContractError, match="needed more than 1 GB of memory"):
        score(
            path,
            files=scoring.of_bundle(path),
            task="regression",
            row_id=ROW_ID,
            asked="head's predictions",
            inputs=scoring.files(tmp_path / "bomb.parquet", name="data/evaluation"),
            limits=replace(scoring.QUICK, memory=1_000_000_000),
        )


def test_the_child_sees_no_token_and_ends_with_an_interrupt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = scoring.slow(tmp_path / "bundle")
    monkeypatch.setenv("GITHUB_TOKEN", "secret")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    seen: dict[str, str] = {}
    before = children()

    def interrupt(number: int, frame: FrameType | None) -> None:
        (child,) = children() - before
        seen["environment"] = Path(f"/proc/{child}/environ").read_text()
        seen["session"] = str(os.getsid(int(child)) == int(child))
        raise KeyboardInterrupt

    old = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 1.5)
    try:
        with pytest.raises(KeyboardInterrupt):
            run(path, scoring.QUICK)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)
    names = sorted(line.partition("=")[0] for line in seen["environment"].split("\0") if line)
    assert set(names) <= {
        "ARROW_DEFAULT_MEMORY_POOL",
        "HOME",
        "LC_ALL",
        "LD_LIBRARY_PATH",
        "MALLOC_ARENA_MAX",
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "TMPDIR",
    }
    assert seen["session"] == "True"
    assert children() == before


def test_the_child_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    path = scoring.slow(tmp_path / "bundle")
    job = Job(
        bundle=str(path),
        files=scoring.of_bundle(path),
        task="regression",
        asked="head's predictions",
        inputs=scoring.files(inputs(tmp_path), name="data/evaluation"),
        without=None,
        seconds=120,
        memory=4_000_000_000,
        output=1_000_000,
    )
    (tmp_path / JOB).write_bytes(msgspec.json.encode(job))
    with pa.OSFile(str(tmp_path / ASKED), "wb") as sink, pa.ipc.new_file(sink, pa.schema([])) as writer:
        writer.close()
    command = [sys.executable, "-I", "-m", scoring_process.CHILD, str(tmp_path)]
    child = subprocess.Popen(command, stdin=subprocess.PIPE)
    assert child.stdin is not None
    child.stdin.close()
    assert child.wait(60) == 1


def test_without_onnxruntime_a_sentence_says_what_to_install(tmp_path: Path) -> None:
    python = _core_install(tmp_path / "core")
    path = scoring.write(tmp_path / "bundle", "regression")
    table = inputs(tmp_path)
    script = f"""
import pyarrow as pa
from pathlib import Path
from mergegate.bundle.scoring import Files, score
from mergegate.errors import MergegateError
try:
    score(Path({str(path)!r}), files=Files("models/bundle", {{}}), task="regression", row_id=pa.array([1]),
          asked="head", inputs=Files("inputs", {{"inputs": {str(table)!r}}}))
except MergegateError as error:
    print(type(error).__name__, error.exit_code, error.message, error.hint, sep="|")
"""
    done = subprocess.run(
        [str(python), "-I", "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == ("BrokenError|3|onnxruntime is not installed|pip install 'mergegate[serving]'\n")


def _core_install(folder: Path) -> Path:
    """A Python that has what the core install brings, and not the extras."""
    venv.create(folder, symlinks=True)
    (site,) = folder.glob("lib/python*/site-packages")
    for package in (mergegate, msgspec, numpy, pa):
        assert package.__file__ is not None
        place = Path(package.__file__).parent
        (site / place.name).symlink_to(place)
        if (libraries := place.with_name(f"{place.name}.libs")).is_dir():
            (site / libraries.name).symlink_to(libraries)
    return folder / "bin" / "python"


def test_answers_that_do_not_fit_are_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = scoring.write(tmp_path / "bundle", "regression")

    def forge(code: str) -> None:
        """A child that lies: another Python program in its place."""
        program = tmp_path / "liar.py"
        program.write_text(f"import pathlib, sys\nfolder = pathlib.Path(sys.argv[-1])\n{code}\n")
        python = tmp_path / "python"
        python.write_text(f'#!/bin/sh\nexec {sys.executable} -I {program} "$@"\n')
        python.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(python))

    real = sys.executable
    for report, arrays in (
        ('{"rows": 3}', {}),
        ('{"rows": 2}', {}),
        ('{"rows": 2}', {"rows.bin": "<2q", "answers.bin": "<3d"}),
        ('{"rows": 2, "classes": ["a"]}', {"rows.bin": "<2q", "answers.bin": "<2i"}),
        ('{"rows": -1}', {}),
        ('{"rows": 2, "left_out": 1}', {}),
    ):
        monkeypatch.setattr(sys, "executable", real)
        lines = [f"(folder / 'report.json').write_text({report!r})", "import struct"]
        for name, form in arrays.items():
            count = int(form[1])
            lines.append(f"(folder / {name!r}).write_bytes(struct.pack({form!r}, *[5] * {count}))")
        forge("\n".join(lines))
        with pytest.raises(BrokenError, match="gave answers that do not fit together"):
            run(path, scoring.QUICK)

    monkeypatch.setattr(sys, "executable", real)
    forge("print('Traceback: it broke', file=sys.stderr)\nraise SystemExit(3)")
    with pytest.raises(BrokenError) as error:
        run(path, scoring.QUICK)
    assert error.value.message == "the process that runs a bundle ended with the code 3"
    assert error.value.hint == "Traceback: it broke"

    monkeypatch.setattr(sys, "executable", str(tmp_path / "none"))
    with pytest.raises(BrokenError, match="can't be started to run a bundle: No such file"):
        run(path, scoring.QUICK)
