"""docs/everyday.md: what it tells people to type, typed; what it shows, shown."""

import re
from pathlib import Path

import yaml

from support.projects import Project

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "everyday.md").read_text()


def blocks() -> list[tuple[str, str]]:
    """Each block of commands, with the block of text right after it, "" without one."""
    found = re.findall(
        r"^```bash\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", PAGE, flags=re.DOTALL | re.MULTILINE
    )
    assert len(found) == PAGE.count("```bash")
    return found


def test_every_command_of_the_page_does_what_it_says(project: Project) -> None:
    for commands, text in blocks():
        said = ""
        for command in commands.splitlines():
            if command.startswith("mergegate") and ">" not in command:
                ended = project.mergegate(
                    *command.removesuffix(" || true").split()[1:], env={"COLUMNS": "80"}
                )
                said += ended.err + ended.out
                assert ended.code == (2 if command.endswith("|| true") else 0), said
            else:
                said += project.must("sh", "-ec", command)
        shown = "\n".join(line.rstrip() for line in said.splitlines()) + "\n"
        parts = (re.escape(part) for part in text.split("…"))
        assert not text or re.fullmatch(".*".join(parts), shown), shown
    assert project.mergegate("policy", "check").code == 0


def test_the_settings_for_pre_commit_name_a_hook_that_there_is() -> None:
    (block,) = re.findall(r"^```yaml\n(.*?)^```", PAGE, flags=re.DOTALL | re.MULTILINE)
    (repository,) = yaml.safe_load(block)["repos"]
    offered = yaml.safe_load((DOCS.parent / ".pre-commit-hooks.yaml").read_text())
    assert {hook["id"] for hook in repository["hooks"]} == {hook["id"] for hook in offered}
