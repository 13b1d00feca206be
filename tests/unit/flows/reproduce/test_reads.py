"""A stage's Python is watched without noticing it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mergegate.flows.reproduce import reads
from mergegate.flows.reproduce.environment import find_dvc, make_environment


def run(
    folder: Path, script: str, *, stage: str = "train", **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a script as a stage's command would be, its reports in `folder`/reads."""
    environment = reads.observe({**os.environ, **variables}, folder / "reads")
    watched = {**environment, "DVC_STAGE": stage} if stage else dict(environment)
    return subprocess.run(
        ["python", "-c", script], cwd=folder, env=watched, capture_output=True, text=True, check=False
    )


def test_what_is_opened_is_reported_once_by_its_whole_path(tmp_path: Path) -> None:
    (tmp_path / "a b\n.txt").write_text("x")
    script = (
        "import os\nfor _ in range(3): open('a b\\n.txt')\nos.close(os.open('out', os.O_WRONLY | os.O_CREAT))"
    )
    assert run(tmp_path, script).returncode == 0
    seen = reads.read_seen(tmp_path / "reads")
    assert str(tmp_path / "a b\n.txt") in seen.read
    assert {path for path in seen.written if path.startswith(str(tmp_path))} == {str(tmp_path / "out")}


def test_dvc_itself_is_not_watched(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    run(tmp_path, "open('a')", stage="")
    assert reads.read_seen(tmp_path / "reads") == reads.Seen()


def test_an_environments_own_sitecustomize_still_runs(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "sitecustomize.py").write_text("VALUE = 42\n")
    done = run(tmp_path, "import sitecustomize; print(sitecustomize.VALUE)", PYTHONPATH=str(own))
    assert (done.stdout, done.stderr) == ("42\n", "")


def test_without_one_nothing_is_said_and_nothing_is_left_on_the_path(tmp_path: Path) -> None:
    done = run(tmp_path, f"import sys; print({str(tmp_path / 'python')!r} in sys.path)")
    assert (done.stdout, done.stderr) == ("False\n", "")


def test_a_stage_that_closes_all_files_goes_on_untouched(tmp_path: Path) -> None:
    script = "import os\nos.closerange(3, 100)\nopen('out', 'w').write('whole')\nopen('other', 'w').close()"
    done = run(tmp_path, script)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "out").read_text() == "whole"


def test_a_report_that_cannot_be_written_breaks_nothing(tmp_path: Path) -> None:
    environment = reads.observe(dict(os.environ), tmp_path / "reads")
    (tmp_path / "reads").unlink()
    done = subprocess.run(
        ["python", "-c", "print(1)"],
        env={**environment, "DVC_STAGE": "x"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("1\n", "")
    (tmp_path / "file").touch()
    assert reads.observe({"PATH": "/bin"}, tmp_path / "file" / "reads") == {"PATH": "/bin"}


def test_being_watched_costs_little(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    script = "import time\nstart = time.process_time()\nfor _ in range(20_000): open('a').close()\n"
    script += "print(time.process_time() - start)"
    watched = min(float(run(tmp_path, script).stdout) for _ in range(3))
    plain = min(float(run(tmp_path, script, stage="").stdout) for _ in range(3))
    assert watched < 2.5 * plain, (watched, plain)


def test_dvc_is_not_taken_from_where_the_branch_could_put_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trap = tmp_path / "dvc"
    trap.write_text("#!/bin/sh\n")
    trap.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f".{os.pathsep}{os.pathsep}{os.environ['PATH']}")
    assert Path(find_dvc()) == Path(sys.executable).parent / "dvc"


def test_what_would_redirect_git_or_dvc_is_not_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "DVC_ROOT", "DVC_STAGE", "DVC_EXP_NAME"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("GIT_SSH_COMMAND", "ssh -v")
    made = make_environment(Path("site"))
    assert {name for name, value in made.items() if value == "x"} == set()
    assert (made["GIT_SSH_COMMAND"], made["DVC_SITE_CACHE_DIR"]) == ("ssh -v", "site")
