"""What stands in for the actions that a workflow names: pinned, and with inputs that they really have."""

import base64
import secrets
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from support.actions.archives import pack, unpack
from support.actions.machine import FailedStepError, Machine
from support.actions.runs import Run
from support.home import isolated

APP = "mergegate-app[bot]"
"""Who an App's token is."""


@dataclass(frozen=True)
class Role:
    """A role of AWS's: its trust policy admits `subjects`, patterns in which `*` is any text.

    `assume` gives new credentials of it, as environment variables.
    """

    subjects: tuple[str, ...]
    assume: Callable[[], Mapping[str, str]]


@dataclass(frozen=True)
class Call:
    """One use of an action: `inputs` by name, the job's machine, `permissions` and `token`.

    `environment` is the job's, empty for none; `roles` are those of AWS's by their names there.
    """

    inputs: Mapping[str, str]
    machine: Machine
    run: Run
    job: str
    permissions: Mapping[str, str]
    token: str
    github: Mapping[str, Any]
    environment: str
    roles: Mapping[str, Role]

    def given(self, name: str, default: str = "") -> str:
        return self.inputs.get(name, "") or default

    def is_on(self, name: str, default: bool) -> bool:
        return self.given(name, str(default)).lower() == "true"


def checkout(call: Call) -> dict[str, str]:
    """Fetch from the remote as actions/checkout does; by default the commit that the run belongs to."""
    github, machine = call.github, call.machine
    repository = call.given("repository", github["repository"])
    target = (machine.workspace / call.given("path")).resolve()
    if not target.is_relative_to(machine.workspace.resolve()):
        raise FailedStepError(f"Repository path '{target}' is not under '{machine.workspace}'")
    own = repository == github["repository"]
    asked = call.given("ref")
    ref, commit = _place(asked, github) if asked or own else ("HEAD", "")
    token = call.given("token", call.token)
    secret = base64.b64encode(f"x-access-token:{token}".encode()).decode()
    url = f"{github['server_url']}/{repository}"
    settings = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"http.{github['server_url']}/.extraheader",
        "GIT_CONFIG_VALUE_0": f"AUTHORIZATION: basic {secret}",
    }

    def git(*arguments: str, **more: str) -> str:
        done = subprocess.run(
            ["git", *arguments],
            cwd=target,
            env={**isolated(machine.folder / "checkout-home"), **more},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        machine.write(f"git {' '.join(arguments)}\n{done.stdout}{done.stderr}".rstrip())
        if done.returncode:
            raise FailedStepError(f"The process 'git' failed with exit code {done.returncode}")
        return done.stdout.strip()

    target.mkdir(parents=True, exist_ok=True)
    if (target / ".git").exists():
        git("clean", "-ffdx")
    else:
        _empty(target)
        git("init", "--quiet", "--initial-branch", "main")
        git("remote", "add", "origin", url)
    depth = call.given("fetch-depth", "1")
    if depth == "0":
        git(
            "fetch",
            "--quiet",
            "--prune",
            "origin",
            "+refs/heads/*:refs/remotes/origin/*",
            "+refs/tags/*:refs/tags/*",
            **settings,
        )
    wanted = commit or ref
    limit = [] if depth == "0" else [f"--depth={depth}"]
    git("fetch", "--quiet", "--no-tags", *limit, "origin", wanted, **settings)
    found = git("rev-parse", "FETCH_HEAD")
    if ref.startswith("refs/heads/"):
        branch = ref.removeprefix("refs/heads/")
        git("update-ref", f"refs/remotes/origin/{branch}", found)
        git("checkout", "--quiet", "--force", "-B", branch, f"refs/remotes/origin/{branch}")
    else:
        git("checkout", "--quiet", "--force", "--detach", found)
    if call.is_on("persist-credentials", True):
        kept = machine.temp / "git-credentials.config"
        kept.write_text(
            f'[http "{github["server_url"]}/"]\n\textraheader = {settings["GIT_CONFIG_VALUE_0"]}\n'
        )
        git("config", "--local", "include.path", str(kept))
    return {"ref": asked or str(github["ref"]), "commit": found}


def _place(asked: str, github: Mapping[str, Any]) -> tuple[str, str]:
    """(ref, commit) to fetch, one of them empty but for the run's own."""
    if not asked:
        return str(github["ref"]), str(github["sha"])
    if len(asked) == 40 and set(asked) <= set("0123456789abcdef"):
        return "", asked
    return (asked if asked.startswith("refs/") else f"refs/heads/{asked}"), ""


def _empty(folder: Path) -> None:
    for each in folder.iterdir():
        if each.is_dir() and not each.is_symlink():
            shutil.rmtree(each)
        else:
            each.unlink()


def setup_python(call: Call) -> dict[str, str]:
    """Put the tests' own Python on PATH."""
    if call.given("cache"):
        _refuse_cache(call)
    folder = call.machine.set_up_python()
    return {"python-version": call.given("python-version"), "python-path": str(folder / "python")}


def upload_artifact(call: Call) -> dict[str, str]:
    """Zip what `path` names into the run's artifact."""
    name = call.given("name", "artifact")
    if set(name) & set('":<>|*?\r\n\\/'):
        raise FailedStepError(f"The artifact name is not valid: {name}")
    data = pack(call.machine.workspace, call.given("path"), hidden=call.is_on("include-hidden-files", False))
    if data is None:
        sentence = f"No files were found with the provided path: {call.given('path')}."
        kind = call.given("if-no-files-found", "warn")
        if kind == "error":
            raise FailedStepError(sentence)
        if kind == "warn":
            call.machine.annotations.append(("warning", sentence))
        return {}
    if name in call.run.artifacts and not call.is_on("overwrite", False):
        raise FailedStepError("Conflict: an artifact with this name already exists on the workflow run")
    return {"artifact-id": str(call.run.keep_artifact(name, data))}


def download_artifact(call: Call) -> dict[str, str]:
    """Unzip an artifact of the same run, named or by its id."""
    assert not call.given("run-id"), "an artifact of another run is judge's to open, with bounds"
    name, identifier = call.given("name"), call.given("artifact-ids")
    assert bool(name) != bool(identifier), "the stand-in for actions/download-artifact takes one name or id"
    kept = call.run.server.artifacts.values()
    own = [each for each in kept if each.run_id == call.run.id and identifier in ("", str(each.id))]
    found = [each for each in own if name in ("", each.name) and not each.expired]
    if not found:
        raise FailedStepError(
            f"Unable to download artifact(s): Artifact not found for name: {name or identifier}"
        )
    target = call.machine.workspace / call.given("path")
    unpack(found[-1].data, target)
    return {"download-path": str(target)}


def cache(call: Call) -> dict[str, str]:
    """Find nothing; a job that can write, or that judges, may not even ask."""
    _refuse_cache(call)
    return {"cache-hit": "false"}


def _refuse_cache(call: Call) -> None:
    writes = [name for name, level in call.permissions.items() if level == "write"]
    assert not writes, f"{call.run.path} {call.job}: a cache in a job that may write {writes}"
    assert call.job not in ("judge", "post"), f"{call.run.path} {call.job}: a cache in a trusted job"


def configure_aws(call: Call) -> dict[str, str]:
    """Assume a role for a job that may mint an identity, and whom the role's trust policy admits."""
    if not call.given("aws-region"):
        raise FailedStepError("Input required and not supplied: aws-region")
    if call.permissions.get("id-token") != "write":
        raise FailedStepError("Credentials could not be loaded: the id-token permission is not there")
    role = call.roles.get(call.given("role-to-assume"))
    subject = _subject(call)
    if role is None or not any(fnmatchcase(subject, pattern) for pattern in role.subjects):
        raise FailedStepError(
            "Could not assume role with OIDC: Not authorized to perform sts:AssumeRoleWithWebIdentity"
        )
    given = role.assume()
    secret = [value for name, value in given.items() if name != "AWS_ACCESS_KEY_ID"]
    call.machine.masks.extend(secret)
    call.run.secrets.extend(secret)
    region = call.given("aws-region")
    call.machine.environment.update({**given, "AWS_REGION": region, "AWS_DEFAULT_REGION": region})
    return {}


def _subject(call: Call) -> str:
    """Who a job's identity says that it is, as GitHub words it by default."""
    repository = f"repo:{call.github['repository']}"
    if call.environment:
        return f"{repository}:environment:{call.environment}"
    if call.github["event_name"] == "pull_request":
        return f"{repository}:pull_request"
    return f"{repository}:ref:{call.github['ref']}"


def create_app_token(call: Call) -> dict[str, str]:
    """Mint a token of an App's installation, if its key is there; its pull requests start workflows."""
    if not call.given("private-key"):
        raise FailedStepError("Input required and not supplied: private-key")
    asked = {
        name.removeprefix("permission-"): level
        for name, level in call.inputs.items()
        if "permission-" in name
    }
    token = f"ghs_{secrets.token_hex(18)}"
    call.run.server.add_token(token, asked, login=APP)
    call.machine.masks.append(token)
    return {"token": token, "app-slug": APP.removesuffix("[bot]")}


class Action:
    """A stand-in: the commit that may be named, the inputs that there are, and what it does."""

    def __init__(self, commit: str, inputs: str, perform: Callable[[Call], dict[str, str]]) -> None:
        self.commit = commit
        self.inputs = frozenset(inputs.split())
        self.perform = perform


ACTIONS = {
    "actions/checkout": Action(
        "3d3c42e5aac5ba805825da76410c181273ba90b1",
        "repository ref token path persist-credentials clean fetch-depth fetch-tags show-progress",
        checkout,
    ),
    "actions/setup-python": Action(
        "5fda3b95a4ea91299a34e894583c3862153e4b97",
        "python-version python-version-file cache cache-dependency-path check-latest allow-prereleases",
        setup_python,
    ),
    "actions/upload-artifact": Action(
        "bbbca2ddaa5d8feaa63e36b76fdaad77386f024f",
        "name path if-no-files-found retention-days compression-level overwrite include-hidden-files",
        upload_artifact,
    ),
    "actions/download-artifact": Action(
        "3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c",
        "name artifact-ids path run-id github-token",
        download_artifact,
    ),
    "actions/cache": Action(
        "27d5ce7f107fe9357f9df03efb73ab90386fccae",
        "path key restore-keys fail-on-cache-miss lookup-only",
        cache,
    ),
    "actions/create-github-app-token": Action(
        "bcd2ba49218906704ab6c1aa796996da409d3eb1",
        "client-id app-id private-key owner repositories "
        "permission-actions permission-contents permission-pull-requests permission-statuses",
        create_app_token,
    ),
    "aws-actions/configure-aws-credentials": Action(
        "e6de054238d6b7531b4efff3b6587d9aade6a06c",
        "role-to-assume aws-region role-session-name role-duration-seconds audience",
        configure_aws,
    ),
}


def find_action(uses: str) -> Action:
    """The stand-in for `owner/name@commit`. Fails the test for an unknown or unpinned one."""
    name, _, commit = uses.partition("@")
    assert name in ACTIONS, f"nothing stands in for the action {uses}"
    assert commit == ACTIONS[name].commit, f"{uses} is not pinned to {ACTIONS[name].commit}"
    return ACTIONS[name]
