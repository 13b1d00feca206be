"""The doctor's answer at a terminal."""

import io

from msgspec.structs import replace
from rich.console import Console

from mergegate.records.doctor import Ailment, Checked, DoctorAnswer
from mergegate.report.doctor import render

HOLE = Ailment(
    check="strength",
    level="hole",
    what="the predictions of late are believed",
    why="a file of right answers passes",
    mend="give the model a bundle",
    where="mergegate.yaml",
    by=("anyone", "Ada \x1b[31m"),
)
NOTE = Ailment(
    check="hooks", level="note", what="no hook\nlooks", why="it is told later", mend="mergegate hook"
)
CHECKS = (Checked(check="strength", looks_for="predictions"), Checked(check="hooks", looks_for="hooks"))


def text(answer: DoctorAnswer, *, asked: bool = False, width: int = 100) -> list[str]:
    out = io.StringIO()
    console = Console(file=out, width=width, markup=False, emoji=False)
    render(answer, console, asked=asked)
    return [line.rstrip() for line in out.getvalue().splitlines()]


def test_the_answer_stands_first_and_what_is_worst_next() -> None:
    answer = DoctorAnswer(
        skippable="yes", by=("anyone", "Ada \x1b[31m", "Bo"), checks=CHECKS, ailments=(HOLE, NOTE)
    )
    assert text(answer) == [
        "Can this gate be skipped? Yes, by anyone, Ada \\x1b[31m and Bo.",
        "",
        "The gate can be skipped: 1",
        "  strength  the predictions of late are believed (mergegate.yaml)",
        "            why: a file of right answers passes",
        "            by: anyone and Ada \\x1b[31m",
        "            to mend: give the model a bundle",
        "",
        "Worth knowing: 1",
        "  hooks  no hook\\nlooks",
        "         why: it is told later",
        "         to mend: mergegate hook",
        "",
        "2 checks, 2 of them could look, at this clone alone. Ask GitHub too: mergegate doctor --github",
        "More on a check: mergegate explain NAME",
    ]


def test_no_name_is_a_command_to_the_job_that_prints_it() -> None:
    hostile = replace(HOLE, what="the job a ::error::b ##[group]c of :::x", where="", by=())
    lines = text(DoctorAnswer(skippable="yes", checks=CHECKS, ailments=(hostile,)), width=30)
    assert [line for line in lines if line.strip().startswith("::") or "##[" in line] == []
    assert ":\\:error:\\:b ##\\[group]c of :\\:\\:x" in " ".join(" ".join(lines).split())


def test_a_check_that_could_not_look_says_why() -> None:
    blind = Checked(check="remote", looks_for="a remote", unseen="no network")
    answer = DoctorAnswer(skippable="unknown", repository="o/r", checks=(*CHECKS, blind))
    assert text(answer, asked=True) == [
        "Can this gate be skipped? Unknown: no hole was seen, and not everything could be looked at.",
        "",
        "Checks that could not look: 1",
        "  remote  no network",
        "",
        "3 checks, 2 of them could look, at this clone and at o/r on GitHub.",
        "More on a check: mergegate explain NAME",
    ]


def test_nobody_can_skip_it_or_nobody_was_asked() -> None:
    asked = text(DoctorAnswer(skippable="no", repository="o/r", checks=CHECKS), asked=True)
    assert asked[0] == "Can this gate be skipped? No: no check found a way."
    alone = text(DoctorAnswer(skippable="unknown", checks=CHECKS))
    assert alone[0] == "Can this gate be skipped? Unknown: no hole was seen, and GitHub was not asked."
    assert text(DoctorAnswer(skippable="yes"))[0] == "Can this gate be skipped? Yes."


def test_a_long_list_is_cut_and_says_where_the_rest_is() -> None:
    many = tuple(NOTE for _ in range(60))
    lines = text(DoctorAnswer(skippable="unknown", checks=CHECKS, ailments=many), width=60)
    assert "Worth knowing: 60" in lines
    assert "  … and 20 more notes, see --json" in lines
    assert max(map(len, lines)) <= 60
