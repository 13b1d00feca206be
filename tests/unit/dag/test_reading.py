import re

import pytest

from mergegate import dag
from mergegate.dag.checksums import hash_tree
from mergegate.errors import ConfigError
from mergegate.records.pipeline import (
    LockedPath,
    LockedStage,
    ObjectHash,
    Output,
    ParamSource,
    Pipeline,
    Stage,
    TrackedPath,
)
from support.memory import MemoryFiles

A, B, C = ("a" * 32, "b" * 32, "c" * 32)


def refuse(at: str = "", **files: str) -> tuple[str, str]:
    """What is said of broken files, and the hint."""
    named = {
        {"yaml": "dvc.yaml", "lock": "dvc.lock", "tracked": "data.dvc"}[name]: text
        for name, text in files.items()
    }
    with pytest.raises(ConfigError) as caught:
        dag.read(MemoryFiles(named), at=at)
    return str(caught.value), caught.value.hint


def test_every_form_of_a_stage_is_read() -> None:
    text = """\
params: [more.yaml]
metrics: [summary.json]
plots:
  - curve.csv: {x: a, y: b}
  - other.csv
  - both: {y: {left.csv: a, right.csv: b}}
artifacts:
  model: {path: model.bin}
stages:
  full:
    desc: everything
    cmd: [one, two --flag]
    wdir: work
    deps: [../code.py, data/, s3://bucket/x, /abs/path, ../../beside]
    params:
      - lr
      - train.depth
      - lr
      - other.yaml: [a, b]
      - whole.toml:
      - ../p.json: []
    outs:
      - plain
      - flagged/: {cache: false, push: false, persist: true, remote: far, desc: why}
    metrics: [m.json]
    plots:
      - p.csv: {cache: false, x: a, y: b, template: linear}
      - q.csv
    frozen: true
    always_changed: true
    meta: {owner: ada}
  bare:
    cmd: run
"""
    files = MemoryFiles({"sub/dvc.yaml": text, "sub/params.yaml": "lr: 1\n"})
    assert dag.read(files) == Pipeline(
        stages=(
            Stage(
                name="full",
                file="sub/dvc.yaml",
                wdir="sub/work",
                commands=("one", "two --flag"),
                listed=True,
                deps=("sub/code.py", "sub/work/data", "s3://bucket/x", "/abs/path", "beside"),
                params=(
                    ParamSource(file="sub/work/params.yaml", keys=("lr", "train.depth")),
                    ParamSource(file="sub/work/other.yaml", keys=("a", "b")),
                    ParamSource(file="sub/work/whole.toml"),
                    ParamSource(file="sub/p.json"),
                ),
                outs=(
                    Output(path="sub/work/plain"),
                    Output(path="sub/work/flagged", cached=False, pushed=False, remote="far"),
                    Output(path="sub/work/m.json", kind="metrics"),
                    Output(path="sub/work/p.csv", cached=False, kind="plots"),
                    Output(path="sub/work/q.csv", kind="plots"),
                ),
                frozen=True,
                always_changed=True,
            ),
            Stage(name="bare", file="sub/dvc.yaml", wdir="sub", commands=("run",)),
        ),
        params_files=("sub/params.yaml", "sub/more.yaml"),
        metrics_files=("sub/summary.json", "sub/work/m.json"),
        plots_files=(
            "sub/curve.csv",
            "sub/other.csv",
            "sub/left.csv",
            "sub/right.csv",
            "sub/work/p.csv",
            "sub/work/q.csv",
        ),
    )
    assert [stage.address for stage in dag.read(files).stages] == ["sub/dvc.yaml:full", "sub/dvc.yaml:bare"]


def test_a_file_tracked_whole_once_is_tracked_whole() -> None:
    text = "stages: {s: {cmd: x, params: [lr, {params.yaml: null}, depth]}}\n"
    (stage,) = dag.read(MemoryFiles({"dvc.yaml": text})).stages
    assert stage.params == (ParamSource(file="params.yaml"),)


def test_a_lock_is_read_from_each_stage_s_wdir() -> None:
    lock = f"""\
schema: '2.0'
stages:
  work@a-1:
    cmd: [one, two]
    deps:
    - path: data/
      hash: md5
      md5: {A}.dir
      size: 5
      nfiles: 2
    - path: s3://bucket/x
      etag: abc
    params:
      params.yaml:
        lr: 1e-3
        deep.key: yes
    outs:
    - path: old.bin
      md5: {B.upper()}
      size: 1
  ghost:
    cmd: x
    deps:
    - path: y
      hash: md5
      md5: {C}
"""
    files = MemoryFiles({"dvc.yaml": "stages: {'work@a-1': {cmd: x, wdir: w}}\n", "dvc.lock": lock})
    assert dag.read(files).locked == (
        LockedStage(
            name="work@a-1",
            file="dvc.yaml",
            commands=("one", "two"),
            listed=True,
            deps=(
                LockedPath(path="w/data", hash=ObjectHash(md5=f"{A}.dir", size=5, nfiles=2)),
                LockedPath(path="s3://bucket/x", hash=None),
            ),
            params={"w/params.yaml": {"lr": 0.001, "deep.key": "yes"}},
            outs=(LockedPath(path="w/old.bin", hash=ObjectHash(md5=B, size=1, legacy=True)),),
        ),
        LockedStage(
            name="ghost",
            file="dvc.yaml",
            commands=("x",),
            deps=(LockedPath(path="y", hash=ObjectHash(md5=C)),),
        ),
    )


def test_a_lock_from_before_dvc_2_has_its_stages_at_the_top() -> None:
    lock = f"train:\n  cmd: x\n  outs:\n  - path: m\n    md5: {A}\n"
    files = MemoryFiles({"dvc.yaml": "stages: {train: {cmd: x, outs: [m]}}\n", "dvc.lock": lock})
    assert dag.read(files).hash_of("m") == ObjectHash(md5=A, legacy=True)


def test_an_md5_of_digits_alone_is_text() -> None:
    digits = "1" * 32
    text = f"outs:\n- path: x\n  hash: md5\n  md5: {digits}\n"
    assert dag.read(MemoryFiles({"x.dvc": text})).hash_of("x") == ObjectHash(md5=digits)


def test_a_block_of_a_stage_that_is_gone_records_nothing() -> None:
    block = f"{{cmd: x, outs: [{{path: m, hash: md5, md5: {A}}}]}}"
    lock = f"schema: '2.0'\nstages: {{ghost: {block}}}\n"
    gone = dag.read(MemoryFiles({"dvc.yaml": "stages: {s: {cmd: x}}\n", "dvc.lock": lock}))
    there = dag.read(MemoryFiles({"dvc.yaml": "stages: {ghost: {cmd: x}}\n", "dvc.lock": lock}))
    assert (gone.hash_of("m"), there.hash_of("m")) == (None, ObjectHash(md5=A))


def test_dvc_files_are_read_in_all_their_forms() -> None:
    text = f"""\
md5: {C}
wdir: ..
frozen: true
deps:
- path: data
  repo: {{url: 'https://example.org/x', rev_lock: abc}}
outs:
- path: imported
  hash: md5
  md5: {A}
- path: listed
  hash: md5
  remote: far
  files:
  - relpath: b
    md5: {B}
    cloud: {{far: {{version_id: '2'}}}}
  - relpath: a
    md5: {A}
- path: empty
  cache: false
"""
    assert dag.read(MemoryFiles({"sub/x.dvc": text})).tracked == (
        TrackedPath(path="imported", file="sub/x.dvc", hash=ObjectHash(md5=A), imported=True),
        TrackedPath(
            path="listed",
            file="sub/x.dvc",
            hash=ObjectHash(md5=hash_tree({"a": A, "b": B}), nfiles=2, files=(("b", B), ("a", A))),
            imported=True,
            remote="far",
        ),
        TrackedPath(path="empty", file="sub/x.dvc", hash=None, imported=True, cached=False),
    )


def test_what_dvc_overlooks_is_overlooked() -> None:
    stages = "stages: {s: {cmd: x}}\n"
    files = MemoryFiles(
        {
            "dvc.yaml": stages,
            ".dvc/config": "",
            ".dvc/tmp/x.dvc": "broken: [",
            ".dvcignore": "old/\n",
            "old/dvc.yaml": "broken: [",
            "nested/.dvc/config": "",
            "nested/dvc.yaml": "broken: [",
            "dvc.yml": "broken: [",
            "sub/.dvc": "broken: [",
        }
    )
    assert [stage.address for stage in dag.read(files).stages] == ["s"]


def test_an_empty_repository_has_an_empty_pipeline() -> None:
    assert dag.read(MemoryFiles({"readme": ""})) == Pipeline()
    assert dag.read(MemoryFiles({"dvc.yaml": "", "dvc.lock": ""})) == Pipeline()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- a\n", "dvc.yaml: should be a mapping, and is a list"),
        ("stagse: {}\n", "dvc.yaml:1, stagse: 'stagse' is no key of a dvc.yaml"),
        ("stages: [a]\n", "dvc.yaml:1, stages: should be a mapping, and is a list"),
        ("stages:\n  s: run\n", "dvc.yaml:2, stages.s: should be a mapping, and is text"),
        ("stages:\n  s:\n    cmd: x\n    dep: [a]\n", "dvc.yaml:4, stages.s.dep: 'dep' is no key of a stage"),
        (
            "stages:\n  s:\n    deps: [a]\n",
            "dvc.yaml:2, stages.s: cmd should be a command or a list of commands, and is empty (stage s)",
        ),
        (
            "stages:\n  s:\n    cmd: x\n    deps: a\n",
            "dvc.yaml:4, stages.s.deps: should be a list, and is text",
        ),
        (
            "stages:\n  s:\n    cmd: x\n    deps:\n    - a\n    - b: c\n",
            "dvc.yaml:6, stages.s.deps[1]: should be text, and is a mapping",
        ),
        (
            "stages:\n  s:\n    cmd: x\n    outs:\n    - a:\n        cach: false\n",
            "dvc.yaml:5, stages.s.outs[0].a: 'cach' is no option of an output",
        ),
        (
            "stages:\n  s:\n    cmd: x\n    outs:\n    - a:\n        cache: 1\n",
            "dvc.yaml:6, stages.s.outs[0].a.cache: should be true or false, and is a number",
        ),
        (
            "stages:\n  s:\n    cmd: x\n    outs: [a]\n    metrics: [./a]\n",
            "dvc.yaml:5, stages.s.metrics[0]: './a' is named twice as an output",
        ),
        (
            "stages:\n  s: {cmd: x, outs: [a]}\n  t: {cmd: x, outs: [a/]}\n",
            "dvc.yaml: 'a' is an output of both stage s and stage t",
        ),
        (
            "stages:\n  1: {cmd: x}\n",
            "dvc.yaml:1, stages: has the key 1, which is a number and should be text",
        ),
        ("stages:\n  s: {cmd: x}\n  s: {cmd: y}\n", 'dvc.yaml:3: is not valid YAML: found duplicate key "s"'),
        ("stages: {\n", "dvc.yaml:2: is not valid YAML: "),
    ],
)
def test_a_dvc_yaml_that_dvc_refuses_is_refused_with_its_line(text: str, said: str) -> None:
    assert refuse(yaml=text)[0].startswith(said)


def test_a_misspelt_key_is_answered_with_the_nearest() -> None:
    assert refuse(yaml="stages: {s: {cmd: x, dep: [a]}}\n")[1] == "did you mean `deps`?"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("schema: '3.0'\n", "dvc.lock:1, schema: has the schema '3.0', and '2.0' is known"),
        ("schema: '2.0'\nstages: []\n", None),
        ("schema: '2.0'\nstages: [1]\n", "dvc.lock:2, stages: should be a mapping, and is a list"),
        (
            "schema: '2.0'\nstages:\n  s: {deps: []}\n",
            "dvc.lock:3, stages.s.cmd: should be a command, and is empty",
        ),
        (
            "schema: '2.0'\nstages:\n  s:\n    cmd: x\n    deps:\n    - path: a\n      md5: zz\n",
            "dvc.lock:7, stages.s.deps[0].md5: 'zz' is no md5",
        ),
        (
            "schema: '2.0'\nstages:\n  s:\n    cmd: x\n    deps:\n    - path: a\n      md5: ../../x\n",
            "dvc.lock:7, stages.s.deps[0].md5: '../../x' is no md5",
        ),
        (
            "schema: '2.0'\nstages:\n  s:\n    cmd: x\n    outs:\n    - path: a\n      hash: sha1\n",
            "dvc.lock:7, stages.s.outs[0].hash: the checksum scheme 'sha1' is not known",
        ),
        (
            "schema: '2.0'\nstages:\n  s:\n    cmd: x\n    outs:\n    - path: a\n    - path: ./a\n",
            "dvc.lock:7, stages.s.outs[1]: 'a' stands here twice",
        ),
        *(
            (
                "schema: '2.0'\nstages:\n  s:\n    cmd: x\n    outs:\n    - path: a\n"
                f"      {name}: {value}\n",
                f"dvc.lock:7, stages.s.outs[0].{name}: {shown} is no count",
            )
            for name, value, shown in (("size", "-1", "-1"), ("nfiles", "1.5", "1.5"), ("size", "a", "'a'"))
        ),
        (
            f"schema: '2.0'\nstages:\n  s:\n    cmd: x\n    outs:\n    - path: a\n      md5: {A}.dir\n"
            f"      files: [{{relpath: f, md5: {B}}}]\n",
            "dvc.lock:8, stages.s.outs[0].files: lists files that are not those of the md5 beside it: they"
            f" give {hash_tree({'f': B})}",
        ),
    ],
)
def test_a_broken_lock_is_refused_with_its_line(text: str, said: str | None) -> None:
    stages = "stages: {s: {cmd: x}}\n"
    if said is None:
        assert dag.read(MemoryFiles({"dvc.yaml": stages, "dvc.lock": text})).locked == ()
    else:
        assert refuse(yaml=stages, lock=text)[0].startswith(said)


def test_conflict_markers_get_their_own_sentence() -> None:
    text = "schema: '2.0'\nstages:\n<<<<<<< HEAD\n  s: {cmd: x}\n=======\n  s: {cmd: y}\n>>>>>>> change\n"
    said, hint = refuse(at="change", yaml="stages: {s: {cmd: x}}\n", lock=text)
    assert said == "dvc.lock at change:3: holds git's conflict markers: a merge was committed unfinished"
    assert hint == (
        "take either side (`git checkout --theirs dvc.lock`), run `dvc repro`, and commit what it writes"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("cmd: x\n", "data.dvc:1, cmd: 'cmd' is no key of a .dvc file"),
        ("outs:\n- md5: x\n", "data.dvc:2, outs[0].path: should be text, and is empty"),
        ("outs: {}\n", None),
        ("outs:\n- path: a\n  md5: nonsense\n", "data.dvc:3, outs[0].md5: 'nonsense' is no md5"),
        (
            "outs:\n- path: a\n  hash: md5\n  files:\n  - relpath: ../x\n    md5: " + A + "\n",
            "data.dvc:5, outs[0].files[0]: '../x' stands twice or leads out of the folder",
        ),
    ],
)
def test_a_broken_dvc_file_is_refused_with_its_line(text: str, said: str | None) -> None:
    if said is None:
        assert dag.read(MemoryFiles({"data.dvc": text})).tracked == ()
    else:
        assert refuse(tracked=text)[0].startswith(said)


def test_a_path_that_a_stage_and_a_dvc_file_claim_is_refused() -> None:
    said, hint = refuse(yaml="stages: {s: {cmd: x, outs: [d]}}\n", tracked=f"outs:\n- path: d\n  md5: {A}\n")
    assert said == "data.dvc: 'd' is an output of both stage s and data.dvc"
    assert hint == "let one of them write it"


class TestTemplates:
    def test_values_come_from_the_revision_s_own_files(self) -> None:
        text = """\
vars: [../common.yaml, "extra.json:name", {here: 3}]
stages:
  s:
    foreach: ${list}
    do:
      cmd: run ${item} ${name} ${here} ${deep.key} \\${HOME}
      vars: [{own: 1}]
      outs: ["out-${item}-${own}"]
"""
        files = MemoryFiles(
            {
                "sub/dvc.yaml": text,
                "common.yaml": "deep: {key: yes}\n",
                "sub/params.yaml": "list: [1e-3, b]\n",
                "sub/extra.json": '{"name": "n", "unused": 1}',
            }
        )
        stages = dag.read(files).stages
        assert [(stage.name, stage.commands, stage.outs[0].path) for stage in stages] == [
            ("s@0.001", ("run 0.001 n 3 yes ${HOME}",), "sub/out-0.001-1"),
            ("s@b", ("run b n 3 yes ${HOME}",), "sub/out-b-1"),
        ]

    def test_how_lists_and_flags_become_text_is_the_repository_s_setting(self) -> None:
        text = "vars: [{v: {flag: true, names: [a, b]}}]\nstages: {s: {cmd: 'run ${v}'}}\n"
        config = "[parsing]\n    bool = boolean_optional\n    list = append\n"
        plain = dag.read(MemoryFiles({"dvc.yaml": text})).stages[0].commands
        chosen = dag.read(MemoryFiles({"dvc.yaml": text, ".dvc/config": config})).stages[0].commands
        assert (plain, chosen) == (
            ("run --flag --names a b",),
            ("run --flag --names a --names b",),
        )

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("stages:\n  s:\n    cmd: ${nothing}\n", "Could not find 'nothing'"),
            ("vars: [missing.yaml]\nstages: {s: {cmd: '${x}'}}\n", "'missing.yaml' does not exist"),
            ("vars: [../../../../etc/hostname]\nstages: {s: {cmd: '${x}'}}\n", "does not exist"),
            ("vars: [/etc/hostname]\nstages: {s: {cmd: '${x}'}}\n", "does not exist"),
            ("stages:\n  s:\n    foreach: 5\n    do: {cmd: x}\n", "expected list/dictionary, got int"),
        ],
    )
    def test_what_can_t_be_filled_in_is_a_sentence(self, text: str, said: str) -> None:
        message, hint = refuse(yaml=text)
        assert re.match(r"dvc\.yaml:\d, (stages\.s.*|vars): its templates can't be filled in: ", message)
        assert said in message
        assert hint == "run `dvc stage list`"

    def test_a_file_of_another_shape_is_refused_before_its_templates(self) -> None:
        assert refuse(yaml="${x}\n")[0] == "dvc.yaml: should be a mapping, and is text"
        assert refuse(yaml="stages: ${x}\n")[0] == "dvc.yaml:1, stages: should be a mapping, and is text"
        assert refuse(yaml="stages: {s: {foreach: [a], do: '${x}'}}\n")[0] == (
            "dvc.yaml:1, stages.s.do: should be a mapping, and is text"
        )

    @pytest.mark.parametrize(
        ("block", "params"),
        [
            ("matrix: {" + ", ".join(f"a{n}: [0,1,2,3,4,5,6,7,8,9]" for n in range(9)) + "}\n    cmd: x", ""),
            ("matrix: {a: '${l}', b: '${l}'}\n    cmd: x", f"l: {list(range(101))}\n"),
            ("foreach: ${l}\n    do: {cmd: x}", f"l: {list(range(10_001))}\n"),
        ],
    )
    def test_more_stages_than_anyone_means_are_refused_unmade(self, block: str, params: str) -> None:
        files = {"dvc.yaml": f"stages:\n  s:\n    {block}\n", "params.yaml": params}
        with pytest.raises(ConfigError) as caught:
            dag.read(MemoryFiles(files))
        assert str(caught.value) == "dvc.yaml:2, stages.s: makes more than 10,000 stages"

    def test_values_that_expand_hugely_are_refused(self) -> None:
        laughs = "a0: &a0 [1, 1]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 30))
        stages = "stages: {s: {cmd: 'x ${a0}'}}\n"
        with pytest.raises(ConfigError, match=r"^params\.yaml at main: .* more than 200,000 values"):
            dag.read(MemoryFiles({"dvc.yaml": stages, "params.yaml": laughs}), at="main")
        with pytest.raises(ConfigError, match=r"^params\.yaml: brings the values .* 2,000,000 bytes"):
            dag.read(MemoryFiles({"dvc.yaml": stages, "params.yaml": "#" * 2_000_001}))

    @pytest.mark.parametrize(
        ("stages", "said"),
        [
            ("  s:\n    cmd: " + "${v} " * 5000, "dvc.yaml: its templates could take all of 125,"),
            (
                "  s:\n    foreach: ${l}\n    do: {cmd: x, vars: [{w: 1}]}",
                "dvc.yaml: its templates could take all of 100,",
            ),
            (
                "  s:\n    foreach: ${l}\n    do: {cmd: '${v}'}",
                "dvc.yaml: has more than 50,000,000 characters with its templates filled in",
            ),
        ],
    )
    def test_text_that_templates_repeat_is_bounded(self, stages: str, said: str) -> None:
        params = f"v: {'x' * 98_000}\nl: {list(range(600))}\n"
        with pytest.raises(ConfigError) as caught:
            dag.read(MemoryFiles({"dvc.yaml": f"stages:\n{stages}\n", "params.yaml": params}))
        assert str(caught.value).startswith(said)

    def test_keys_are_checked_inside_templates_too(self) -> None:
        assert refuse(yaml="stages:\n  s:\n    foreach: [a]\n    do:\n      cmd: x\n      dep: [a]\n")[0] == (
            "dvc.yaml:6, stages.s.do.dep: 'dep' is no key of a stage"
        )
        assert refuse(yaml="stages:\n  s:\n    foreach: [a]\n    do:\n      cmd: x\n      deps: a\n")[0] == (
            "dvc.yaml:6, stages.s.do.deps: should be a list, and is text"
        )
