"""From how a run ended, and what the review says, to a status: a state, one short line, and a sentence."""

from typing import NamedTuple

from mergegate.errors import MergegateError
from mergegate.records.judgement import State
from mergegate.records.review import Review
from mergegate.report.escaping import visible

LONGEST_DESCRIPTION = 140
"""Characters of a status's description; GitHub refuses more."""

LONGEST_SENTENCE = 2_000

_LOOKED_AT = 1_000

REVIEWED = ("success", "failure")
"""How a run must have ended for its evidence to be looked at."""

_AGAIN = "run it again from the page of the run"
_ENDED = {
    "cancelled": ("the run was cancelled", _AGAIN),
    "timed_out": ("the run took longer than it may", "make the pipeline faster or raise `timeout-minutes`"),
    "startup_failure": (
        "the run could not start",
        "look whether the change breaks .github/workflows/review.yml",
    ),
    "stale": ("GitHub gave the run up as stale", _AGAIN),
    "skipped": ("the run was skipped, so nothing was judged", "take the `if:` off the workflow's jobs"),
    "neutral": ("the run ended without saying how", _AGAIN),
}
_WAITS = "waits for a maintainer to approve the run"


class Conclusion(NamedTuple):
    """What a status says; `sentence` is for the comment, empty where the review says it all."""

    state: State
    description: str
    sentence: str = ""


def conclude(ended: str, review: Review) -> Conclusion:
    """The conclusion of a run that ended with `ended`, one of REVIEWED, and whose evidence was reviewed."""
    verdict = review.verdict
    if ended == "failure":
        if verdict.outcome == "passed":
            said = "the gates hold, but the run failed: tests or reproduction"
            sentence = "The gates hold, but the run failed: its tests or the reproduction. Look at its log."
            return Conclusion("failure", said, sentence)
        # The review of the run itself ends with an error then: nothing more is known of how it ended.
        return Conclusion("failure", describe(verdict.headline))
    if not verdict.enforced:
        outcome = "" if verdict.outcome == "passed" else "would fail: "
        return Conclusion("success", describe(f"advisory: {outcome}{verdict.headline}"))
    state: State = "success" if verdict.outcome == "passed" else "failure"
    return Conclusion(state, describe(verdict.headline))


def conclude_unreviewed(ended: str | None) -> Conclusion:
    """The conclusion of a run that ended otherwise, or not yet (None): there is nothing to look at."""
    if ended is None:
        said = "waits for another run of this commit"
        return Conclusion("pending", said, f"{said.capitalize()}, which is still under way.")
    if ended == "action_required":
        return Conclusion(
            "pending",
            _WAITS,
            "This run waits for a maintainer to approve it: look at what the change would run, then approve.",
        )
    what, next_step = _ENDED.get(ended, (f"the run ended as {ended}", _AGAIN))
    return refuse(what, next_step)


def conclude_broken(error: MergegateError) -> Conclusion:
    """The conclusion where something stands in the way of the review."""
    return refuse(error.message, error.hint)


def refuse(what: str, next_step: str = "") -> Conclusion:
    """No verdict: `what` happened, as a phrase, and what to do next. Never passes."""
    phrase = " ".join(what[:LONGEST_SENTENCE].split()).rstrip(". ")
    sentence = f"{phrase[:1].upper()}{phrase[1:]}." + (
        f" Next: {next_step.rstrip('. ')}." if next_step else ""
    )
    return Conclusion("error", describe(phrase), visible(sentence, LONGEST_SENTENCE))


def describe(text: str) -> str:
    """One plain line that fits a status: no control character, and nothing that calls anybody by name."""
    # Longer than a status, and short enough to look at: who wrote it may have written a gigabyte.
    line = visible(" ".join(text[:_LOOKED_AT].split()), _LOOKED_AT).replace(
        "@", "\N{FULLWIDTH COMMERCIAL AT}"
    )
    # It is printed as well, and `##[` in a job's output is a command to GitHub Actions.
    line = line.replace("`", "'").replace("##[", "##(")
    if len(line) <= LONGEST_DESCRIPTION:
        return line
    kept = line[: LONGEST_DESCRIPTION - 1]
    whole, _, _ = kept.rpartition(" ")
    return f"{whole if len(whole) > LONGEST_DESCRIPTION // 2 else kept}…"
