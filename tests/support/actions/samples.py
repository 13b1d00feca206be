"""Small workflows for tests of the harness, and what they use."""

from support.actions.hosting import Hosting
from support.repositories import Repository

CHECKOUT = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1"
UPLOAD = "actions/upload-artifact@bbbca2ddaa5d8feaa63e36b76fdaad77386f024f"
DOWNLOAD = "actions/download-artifact@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c"
PYTHON = "actions/setup-python@5fda3b95a4ea91299a34e894583c3862153e4b97"


def workflow(
    *steps: str,
    name: str = "check",
    on: str = "pull_request",
    more: str = "",
    permissions: str = "contents: read",
) -> str:
    """A workflow of one job whose steps are written in YAML's flow style or as blocks."""
    lines = "\n".join("      - " + step.replace("\n", "\n        ") for step in steps)
    return (
        f"name: {name}\non: {on}\npermissions: {{{permissions}}}\n{more}\n"
        f"jobs:\n  one:\n    runs-on: ubuntu-latest\n    steps:\n{lines}\n"
    )


def change(hosting: Hosting, work: Repository, branch: str = "change", message: str = "Change") -> str:
    """Push a branch with a commit of its own."""
    work.git("switch", "--quiet", "--create", branch, "main")
    work.write(f"{branch}.txt", branch)
    work.commit(message)
    return hosting.push(work.path, branch)
