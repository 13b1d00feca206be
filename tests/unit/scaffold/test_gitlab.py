import re
from pathlib import Path
from typing import Any

import yaml

from mergegate.scaffold.gitlab import render_job

PAPER = Path(__file__).parents[3] / "docs/gitlab.md"
SOURCE = "mergegate[judge] @ git+https://github.com/team/mergegate@main"


def job(*, project: str = "") -> dict[str, Any]:
    install = ["pip install --require-hashes -r requirements.txt"]
    text = render_job(python="3.11", install=install, source=SOURCE, project=project)
    found: dict[str, Any] = yaml.safe_load(text)["review"]
    return found


def test_the_job_is_the_papers_and_installs_mergegate_itself() -> None:
    (shown,) = re.findall(r"^```yaml\n(.*?)^```", PAPER.read_text(), flags=re.DOTALL | re.MULTILINE)
    made = job()
    assert made["script"].pop(1) == f"python -m pip install '{SOURCE}'"
    assert made == yaml.safe_load(shown)["review"]


def test_a_project_in_a_subfolder_is_entered_first() -> None:
    made = job(project="it's: #1")
    assert made["script"][0] == made["after_script"][0] == "cd 'it'\\''s: #1'"
    assert made["artifacts"]["paths"] == ["it's: #1/reports/review"]
