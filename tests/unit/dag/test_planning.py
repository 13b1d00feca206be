import json
from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from mergegate import dag
from mergegate.dag.checksums import hash_tree
from mergegate.dag.needs import Needs
from mergegate.errors import ObjectError
from mergegate.records.pipeline import ObjectHash
from mergegate.records.plan import Needed
from mergegate.records.review import LockFinding
from mergegate.records.surroundings import UndeclaredImport
from support.memory import MemoryFiles, md5_of

STAGES: dict[str, Any] = {
    "first": {"cmd": "one", "deps": ["one.py", "raw"], "params": ["rate"], "outs": ["a"]},
    "second": {"cmd": "two", "deps": ["two.py", "a"], "outs": [{"b": {"push": False}}]},
    "third": {"cmd": "three", "deps": ["three.py", "b"], "outs": ["c"]},
}
RAW = {"x.csv": md5_of("x"), "y.csv": md5_of("y")}


def entry(path: str, md5: str, **more: object) -> dict[str, object]:
    return {"path": path, "hash": "md5", "md5": md5, **more}


LOCK: dict[str, Any] = {
    "first": {
        "cmd": "one",
        "deps": [entry("one.py", md5_of("1")), entry("raw", hash_tree(RAW))],
        "params": {"params.yaml": {"rate": 1}},
        "outs": [entry("a", md5_of("a"), size=1)],
    },
    "second": {
        "cmd": "two",
        "deps": [entry("two.py", md5_of("2")), entry("a", md5_of("a"))],
        "outs": [entry("b", md5_of("b"), size=1)],
    },
    "third": {
        "cmd": "three",
        "deps": [entry("three.py", md5_of("3")), entry("b", md5_of("b"))],
        "outs": [entry("c", md5_of("c"), size=1)],
    },
}


def files(stages: Mapping[str, Any] = STAGES, lock: Mapping[str, Any] = LOCK, **held: str) -> MemoryFiles:
    return MemoryFiles(
        {
            "dvc.yaml": json.dumps({"stages": stages}),
            "dvc.lock": json.dumps({"schema": "2.0", "stages": lock}),
            "raw.dvc": json.dumps({"outs": [entry("raw", hash_tree(RAW), size=2, nfiles=2)]}),
            "one.py": "1",
            "two.py": "2",
            "three.py": "3",
            "params.yaml": "rate: 1\n",
            **{name.replace("__", "."): text for name, text in held.items()},
        }
    )


def plan(head: MemoryFiles, base: MemoryFiles | None = None, **more: Any) -> dag.Planned:
    base = base or files()
    return dag.plan(
        dag.read(base),
        dag.read(head),
        head,
        base_files=base,
        **{"findings": dag.chain(dag.read(head), head, "head", tree=tree), **more},
    )


def tree(name: ObjectHash) -> Mapping[str, str]:
    if name.md5 != hash_tree(RAW):
        raise ObjectError("not here")
    return RAW


def tell(planned: dag.Planned) -> dict[str, str]:
    """Every stage with what it will do and why; `!` where `dvc repro` would not run it by itself."""
    return {
        stage.name: " ".join(
            [
                stage.will + ("!" if stage.will == "run" and not stage.stale else ""),
                *(f"{why.cause}:{why.what}" for why in stage.reasons),
            ]
        )
        for stage in planned.stages
    }


def test_what_equals_base_and_fits_the_files_stands() -> None:
    assert tell(plan(files())) == {"first": "skip", "second": "skip", "third": "skip"}


def test_what_was_edited_runs_and_what_follows_may() -> None:
    assert tell(plan(files(two__py="other"))) == {
        "first": "skip",
        "second": "run code:two.py",
        "third": "if-changed",
    }


def test_a_reproduced_change_is_a_claim_with_what_changed() -> None:
    lock = json.loads(json.dumps(LOCK))
    lock["first"]["params"]["params.yaml"]["rate"] = 2
    lock["first"]["outs"][0]["md5"] = lock["second"]["deps"][1]["md5"] = md5_of("A")
    assert tell(plan(files(lock=lock, params__yaml="rate: 2\n"))) == {
        "first": "run! params:params.yaml:rate lock:dvc.lock",
        "second": "run! data:a lock:dvc.lock",
        "third": "if-changed",
    }


def test_outputs_edited_in_the_lock_are_a_claim_and_break_the_link() -> None:
    lock = json.loads(json.dumps(LOCK))
    lock["second"]["outs"][0]["md5"] = md5_of("forged")
    assert tell(plan(files(lock=lock))) == {
        "first": "skip",
        "second": "run! lock:dvc.lock",
        "third": "run broken-link:b",
    }


def test_without_a_base_nothing_is_believed() -> None:
    head = files()
    planned = dag.plan(None, dag.read(head), head)
    assert tell(planned) == dict.fromkeys(STAGES, "run! lock:dvc.lock")


def test_a_changed_helper_and_a_merged_block_run_though_dvc_sees_neither() -> None:
    merged = LockFinding(side="head", kind="merged", stage="third", path="dvc.lock", message="", mend="")
    helper = UndeclaredImport(stage="second", script="two.py", imported="lib/help.py", changed=True)
    kept = replace(helper, stage="first", changed=False)
    assert tell(plan(files(), findings=[merged], undeclared=[helper, kept])) == {
        "first": "skip",
        "second": "run! helper:lib/help.py",
        "third": "run! merged:dvc.lock",
    }


def test_what_is_taken_out_of_dvc_yaml_runs_by_force() -> None:
    stages = {**STAGES, "third": {"cmd": "three", "deps": ["b"], "outs": ["c"]}}
    assert tell(plan(files(stages)))["third"] == "run! definition:three.py"


def test_a_frozen_stage_passes_what_it_reads_by_but_not_its_own_command() -> None:
    stages = {**STAGES, "second": {**STAGES["second"], "frozen": True}}
    told = tell(plan(files(stages, two__py="other", one__py="other")))
    assert told == {"first": "run code:one.py", "second": "frozen code:two.py", "third": "skip"}
    stages["second"] = {**stages["second"], "cmd": "another"}
    assert tell(plan(files(stages)))["second"] == "run command:another"


def test_an_output_that_nobody_has_is_made_again_and_so_is_what_that_needs() -> None:
    """`push: false` on what another stage reads: DVC's `repro --pull --allow-missing` breaks on it."""
    planned = plan(files(three__py="other"), obtainable=lambda made: made.path not in ("a", "b"))
    assert tell(planned) == {
        "first": "run! missing:a",
        "second": "run! missing:b",
        "third": "run code:three.py",
    }


def test_a_stage_that_reads_and_writes_nothing_runs_every_time() -> None:
    stages = {**STAGES, "bell": {"cmd": "ring"}}
    lock = {**LOCK, "bell": {"cmd": "ring"}}
    same = files(stages, lock)
    assert tell(plan(same, same))["bell"] == "run definition:always_changed"


def test_links_between_hashes_of_dvc_2_and_3_run_by_force() -> None:
    lock = json.loads(json.dumps(LOCK))
    lock["third"]["deps"][1] = {"path": "b", "md5": md5_of("B")}
    same = files(lock=lock)
    assert tell(plan(same, same))["third"] == "run! broken-link:b"


def test_a_part_of_a_folder_whose_list_is_not_at_hand_is_believed_only_as_far_as_base() -> None:
    stages = {"one": {"cmd": "x", "deps": ["raw/x.csv"], "outs": ["a"]}}
    lock = {
        "one": {"cmd": "x", "deps": [entry("raw/x.csv", RAW["x.csv"])], "outs": [entry("a", md5_of("a"))]}
    }
    same = files(stages, lock)
    findings = dag.chain(dag.read(same), same, "head")
    known = plan(same, same, findings=findings)
    assert tell(known) == {"one": "skip"}
    assert known.notes == ("one: raw/x.csv could not be checked here, and is taken to be as in base.",)
    other = hash_tree({"x.csv": md5_of("other")})
    moved = files(stages, lock, raw__dvc=json.dumps({"outs": [entry("raw", other)]}))
    assert tell(plan(moved, same, findings=findings)) == {"one": "run! data:raw/x.csv"}


def test_a_stage_says_what_it_will_fail_on() -> None:
    stages = {**STAGES, "first": {**STAGES["first"], "params": ["rate", "train.deep", {"other.yaml": ["x"]}]}}
    stages["third"] = {**STAGES["third"], "deps": ["gone.py", "b"]}
    planned = plan(files(stages), obtainable=lambda made: made.path != "raw")
    assert [problem.message for problem in planned.problems] == [
        "first can't run: params.yaml has no param train.deep",
        "first can't run: it reads params from other.yaml, which is not there",
        "first can't run: raw of raw.dvc is neither in the cache nor on a remote",
        "third can't run: it reads gone.py, and git has no such file",
    ]
    assert tell(planned)["third"].startswith("run ")


def needs(
    head: MemoryFiles, readers: set[str], held: Mapping[str, int], *, listed: bool = True
) -> list[Needed]:
    pipeline = dag.read(head)
    outputs = plan(head).outputs

    def give(name: ObjectHash) -> Mapping[str, str]:
        if not listed:
            raise ObjectError("not here")
        return tree(name)

    found = Needs(outputs, give, lambda name: held.get(name.md5))
    stages = [stage for stage in pipeline.stages if stage.name in readers]
    return list(found.find(stages, readers, {block.address: block for block in pipeline.locked}))


def test_what_running_stages_write_is_not_needed_and_what_is_here_is_not_missing() -> None:
    assert needs(files(), {"first", "second"}, {RAW["x.csv"]: 1}) == [
        Needed(
            path="raw",
            md5=hash_tree(RAW),
            by=("first",),
            objects=2,
            bytes=2,
            missing=1,
            bytes_missing=1,
        )
    ]


def test_a_list_that_is_not_here_leaves_the_recorded_count() -> None:
    (found,) = needs(files(), {"first"}, {}, listed=False)
    assert (found.objects, found.bytes, found.missing, found.bytes_missing) == (2, 2, None, None)


def test_of_a_tracked_folder_only_the_file_that_is_read_is_needed() -> None:
    stages = {"one": {"cmd": "x", "deps": ["raw/x.csv"]}}
    lock = {"one": {"cmd": "x", "deps": [entry("raw/x.csv", RAW["x.csv"], size=1)]}}
    for listed in (True, False):
        (found,) = needs(files(stages, lock), {"one"}, {}, listed=listed)
        assert (found.path, found.md5, found.objects, found.missing) == ("raw/x.csv", RAW["x.csv"], 1, 1)


def test_a_folder_of_outputs_needs_each_of_them() -> None:
    stages = {
        "a": {"cmd": "x", "outs": ["out/a"]},
        "b": {"cmd": "x", "outs": [{"out/b": {"cache": False}}]},
        "c": {"cmd": "x", "deps": ["out"], "outs": ["c"]},
    }
    lock = {
        "a": {"cmd": "x", "outs": [entry("out/a", md5_of("a"), size=1)]},
        "b": {"cmd": "x", "outs": [entry("out/b", md5_of("b"))]},
    }
    found = needs(files(stages, lock, **{"out/b": "b"}), {"c"}, {})
    assert [each.path for each in found] == ["out/a"]  # git has the other
