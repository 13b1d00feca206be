import io
from typing import Any

import pytest
from dvc.dvcfile import Lockfile
from dvc.utils.serialize import dumps_yaml, loads_yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from mergegate.dag.merging import LeftOut, MergedLock, merge_locks
from mergegate.errors import ConfigError
from support.memory import md5_of


def entry(path: str, content: str) -> dict[str, Any]:
    return {"path": path, "hash": "md5", "md5": md5_of(content), "size": len(content)}


def block(
    cmd: str,
    deps: dict[str, str] | None = None,
    outs: dict[str, str] | None = None,
    params: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """A stage's block with files by their content."""
    made: dict[str, Any] = {"cmd": cmd}
    if deps:
        made["deps"] = [entry(path, content) for path, content in sorted(deps.items())]
    if params:
        made["params"] = {"params.yaml": params}
    if outs:
        made["outs"] = [entry(path, content) for path, content in sorted(outs.items())]
    return made


def lock(**stages: dict[str, Any] | None) -> bytes:
    """A dvc.lock as DVC writes it."""
    held = {name: stage for name, stage in stages.items() if stage is not None}
    text: str = dumps_yaml({"schema": "2.0", **({"stages": held} if held else {})})
    return text.encode()


def stages(merged: MergedLock) -> dict[str, Any]:
    """What DVC reads; it must accept the file."""
    data = loads_yaml(merged.data.decode())
    Lockfile.validate(data)
    return dict(data.get("stages", {}))


def reasons(merged: MergedLock) -> dict[str, str]:
    return {each.name: each.why for each in merged.left_out}


def train(lr: int = 1, data: str = "d") -> dict[str, Any]:
    return block("train", {"data": data}, {"model": f"m{lr}{data}"}, {"lr": lr})


def report(n: int = 1) -> dict[str, Any]:
    return block("report", {"tables": "t"}, {"page": f"p{n}"}, {"n": n})


def score(model: str) -> dict[str, Any]:
    return block("score", {"model": model}, {"scores": f"s {model}"})


def test_stages_that_one_side_ran_are_that_sides_and_the_bytes_are_dvcs() -> None:
    base = lock(train=train(), report=report())
    merged = merge_locks(base, lock(train=train(2), report=report()), lock(train=train(), report=report(2)))
    assert merged == MergedLock(lock(train=train(2), report=report(2)), 2)


def test_a_stage_that_both_sides_ran_differently_must_run() -> None:
    base = lock(train=train(), report=report())
    merged = merge_locks(base, lock(train=train(2), report=report()), lock(train=train(3), report=report()))
    assert merged == MergedLock(lock(report=report()), 1, (LeftOut("train", "both sides changed it"),))


def test_a_run_that_both_sides_made_alike_stays() -> None:
    both = lock(train=train(2))
    assert merge_locks(lock(train=train()), both, both).data == both


def test_data_on_one_side_and_a_param_on_the_other_is_a_run_nobody_made() -> None:
    base = lock(train=train(), score=score("m1d"), report=report())
    ours = lock(train=train(1, "e"), score=score("m1e"), report=report())
    theirs = lock(train=train(2), score=score("m2d"), report=report())
    merged = merge_locks(base, ours, theirs)
    assert stages(merged) == {"report": report()}
    assert reasons(merged) == dict.fromkeys(("train", "score"), "both sides changed it")


def test_what_reads_an_output_that_the_other_side_made_anew_must_run() -> None:
    base = lock(train=train())
    ours, theirs = lock(train=train(2)), lock(train=train(), score=score("m1d"))
    merged = merge_locks(base, ours, theirs)
    assert stages(merged) == {"train": train(2)}
    assert reasons(merged) == {"score": "it reads model, which train made anew"}


def test_what_reads_the_output_of_a_stage_that_must_run_must_run_too() -> None:
    base = lock(train=train(), score=score("m1d"), page=block("p", {"scores": "s m1d"}, {"html": "h"}))
    ours = lock(
        train=block("t2", {}, {"model": "x"}),
        score=score("x"),
        page=block("p", {"scores": "s x"}, {"html": "h2"}),
    )
    merged = merge_locks(base, ours, lock(score=score("m1d"), page=block("p", {"scores": "s m1d"})))
    assert stages(merged) == {}
    assert merged.data == b"schema: '2.0'\n"
    assert reasons(merged)["train"] == "one side changed it and the other removed it"


def test_an_output_that_both_sides_got_alike_is_no_reason_to_run_what_reads_it() -> None:
    base = lock(train=train(), score=score("m1d"))
    ours = lock(train=block("a", {"data": "d"}, {"model": "m1d", "log": "1"}), score=score("m1d"))
    theirs = lock(train=block("b", {"data": "d"}, {"model": "m1d", "log": "2"}), score=score("m1d"))
    assert stages(merge_locks(base, ours, theirs)) == {"score": score("m1d")}


def test_a_removed_stage_is_removed_and_its_readers_stay() -> None:
    base = lock(train=train(), score=score("m1d"))
    merged = merge_locks(
        base, lock(score=score("m1d"), report=report()), lock(train=train(), score=score("m1d"))
    )
    assert merged.data == lock(score=score("m1d"), report=report())
    assert merged.left_out == ()


def test_a_new_stage_that_read_the_old_code_or_param_must_run() -> None:
    old = block("a", {"code.py": "1"}, {"x": "1"}, {"seed": 1, "a": {"b": 1}})
    new = block("a", {"code.py": "2"}, {"x": "2"}, {"seed": 1, "a": {"b": 1}})
    added = block("n", {"code.py": "1"}, {"y": "1"})
    merged = merge_locks(lock(a=old), lock(a=new), lock(a=old, n=added))
    assert reasons(merged) == {"n": "it read another code.py than the merge has"}
    seeded = block("a", {"code.py": "1"}, {"x": "3"}, {"seed": 1, "a": {"b": 2}})
    reads = block("n", {}, {"y": "1"}, {"a.b": 1})
    merged = merge_locks(lock(a=old), lock(a=seeded), lock(a=old, n=reads))
    assert reasons(merged) == {"n": "it read another the param a.b of params.yaml than the merge has"}


def test_a_folder_that_holds_the_outputs_of_others_is_looked_into() -> None:
    part = block("part", {"raw": "1"}, {"data/part": "p1"})
    whole = block("whole", {"data": "D"}, {"sum": "1"})
    ours = lock(part=block("part", {"raw": "2"}, {"data/part": "p2"}))
    merged = merge_locks(lock(part=part), ours, lock(part=part, whole=whole))
    assert reasons(merged) == {"whole": "it reads data, which part made anew"}


def test_outputs_of_one_name_under_other_folders_are_not_mixed_up() -> None:
    """Paths start at each stage's `wdir`, which dvc.lock does not have."""
    one = block("one", {"in": "1"}, {"out.csv": "a1"})
    two = block("two", {"in": "2"}, {"out.csv": "b1"})
    reads = block("r", {"../two/out.csv": "b1"}, {"r": "1"})
    changed = block("one", {"in": "1"}, {"out.csv": "a2"}, {"lr": 2})
    merged = merge_locks(
        lock(one=one, two=two, r=reads),
        lock(one=changed, two=two, r=reads),
        lock(one=one, two=two, r=reads, n=report()),
    )
    assert merged.left_out == ()
    assert stages(merged) == {"one": changed, "two": two, "r": reads, "n": report()}


def test_both_made_the_lock() -> None:
    merged = merge_locks(None, lock(train=train()), lock(train=train(), report=report()))
    assert merged.data == lock(train=train(), report=report())


def test_new_stages_come_in_one_order_whichever_side_is_ours() -> None:
    base = lock(a=train())
    ours, theirs = lock(a=train(), z=report()), lock(a=train(), b=block("b"), c=block("c"))
    merged = merge_locks(base, ours, theirs)
    assert list(stages(merged)) == ["a", "b", "z", "c"]
    assert merged == merge_locks(base, theirs, ours)


def test_long_and_manifold_commands_keep_their_lines() -> None:
    long = block("echo " + "word: " * 60)
    many = {"cmd": ["python -m a\npython -m b\n", "echo 'it''s' \"#\" " + "x" * 200]}
    base = lock(train=train(), report=report(), long=long, many=many)
    ours = lock(train=train(2), report=report(), long=long, many=many)
    theirs = lock(train=train(), report=report(2), long=long, many=many)
    assert merge_locks(base, ours, theirs).data == lock(
        train=train(2), report=report(2), long=long, many=many
    )


def test_another_layout_is_read_and_written_as_dvc_would() -> None:
    flow = f"{{schema: '2.0', stages: {{train: {train()}}}}}\n".encode()
    assert merge_locks(flow, lock(train=train(2)), lock(train=train(), report=report())).data == lock(
        train=train(2), report=report()
    )


def test_a_comment_and_crlf_survive() -> None:
    base = b"# ours\n" + lock(train=train(), report=report())
    ours, theirs = (
        b"# ours\n" + lock(train=train(2), report=report()),
        b"# ours\n" + lock(train=train(), report=report(2)),
    )
    wanted = b"# ours\n" + lock(train=train(2), report=report(2))
    assert merge_locks(base, ours, theirs).data == wanted
    crlf = [text.replace(b"\n", b"\r\n") for text in (base, ours, theirs, wanted)]
    assert merge_locks(*crlf[:3]).data == crlf[3]


def test_datasets_are_merged_by_name() -> None:
    def held(*entries: dict[str, Any], first: bool = False) -> bytes:
        parts = {"schema": "2.0"} | ({"datasets": list(entries)} if first else {})
        data = parts | {"stages": {"train": train()}} | {"datasets": list(entries)}
        text: str = dumps_yaml(data)
        return text.encode()

    def dataset(name: str, rev: str) -> dict[str, Any]:
        return {"name": name, "type": "dvc", "url": "u", "lock": {"rev_lock": rev}}

    a, b = dataset("a", "1"), dataset("b", "1")
    merged = merge_locks(
        held(a, b), held(dataset("a", "2"), b), held(a, dataset("b", "2"), dataset("c", "1"))
    )
    assert loads_yaml(merged.data.decode())["datasets"] == [
        dataset("a", "2"),
        dataset("b", "2"),
        dataset("c", "1"),
    ]
    assert merged.data == held(dataset("a", "2"), dataset("b", "2"), dataset("c", "1"))
    merged = merge_locks(held(a, b), held(dataset("a", "2"), b), held(dataset("a", "3"), b))
    assert merged.left_out == (LeftOut("a", "both sides changed it", dataset=True),)


def test_a_remote_that_keeps_versions_changes_no_run() -> None:
    pushed = train()
    pushed["outs"][0]["cloud"] = {"s3": {"version_id": "v1"}}
    base = lock(train=train(), report=report())
    merged = merge_locks(base, lock(train=pushed, report=report()), lock(train=train(), report=report(2)))
    assert stages(merged) == {"train": pushed, "report": report(2)}
    merged = merge_locks(base, lock(train=pushed, report=report()), lock(train=train(2), report=report()))
    assert stages(merged) == {"train": train(2), "report": report()}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"stages: [", "dvc.lock of our side"),
        (b"<<<<<<< HEAD\n", "holds git's conflict markers"),
        (b"schema: '1.0'\nstages:\n  a:\n    cmd: x\n", "has the schema '1.0'"),
        (b"a:\n  cmd: x\n", "has the schema None"),
        (b"schema: '2.0'\nstages:\n  a:\n    outs: []\n", "stages.a: has no command"),
        (b"schema: '2.0'\nstages:\n  a:\n    cmd: x\n    deps: [1]\n", "stages.a.deps[0]"),
        (b"schema: '2.0'\nstages:\n  a: {cmd: x}\n  a: {cmd: y}\n", "has the stage 'a' twice"),
        (b"\xff", "is not UTF-8"),
    ],
)
def test_a_version_that_dvc_would_refuse_is_refused(text: bytes, said: str) -> None:
    with pytest.raises(ConfigError) as raised:
        merge_locks(lock(), text, lock(train=train()))
    assert said in raised.value.message


NAMES = st.sampled_from(["a", "b", "c", "st@x", "mx@a-1"])
SOURCES = st.dictionaries(st.sampled_from(["code.py", "sub/in"]), st.sampled_from("12"), max_size=2)


@st.composite
def locks(draw: st.DrawFn) -> bytes:
    """A chain of stages, each a whole run: what one reads is what the one before wrote, mostly."""
    found: dict[str, Any] = {}
    last: dict[str, str] = {}
    for name in draw(st.lists(NAMES, unique=True, max_size=5)):
        params = draw(
            st.dictionaries(st.sampled_from(["lr", "n.m"]), st.sampled_from([1, 2.5, None, "x"]), max_size=1)
        )
        deps = draw(SOURCES) | (last if draw(st.booleans()) else {})
        made = {f"out/{name}": f"{name}{sorted(deps.items())}{params}"}
        found[name] = block(f"run {name}", deps, made, params)
        last = made if draw(st.booleans()) else last
    return lock(**found)


@settings(max_examples=60, deadline=None)
@given(locks(), locks(), locks())
def test_any_merged_lock_loads_is_true_and_the_same_from_both_sides(a: bytes, b: bytes, c: bytes) -> None:
    merged = merge_locks(a, b, c)
    assert merged == merge_locks(a, c, b)
    held = stages(merged)
    ours, theirs = (dict(loads_yaml(side.decode()).get("stages", {})) for side in (b, c))
    made = {out["path"]: out["md5"] for stage in held.values() for out in stage.get("outs", [])}
    for name, stage in held.items():
        assert stage in (ours.get(name), theirs.get(name))
        for dep in stage.get("deps", []):
            assert made.get(dep["path"], dep["md5"]) == dep["md5"]
    left = {each.name for each in merged.left_out}
    assert not left & held.keys()
    assert left <= ours.keys() | theirs.keys()
    assert merged.stages == len(held)


@settings(max_examples=25, deadline=None)
@given(locks(), locks())
def test_merging_nothing_changes_nothing(base: bytes, theirs: bytes) -> None:
    assert merge_locks(base, base, theirs).data == theirs
    assert merge_locks(base, theirs, base).data == theirs
    assert merge_locks(base, theirs, theirs).data == theirs


@settings(max_examples=25, deadline=None)
@given(locks(), locks(), locks())
def test_dvc_changes_no_byte_of_a_merged_lock_that_it_writes_again(a: bytes, b: bytes, c: bytes) -> None:
    text = merge_locks(a, b, c).data.decode()
    yaml = YAML()
    yaml.default_flow_style = False
    stream = io.StringIO()
    yaml.dump(yaml.load(text), stream)
    assert stream.getvalue() == text
