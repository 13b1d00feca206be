"""What the papers tell people to type is typed here, in a fresh clone of the last commit."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mergegate import config

REPOSITORY = Path(__file__).parents[2]
BINARY = Path(sys.executable).parent

ELSEWHERE = ("make demo", "make test")
"""Commands with tests of their own, or that would run these tests again."""

BLOCK = "=== another block ==="


def code_blocks(document: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", document.read_text(), flags=re.DOTALL | re.MULTILINE)


@pytest.fixture
def clone(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone on `main` that uses this environment instead of installing another.

    All pages share one DVC cache, as the projects on a machine may: a run that one page asks for is not run
    again for the next, whichever worker has it.
    """
    target = tmp_path / "clone"
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    (tmp_path / "dvc-settings").mkdir()
    (tmp_path / "dvc-settings/config").write_text(f"[cache]\n    dir = {shared / 'dvc-cache'}\n")
    subprocess.run(["git", "clone", "--quiet", "--no-checkout", REPOSITORY.as_uri(), target], check=True)
    head = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=REPOSITORY, check=True, capture_output=True, text=True
    ).stdout.strip()
    subprocess.run(["git", "remote", "remove", "origin"], cwd=target, check=True)
    subprocess.run(["git", "checkout", "--quiet", "-B", "main", head], cwd=target, check=True)
    (target / ".venv").symlink_to(BINARY.parent)
    # Older than the environment's stamp: `make` must not install the clone over the environment in use.
    for name in ("pyproject.toml", "requirements/dev.txt", "requirements/uv.txt"):
        os.utime(target / name, (0, 0))
    return target


def environment(folder: Path) -> dict[str, str]:
    # DVC's experiments read git's dates in another form than the tests set them in.
    kept = {name: value for name, value in os.environ.items() if not name.endswith("_DATE")}
    return {
        **kept,
        "DVC_NO_ANALYTICS": "1",
        "DVC_SITE_CACHE_DIR": str(folder / "site-cache"),
        "DVC_GLOBAL_CONFIG_DIR": str(folder / "dvc-settings"),
    }


def type_in(script: str, clone: Path) -> subprocess.CompletedProcess[str]:
    """Type a document's commands into one shell; the first that fails ends it."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=clone,
        env=environment(clone.parent),
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done


def test_every_command_of_the_readme_works_in_the_order_it_stands(clone: Path) -> None:
    blocks = code_blocks(clone / "README.md", "bash")
    assert [word for word in ELSEWHERE if word in blocks[0]] == list(ELSEWHERE)
    done = type_in("\n".join(blocks[1:]), clone)
    assert done.stdout.count("train.model") >= 2
    assert '"outcome": "passed"' in (clone / "review.json").read_text()


def test_the_python_of_the_readme_writes_a_file_that_meets_the_contract(tmp_path: Path) -> None:
    (block,) = code_blocks(REPOSITORY / "README.md", "python")
    check = (
        "from pathlib import Path; from mergegate.predictions import read;"
        "print(read(Path('reports/predictions.parquet'), task='binary', positive='late', name='it').rows)"
    )
    done = subprocess.run(
        [sys.executable, "-c", f"{block}\n{check}"], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    assert done.stdout == "3\n"


def test_the_tutorial_can_be_followed_word_by_word(clone: Path) -> None:
    done = type_in("\n".join(code_blocks(clone / "docs/first-pull-request.md", "bash")), clone)
    assert re.findall(r"^(Failed|Passed)[:.]", done.stdout, flags=re.MULTILINE)[0] == "Failed"
    assert "params.yaml" in done.stdout
    assert (clone / "reports/review-of-commits/comment.md").is_file()
    assert "2013-04.parquet" in (clone / "reports/review-of-commits/comment.md").read_text()


def follow(document: Path, clone: Path) -> None:
    """Type a page's commands, and find each output that it shows in what the commands before it print.

    A line `…` in an output stands for any lines.
    """
    blocks = re.findall(r"^```(bash|text)\n(.*?)^```", document.read_text(), flags=re.DOTALL | re.MULTILINE)
    script = "".join(f"echo '{BLOCK}'\n{text}" for language, text in blocks if language == "bash")
    printed = [flat(text) for text in type_in(script, clone).stdout.split(BLOCK)]
    typed = 0
    for language, text in blocks:
        if language == "bash":
            typed += 1
            continue
        for shown in text.split("\n…\n"):
            assert flat(shown) in printed[typed], f"{shown}\nis not in\n{printed[typed]}"


def flat(text: str) -> str:
    """Its words, however the lines are broken."""
    return " ".join(text.split())


def test_the_page_on_data_can_be_followed_and_shows_what_is_printed(clone: Path) -> None:
    follow(clone / "docs/data-review.md", clone)
    comment = (clone / "reports/review/comment.md").read_text()
    assert "❌ **fail** | dep_delay alone ranks late with AUC 0.92 (base: not there)" in comment
    assert "❌ **fail** | dep_delay is known only after the outcome" in comment
    assert (clone / "page.html").read_text().startswith("<!doctype html>")


def test_the_policy_of_the_page_on_data_is_one() -> None:
    blocks = code_blocks(REPOSITORY / "docs/data-review.md", "yaml")
    policy = config.load("\n".join(["version: 1", *blocks]).encode(), file="mergegate.yaml")
    assert [dataset.approvers for dataset in policy.datasets] == [("Mo", "Kim")]
    assert [waiver.by for waiver in policy.waivers] == ["Kim"]


def test_the_page_on_golden_rows_can_be_followed_and_shows_what_is_printed(clone: Path) -> None:
    follow(clone / "docs/golden-set.md", clone)
    assert (clone / "golden/late-arrival.csv").read_text().count("2013-3-8-UA-1525-EWR-700,late,") == 1


def test_the_page_on_keeping_a_remote_can_be_followed(clone: Path) -> None:
    follow(clone / "docs/keep.md", clone)
    held = {path.name for path in (clone / "data/remote/files/md5").rglob("*") if path.is_file()}
    copied = {path.name for path in (clone.parent / "vault/files/md5").rglob("*") if path.is_file()}
    # The months that pull requests will bring wait on the remote: no revision names them yet.
    assert copied < held
    (named,) = re.findall(r"md5: (\w{32})", (clone / "data/raw/weather.parquet.dvc").read_text())
    assert named[2:] in copied


def test_the_policy_of_the_page_on_keeping_a_remote_is_one() -> None:
    (block,) = code_blocks(REPOSITORY / "docs/keep.md", "yaml")
    policy = config.load(
        "\n".join(["version: 1", "datasets: [{path: data, key: id}]", block]).encode(), file="mergegate.yaml"
    )
    assert policy.keep.shared_with == ("git@github.com:team/other-model.git",)


def test_the_page_on_new_data_can_be_followed_and_shows_what_is_printed(clone: Path) -> None:
    follow(clone / "docs/ingest.md", clone)
    tracked = subprocess.run(
        ["git", "show", "mergegate/ingest/data-raw-flights:data/raw/flights.dvc"],
        cwd=clone,
        check=True,
        capture_output=True,
        text=True,
    )
    assert "nfiles: 4" in tracked.stdout
    assert not (clone / "data/raw/flights/2013-04.parquet").exists()


def test_the_policy_of_the_page_on_new_data_is_one() -> None:
    (block,) = code_blocks(REPOSITORY / "docs/ingest.md", "yaml")
    policy = config.load(f"version: 1\n{block}".encode(), file="mergegate.yaml")
    assert [dataset.source is not None for dataset in policy.datasets] == [True, True, True]


def test_the_page_on_merging_can_be_followed_and_shows_what_is_printed(clone: Path) -> None:
    follow(clone / "docs/merging.md", clone)


def test_the_page_on_reading_a_review_can_be_followed_and_shows_what_is_printed(clone: Path) -> None:
    follow(clone / "docs/reading-a-review.md", clone)
    for page in ("reports/review/report.html", "diff.html"):
        assert (clone / page).read_text().startswith("<!doctype html>")
    # The rows that tell most come with what the model was given.
    assert "`wind_speed`" in (clone / "reports/review/comment.md").read_text()


def test_the_page_on_plans_can_be_followed_and_shows_what_is_printed(clone: Path) -> None:
    (clone.parent / "dvc-settings/config").unlink()
    follow(clone / "docs/plan.md", clone)
    assert not (clone / ".dvc/cache").exists()


def test_the_demo_ends_with_a_verdict_and_leaves_the_checkout_alone(clone: Path) -> None:
    def state() -> str:
        commands = (["git", "status", "--porcelain"], ["git", "branch", "--all"], ["git", "stash", "list"])
        return "".join(
            subprocess.run(command, cwd=clone, check=True, capture_output=True, text=True).stdout
            for command in commands
        )

    before = state()
    done = subprocess.run(
        [sys.executable, "docs/demo.py"],
        cwd=clone,
        env=environment(clone.parent),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert re.search(r"^Total time: \d+ s$", done.stdout, flags=re.MULTILINE)
    for words in ("train.model", "2013-04.parquet", "roc_auc", "comment.md", "Try next"):
        assert words in done.stdout
    explained = (
        *("Changed answers", "Weak segments", "Golden rows: all 5 rows hold", "What else changed"),
        *("A row takes", "where an input is shuffled", "As the pipeline reports"),
    )
    printed = flat(done.stdout)
    assert [words for words in explained if words not in printed] == []
    assert "→ reproduce main" in done.stderr
    assert state() == before
    assert not (clone / ".dvc/cache").exists()


def test_every_link_between_the_papers_leads_somewhere() -> None:
    papers = [
        REPOSITORY / "README.md",
        REPOSITORY / "CONTRIBUTING.md",
        *(REPOSITORY / "docs").glob("**/*.md"),
    ]
    broken = [
        f"{paper.name}: {target}"
        for paper in papers
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", paper.read_text())
        if not target.startswith("https://") and not (paper.parent / target).exists()
    ]
    assert broken == []


def test_the_readme_is_short() -> None:
    assert len((REPOSITORY / "README.md").read_text().splitlines()) < 150
