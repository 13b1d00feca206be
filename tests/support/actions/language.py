"""GitHub's own parser and expressions, in one node process per session."""

import atexit
import json
import subprocess
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

NODE = Path(__file__).parents[2] / "node"

# What the bundle needs besides: one of its packages is CommonJS.
REQUIRE = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);'


class Step(msgspec.Struct, frozen=True, rename={"condition": "if", "inputs": "with"}):
    """One step as written; `condition` is its `if` as GitHub evaluates it."""

    id: str
    condition: str
    name: str = ""
    uses: str = ""
    run: str = ""
    shell: str = ""
    working_directory: str = msgspec.field(default="", name="working-directory")
    inputs: dict[str, Any] = {}
    env: dict[str, Any] = {}
    continue_on_error: bool | str = msgspec.field(default=False, name="continue-on-error")
    timeout_minutes: float | str = msgspec.field(default=360, name="timeout-minutes")


class Job(msgspec.Struct, frozen=True, rename={"condition": "if"}):
    """One job as written; `permissions` None are the workflow's."""

    id: str
    condition: str
    needs: tuple[str, ...]
    steps: tuple[Step, ...]
    name: str = ""
    permissions: dict[str, str] | str | None = None
    env: dict[str, Any] = {}
    outputs: dict[str, str] = {}
    defaults: dict[str, dict[str, str]] = {}
    concurrency: dict[str, Any] | str | None = None
    strategy: dict[str, Any] | None = None
    environment: dict[str, Any] | str | None = None
    continue_on_error: bool | str = msgspec.field(default=False, name="continue-on-error")
    timeout_minutes: float | str = msgspec.field(default=360, name="timeout-minutes")


class Workflow(msgspec.Struct, frozen=True):
    """A valid workflow: its triggers, and its jobs in an order that their needs allow."""

    events: dict[str, Any]
    jobs: tuple[Job, ...]
    name: str = ""
    run_name: str = msgspec.field(default="", name="run-name")
    permissions: dict[str, str] | str | None = None
    env: dict[str, Any] = {}
    defaults: dict[str, dict[str, str]] = {}
    concurrency: dict[str, Any] | str | None = None


class Action(msgspec.Struct, frozen=True):
    """A composite action."""

    inputs: dict[str, dict[str, Any]]
    outputs: dict[str, dict[str, Any]]
    steps: tuple[Step, ...]


class InvalidFileError(Exception):
    """GitHub would refuse the file; the run is a start-up failure."""


class Scope(msgspec.Struct, frozen=True):
    """What an expression sees: contexts by name, the status functions' answers, the folder of hashFiles."""

    contexts: Mapping[str, Any]
    status: Mapping[str, bool]
    workspace: str


def read_workflow(name: str, content: str) -> Workflow:
    """Parse and validate a workflow. Raises InvalidFileError."""
    return msgspec.convert(_read("workflow", name, content), Workflow)


def read_action(name: str, content: str) -> Action:
    """Parse and validate a composite action. Raises InvalidFileError."""
    return msgspec.convert(_read("action", name, content), Action)


def interpolate(tree: Any, scope: Scope) -> Any:
    """`tree` with every `${{ }}` in its strings evaluated."""
    return _ask("interpolate", tree=tree, **msgspec.structs.asdict(scope))


def text(value: Any, scope: Scope) -> str:
    """A scalar as the string that a step gets."""
    found = interpolate(value, scope)
    if isinstance(found, bool):
        return "true" if found else "false"
    return "" if found is None else str(found)


def holds(condition: str, scope: Scope) -> bool:
    """Whether an `if` is true."""
    return bool(_ask("condition", expression=condition, **msgspec.structs.asdict(scope)))


@cache
def _read(what: str, name: str, content: str) -> Any:
    found = _ask(what, name=name, content=content)
    if found["errors"]:
        raise InvalidFileError("\n".join(found["errors"]))
    return found


def _ask(what: str, **asked: Any) -> Any:
    process = _start()
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps({"what": what, **asked}) + "\n")
    process.stdin.flush()
    answer = json.loads(process.stdout.readline())
    if "error" in answer:
        raise ValueError(f"{answer['error']}: {asked.get('tree', asked.get('expression'))!r}")
    return answer["answer"]


@cache
def _start() -> "subprocess.Popen[str]":
    folder = tempfile.TemporaryDirectory(prefix="actions-")
    bundle = f"{folder.name}/workflows.mjs"
    subprocess.run(
        [
            str(NODE / "node_modules" / ".bin" / "esbuild"),
            str(NODE / "workflows.mjs"),
            "--bundle",
            "--platform=node",
            "--format=esm",
            "--log-level=warning",
            f"--banner:js={REQUIRE}",
            f"--outfile={bundle}",
        ],
        check=True,
        timeout=60,
    )
    process = subprocess.Popen(
        ["node", bundle], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )

    def stop() -> None:
        assert process.stdin is not None
        process.stdin.close()
        process.wait()
        folder.cleanup()

    atexit.register(stop)
    return process
