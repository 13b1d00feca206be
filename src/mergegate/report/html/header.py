"""The top of a review's page: the verdict in words, what was compared, and what a reader must see first."""

from collections.abc import Iterator

import msgspec

from mergegate.records.explain import Flips
from mergegate.records.review import ModelReview, ParamChange, Problem, Review, Revision
from mergegate.report import comparison, judgement, wording
from mergegate.report.data.amounts import share
from mergegate.report.data.markup import VOICE
from mergegate.report.explain import alarms
from mergegate.report.explain.golden import tally
from mergegate.report.html.bounds import Bounds
from mergegate.report.html.markup import Markup, between, join, listed, paragraph, tag
from mergegate.report.numbers import plural

_SHA = 10
_NAMES = 8
_CARDS = 12
_SIGN = {"bad": "✗", "mixed": "!", "good": "✓"}


class Card(msgspec.Struct, frozen=True):
    """A fact at a glance, and the section that tells more; `look` is `good`, `bad` or nothing."""

    what: str
    said: str
    place: str
    look: str = ""


def draw_header(review: Review, cards: list[Card], bounds: Bounds) -> Markup:
    """Verdict, orientation, facts at a glance, warnings."""
    look = _look(review)
    verdict = tag(
        "h1",
        tag("span", _SIGN[look], class_="sign", aria_hidden="true"),
        f" {wording.opening(review)}",
    )
    return tag(
        "header",
        paragraph("Review by mergegate", kind="kind"),
        tag(
            "div",
            verdict,
            paragraph(VOICE.text(review.verdict.headline), kind="headline"),
            class_=f"verdict {look}",
        ),
        _orientation(review),
        draw_cards(cards),
        _warnings(review, bounds),
    )


def _look(review: Review) -> str:
    """Neither a loss nor a waived gate looks fine."""
    if review.verdict.outcome == "failed":
        return "bad"
    lossless = wording.opening(review) == wording.verdict(review.verdict) and not comparison.any_worse(review)
    quiet = not wording.alarms(review) and not alarms(review, VOICE)
    fine = lossless and quiet and not judgement.any_waived(review.gates)
    return "good" if fine else "mixed"


def _orientation(review: Review) -> Markup:
    """What was compared with what, on which rows, how far it can be trusted, and how much changed."""
    sides = join("Head ", _revision(review.head), " against base ", _revision(review.base), ".")
    strength = join(
        tag("a", "Strength", href="#how-strength"),
        " ",
        tag("em", review.strength),
        f": {wording.strength(review)}.",
    )
    parts = [sides, strength, join(wording.changes(review))]
    if len(review.models) == 1:
        parts.insert(1, Markup(comparison.placed(review.models[0], VOICE)))
    return tag("p", between(" ", parts), class_="orientation")


def _revision(revision: Revision) -> Markup:
    name = "the workspace" if revision.workspace else VOICE.name(revision.name)
    return join(name, *([" (“", VOICE.text(revision.subject), "”)"] if revision.subject else []))


def review_cards(review: Review, places: set[str]) -> list[Card]:
    """Gates, then each model's findings, then data; only what has its section on the page."""
    found = [Card("Gates", judgement.tally(review.gates) or "none", "gates")]
    many = len(review.models) > 1
    for number, model in enumerate(review.models):
        prefix = f"m{number + 1}-" if many else ""
        found += model_cards(model, prefix, name=model.name if many else "")
    if review.datasets:
        changed = sum(each.changed for each in review.datasets)
        found.append(Card("Data", f"{plural(changed, 'dataset')} changed", "data"))
    return [card for card in found if card.place in places][:_CARDS]


def model_cards(model: ModelReview, prefix: str = "", *, name: str = "") -> Iterator[Card]:
    """What one model's sections come to."""
    of = f" of {name}" if name else ""
    finding = comparison.finding(model)
    if finding:
        look = {"better": "good", "worse": "bad"}.get(model.finding or "", "")
        yield Card(f"Metrics{of}", finding, f"{prefix}metrics", look)
    if model.flips is not None:
        yield Card(f"Changed answers{of}", _flips(model.flips), f"{prefix}flips")
    if model.segments is not None and not model.segments.problem:
        weak = max(len(model.segments.found), model.segments.found_total)
        yield Card(
            f"Weak segments{of}",
            f"{weak:,} found" if weak else "none found",
            f"{prefix}segments",
            "bad" if weak else "",
        )
    if model.golden is not None:
        yield Card(
            f"Golden rows{of}", tally(model.golden), f"{prefix}golden", "bad" if model.golden.failed else ""
        )


def _flips(found: Flips) -> str:
    if not found.changed:
        return "none"
    worse, better = ("worse", "better") if found.tolerance is not None else ("broke", "mended")
    return f"{share(found.changed, found.rows)}: {found.broke:,} {worse}, {found.mended:,} {better}"


def draw_cards(cards: list[Card]) -> Markup:
    """Facts at a glance; one alone needs no glance."""
    drawn = [
        tag(
            "li",
            tag("a", VOICE.text(card.what), href=f"#{card.place}"),
            tag("span", card.said),
            **({"class_": card.look} if card.look else {}),
        )
        for card in cards
    ]
    return tag("ul", *drawn, class_="cards") if len(drawn) > 1 else Markup()


def _warnings(review: Review, bounds: Bounds) -> Markup:
    """What was lost, what can't be used, and that the policy is edited: loud."""
    found = list(_loud(review, bounds))
    shown = [
        tag("li", tag("b", what), tag("span", sentence), class_="loud")
        for what, sentence in found[: bounds.rows]
    ]
    rest = len(found) - len(shown)
    more = paragraph(f"{plural(rest, 'more warning')}, {bounds.where}.", kind="note") if rest else ""
    return join(tag("ul", *shown, class_="findings"), more) if shown else Markup()


def _loud(review: Review, bounds: Bounds) -> Iterator[tuple[str, Markup]]:
    lost = False
    for change in review.data:
        if words := wording.lost(change):
            gone = [VOICE.name(file.path) for file in change.files if file.change == "removed"]
            rest = len(gone) - _NAMES
            names = (
                join(": ", between(", ", gone[:_NAMES]), f" and {rest:,} more" if rest > 0 else "")
                if gone
                else ""
            )
            yield (
                "Files lost",
                join(VOICE.name(change.path), f" {words}", names, ".", "" if lost else f" {wording.LOST}"),
            )
            lost = True
    for sentence in alarms(review, VOICE):
        yield "Not declared", Markup(sentence)
    for path, sentence in wording.alarms(review):
        yield "Warning", join(VOICE.name(path), ": ", VOICE.text(sentence))
    if edited := wording.policy_edit(review.policy):
        changes = review.policy.changes
        edits = listed((_edit(each) for each in changes[: bounds.rows]), "edits")
        yield "Policy", join(f"{edited}.", edits)
    for problem in (*review.problems, *(each for model in review.models for each in model.problems)):
        yield "Can't be used", _problem(problem)


def _edit(change: ParamChange) -> Markup:
    old, new = ("absent" if each is None else VOICE.value(each) for each in (change.old, change.new))
    return join(VOICE.name(change.key), ": ", old, " → ", new)


def _problem(problem: Problem) -> Markup:
    hint = join(" Next: ", VOICE.text(problem.hint)) if problem.hint else ""
    side = problem.side.capitalize()
    return join(
        f"{side}'s ",
        VOICE.name(problem.path),
        " can't be used: ",
        VOICE.text(f"{problem.clause}."),
        hint,
    )


def draw_footer(review: Review) -> Markup:
    """What was judged by what."""
    policy = review.policy
    at = join(" at ", _sha(policy.revision)) if policy.revision else ""
    parts = (
        join("base ", _sha(review.base)),
        join("head ", _sha(review.head)),
        join("policy ", VOICE.name(policy.path), at, f", {wording.origin(policy)}"),
        join("mergegate ", VOICE.text(review.mergegate)),
    )
    return join(
        paragraph(between(" · ", parts)),
        paragraph("The page is one file. It loads nothing; its one script sorts and filters tables."),
    )


def _sha(revision: Revision) -> Markup:
    sha = VOICE.name(revision.sha[:_SHA]) if revision.sha else "without a commit"
    return join("workspace on " if revision.workspace else "", sha)
