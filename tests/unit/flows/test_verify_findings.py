"""Findings of the lock chain as verify tells them: the hazard they are the sign of, a mend that works."""

from mergegate.flows.verify.findings import find, from_lock
from mergegate.records.pipeline import Pipeline, Stage, TrackedPath
from mergegate.records.review import LockFinding, Revision
from mergegate.records.verify import RemoteCheck, Verification, VerifyFinding
from mergegate.report.verify import verification_lines

PIPELINE = Pipeline(
    stages=(
        Stage(name="train", file="dvc.yaml", wdir=".", commands=("true",), frozen=True),
        Stage(name="split", file="dvc.yaml", wdir=".", commands=("true",)),
    ),
    tracked=(TrackedPath(path="data/raw", file="data/raw.dvc", hash=None),),
)


def told(kind: str, stage: str, path: str = "", mend: str = "dvc repro x") -> VerifyFinding:
    found = LockFinding(side="head", kind=kind, stage=stage, path=path, message="so", mend=mend)
    (finding,) = from_lock([found], PIPELINE)
    return finding


def test_a_folder_of_a_dvc_file_is_made_whole_before_its_stage_runs() -> None:
    for path in ("data/raw", "data/raw/a.csv", "data"):
        finding = told("broken-link", "split", path)
        assert finding.mend == "dvc pull --force data/raw.dvc && dvc repro --downstream split"
        assert finding.hazards == (1,)
    produced = told("broken-link", "split", "data/clean")
    assert (produced.mend, produced.hazards) == ("dvc repro x", (10,))


def test_inputs_of_a_frozen_stage_are_a_hazard_of_their_own() -> None:
    assert told("edited", "train").hazards == (15,)
    assert told("edited", "split").hazards == (11, 13)


def test_a_kind_that_has_no_reason_of_its_own_is_told_all_the_same() -> None:
    assert told("something-new", "split").why == "Files of this revision that must agree do not."


def answer(*findings: VerifyFinding) -> Verification:
    return Verification(
        mergegate="0",
        revision=Revision(name="v1", sha="a" * 40),
        base=None,
        stages=2,
        tracked=1,
        objects=3,
        remotes=(RemoteCheck(name="store", objects=3, missing=1, hashed=0, bytes=20),),
        findings=findings,
    )


def test_what_breaks_outweighs_what_is_not_known_and_notes_weigh_nothing() -> None:
    note = find("ghost", "so", "do", blocking=False)
    unknown = find("remote-unreadable", "so", "do", known=False)
    breaks = find("edited", "so", "do")
    codes = [answer(*some).exit_code for some in ((), (note,), (note, unknown), (unknown, breaks))]
    assert codes == [0, 0, 3, 1]


def test_lines_say_what_why_and_the_command_and_show_what_would_steer_a_terminal() -> None:
    lines = list(verification_lines(answer(find("edited", "\x1b[2Jcode was edited", "dvc repro train"))))
    assert lines == [
        "breaks: edited: \\x1b[2Jcode was edited",
        "    why: What is reviewed and released would not be what these files make.",
        "    mend: dvc repro train",
        "v1 (aaaaaaa): 1 finding that breaks it",
        "  2 stages, 1 tracked path",
        "  remote store: 3 objects looked for, 1 missing, 20 bytes there",
    ]
