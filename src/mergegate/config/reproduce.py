"""What `mergegate reproduce` holds a run against, and which stages are too dear to run again."""

from collections.abc import Iterator
from typing import Annotated, Literal

from mergegate.config import expiry, ranges
from mergegate.config.document import Document
from mergegate.config.problem import KeyPath, Problem, printable
from mergegate.config.section import DATE_PATTERN, FILLED_PATTERN, Section, described

_HINTS = {
    "stage": "name the stage as `dvc stage list` does: train, or sub/dvc.yaml:train",
    "reason": "say why it is taken on trust: whoever reads the result sees it",
    "by": "say who decided",
}


class Acceptance(Section, frozen=True, kw_only=True):
    """A stage that is taken from dvc.lock without a run, for a while: hours on a GPU. Always shown."""

    stage: Annotated[str, described("The stage as DVC's commands take it: `train`.", pattern=FILLED_PATTERN)]
    reason: Annotated[str, described("Why; it may not be empty.", pattern=FILLED_PATTERN)]
    by: Annotated[str, described("Who decided; it may not be empty.", pattern=FILLED_PATTERN)]
    expires: Annotated[
        str,
        described('The last day on which it holds, UTC, in quotes: `"2026-12-31"`.', pattern=DATE_PATTERN),
    ]


class Reproduce(Section, frozen=True, kw_only=True):
    """When a run of `mergegate reproduce` counts as what dvc.lock says."""

    equal: Annotated[
        Literal["bytes", "predictions", "verdict"],
        described(
            "`bytes`: every output the same. `predictions`: the models' predictions row by row and reported "
            "metrics, numbers within `tolerance`; other outputs may differ in bytes, which is noted. "
            "`verdict`: only what the review makes of it."
        ),
    ] = "predictions"
    tolerance: Annotated[
        float,
        described(
            "How far numbers may be apart, absolutely or as a share of the larger: two machines' floating "
            "point differ.",
            ranges.TOLERANCE,
        ),
    ] = 1e-6
    accept: Annotated[
        tuple[Acceptance, ...],
        described("Stages too dear to run again: taken from dvc.lock, and said so; each at most once."),
    ] = ()


def check(section: Reproduce, document: Document) -> Iterator[Problem]:
    """The tolerance, each acceptance by itself, and no stage twice."""
    yield from ranges.TOLERANCE.check(section.tolerance, ("reproduce", "tolerance"), document)
    first: dict[str, KeyPath] = {}
    for index, accepted in enumerate(section.accept):
        at: KeyPath = ("reproduce", "accept", index)
        for key, hint in _HINTS.items():
            if not getattr(accepted, key).strip():
                yield document.problem((*at, key), f"an accepted stage needs `{key}`, and it is empty", hint)
        yield from expiry.check(accepted.expires, at, document)
        if accepted.stage in first:
            line = document.lines.get(first[accepted.stage])
            message = f"{printable(accepted.stage)} is accepted a second time; the first is on line {line}"
            yield document.problem((*at, "stage"), message, "keep one of the two")
        first.setdefault(accepted.stage, (*at, "stage"))
