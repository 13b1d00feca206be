"""The status for a person at a terminal: one screen, the next command last."""

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.text import Text

from mergegate.records.plan import PlannedStage
from mergegate.records.review import ParamChange
from mergegate.records.status import Forecast, MovedData, Moves, Place, Status
from mergegate.report import numbers
from mergegate.report.escaping import visible
from mergegate.report.lines import VALUE
from mergegate.report.page import Page

MOST = 5
"""Entries of each list: it is one screen."""

_SHA = 7
_NAMES = 6
_OUTCOME = {
    ("review", "passes"): ("passed", "bold green"),
    ("review", "fails"): ("failed", "bold red"),
    ("predicted", "fails"): ("will fail", "bold red"),
    ("predicted", "unknown"): ("not reviewed yet", "bold yellow"),
}


def render(status: Status, console: Console) -> None:
    """Print the screen."""
    page = Page(console, where="see --json")
    page.say(page.text(_where(status.place), "bold"))
    for note in status.notes:
        page.paragraph(note)
    title = f"Changed since {status.place.base.name}" if status.place.base else "Not committed"
    page.section(title, tuple(_moves(page, status.moves)), lambda row: row, "change")
    page.section("The gate", tuple(_gate(page, status.forecast)), lambda row: row, "gate")
    page.say(Text())
    page.say(
        Text.assemble(
            page.text("Next: ", "bold"), page.text(status.next.command or "nothing to type", "bold")
        )
    )
    page.say(page.text(f"  {status.next.why}"))


def _where(place: Place) -> str:
    """The branch, how far from where, and what is not committed."""
    sha = f" on {place.head.sha[:_SHA]}" if place.head.sha else ", without a commit"
    said = [f"{place.branch or 'no branch'}{sha}"]
    if place.target and place.ahead is not None and place.behind is not None:
        commits = numbers.plural(place.ahead, "commit")
        said.append(f"{commits} ahead of {place.target}" if place.ahead else f"level with {place.target}")
        if place.behind:
            said[-1] = f"{commits} ahead of {place.target} and {place.behind:,} behind"
    if place.unpushed:
        said.append(f"{place.unpushed:,} not pushed")
    if place.doing:
        said.append(f"a {place.doing} is half done")
    counts = ((place.conflicted, "in conflict"), (place.edited, "edited"), (place.untracked, "not in git"))
    said += [f"{numbers.plural(count, 'file')} {word}" for count, word in counts if count]
    if not place.dirty:
        said.append("nothing uncommitted")
    return ", ".join(said)


def _moves(page: Page, moves: Moves) -> Iterator[tuple[Text, Text]]:
    """A row for each kind of change."""
    rows = [
        ("data", [_data(each) for each in moves.data], len(moves.data)),
        ("params", [_param(each) for each in moves.params], moves.params_total),
        ("files", [visible(path, VALUE) for path in moves.files], moves.files_total),
        ("policy", ["mergegate.yaml; it counts once it is merged"] if moves.policy else [], 1),
        ("runs", [_stage(each) for each in moves.stages if not _ran(each)], 0),
        ("ran", [visible(each.name, VALUE) for each in moves.stages if _ran(each)], 0),
        ("broken", list(moves.problems), len(moves.problems)),
    ]
    for label, entries, total in rows:
        if entries:
            style = "bold red" if label == "broken" else "bold"
            said = _some(entries, total, in_a_row=label in ("files", "ran"))
            claim = ", says dvc.lock" if label == "ran" else ""
            yield page.text(label, style), page.text(said + claim, limit=2000)
    if moves.nothing and not moves.problems:
        yield page.text("nothing"), Text()


def _some(entries: Sequence[str], total: int, *, in_a_row: bool) -> str:
    """The first entries; names stand in a row, what has commas of its own is parted otherwise."""
    most = _NAMES if in_a_row else MOST
    more = max(total, len(entries)) - most
    shown = [*entries[:most], *([f"{more:,} more"] if more > 0 else [])]
    return (", " if in_a_row else "; ").join(shown)


def _data(moved: MovedData) -> str:
    path = visible(moved.path, VALUE)
    if not moved.added_yet:
        return f"{path}: here and not added"
    counts = (
        (moved.files_added, "added"),
        (moved.files_removed, "removed"),
        (moved.files_changed, "changed"),
    )
    told = [f"{numbers.plural(count, 'file')} {word}" for count, word in counts if count]
    return f"{path}: {', '.join(told) or moved.change}"


def _param(change: ParamChange) -> str:
    old, new = (visible(value, 60) if value is not None else "nothing" for value in (change.old, change.new))
    return f"{visible(change.key, VALUE)} {old} → {new}"


def _stage(stage: PlannedStage) -> str:
    name = visible(stage.name, VALUE)
    match stage.will:
        case "frozen":
            return f"{name} (frozen)"
        case "if-changed":
            return f"{name} (if needed)"
        case _:
            causes = dict.fromkeys(
                why.cause for why in stage.reasons if why.cause != "lock" or len(stage.reasons) == 1
            )
            return f"{name} ({', '.join(causes) or 'after another'})"


def _ran(stage: PlannedStage) -> bool:
    """Whether dvc.lock says that it ran on what is here: a claim, until somebody ran it again."""
    return stage.will == "run" and not stage.stale


def _gate(page: Page, forecast: Forecast) -> Iterator[tuple[Text, Text]]:
    """What it said, or what is known to come."""
    word, style = _OUTCOME.get((forecast.source, forecast.outcome), ("no verdict", "bold yellow"))
    advice = "" if forecast.enforced or forecast.outcome != "fails" else " (advisory: it does not block)"
    yield page.text(word, style), page.text(forecast.sentence + advice)
    for why in forecast.why[:MOST] if forecast.source == "predicted" else ():
        yield page.text("because"), page.text(why)
    if forecast.source == "review" and forecast.failing:
        names = [visible(name, VALUE) for name in forecast.failing]
        yield page.text("fails"), page.text(_some(names, len(names), in_a_row=True))
    for asked in forecast.held[:MOST]:
        yield page.text("judges"), page.text(f"{asked.subject}: {', '.join(asked.gates)}", limit=300)
