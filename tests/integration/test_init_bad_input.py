"""`mergegate init` where something is missing, broken or in the way: a sentence, and nothing half-written."""

import json
import os
import pty
import subprocess
from pathlib import Path

import pytest

from support.projects import BINARY, Project
from support.untold import ACTION, begun, empty, init, predictions

REVIEW, COMMENT = ".github/workflows/review.yml", ".github/workflows/comment.yml"


def refused(project: Project, *options: str) -> tuple[int, str, str]:
    """How it ends: the code, the sentence and the next step; nothing may have been written."""
    before = sorted(path for path in project.home.rglob("*") if ".git/" not in path.as_posix())
    ended = init(project, *options)
    after = sorted(path for path in project.home.rglob("*") if ".git/" not in path.as_posix())
    assert after == before
    assert ended.out == ""
    lines = ended.err.replace(str(project.home), "HOME").splitlines()
    hints = [line.removeprefix("  next: ") for line in lines if line.startswith("  next: ")]
    return ended.code, lines[0].removeprefix("mergegate: "), "".join(hints)


def test_outside_of_git_it_says_how_to_begin(tmp_path: Path) -> None:
    project = Project(tmp_path / "home/project", tmp_path / "home")
    project.root.mkdir(parents=True)
    hint = "change into your project's folder, or make it a repository with `git init`"
    told = "HOME/project is not inside a git repository with files checked out"
    template = "begin a project here: `mergegate init --template tabular`"
    assert refused(project) == (2, told, template)
    project.write("README.md", "x")
    assert refused(project) == (2, told, hint)
    project.git("init", "--quiet", "--bare")
    assert refused(project) == (2, told, hint)


def test_without_a_commit_it_writes_and_says_that_a_review_needs_one(tmp_path: Path) -> None:
    project = empty(tmp_path)
    predictions(project, "p.parquet")
    said = begun(project)
    assert "No bars could be proposed: they come from the last commit, and there is none yet." in said
    assert "first review: the repository has no commit yet, so there is no base" in said
    assert "next 1: commit what you have: a review compares with a commit" in said
    assert project.mergegate("policy", "check").code == 0


def test_a_branch_that_nothing_tells_is_said(tmp_path: Path) -> None:
    project = empty(tmp_path, branch="trunk")
    project.commit("Start")
    assert "changes enter trunk" in begun(project)
    project.git("switch", "--quiet", "--detach")
    project.git("branch", "--quiet", "-D", "trunk")
    said = begun(project)
    assert "No branch is checked out: look at `baseline: main` in the policy." in said
    assert "first review: there is no branch main or master to compare with" in said


def test_a_pipeline_without_dvc_set_up_is_told(tmp_path: Path) -> None:
    project = empty(tmp_path)
    project.write("dvc.yaml", "stages:\n  train:\n    cmd: echo\n")
    project.commit("Start")
    assert "There is a dvc.yaml and no .dvc folder: run `dvc init`" in begun(project)


@pytest.mark.parametrize(
    ("path", "text", "sentence"),
    [
        ("dvc.yaml", "stages:\n  a: {cmd: [}\n", "dvc.yaml:2: is not valid YAML"),
        ("mergegate.yaml", "version: 2\nnew: key\n", "mergegate.yaml:1, version: version 2 of the policy"),
        ("mergegate.yaml", "version: 1\nmodel: {}\n", "mergegate.yaml:2, model: unknown key `model`"),
        (".dvc/config", "[core\n", ".dvc/config:1: a setting stands before any [section]"),
    ],
)
def test_a_file_that_can_not_be_read_is_named_before_anything_is_written(
    path: str, text: str, sentence: str, tmp_path: Path
) -> None:
    project = empty(tmp_path)
    project.write(path, text)
    project.commit("Start")
    code, told, _ = refused(project)
    assert (code, sentence in told) == (2, True), told


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            ("--predictions", "gone.parquet"),
            "gone.parquet: there is no such file, and DVC's cache holds none",
        ),
        (("--predictions", "notes.txt"), "notes.txt holds no rows that are read"),
        (("--predictions", "near.csv"), "near.csv lacks row_id, y_true, y_pred"),
        (("--model", "a", "--model", "b"), "--model stands 2 times, and there are 1 predictions file"),
        (("--model", "No Name"), "'No Name' can't be a model's name"),
        (("--data", "gone"), "--data gone: neither DVC nor git has it"),
        (("--data", "near.csv", "--key", "c"), "--key c: no dataset has such a column"),
        (("--remote", "gone"), "--remote gone: DVC is not set up here"),
        (("--action", "mine"), "--action takes OWNER/REPO@SHA, and is 'mine'"),
    ],
)
def test_a_flag_that_fits_nothing_is_told(options: tuple[str, ...], sentence: str, tmp_path: Path) -> None:
    project = empty(tmp_path)
    predictions(project, "p.parquet")
    project.write("notes.txt", "x")
    project.write("near.csv", "a,b\n1,2\n")
    project.commit("Start")
    code, told, hint = refused(project, *options)
    assert (code, told, bool(hint)) == (2, sentence, True)


def test_there_is_nothing_to_enforce_where_nothing_is_judged(tmp_path: Path) -> None:
    project = empty(tmp_path)
    project.commit("Start")
    code, told, hint = refused(project, "--mode", "enforce")
    assert (code, hint) == (2, "begin with `--mode advisory`")
    assert told.startswith("there is nothing to enforce yet")


def test_workflows_of_that_name_stay_and_nothing_judges_their_runs(tmp_path: Path) -> None:
    project = empty(tmp_path)
    mine = "name: tests\non: push\njobs:\n  x:\n    name: MergeGate\n    runs-on: x\n    steps: []\n"
    project.write(REVIEW, mine)
    project.write(".github/workflows/other.yaml", "name: review\non: push\njobs: {}\n")
    project.write(".github/workflows/broken.yml", "a: [\n")
    project.commit("Start")
    said = begun(project)
    assert project.read(REVIEW) == mine
    assert not (project.root / COMMENT).exists()
    rename = "it is another workflow: rename that one, for mergegate knows a run by this path"
    for line in (
        f"left alone {REVIEW}: {rename}",
        f"left alone {COMMENT}: {REVIEW} is another workflow's: comment.yml would judge its runs",
        f"not known: {REVIEW} has a job called mergegate: rename it, GitHub would ask for its check beside "
        "the status `mergegate`.",
        "not known: .github/workflows/other.yaml is called `review` too, and would start comment.yml for "
        "nothing: rename it.",
    ):
        assert line in said.splitlines()
    assert "would leave alone" in begun(project, "--dry-run")


@pytest.mark.parametrize("kind", ["file", "link", "read-only"])
def test_a_folder_that_can_not_be_written_to_leaves_nothing_behind(kind: str, tmp_path: Path) -> None:
    project = empty(tmp_path)
    project.commit("Start")
    place = project.root / ".github"
    if kind == "file":
        place.write_text("x")
        assert refused(project)[:2] == (2, f".github is a file, and {REVIEW} needs a folder there")
    elif kind == "link":
        (project.home / "elsewhere").mkdir()
        place.symlink_to(project.home / "elsewhere")
        assert refused(project)[:2] == (2, f"the folder of {REVIEW} leads out of the repository")
    else:
        # As anybody but root meets a folder that is read-only.
        project.root.chmod(0o555)
        command: list[str | Path] = [BINARY / "python", "-m", "mergegate", "init", "--yes", "--forge", "none"]
        if os.geteuid() == 0:
            command = ["setpriv", "--inh-caps=-all", "--bounding-set=-all", *command]
        done = subprocess.run(
            command, cwd=project.root, env=project.environment(), capture_output=True, text=True, check=False
        )
        project.root.chmod(0o755)
        assert (done.returncode, done.stdout) == (3, "")
        assert done.stderr.startswith("mergegate: Permission denied")
    assert not (project.root / "mergegate.yaml").exists()


def test_an_init_that_was_killed_half_way_is_completed(tmp_path: Path) -> None:
    project = empty(tmp_path)
    predictions(project, "p.parquet")
    project.commit("Start")
    begun(project)
    whole = {path: project.read(path) for path in ("mergegate.yaml", REVIEW, COMMENT, ".gitignore")}
    (project.root / COMMENT).unlink()
    (project.root / "mergegate.yaml").unlink()
    project.write(".github/workflows/.mergegate-init.abc", "half")
    begun(project)
    assert {path: project.read(path) for path in whole} == whole
    folder = project.root / ".github/workflows"
    assert sorted(path.name for path in folder.iterdir()) == ["comment.yml", "review.yml"]


def test_a_clone_without_data_says_what_it_could_not_look_at(tmp_path: Path) -> None:
    project = empty(tmp_path)
    project.dvc("init", "--quiet")
    project.dvc("remote", "add", "--quiet", "--default", "store", str(tmp_path / "gone"))
    predictions(project, "out/predictions.parquet")
    project.dvc("add", "--quiet", "out/predictions.parquet")
    project.commit("Start")
    clone = project.clone("fresh")
    answer = json.loads(init(clone, "--json").out)
    assert (answer["models"], answer["snippet"]) == ([], [])
    assert answer["unknown"][0] == (
        "out/predictions.parquet may hold predictions: run `dvc pull`, then this again."
    )
    assert answer["unknown"][1].startswith("out/predictions.parquet was not looked at: ")
    assert answer["review"]["outcome"] == "passed"


def test_a_huge_pipeline_is_read_and_files_of_any_name_give_a_policy_that_loads(tmp_path: Path) -> None:
    project = empty(tmp_path)
    project.dvc("init", "--quiet")
    stages = "".join(f"  s{n}:\n    cmd: echo\n    outs: [out/{n}.csv]\n" for n in range(800))
    project.write("dvc.yaml", f"stages:\n{stages}")
    for name in (
        'a "b".parquet',
        "no.parquet",
        "1e3.parquet",
        "# x: y.parquet",
        "ü\\x.parquet",
        "…\u2028.parquet",
    ):
        predictions(project, f"odd/{name}")
    project.git("config", "user.name", "x")
    project.commit("Start")
    said = begun(project)
    assert "found: 800 stages in 1 dvc.yaml" in said
    ended = project.mergegate("policy", "check", "--json")
    assert ended.code == 0, ended.err
    named = json.loads(init(project, "--json").out)["models"]
    assert [model["predictions"] for model in named] == [
        "odd/# x: y.parquet",
        "odd/1e3.parquet",
        'odd/a "b".parquet',
        "odd/no.parquet",
    ]


def test_on_a_terminal_it_asks_what_nothing_tells(tmp_path: Path) -> None:
    project = empty(tmp_path, remote="")
    predictions(project, "p.parquet", classes=("cat", "dog"))
    project.commit("Start")
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [BINARY / "mergegate", "init", "--action", ACTION],
        cwd=project.root,
        env=project.environment(),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        os.write(ours, b"gitlab\ndog\npets\n")
        said = b""
        while process.poll() is None or said[-4:] != b"":
            try:
                piece = os.read(ours, 65_536)
            except OSError:  # the other end is closed
                break
            said += piece
    os.close(ours)
    assert process.returncode == 0, said.decode()
    text = said.decode()
    for question in (
        "Where will pull requests be opened?",
        "p.parquet: which class is the positive one?",
        "What is the model of p.parquet called?",
    ):
        assert question in text
    assert "  pets:\n" in project.read("mergegate.yaml")
    assert "positive: dog" in project.read("mergegate.yaml")
    assert (project.root / ".gitlab-ci.yml").exists()
