"""From how a run ended and what the review says to a status and a sentence."""

import pytest
from msgspec.structs import replace

from mergegate.errors import BrokenError
from mergegate.flows.judging.conclusions import (
    Conclusion,
    conclude,
    conclude_broken,
    conclude_unreviewed,
    describe,
)
from mergegate.records.review import PolicySource, Review, Revision
from mergegate.records.verdict import Verdict

HEADLINE = "no evidence of a difference; 7 gates hold."


def review(*, passed: bool = True, enforced: bool = True, headline: str = HEADLINE) -> Review:
    revision = Revision(name="x", sha="0" * 40)
    return Review(
        schema=1,
        mergegate="1",
        strength="scored",
        base=revision,
        head=revision,
        policy=PolicySource(path="mergegate.yaml", origin="target", revision=revision, sha256="0"),
        verdict=Verdict(outcome="passed" if passed else "failed", enforced=enforced, headline=headline),
    )


def test_a_run_that_ended_well_is_as_good_as_the_verdict() -> None:
    assert conclude("success", review()) == Conclusion("success", HEADLINE)
    assert conclude("success", review(passed=False)) == Conclusion("failure", HEADLINE)


def test_advice_never_blocks_and_says_that_it_is_advice() -> None:
    assert conclude("success", review(enforced=False)) == Conclusion("success", f"advisory: {HEADLINE}")
    assert conclude("success", review(passed=False, enforced=False)) == Conclusion(
        "success", f"advisory: would fail: {HEADLINE}"
    )


@pytest.mark.parametrize("enforced", [True, False])
def test_a_run_that_failed_never_passes(enforced: bool) -> None:
    held = conclude("failure", review(enforced=enforced))
    assert held == Conclusion(
        "failure",
        "the gates hold, but the run failed: tests or reproduction",
        "The gates hold, but the run failed: its tests or the reproduction. Look at its log.",
    )
    assert conclude("failure", review(passed=False, enforced=enforced)) == Conclusion("failure", HEADLINE)


@pytest.mark.parametrize(
    ("ended", "state", "description"),
    [
        ("cancelled", "error", "the run was cancelled"),
        ("timed_out", "error", "the run took longer than it may"),
        ("startup_failure", "error", "the run could not start"),
        ("stale", "error", "GitHub gave the run up as stale"),
        ("skipped", "error", "the run was skipped, so nothing was judged"),
        ("neutral", "error", "the run ended without saying how"),
        ("action_required", "pending", "waits for a maintainer to approve the run"),
        ("brand_new", "error", "the run ended as brand_new"),
        (None, "pending", "waits for another run of this commit"),
    ],
)
def test_every_other_end_has_a_state_that_does_not_pass_and_a_sentence(
    ended: str | None, state: str, description: str
) -> None:
    found = conclude_unreviewed(ended)
    assert (found.state, found.description) == (state, description)
    assert found.sentence.endswith(".")


def test_an_error_keeps_its_next_step() -> None:
    error = BrokenError("the disk is full", hint="free some space")
    assert conclude_broken(error) == Conclusion(
        "error", "the disk is full", "The disk is full. Next: free some space."
    )


def test_a_description_is_one_bounded_plain_line_that_calls_nobody() -> None:
    hostile = "f1@ada \n\r\x1b[31m\u202ered `rm -rf` " + "x" * 1_000_000
    found = describe(hostile)
    assert len(found) <= 140
    assert found.isprintable()
    assert "@" not in found
    assert "`" not in found
    assert found.startswith("f1\N{FULLWIDTH COMMERCIAL AT}ada \\x1b[31m\\u202ered 'rm -rf' xxx")
    assert conclude("success", review(headline=hostile)).description == found


def test_a_description_is_no_command_to_the_job_that_prints_it() -> None:
    assert describe("::stop-commands::x ##[add-mask]success") == "::stop-commands::x ##(add-mask]success"


def test_the_headline_of_a_huge_verdict_fits() -> None:
    long = replace(review(passed=False), verdict=replace(review().verdict, headline="a" * 10**6))
    assert len(conclude("success", long).description) == 140


def test_a_long_line_ends_behind_a_word() -> None:
    found = describe("roc_auc is worse than base's by at least 0.3625, where at most 0.05 may be lost, " * 3)
    assert found == (
        "roc_auc is worse than base's by at least 0.3625, where at most 0.05 may be lost, "
        "roc_auc is worse than base's by at least 0.3625, where at…"
    )
