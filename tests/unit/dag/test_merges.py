from mergegate import dag
from mergegate.records.pipeline import LockedPath, LockedStage, ObjectHash, Pipeline, Stage
from mergegate.records.review import LockFinding
from support.memory import md5_of


def side(data: str, rate: float, out: str) -> Pipeline:
    """A pipeline whose one stage ran on this data and rate, and wrote this."""
    return Pipeline(
        stages=(Stage(name="s", file="dvc.yaml", wdir=".", commands=("x",)),),
        locked=(
            LockedStage(
                name="s",
                file="dvc.yaml",
                commands=("x",),
                deps=(LockedPath(path="d", hash=ObjectHash(md5=md5_of(data))),),
                params={"params.yaml": {"rate": rate}},
                outs=(LockedPath(path="o", hash=ObjectHash(md5=md5_of(out))),) if out else (),
            ),
        ),
    )


def test_a_block_put_together_from_two_runs_never_ran() -> None:
    parents = [side("new", 1, "same"), side("old", 2, "same")]
    (finding,) = dag.merged(parents, side("new", 2, "same"))
    assert (finding.kind, finding.stage, finding.blocking) == ("merged", "s", True)
    assert finding.mend == (
        "dvc repro --force --no-run-cache --downstream s && git commit --allow-empty --all"
        " -m 'Reproduce after the merge' -m 'Reproduced: s'"
    )


def test_a_parent_s_own_block_did_run() -> None:
    parents = [side("new", 1, "a"), side("old", 2, "b")]
    assert dag.merged(parents, side("new", 1, "a")) == ()
    assert dag.merged(parents, side("old", 2, "b")) == ()


def test_outputs_of_its_own_show_a_run_after_the_merge() -> None:
    assert dag.merged([side("new", 1, "a"), side("old", 2, "b")], side("new", 2, "c")) == ()


def test_inputs_of_one_run_with_outputs_of_the_other_never_ran() -> None:
    assert len(dag.merged([side("new", 1, "a"), side("old", 2, "b")], side("new", 1, "b"))) == 1


def test_without_outputs_it_is_a_note() -> None:
    (finding,) = dag.merged([side("new", 1, ""), side("old", 2, "")], side("new", 2, ""))
    assert not finding.blocking


def test_a_stage_that_no_parent_had_is_not_judged() -> None:
    assert dag.merged([Pipeline(), Pipeline()], side("new", 2, "c")) == ()


def test_an_ordinary_commit_is_no_merge() -> None:
    assert dag.merged([side("new", 1, "a")], side("old", 1, "a")) == ()


def test_other_outputs_of_the_very_same_inputs_are_noted() -> None:
    assert dag.suspicious(side("old", 1, "a"), side("old", 1, "b")) == (
        LockFinding(
            side="head",
            kind="other-outputs",
            stage="s",
            path="o",
            message="s has the very same inputs as in base, and other outputs",
            mend="dvc repro --force --no-run-cache --single-item s",
            blocking=False,
        ),
    )
    assert dag.suspicious(side("old", 1, ""), side("old", 1, "b")) == ()


def test_other_inputs_with_the_very_same_outputs_are_noted() -> None:
    (finding,) = dag.suspicious(side("old", 1, "a"), side("new", 1, "a"))
    assert (finding.kind, finding.path, finding.blocking) == ("same-outputs", "o", False)
    assert dag.suspicious(side("old", 1, "a"), side("new", 1, "b")) == ()
    assert dag.suspicious(side("old", 1, "a"), side("old", 1, "a")) == ()
    assert dag.suspicious(side("old", 1, ""), side("new", 1, "")) == ()
    assert dag.suspicious(Pipeline(), side("new", 1, "a")) == ()
