"""What a reader must see of a model's change, and what stands behind it."""

from collections.abc import Iterator

from mergegate.records.review import ModelReview, Review
from mergegate.records.surroundings import PackageChange, UndeclaredImport
from mergegate.report.data.parts import Line, Part, Table
from mergegate.report.data.voice import Voice
from mergegate.report.explain.flips import tell_flips
from mergegate.report.explain.golden import find_failures, tell_golden
from mergegate.report.explain.model import tell_model
from mergegate.report.explain.segments import find_weak, tell_gaps, tell_segments
from mergegate.report.wording import total


def findings(model: ModelReview, voice: Voice) -> list[Line]:
    """The golden rows that fail and the segments that lost, a sentence each."""
    lines: list[Line] = []
    if model.golden is not None:
        lines += find_failures(model.golden, voice)
    if model.segments is not None:
        lines += find_weak(model.segments, voice)
    return lines


def behind(model: ModelReview, voice: Voice) -> Iterator[Part]:
    """What there is to look up, a part each."""
    if model.flips is not None:
        yield tell_flips(model.flips, voice)
    if model.segments is not None:
        yield tell_segments(model.segments, voice)
    if model.gaps:
        yield tell_gaps(model.gaps, voice)
    if model.golden is not None:
        yield tell_golden(model.golden, voice)
    if model.model is not None:
        yield tell_model(model.model, voice)


def surroundings(review: Review, voice: Voice) -> Iterator[Part]:
    """What else the change touches: code that no stage declares, libraries."""
    if review.undeclared:
        many = total(review.undeclared, review.undeclared_total)
        title = f"Imports that no stage declares: {many:,}"
        why = "A change to such a file reproduces nothing: add it to the stage's `deps`."
        rows = tuple(
            (
                voice.name(each.stage),
                voice.name(each.script),
                voice.name(each.imported),
                voice.loud("changed") if each.changed else "the same",
            )
            for each in sorted(review.undeclared, key=lambda each: not each.changed)
        )
        table = Table("", ("Stage", "Script", "Imports", "Between base and head"), rows, "import", many)
        yield Part("undeclared", title, (why,), (table,))
    if review.packages:
        many = total(review.packages, review.packages_total)
        listed = tuple(_package(each, voice) for each in review.packages)
        table = Table("", ("Library", "Before", "After", "Written in"), listed, "library", many)
        yield Part("packages", f"Libraries changed: {many:,}", (), (table,))


def alarms(review: Review, voice: Voice) -> list[str]:
    """Code that changed, that a stage runs, and that the stage does not declare: what was not reproduced."""
    return [_alarm(each, voice) for each in review.undeclared if each.changed]


def _alarm(each: UndeclaredImport, voice: Voice) -> str:
    uses = "runs" if each.imported == each.script else "imports"
    return (
        f"{voice.name(each.imported)} changed, and stage {voice.name(each.stage)} {uses} it undeclared: "
        "what the stage wrote may be the old code's."
    )


def _package(each: PackageChange, voice: Voice) -> tuple[str, str, str, str]:
    name = voice.name(each.name) + (" (touches the model)" if each.touches_model else "")
    absent = "absent"
    return (
        name,
        absent if each.old is None else voice.value(each.old),
        absent if each.new is None else voice.value(each.new),
        voice.name(each.source),
    )
