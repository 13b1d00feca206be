"""What the rules about workflows look at: each file of ours, and each workflow that a paper shows."""

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".github/workflows"
OWN = ("ci.yml", "comment.yml", "release-toolkit.yml", "review.yml", "scheduled.yml", "verify.yml")
PAPER = ROOT / "docs/github.md"
TRUSTED = ("pending", "judge", "post", "conflicts")
"""Jobs that decide or write: none may run, check out or restore what a change could have touched."""

PINS = {
    "actions/checkout": ("3d3c42e5aac5ba805825da76410c181273ba90b1", "v7.0.1"),
    "actions/setup-python": ("5fda3b95a4ea91299a34e894583c3862153e4b97", "v7.0.0"),
    "actions/upload-artifact": ("bbbca2ddaa5d8feaa63e36b76fdaad77386f024f", "v7.0.0"),
    "actions/download-artifact": ("3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c", "v8.0.1"),
    "actions/create-github-app-token": ("bcd2ba49218906704ab6c1aa796996da409d3eb1", "v3.2.0"),
    "aws-actions/configure-aws-credentials": ("e6de054238d6b7531b4efff3b6587d9aade6a06c", "v6.2.3"),
    "pypa/gh-action-pypi-publish": ("dc37677b2e1c63e2034f94d8a5b11f265b73ba33", "v1.14.2"),
    # What papers call the commit that an adopter has read.
    "mergegate/mergegate": ("1" * 40, "v0.1.0"),
}


def parse(text: str) -> dict[str, Any]:
    """A workflow or an action; by YAML 1.2, in which `on` is a word."""
    return deepcopy(_parse(text))


@cache
def _parse(text: str) -> dict[str, Any]:
    found = YAML(typ="safe", pure=True).load(text)
    assert isinstance(found, dict)
    return found


def shown() -> dict[str, str]:
    """The whole workflows that the paper shows, by a name."""
    blocks = re.findall(r"^```yaml\n(name: .*?)^```", PAPER.read_text(), flags=re.DOTALL | re.MULTILINE)
    assert len(blocks) == 3
    return dict(zip(("review.yml", "comment.yml", "review-with-role.yml"), blocks, strict=True))


def fragments() -> list[str]:
    """The steps that the paper shows without their workflow."""
    return re.findall(r"^```yaml\n( +- .*?)^```", PAPER.read_text(), flags=re.DOTALL | re.MULTILINE)


@cache
def texts() -> dict[str, str]:
    """Every file under the rules: ours, the action, what the paper shows."""
    ours = {name: (FOLDER / name).read_text() for name in OWN}
    theirs = {f"docs: {name}": text for name, text in shown().items()}
    parts = {f"docs: part {number}": text for number, text in enumerate(fragments())}
    return {**ours, "action.yml": (ROOT / "action.yml").read_text(), **theirs, **parts}


def workflows() -> dict[str, str]:
    """Those of them that are whole workflows."""
    return {name: text for name, text in texts().items() if name != "action.yml" and "part" not in name}


def jobs(workflow: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from workflow["jobs"].items()


def steps(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """All steps of a workflow or of a composite action."""
    if "runs" in document:
        return list(document["runs"]["steps"])
    return [step for _, job in jobs(document) for step in job["steps"]]
