"""Counts of rows held against a share of base's rows, of those too that were alike and not read."""

import msgspec

from mergegate.gates.case import rows, told_apart
from mergegate.gates.data.held import Asked, Held
from mergegate.records.verdict import GateResult


class Share(msgspec.Struct, frozen=True):
    """`part` of `whole` rows; `at_most`: some rows of the whole were not counted, so the share is smaller."""

    part: int
    whole: int
    at_most: bool = False

    @property
    def value(self) -> float:
        """The share; infinite for some of none."""
        return self.part / self.whole if self.whole else float("inf") if self.part else 0.0

    @property
    def told(self) -> str:
        """The whole in words."""
        return rows(self.whole) + (" in the files that differ" if self.at_most else "")


def share_of(part: int, read: int, held: Held) -> Share:
    """`part` among the `read` rows and those of the files that are alike on both sides."""
    alike = held.review.rows_skipped
    unknown = alike is None and held.review.files_skipped > 0
    return Share(part, read + (alike or 0), at_most=unknown)


def judge(held: Held, asked: Asked, found: Share, bar: float, *, fact: str, advice: str) -> GateResult:
    """The share against the bar; `fact` says what was counted, `advice` what to do where it is too much."""
    if not found.part:
        return held.judged(asked, bar >= 0.0, f"{fact}.", value=0.0, bar=bar)
    if found.value > bar and found.at_most and bar > 0:
        many = held.review.files_skipped
        files = f"{many:,} file{' that is' if many == 1 else 's that are'} alike on both sides"
        sentence = f"{fact}; what share that is can't be told: the rows of {files} are not known; {advice}."
        return held.result(asked, "insufficient", sentence, bar=bar)
    if found.value == float("inf"):
        return held.result(asked, "fail", f"{fact}, and base has none; {advice}.", bar=bar)
    shown, line = told_apart(found.value, bar)
    share = f"{fact}, a share of {'at most ' if found.at_most else ''}{shown}"
    # A bar that is NaN holds nothing: only a comparison that is true passes.
    if found.value <= bar:
        return held.judged(asked, True, f"{share}; up to {line} may be.", value=found.value, bar=bar)
    sentence = f"{share}, where at most {line} may be; {advice}."
    return held.judged(asked, False, sentence, value=found.value, bar=bar)
