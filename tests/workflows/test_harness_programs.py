"""What a step of the harness finds on its machine: an empty one, whose programs are quick and strict."""

import os
import select
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from support import warm
from support.actions.hosting import Hosting
from support.actions.samples import CHECKOUT, PYTHON, change, workflow
from support.actions.uses import Role
from support.repositories import Repository

pytestmark = pytest.mark.needs("node")

Start = Callable[..., tuple[Hosting, Repository]]

CHECK = ".github/workflows/check.yml"

PINNED = f"hatchling==1.0 \\\n    --hash=sha256:{'0' * 64}\ndvc==3.0 --hash=sha256:{'0' * 64}\n"
PROJECT = '[build-system]\nrequires = ["hatchling>=1"]\n[project]\nname = "mergegate"\n'
FILES = {"requirements.txt": PINNED, "loose.txt": "numpy\n", "pyproject.toml": PROJECT}
INSTALL = "pip install --require-hashes -r requirements.txt && pip install --no-deps --no-build-isolation ."


def log_of(start: Start, *steps: str, files: dict[str, str] | None = None, **more: str) -> str:
    hosting, work = start({CHECK: workflow(f"uses: {CHECKOUT}", *steps, **more), **FILES, **(files or {})})
    change(hosting, work)
    hosting.open("change")
    return hosting.runner.runs[0].job("one").log


def test_commands_are_there_when_they_were_installed_by_hashes(start: Start) -> None:
    log = log_of(
        start,
        "run: command -v mergegate || echo no mergegate",
        f"uses: {PYTHON}\nwith: {{python-version: '3.11'}}",
        f"run: {INSTALL}",
        "run: mergegate --version | sed s/^/piped-/; dvc --version; mergegate --nope",
    )
    assert "no mergegate\n" in log
    assert "piped-mergegate" in log
    assert log.endswith("No such option '--nope'.\n##[error]Process completed with exit code 2.\n")


def test_a_virtual_environment_is_a_place_of_its_own(start: Start) -> None:
    log = log_of(
        start,
        f"uses: {PYTHON}\nwith: {{python-version: '3.11'}}",
        'run: |\n  python -m venv "$RUNNER_TEMP/venv"\n  "$RUNNER_TEMP/venv/bin/python" -m pip install'
        ' --require-hashes -r requirements.txt\n  "$RUNNER_TEMP/venv/bin/pip" install --no-deps'
        ' --no-build-isolation .\n  "$RUNNER_TEMP/venv/bin/mergegate" --version'
        "\n  command -v mergegate || echo none",
    )
    assert "mergegate, version" in log
    assert "none\n" in log


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("pip install numpy", "numpy is no local project"),
        ("pip install -r requirements.txt", "--require-hashes is missing"),
        ("pip install --require-hashes -r loose.txt", "not pinned by a hash: numpy"),
        ("pip install --no-deps .", "a local project needs --no-deps and --no-build-isolation"),
        ("python -m pip install --no-deps --no-build-isolation .", "which builds ., is not installed"),
        ("pip download numpy", "only `install` is stood in for"),
    ],
)
def test_an_installation_that_is_not_pinned_fails(start: Start, command: str, why: str) -> None:
    log = log_of(start, f"uses: {PYTHON}\nwith: {{python-version: '3.11'}}", f"run: {command}")
    assert why in log
    assert "##[error]Process completed with exit code 1." in log


def test_a_step_sees_nothing_of_this_machine_and_reaches_nothing_beyond(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of-this-machine")
    log = log_of(
        start,
        "run: env | sort; curl -sS https://example.org || echo unreachable",
    )
    assert "of-this-machine" not in log
    assert "unreachable" in log
    assert "CI=true\n" in log
    assert "GITHUB_EVENT_NAME=pull_request\n" in log
    assert "GITHUB_TOKEN" not in log


@pytest.mark.parametrize(
    ("step", "permissions", "why"),
    [
        ("uses: actions/checkout@v7", "{}", "actions/checkout@v7 is not pinned"),
        ("uses: stranger/action@" + "0" * 40, "{}", "nothing stands in for the action stranger/action"),
        (
            "uses: actions/cache@27d5ce7f107fe9357f9df03efb73ab90386fccae\nwith: {path: a, key: b}",
            "statuses: write",
            "a cache in a job that may write",
        ),
        (f"uses: {CHECKOUT}\nwith: {{depth: 0}}", "contents: read", "has no input"),
    ],
)
def test_what_no_workflow_of_ours_may_do_fails_the_test(
    start: Start, step: str, permissions: str, why: str
) -> None:
    hosting, work = start({CHECK: workflow(step, permissions=permissions.strip("{}"))})
    change(hosting, work)
    with pytest.raises(AssertionError, match=why):
        hosting.open("change")


ROLE = (
    "uses: aws-actions/configure-aws-credentials@e6de054238d6b7531b4efff3b6587d9aade6a06c\n"
    "with: {role-to-assume: 'arn:aws:iam::1:role/r', aws-region: us-east-1}"
)


@pytest.mark.parametrize(
    ("permissions", "fork", "environment", "said"),
    [
        ("id-token: write, contents: read", "", "", "key=testing\n"),
        ("id-token: write, contents: read", "", "other", "Not authorized to perform"),
        ("contents: read", "", "", "the id-token permission is not there"),
        ("id-token: write, contents: read", "eve/flights", "", "the id-token permission is not there"),
    ],
)
def test_a_role_is_for_who_may_mint_an_identity_that_it_trusts(
    start: Start, permissions: str, fork: str, environment: str, said: str
) -> None:
    steps = (ROLE, "run: echo key=$AWS_ACCESS_KEY_ID")
    role = Role(("repo:team/flights:pull_request",), lambda: {"AWS_ACCESS_KEY_ID": "testing"})
    text = workflow(*steps, permissions=permissions)
    if environment:
        text = text.replace("    steps:\n", f"    environment: {environment}\n    steps:\n")
    hosting, work = start({CHECK: text}, roles={"arn:aws:iam::1:role/r": role})
    work.git("switch", "--quiet", "--create", "change")
    work.commit("Change")
    hosting.push(work.path, "change", to=fork)
    hosting.open("change", fork=fork)
    assert said in hosting.runner.runs[0].log


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_command_ends_with_the_program_that_asked_for_it(tmp_path: Path, number: signal.Signals) -> None:
    work = Repository.create(tmp_path)
    os.mkfifo(tmp_path / "told")
    work.write("dvc.yaml", f"stages: {{wait: {{cmd: 'echo $$ > {tmp_path}/told; exec sleep 1000'}}}}")
    program = tmp_path / "dvc"
    program.write_text(warm.client())
    program.chmod(0o755)
    asking = subprocess.Popen(
        [program, "repro"], cwd=work.path, env=work.environment, stderr=subprocess.DEVNULL
    )
    stage = os.pidfd_open(int((tmp_path / "told").read_text()))
    asking.send_signal(number)
    assert asking.wait(30) != 0
    # A process's end makes its handle readable.
    assert select.select([stage], [], [], 30)[0] == [stage]
    os.close(stage)
