"""A repository on the stand-in in which nobody can skip the gate; tests open one hole of it at a time.

with closed() as github:                       # the token `admin` sees everything, `reader` hardly anything
    github.settings.rulesets[0].bypass.append({"actor_type": "DeployKey", "actor_id": None, ...})
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from support.github.server import GitHubServer
from support.github.settings import Environment, Ruleset
from support.github.state import Pull, Status

TOP = Path(__file__).parents[3]

APP = 4242
"""The team's own App, which sets the status."""

BOT = "mergegate-app[bot]"

KEY = "MERGEGATE_APP_KEY"

SEES = {
    "actions": "read",
    "administration": "write",
    "contents": "read",
    "environments": "read",
    "pull_requests": "read",
    "secrets": "read",
    "statuses": "read",
}

OWNERS = """\
* @team/people
/mergegate.yaml @team/owners
/.github/ @team/owners
"""

POLICY = """\
version: 1
protected: [release/*]
models:
  late:
    bundle: models/bundle
    evaluation: {task: binary, positive: "1", predictions: predictions.parquet, inputs: inputs.parquet}
    gates:
      metrics:
        - {name: roc_auc, min: 0.6, max_regression: 0.05}
"""

POSTING = ("pending", "post", "conflicts")


def give_app(workflow: str) -> str:
    """A workflow as docs/github.md has it where an App sets the status: environment, step, token."""
    told = (TOP / "docs/github.md").read_text()
    step = re.search(r"^      - name: Ask for the App's token\n.*?(?=^      - name:)", told, re.M | re.S)
    assert step is not None
    head, *jobs = re.split(r"^(?=  [a-z]+:\n    name: )", workflow, flags=re.M)
    for place, job in enumerate(jobs):
        if job.partition(":")[0].strip() in POSTING:
            before, last = job.rsplit("      - name: ", 1)
            before = before.replace(
                "    runs-on: ubuntu-24.04\n", "    runs-on: ubuntu-24.04\n    environment: mergegate\n"
            )
            last = re.sub(
                r"(          run: \w+\n)", r"\1          token: ${{ steps.app.outputs.token }}\n", last
            )
            jobs[place] = f"{before}{step[0]}      - name: {last}"
    return head + "".join(jobs)


def own_files() -> dict[str, bytes]:
    """This repository's workflows, whose status an App sets, with owners and a policy."""
    folder = TOP / ".github/workflows"
    names = ("review.yml", "comment.yml", "verify.yml", "scheduled.yml")
    files = {f".github/workflows/{name}": (folder / name).read_text() for name in names}
    for name in names[1:3]:
        files[f".github/workflows/{name}"] = give_app(files[f".github/workflows/{name}"])
    files |= {".github/CODEOWNERS": OWNERS, "mergegate.yaml": POLICY}
    return {path: text.encode() for path, text in files.items()}


def rules(*, app: int | None = APP) -> list[dict[str, Any]]:
    """The rules of docs/github.md."""
    check: dict[str, Any] = {"context": "mergegate"}
    if app is not None:
        check["integration_id"] = app
    return [
        {"type": "deletion"},
        {"type": "non_fast_forward"},
        {
            "type": "pull_request",
            "parameters": {
                "required_approving_review_count": 1,
                "dismiss_stale_reviews_on_push": True,
                "require_code_owner_review": True,
                "require_last_push_approval": False,
                "required_review_thread_resolution": False,
                "allowed_merge_methods": ["merge", "squash"],
            },
        },
        {
            "type": "required_status_checks",
            "parameters": {
                "required_status_checks": [check],
                "strict_required_status_checks_policy": True,
                "do_not_enforce_on_create": False,
            },
        },
    ]


def close(github: GitHubServer, files: Mapping[str, bytes] | None = None) -> None:
    """Close every hole; `files` are those of the default branch, by default this repository's workflows."""
    settings = github.settings
    settings.files = dict(own_files() if files is None else files)
    only = Ruleset(1, "protect", rules(), include=["~DEFAULT_BRANCH", "refs/heads/release/*"])
    settings.rulesets = [only]
    settings.collaborators = {"ada": "admin", "bob": "write", "cyn": "write", "dot": "read"}
    settings.actions["sha_pinning_required"] = True
    settings.fork_approval = "all_external_contributors"
    settings.environments = [
        Environment("mergegate", [("main", "branch")], kept=[KEY]),
        Environment("ingest", [("main", "branch")]),
    ]
    github.add_token("admin", SEES, login="ada", user=True)
    github.add_token("reader", {"contents": "read", "actions": "read"}, login="dot", user=True)


@contextmanager
def closed() -> Iterator[GitHubServer]:
    """A GitHub with every hole closed, a second protected branch, and a pull request that was judged."""
    with GitHubServer() as github:
        close(github)
        github.branches["release/1.0"] = "2" * 40
        add_judged(github)
        yield github


def now() -> str:
    """This moment as GitHub writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def add_judged(
    github: GitHubServer, *, state: str = "success", by: str = BOT, sha: str = "c" * 40, **pull: Any
) -> Pull:
    """A pull request that moved just now, judged."""
    opened = github.add_pull(head_sha=sha, updated_at=now(), **pull)
    if state:
        github.statuses.append(Status(github.next_id(), sha, "mergegate", state, "judged", creator=by))
    return opened
