"""A plan for a person at a terminal: what runs and why, what must be downloaded, about how long it takes."""

from collections.abc import Iterator, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from mergegate.records.plan import Needed, Plan, PlannedStage, Why
from mergegate.records.review import Problem, Revision
from mergegate.report.escaping import visible
from mergegate.report.lines import SENTENCE, VALUE
from mergegate.report.numbers import UNKNOWN, duration, plural, size
from mergegate.report.page import PARAGRAPH, Page

ROWS = 60
"""Stages that are shown."""

REASONS = 4
"""Reasons of one stage that are shown."""

NEEDS = 20
"""Paths to download that are shown."""

_STYLE = {"run": "bold", "if-changed": "", "frozen": "bold yellow"}
_WILL = {"run": "run", "if-changed": "if changed", "frozen": "frozen"}


def render(plan: Plan, console: Console) -> None:
    """Print the plan."""
    page = Page(console, where="see `--json`")
    active = [stage for stage in plan.stages if stage.will != "skip"]
    page.paragraph(_headline(plan), "bold")
    page.paragraph(_sides(plan))
    if active:
        _show_stages(page, active)
    standing = [stage.name for stage in plan.stages if stage.will == "skip"]
    if standing and active:
        page.paragraph(f"Stands as base has it: {_names(standing)}.", "dim")
    if active:
        page.say(Text())
        page.paragraph(_downloads(plan))
        _show_needs(page, plan.needed)
        page.paragraph(_time(plan))
    page.warn(_problem, plan.problems)
    if plan.notes:
        page.remarks("Notes", plan.notes, "note")


def _headline(plan: Plan) -> str:
    count = {will: sum(stage.will == will for stage in plan.stages) for will in ("run", *_STYLE)}
    if not plan.stages:
        return "There is no stage: no dvc.yaml declares any."
    said = [f"{count['run']:,} of {plural(len(plan.stages), 'stage')} must run"] if count["run"] else []
    if count["if-changed"]:
        more = "more runs" if count["if-changed"] == 1 else "more run"
        said.append(f"{count['if-changed']:,} {more} if what they read changes")
    if count["frozen"]:
        said.append(f"{count['frozen']:,} should and {'is' if count['frozen'] == 1 else 'are'} frozen")
    return "; ".join(said) + "." if said else f"Nothing must run: {_all(len(plan.stages))} as base has it."


def _all(stages: int) -> str:
    return "the one stage stands" if stages == 1 else f"each of {stages:,} stages stands"


def _sides(plan: Plan) -> str:
    base = _revision(plan.base) if plan.base else "nothing"
    return f"{_revision(plan.head)}, against {base}"


def _revision(revision: Revision) -> str:
    name = visible(revision.name, VALUE)
    sha = revision.sha[:7] if revision.sha else ""
    return f"{name} on {sha}" if revision.workspace and sha else f"{name} ({sha})" if sha else name


def _show_stages(page: Page, stages: Sequence[PlannedStage]) -> None:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="")
    table.add_column("stage", overflow="fold")
    table.add_column("will", no_wrap=True)
    table.add_column("why", overflow="fold", ratio=1)
    table.add_column("about", justify="right", no_wrap=True)
    for stage in stages[:ROWS]:
        style = _STYLE[stage.will]
        table.add_row(
            page.text(stage.name, style, VALUE),
            page.text(_WILL[stage.will], style),
            page.text(_why(stage), limit=PARAGRAPH),
            page.text(_about(stage.seconds)),
        )
    page.console.print(table)
    page.count_rest(len(stages) - ROWS, "stage")


def _why(stage: PlannedStage) -> str:
    if not stage.reasons:
        return f"after {_names(stage.after)}"
    told = [_reason(why) for why in stage.reasons if why.cause != "lock" or len(stage.reasons) == 1]
    more = f"; {len(told) - REASONS} more" if len(told) > REASONS else ""
    claim = " (dvc.lock says it ran)" if any(why.cause == "lock" for why in stage.reasons) else ""
    return "; ".join(told[:REASONS]) + more + claim


def _reason(why: Why) -> str:
    """One reason in words."""
    what = visible(why.what, VALUE)
    match why.cause:
        case "code" | "data":
            return f"{what} changed"
        case "params":
            return f"{what.replace(':', ': ', 1)} changed"
        case "command":
            return f"its command changed: {what}"
        case "definition":
            return (
                "it is declared always_changed"
                if what == "always_changed"
                else f"dvc.yaml declares {what} otherwise"
            )
        case "helper":
            return f"{what} changed, which it imports and does not declare"
        case "merged":
            return "a merge joined two runs, and it never ran so"
        case "broken-link":
            return f"it read another {what} than the stage before wrote"
        case "never-ran":
            return f"{what} has no run of it"
        case "missing":
            return f"{what} is not to be had"
        case "output":
            return f"{what} is not the file that it wrote"
        case "lock":
            return "another run than base's"


def _downloads(plan: Plan) -> str:
    """What must be downloaded, in one sentence."""
    if not plan.needed:
        return "Downloads: none."
    files = sum(each.objects or 0 for each in plan.needed)
    amount = _total([each.bytes for each in plan.needed])
    if plan.objects_missing == 0:
        return f"Downloads: none; {plural(files, 'file')} to read ({amount}) are here."
    if plan.objects_missing is not None:
        missing = plural(plan.objects_missing, "file")
        return (
            f"Downloads: {missing}, {size(plan.bytes_missing)}; {plural(files, 'file')} ({amount}) are read."
        )
    most = sum((each.objects or 0) if each.missing is None else each.missing for each in plan.needed)
    bytes_ = _total([each.bytes if each.missing is None else each.bytes_missing for each in plan.needed])
    return f"Downloads: at most {plural(most, 'file')}, {bytes_}."


def _total(sizes: Sequence[int | None]) -> str:
    return UNKNOWN if None in sizes else size(sum(each for each in sizes if each is not None))


def _show_needs(page: Page, needed: Sequence[Needed]) -> None:
    lacking = [each for each in needed if each.missing != 0]
    for each in lacking[:NEEDS]:
        page.say(page.text(f"  {_need(each)}", limit=PARAGRAPH))
    page.count_rest(len(lacking) - NEEDS, "path")


def _need(needed: Needed) -> str:
    path = visible(needed.path, VALUE)
    readers = f"for {_names(needed.by)}"
    if needed.missing is None:
        files = "files" if needed.objects is None else plural(needed.objects, "file")
        return f"{path}: {files}, {size(needed.bytes)}, {readers}"
    files = f"{needed.missing:,} of {plural(needed.objects or 0, 'file')}"
    return f"{path}: {files}, {size(needed.bytes_missing)}, {readers}"


def _time(plan: Plan) -> str:
    """How long it will likely take."""
    if plan.seconds is None:
        known = [each.seconds for each in plan.stages if each.will == "run" and each.seconds is not None]
        least = f"more than {_about(sum(known))}: " if known else "unknown: "
        return f"Time: {least}not every stage's duration was recorded here."
    if plan.seconds_at_most is None:
        return f"Time: about {_about(plan.seconds)}, and longer if more than that must run."
    more = f", at most {_about(plan.seconds_at_most)}" if plan.seconds_at_most > plan.seconds else ""
    return f"Time: about {_about(plan.seconds)}{more}, by earlier runs here."


def _about(seconds: float | None) -> str:
    """A time as one plans with it: `0.4 s`, `12 s`, `3 min`, `2.5 h`."""
    if seconds is None or seconds < 1:
        return duration(seconds) if seconds != 0 else "0 s"
    if seconds < 120:
        return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"
    return f"{seconds / 60:,.0f} min" if seconds < 7200 else f"{seconds / 3600:,.1f} h"


def _problem(problem: Problem) -> str:
    hint = f" Next: {visible(problem.hint, SENTENCE)}" if problem.hint else ""
    return f"{visible(problem.message, SENTENCE)}.{hint}"


def _names(names: Sequence[str]) -> str:
    return ", ".join(_some(names))


def _some(names: Sequence[str]) -> Iterator[str]:
    for name in names[:5]:
        yield visible(name, VALUE)
    if len(names) > 5:
        yield f"{len(names) - 5:,} more"
