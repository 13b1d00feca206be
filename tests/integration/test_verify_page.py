"""docs/why-verify.md: its commands, typed as they stand where nothing is wrong."""

import re
from pathlib import Path

from support.quick import ask
from support.states import build

PAGE = (Path(__file__).parents[2] / "docs/why-verify.md").read_text()


def test_every_command_of_the_page_finds_a_whole_project_whole(tmp_path: Path) -> None:
    made = build(tmp_path / "built")
    made.run("git", "tag", "v1.4.0")
    (block,) = re.findall(r"^```bash\n(.*?)^```", PAGE, flags=re.DOTALL | re.MULTILINE)
    commands = [line.partition("#")[0].strip() for line in block.splitlines()]
    assert [command.split()[1] for command in commands] == ["verify", "verify", "verify", "push"]
    for command in commands:
        done = ask(made, command)
        assert done.returncode == 0, (command, done.stdout, done.stderr)
