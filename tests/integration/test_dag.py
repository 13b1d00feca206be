"""The lock chain against real `dvc repro`: silent when fresh, loud where DVC calls a lie up to date."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from mergegate import dag, repo
from mergegate.records.pipeline import Pipeline
from mergegate.records.review import LockFinding
from support.memory import md5_of
from support.repositories import Repository

STEP = """\
import pathlib, sys
*sources, target = sys.argv[1:]
pathlib.Path(target).write_text(str(sorted(sources)))
"""


def lay_plain(made: Repository) -> None:
    """A tracked file, code, params of three kinds, a cached output, a metric that git holds."""
    made.write("data/rows.csv", "id,late\n1,yes\n2,no\n")
    made.dvc("add", "--quiet", "data/rows.csv")
    made.write("code/step.py", STEP)
    made.write("params.yaml", "train: {rate: 1e-3, layers: [1, 2]}\nseed: 7\nunused: 1\n")
    made.write("other.yaml", "a: .inf\nb: yes\n")
    made.write("more.toml", "[deep]\nkey = '2013-01-02'\n")
    made.write(
        "dvc.yaml",
        """\
stages:
  train:
    cmd:
      - python code/step.py data/rows.csv model.txt
      - echo done
    deps: [code/step.py, data/rows.csv]
    params: [train.rate, seed, train.layers.0, {other.yaml: null}, {more.toml: [deep.key]}]
    outs: [model.txt]
  report:
    cmd: >-
      python code/step.py model.txt reports/metrics.json
      && echo "a command so long that DVC wraps it in its lock: with a #, and 'quotes' in it" > /dev/null
    deps: [code/step.py, model.txt]
    metrics:
      - reports/metrics.json: {cache: false}
  spare:
    cmd: echo of no use
    deps: [code/spare.py]
""",
    )
    made.write("code/spare.py", "")
    made.write("reports/.gitkeep", "")


def lay_subfolders(made: Repository) -> None:
    """Two dvc.yaml, one reading what the other writes, and a `wdir` that is not its folder."""
    made.write("code/step.py", STEP)
    made.write("left/params.yaml", "x: 1\n")
    made.write("left/work/input.txt", "in")
    made.write(
        "left/dvc.yaml",
        """\
stages:
  make:
    wdir: work
    cmd: python ../../code/step.py input.txt out.txt
    deps: [../../code/step.py, input.txt]
    params: [{../params.yaml: [x]}]
    outs: [out.txt]
""",
    )
    made.write(
        "right/dvc.yaml",
        """\
stages:
  use:
    cmd: python ../code/step.py ../left/work/out.txt result.txt
    deps: [../left/work/out.txt]
    outs: [result.txt]
  always:
    cmd: echo nothing goes in and nothing comes out
""",
    )


def lay_templates(made: Repository) -> None:
    """`vars`, `foreach` over a mapping and a list, `matrix`."""
    made.write("code/step.py", STEP)
    made.write("params.yaml", "models:\n  tree: {depth: 3}\n  line: {depth: 0}\nsize: 5\n")
    made.write("extra/values.json", '{"where": "out"}')
    made.write(
        "dvc.yaml",
        """\
vars:
  - extra/values.json
  - inline: {name: hello}
stages:
  prepare:
    cmd: mkdir -p ${where} && python code/step.py ${where}/${inline.name}.txt
    outs:
      - ${where}/${inline.name}.txt
  fit:
    foreach: ${models}
    do:
      cmd: python code/step.py ${item.depth} fit-${key}.txt
      deps: ["${where}/${inline.name}.txt"]
      params: ["models.${key}"]
      outs: [{"fit-${key}.txt": {push: false}}]
  each:
    foreach: [one, two]
    do:
      cmd: python code/step.py each-${item}.txt
      outs: ["each-${item}.txt"]
  grid:
    matrix:
      a: [x, y]
      b: [1]
    cmd: python code/step.py ${item.a} grid-${item.a}-${item.b}.txt
    outs: ["grid-${item.a}-${item.b}.txt"]
""",
    )


def lay_folders(made: Repository) -> None:
    """Folders as tracked data, as outputs, as code, one that holds all of these, and files inside them."""
    made.write("code/pack/one.py", "1\n")
    made.write("code/pack/inner/two.py", "2\n")
    made.write("code/pack/notes.log", "ignored by DVC\n")
    made.write(".dvcignore", "*.log\n")
    made.write("data/raw/a.csv", "a\n")
    made.write("data/raw/sub/b.csv", "b\n")
    made.write("data/raw/sub/ü c.csv", "c\n")
    made.write("data/readme.txt", "git's own\n")
    made.dvc("add", "--quiet", "data/raw")
    made.write(
        "dvc.yaml",
        """\
stages:
  split:
    cmd: mkdir -p data/split && cp data/raw/a.csv data/split/a.csv && cp data/raw/sub/b.csv data/split/b.csv
    deps: [data/raw/, code/pack]
    outs: [data/split]
  pick:
    cmd: cat data/raw/sub/b.csv data/split/a.csv > picked.txt
    deps: [data/raw/sub, data/raw/a.csv, data/split/a.csv]
    outs: [picked.txt]
  all:
    cmd: ls -R data > listing.txt
    deps: [data, picked.txt]
    outs: [{listing.txt: {cache: false}}]
  pages:
    cmd: mkdir -p pages && echo 1 > pages/one.txt && echo 2 > pages/two.txt
    plots: [{pages: {cache: false}}]
""",
    )


UP_TO_DATE = "Data and pipelines are up to date.\n"

LAYOUTS: dict[str, Callable[[Repository], None]] = {
    "plain": lay_plain,
    "subfolders": lay_subfolders,
    "templates": lay_templates,
    "folders": lay_folders,
}


@pytest.fixture(scope="session")
def reproduced(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Repository]:
    """Gives one reproduced and committed repository per layout, never to be changed."""
    built: dict[str, Repository] = {}

    def build(layout: str) -> Repository:
        if layout not in built:
            made = Repository.create(tmp_path_factory.mktemp(layout))
            LAYOUTS[layout](made)
            made.dvc("repro", "--all-pipelines")
            made.commit("Reproduce")
            built[layout] = made
        return built[layout]

    return build


@pytest.fixture
def plain(reproduced: Callable[[str], Repository], tmp_path: Path) -> Repository:
    return reproduced("plain").copy(tmp_path)


def find(made: Repository, revision: str = "HEAD") -> tuple[LockFinding, ...]:
    """The findings of a commit."""
    project = made.project()
    with repo.open_commit(project, repo.resolve(project, revision)) as files:
        return dag.chain(dag.read(files), files, "head", tree=repo.Objects(project).tree)


def brief(findings: tuple[LockFinding, ...]) -> list[tuple[str, str, str, bool]]:
    return [(f.kind, f.stage, f.path, f.blocking) for f in findings]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_freshly_reproduced_repository_has_no_finding(
    reproduced: Callable[[str], Repository], layout: str
) -> None:
    made = reproduced(layout)
    project = made.project()
    with repo.open_workspace(project) as files:
        on_disk = dag.chain(dag.read(files), files, "head", tree=repo.Objects(project).tree)
    assert on_disk == ()
    assert find(made) == ()


def test_a_dependency_taken_out_of_dvc_yaml_is_found_though_dvc_calls_it_up_to_date(
    plain: Repository,
) -> None:
    plain.replace("dvc.yaml", "deps: [code/step.py, model.txt]", "deps: [model.txt]")
    plain.replace("dvc.yaml", "params: [train.rate, seed,", "params: [train.rate,")
    plain.commit()
    assert plain.dvc("status") == UP_TO_DATE
    assert brief(find(plain)) == [
        ("params-changed", "train", "params.yaml:seed", True),
        ("deps-changed", "report", "code/step.py", True),
    ]


def test_an_output_taken_out_of_dvc_yaml_is_found_though_dvc_calls_it_up_to_date(plain: Repository) -> None:
    plain.replace("dvc.yaml", "    metrics:\n      - reports/metrics.json: {cache: false}\n", "")
    plain.commit()
    assert plain.dvc("status") == UP_TO_DATE
    assert brief(find(plain)) == [("outs-changed", "report", "reports/metrics.json", True)]


def test_a_stage_that_is_gone_leaves_a_ghost_which_does_not_block(plain: Repository) -> None:
    plain.replace("dvc.yaml", "  spare:\n    cmd: echo of no use\n    deps: [code/spare.py]\n", "")
    plain.commit()
    assert plain.dvc("status") == UP_TO_DATE
    assert find(plain) == (
        LockFinding(
            side="head",
            kind="ghost",
            stage="spare",
            path="dvc.lock",
            message="dvc.lock records the stage spare, which dvc.yaml no longer has",
            mend="delete the block `spare` from dvc.lock",
            blocking=False,
        ),
    )


def test_changed_code_behind_a_frozen_stage_is_found_though_dvc_calls_it_up_to_date(
    plain: Repository,
) -> None:
    plain.replace("dvc.yaml", "    deps: [code/spare.py]", "    frozen: true\n    deps: [code/spare.py]")
    plain.write("code/spare.py", "# edited\n")
    plain.commit()
    assert plain.dvc("status") == UP_TO_DATE
    findings = find(plain)
    assert brief(findings) == [
        ("frozen", "spare", "", False),
        ("edited", "spare", "code/spare.py", True),
    ]
    assert [finding.mend for finding in findings] == [
        "dvc unfreeze spare",
        "dvc unfreeze spare && dvc repro spare",
    ]


def test_code_edited_after_the_run_is_found(plain: Repository) -> None:
    plain.write("code/step.py", STEP + "# edited\n")
    plain.commit()
    assert find(plain) == tuple(
        LockFinding(
            side="head",
            kind="edited",
            stage=stage,
            path="code/step.py",
            message=f"code/step.py was edited after {stage} last ran",
            mend=f"dvc repro {stage}",
        )
        for stage in ("train", "report")
    )


def test_the_command_that_a_finding_names_mends_it(plain: Repository) -> None:
    plain.write("code/step.py", STEP + "# edited\n")
    plain.replace("params.yaml", "seed: 7", "seed: 8")
    plain.commit()
    for mend in dict.fromkeys(finding.mend for finding in find(plain)):
        plain.run("sh", "-c", mend)
    plain.commit()
    assert find(plain) == ()


def test_data_added_without_a_run_breaks_the_link_to_its_reader(plain: Repository) -> None:
    plain.write("data/rows.csv", "id,late\n1,no\n")
    plain.dvc("add", "--quiet", "data/rows.csv")
    plain.commit()
    assert [(f.kind, f.stage, f.path, f.message) for f in find(plain)] == [
        (
            "broken-link",
            "train",
            "data/rows.csv",
            "train ran on another data/rows.csv than data/rows.csv.dvc records",
        )
    ]


def test_a_metric_edited_by_hand_is_found(plain: Repository) -> None:
    plain.write("reports/metrics.json", '{"accuracy": 1}')
    plain.commit()
    assert brief(find(plain)) == [("output-edited", "report", "reports/metrics.json", True)]


def test_a_lock_edited_by_hand_is_up_to_date_for_dvc_and_noted_against_base(plain: Repository) -> None:
    old = (plain.path / "code/step.py").read_bytes()
    new = old + b"# edited\n"
    plain.write("code/step.py", new)
    lock = plain.path / "dvc.lock"
    lock.write_text(
        lock.read_text().replace(md5_of(old), md5_of(new)).replace(f"size: {len(old)}", f"size: {len(new)}")
    )
    plain.commit()
    assert plain.dvc("status") == UP_TO_DATE
    assert find(plain) == ()
    base, head = read(plain, "HEAD~1"), read(plain, "HEAD")
    assert dag.suspicious(base, head) == tuple(
        LockFinding(
            side="head",
            kind="same-outputs",
            stage=stage,
            path=path,
            message=f"{stage} has other inputs than in base, and the very same outputs",
            mend=f"dvc repro --force --no-run-cache --single-item {stage}",
            blocking=False,
        )
        for stage, path in (("train", "model.txt"), ("report", "reports/metrics.json"))
    )


def test_a_clean_merge_of_two_runs_is_found_though_dvc_calls_it_up_to_date(plain: Repository) -> None:
    plain.git("switch", "--quiet", "--create", "data")
    plain.write("data/rows.csv", "id,late\n1,no\n")
    plain.dvc("add", "--quiet", "data/rows.csv")
    plain.dvc("repro", "--quiet")
    plain.commit("Change data")
    plain.git("switch", "--quiet", "--create", "param", "main")
    plain.replace("params.yaml", "seed: 7", "seed: 8")
    plain.dvc("checkout", "--quiet")
    plain.dvc("repro", "--quiet")
    plain.commit("Change a param")
    plain.git("merge", "--quiet", "--no-edit", "data")
    plain.dvc("checkout", "--quiet")
    assert plain.dvc("status") == UP_TO_DATE
    assert find(plain) == ()
    project = plain.project()
    main, head = (plain.git("rev-parse", name) for name in ("main", "HEAD"))
    ((_, joined),) = repo.find_merges(project, main, head)
    parents = [read(plain, sha) for sha in joined]
    assert dag.merged(parents, read(plain, "HEAD")) == (
        LockFinding(
            side="head",
            kind="merged",
            stage="train",
            path="dvc.lock",
            message="train never ran as dvc.lock says: a merge joined two runs",
            mend="dvc repro --force --no-run-cache --downstream train && git commit --allow-empty --all"
            " -m 'Reproduce after the merge' -m 'Reproduced: train'",
        ),
    )
    assert dag.merged(parents[:1], read(plain, "HEAD")) == ()


def test_crlf_in_code_that_dvc_2_ran_is_no_change_for_dvc_nor_for_us(plain: Repository) -> None:
    lock = plain.path / "dvc.lock"
    lock.write_text(
        lock.read_text().replace("- path: code/step.py\n      hash: md5\n", "- path: code/step.py\n")
    )
    plain.write("code/step.py", STEP.replace("\n", "\r\n"))
    plain.commit()
    assert plain.dvc("status") == UP_TO_DATE
    assert find(plain) == ()


def test_crlf_that_git_makes_on_checkout_is_noted_and_does_not_block(tmp_path: Path) -> None:
    made = Repository.create(tmp_path)
    made.write(".gitattributes", "*.py text eol=crlf\n")
    made.write("code/step.py", STEP.replace("\n", "\r\n"))
    made.write("dvc.yaml", "stages: {s: {cmd: 'true', deps: [code, code/step.py]}}\n")
    made.dvc("repro", "--quiet")
    made.commit()
    assert made.dvc("status") == UP_TO_DATE
    assert [(f.kind, f.path, f.blocking, f.message.partition(": git ")[2]) for f in find(made)] == [
        ("unchecked", path, False, "holds the same text with other line ends (CRLF or LF)")
        for path in ("code", "code/step.py")
    ]
    made.write("code/step.py", (STEP + "# edited\n").replace("\n", "\r\n"))
    made.commit()
    assert brief(find(made)) == [("edited", "s", "code", True), ("edited", "s", "code/step.py", True)]


def test_a_submodule_is_not_taken_for_a_file_that_is_missing(tmp_path: Path) -> None:
    other = Repository.create(tmp_path / "other", dvc=False)
    other.write("x.py", "1\n")
    other.commit()
    made = Repository.create(tmp_path / "made")
    made.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other.path), "lib")
    made.write("dvc.yaml", "stages: {s: {cmd: 'true', deps: [lib/x.py, lib]}}\n")
    made.dvc("repro", "--quiet")
    made.commit()
    assert brief(find(made)) == [
        ("unchecked", "s", "lib", False),
        ("unchecked", "s", "lib/x.py", False),
    ]


def test_a_folder_whose_list_was_never_pushed_blocks(
    reproduced: Callable[[str], Repository], tmp_path: Path
) -> None:
    made = reproduced("folders").copy(tmp_path)
    shutil.rmtree(made.path / ".dvc/cache")
    findings = find(made)
    assert {(f.kind, f.mend, f.blocking) for f in findings} == {("unchecked", "dvc push", True)}
    assert [f.path for f in findings] == ["data/raw/a.csv", "data/raw/sub", "data/split/a.csv", "data"]


def test_a_project_in_a_subfolder_that_reads_code_beside_it(tmp_path: Path) -> None:
    made = Repository.create(tmp_path, subfolder="team/model")
    made.write("shared/step.py", STEP)
    made.write(
        "team/model/dvc.yaml",
        "stages:\n  make:\n    cmd: python ../../shared/step.py out.txt\n"
        "    deps: [../../shared/step.py]\n    outs: [out.txt]\n",
    )
    made.dvc("repro", "--quiet", folder="team/model")
    made.commit()
    project = made.project("team/model")
    with repo.open_commit(project, repo.resolve(project, "HEAD")) as files:
        assert dag.chain(dag.read(files), files, "head") == ()
    made.write("shared/step.py", "edited")
    made.commit()
    with repo.open_commit(project, repo.resolve(project, "HEAD")) as files:
        assert brief(dag.chain(dag.read(files), files, "head")) == [
            ("edited", "make", "../../shared/step.py", True)
        ]


def read(made: Repository, revision: str) -> Pipeline:
    project = made.project()
    with repo.open_commit(project, repo.resolve(project, revision)) as files:
        return dag.read(files, at=revision)
