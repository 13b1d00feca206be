from mergegate import dag
from mergegate.records.pipeline import Pipeline
from mergegate.records.review import ParamChange, Reason, StageChange
from support.memory import MemoryFiles, md5_of

DVC_YAML = """\
stages:
  prepare:
    cmd: prepare
    deps: [code.py, raw/a.csv, raw]
    params: [prepare]
    outs: [rows]
  train:
    cmd: train
    deps: [code.py, rows/part]
    params: [train.rate, {whole.yaml: null}]
    outs: [model]
"""

LOCK = """\
schema: '2.0'
stages:
  prepare:
    cmd: prepare
    deps:
    - {path: code.py, hash: md5, md5: CODE}
    - {path: raw/a.csv, hash: md5, md5: RAW}
    - {path: raw, hash: md5, md5: RAW.dir}
    params:
      params.yaml:
        prepare: {limit: LIMIT, same: [1]}
    outs:
    - {path: rows, hash: md5, md5: ROWS.dir}
  train:
    cmd: train
    deps:
    - {path: code.py, hash: md5, md5: CODE}
    - {path: rows/part, hash: md5, md5: ROWS}
    params:
      params.yaml: {train.rate: RATE}
      whole.yaml: {x: 1}
    outs:
    - {path: model, hash: md5, md5: MODEL}
"""

TRACKED = "outs:\n- {path: raw, hash: md5, md5: RAW.dir}\n"


def pipeline(yaml: str = DVC_YAML, **values: str) -> Pipeline:
    """The pipeline with these contents; what is not named is as in base."""
    lock = LOCK.replace("LIMIT", values.pop("limit", "5")).replace("RATE", values.pop("rate", "0.1"))
    for name in ("code", "raw", "rows", "model"):
        lock = lock.replace(name.upper(), md5_of(values.get(name, "base")))
    tracked = TRACKED.replace("RAW", md5_of(values.get("raw", "base")))
    return dag.read(MemoryFiles({"dvc.yaml": yaml, "dvc.lock": lock, "raw.dvc": tracked}))


def changes(head: Pipeline) -> dict[str, list[tuple[str, str]]]:
    found = dag.stage_changes(pipeline(), head)
    assert {change.change for change in found} <= {"changed"}
    return {change.name: [(reason.kind, reason.what) for reason in change.reasons] for change in found}


def test_equal_pipelines_have_no_change() -> None:
    assert dag.stage_changes(pipeline(), pipeline()) == ()


def test_code_data_and_params_are_told_apart() -> None:
    assert changes(pipeline(code="new", raw="new", rows="new", limit="6", rate="1e-3", model="new")) == {
        "prepare": [
            ("code", "code.py"),
            ("data", "raw/a.csv"),
            ("data", "raw"),
            ("params", "params.yaml:prepare.limit"),
        ],
        "train": [("code", "code.py"), ("data", "rows/part"), ("params", "params.yaml:train.rate")],
    }


def test_equal_numbers_are_no_change_though_written_otherwise() -> None:
    assert changes(pipeline(rate="1.0e-1", limit="5.0")) == {}


def test_outputs_are_a_reason_only_when_nothing_that_goes_in_differs() -> None:
    assert changes(pipeline(model="new")) == {"train": [("outputs", "model")]}


def test_commands_and_definitions() -> None:
    head = pipeline(
        yaml=DVC_YAML.replace("cmd: train\n", "cmd: [train, again]\n    frozen: true\n")
        .replace("deps: [code.py, rows/part]", "deps: [code.py, rows/part, more.py]")
        .replace("{whole.yaml: null}", "train.depth")
        .replace("outs: [model]", "outs: [{model: {cache: false}}]")
    )
    assert changes(head) == {
        "train": [
            ("command", "train; again"),
            ("definition", "model"),
            ("definition", "more.py"),
            ("definition", "params.yaml:train.depth"),
            ("definition", "whole.yaml"),
            ("definition", "frozen"),
        ]
    }


def test_added_and_removed_stages_come_with_their_addresses() -> None:
    base = dag.read(MemoryFiles({"sub/dvc.yaml": "stages: {old: {cmd: x}, same: {cmd: x}}\n"}))
    head = dag.read(MemoryFiles({"sub/dvc.yaml": "stages: {new: {cmd: x}, same: {cmd: x}}\n"}))
    assert dag.stage_changes(base, head) == (
        StageChange(name="sub/dvc.yaml:new", change="added"),
        StageChange(name="sub/dvc.yaml:old", change="removed"),
    )


def test_a_stage_that_left_the_lock_is_changed() -> None:
    files = {"dvc.yaml": "stages: {s: {cmd: x}}\n", "dvc.lock": "schema: '2.0'\nstages: {s: {cmd: x}}\n"}
    ran, not_run = dag.read(MemoryFiles(files)), dag.read(MemoryFiles({"dvc.yaml": files["dvc.yaml"]}))
    (gone,) = dag.stage_changes(ran, not_run)
    assert gone.reasons == (Reason(kind="definition", what="gone from dvc.lock"),)
    (new,) = dag.stage_changes(not_run, ran)
    assert new.reasons == (Reason(kind="definition", what="new in dvc.lock"),)


def test_hostile_names_are_cut() -> None:
    base = dag.read(MemoryFiles({"dvc.yaml": "stages: {s: {cmd: x}}\n"}))
    many = "".join(f"'{i}{'x' * 400}', " for i in range(80))
    head = dag.read(MemoryFiles({"dvc.yaml": f"stages: {{s: {{cmd: '{'y' * 5000}', deps: [{many}]}}}}\n"}))
    (change,) = dag.stage_changes(base, head)
    assert len(change.reasons) == 50
    assert max(len(reason.what) for reason in change.reasons) == 200


class TestParams:
    STAGES = """\
params: [shown.json]
stages:
  train: {cmd: x, params: [train.rate, model]}
  whole: {cmd: x, params: [{other.toml: null}]}
  tmpl: {cmd: x, params: [train]}
"""

    def changes(self, base: dict[str, str], head: dict[str, str]) -> tuple[ParamChange, ...]:
        old, new = (MemoryFiles({"dvc.yaml": self.STAGES, **files}) for files in (base, head))
        return dag.param_changes(old, new, dag.read(old), dag.read(new))

    def test_every_changed_leaf_of_every_file_with_what_it_feeds(self) -> None:
        assert self.changes(
            {
                "params.yaml": "train: {rate: 1e-3, depth: 3}\nmodel: {a: {b: 1}}\nloose: .nan\n",
                "other.toml": "x = 1\n",
                "shown.json": '{"note": "old"}',
                "unnamed.yaml": "a: 1\n",
            },
            {
                "params.yaml": "train: {rate: 0.001, depth: 4}\nmodel: {a: {b: 1, c: [1, {d: 2}]}}\n"
                "loose: .nan\n",
                "other.toml": "x = 1\ny = inf\n",
                "shown.json": '{"note": null}',
                "unnamed.yaml": "a: 2\n",
            },
        ) == (
            ParamChange(file="other.toml", key="y", old=None, new="Infinity", stages=("whole",)),
            ParamChange(file="params.yaml", key="train.depth", old="3", new="4", stages=("tmpl",)),
            ParamChange(
                file="params.yaml", key="model.a.c", old=None, new='[1, {"d": 2}]', stages=("train",)
            ),
            ParamChange(file="shown.json", key="note", old='"old"', new="null"),
        )

    def test_a_key_with_a_dot_does_not_hide_a_section(self) -> None:
        base, head = ({"params.yaml": f"'a.b': {value}\na: {{b: 5}}\n"} for value in (1, 2))
        assert self.changes(base, head) == (ParamChange(file="params.yaml", key='"a.b"', old="1", new="2"),)

    def test_a_file_that_comes_or_goes(self) -> None:
        text = {"params.yaml": "train: {rate: 1}\n"}
        added = ParamChange(file="params.yaml", key="train.rate", old=None, new="1", stages=("train", "tmpl"))
        removed = ParamChange(
            file="params.yaml", key="train.rate", old="1", new=None, stages=("train", "tmpl")
        )
        assert self.changes({}, text) == (added,)
        assert self.changes(text, {}) == (removed,)

    def test_types_are_a_change_even_where_python_calls_them_equal(self) -> None:
        (change,) = self.changes({"params.yaml": "a: 1\n"}, {"params.yaml": "a: true\n"})
        assert (change.old, change.new) == ("1", "true")

    def test_hostile_text_is_bounded_and_can_be_written(self) -> None:
        (change,) = self.changes({"params.yaml": ""}, {"params.yaml": f'"{"k" * 999}": "{"v" * 999}"\n'})
        assert (len(change.key), len(change.new or "")) == (200, 300)
        (odd,) = self.changes({"shown.json": "{}"}, {"shown.json": '{"\\ud800": "\\udfff"}'})
        assert (odd.key, odd.new) == ("\\ud800", '"\\udfff"')


def test_a_value_feeds_the_stages_that_templates_make_of_it() -> None:
    text = """\
vars: [models.yaml]
stages:
  fit:
    foreach: ${models}
    do: {cmd: 'fit ${key} ${item.depth}', outs: ['${key}.txt']}
  report: {cmd: report, deps: [a.txt]}
"""
    base, head = (
        MemoryFiles(
            {"dvc.yaml": text, "models.yaml": f"models: {{a: {{depth: {depth}}}, b: {{depth: 2}}}}\n"}
        )
        for depth in (1, 3)
    )
    read = [dag.read(files) for files in (base, head)]
    assert dag.param_changes(base, head, *read) == (
        ParamChange(file="models.yaml", key="models.a.depth", old="1", new="3", stages=("fit@a",)),
    )
