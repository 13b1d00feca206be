"""The lock chain as one gate."""

from mergegate.config.policy import Policy
from mergegate.gates import lock
from mergegate.gates.case import Case
from mergegate.records.review import LockFinding, Side
from mergegate.records.verdict import GateResult, Outcome


def judge(*findings: LockFinding) -> GateResult:
    (result,) = lock.judge(Case(Policy(version=1), (), findings))
    return result


def finding(
    stage: str, *, side: Side = "head", blocking: bool = True, mend: str | None = None
) -> LockFinding:
    return LockFinding(
        side=side,
        kind="broken-chain",
        stage=stage,
        path=f"data/{stage}",
        message=f"{stage} read another data/{stage} than was written",
        mend=f"dvc repro {stage}" if mend is None else mend,
        blocking=blocking,
    )


def gate(outcome: Outcome, sentence: str, mend: str = "") -> GateResult:
    return GateResult(id="lock/chain", kind="lock", outcome=outcome, sentence=sentence, mend=mend)


def test_a_chain_that_hangs_together_passes() -> None:
    assert judge() == gate("pass", "what head's dvc.lock says hangs together.")


def test_without_a_stage_there_is_no_chain_to_hold() -> None:
    (result,) = lock.judge(Case(Policy(version=1), (), (), staged=False))
    assert result == gate(
        "skipped",
        "no dvc.yaml declares a stage, so nothing says which data and code made the files judged.",
    )
    (result,) = lock.judge(Case(Policy(version=1), (), (finding("train"),), staged=False))
    assert result.outcome == "fail"


def test_a_break_fails_with_the_command_that_mends_it() -> None:
    expected = gate("fail", "train read another data/train than was written.", "dvc repro train")
    assert judge(finding("train")) == expected


def test_many_breaks_are_one_gate_with_every_command_once() -> None:
    result = judge(
        finding("a", mend="dvc repro"),
        finding("b", mend="dvc repro"),
        finding("c", mend=""),
        finding("d"),
        finding("e"),
    )
    assert result.sentence == (
        "a read another data/a than was written; b read another data/b than was written; "
        "c read another data/c than was written; and 2 more."
    )
    assert result.mend == "dvc repro && dvc repro d && dvc repro e"


def test_what_base_already_had_is_noted_and_never_blocks() -> None:
    assert judge(finding("train", side="base")) == gate(
        "pass", "what head's dvc.lock says hangs together. Base's own has 1 finding."
    )
    result = judge(finding("train", side="base"), finding("split", side="base"), finding("train"))
    assert result.outcome == "fail"
    assert result.sentence.endswith("Base's own has 2 findings, 1 of them still in head.")


def test_a_warning_never_blocks() -> None:
    assert judge(finding("train", blocking=False)) == gate(
        "pass", "what head's dvc.lock says hangs together. 1 warning on it stands in the review."
    )
    result = judge(finding("train", blocking=False), finding("split", blocking=False))
    assert result.sentence.endswith("2 warnings on it stand in the review.")


def test_several_stages_are_mended_by_one_repro() -> None:
    assert judge(finding("a"), finding("b", mend="dvc repro b@1")).mend == "dvc repro"


def test_a_stage_of_a_subfolder_keeps_its_own_command() -> None:
    result = judge(finding("a"), finding("b", mend="dvc repro sub/dvc.yaml:b"))
    assert result.mend == "dvc repro a && dvc repro sub/dvc.yaml:b"
