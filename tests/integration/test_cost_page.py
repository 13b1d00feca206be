"""docs/cost.md: its commands run as they stand, and its figures are of the size that they give."""

import os
import re
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
PAGE = (REPOSITORY / "docs/cost.md").read_text()


def test_the_commands_of_the_page_measure_what_it_says(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", REPOSITORY.as_uri(), clone], check=True)
    subprocess.run(["git", "checkout", "--quiet", "-B", "main"], cwd=clone, check=True)
    (script,) = re.findall(r"^```bash\n(.*?)^```", PAGE, flags=re.DOTALL | re.MULTILINE)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=clone,
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    report, evidence = (int(line.split()[0]) for line in done.stdout.splitlines()[-2:])
    # 0.3 and 0.9 MB on the page; folders count for some kB.
    assert 200_000 < report < 500_000
    assert 800_000 < evidence < 1_200_000


def test_the_numbers_of_packages_are_those_of_the_locks() -> None:
    told = re.findall(r"(\d+)(?: packages)? of\s+`(requirements/\w+\.txt)`", PAGE)
    assert [name for _, name in told] == ["requirements/judge.txt", "requirements/post.txt"]
    for number, name in told:
        assert len(re.findall(r"^[a-z0-9][^\s=]*==", (REPOSITORY / name).read_text(), re.MULTILINE)) == int(
            number
        )
