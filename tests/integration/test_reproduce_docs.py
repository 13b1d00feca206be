"""docs/reproduce.md's example, typed."""

import re
from pathlib import Path

from mergegate import config
from support.pipelines import build_pipeline
from support.projects import POLICY

PAGE = (Path(__file__).parents[2] / "docs/reproduce.md").read_text()


def block(language: str) -> str:
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", PAGE, flags=re.DOTALL | re.MULTILINE)
    return str(found)


def test_what_is_typed_prints_what_the_page_shows(tmp_path: Path) -> None:
    project = build_pipeline(tmp_path / "home")
    project.git("checkout", "--quiet", "main")
    project.git("branch", "--quiet", "--delete", "change")
    mergegate = project.write("../bin/mergegate", '#!/bin/sh\nexec python -m mergegate "$@"\n')
    mergegate.chmod(0o755)
    said = project.must("bash", "-euo", "pipefail", "-c", f"PATH={mergegate.parent}:$PATH\n{block('bash')}")
    shown = re.escape(block("text")).replace("…", ".+")
    assert re.fullmatch(shown, said), said


def test_the_policy_shown_is_a_policy() -> None:
    policy = config.load((POLICY + block("yaml")).encode(), file="docs/reproduce.md")
    assert policy.reproduce.accept[0].stage == "train"
