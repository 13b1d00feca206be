"""How to read each number of the page, in words that need no statistics."""

from collections.abc import Collection

from mergegate.report.data.reading import READING as OF_DATA
from mergegate.report.html.frame import Section
from mergegate.report.html.markup import Markup, join, tag

TERMS: dict[str, tuple[str, str]] = {
    "how-gates": (
        "Gates",
        "A gate is one thing that the policy asks. Pass: the whole interval is on the right side of the bar. "
        "Fail: it is wholly on the wrong side, and stays so although many gates are judged at once. Can't "
        "tell: the interval lies across the bar, or the data is not enough; the policy says whether that "
        "blocks. Warning: the policy only asks to be told.",
    ),
    "how-metrics": (
        "Differences and intervals",
        "Base and head are compared on the same rows, so most of the luck of the sample is the same for both "
        "and cancels out. The interval holds the true difference with the confidence that stands above it: "
        "better or worse is said only where the whole interval lies on one side of no change. No evidence "
        "does not mean that nothing changed; “What the data could not tell” says how large a change could "
        "have gone unseen.",
    ),
    "how-curves": (
        "Curves",
        "ROC: how many of the positive rows are found (up) at which share of false alarms (right); a line "
        "further up is better, the diagonal is guessing. Precision and recall: of the rows called positive "
        "how many are (up) when so many of the positive ones are to be found (right). Calibration: rows in "
        "bins by predicted probability; on the diagonal a predicted 30 % comes true in 30 % of the rows, "
        "below it the model promises too much. The strokes are Wilson's 95 % intervals.",
    ),
    "how-errors": (
        "Errors",
        "The share of the rows (up) whose error is at most so large (right); a line further "
        "to the left is better.",
    ),
    "how-slices": (
        "Slices",
        "The same difference among the rows of one group. All slices of a metric are drawn on one scale, the "
        "worst first; a long line is a small group. Of many slices, some look better or worse by chance: "
        "gates allow for that, a single line of this table does not.",
    ),
    "how-segments": (
        "Weak segments",
        "All groups by one or two columns are tried; shown are those where head lost more, row by row, than "
        "on all other rows, by more than chance would show among so many tries. They were found by looking, "
        "so the next data may show them smaller.",
    ),
    "how-gaps": (
        "Gaps",
        "The distance between the group where the model does best and the one where it does worst. A gap "
        "that grows means that some are served worse than others, even where the whole gets better.",
    ),
    "how-confusion": (
        "Confusion",
        "Each row of the matrix is what was true, each column what head answered. Below each count stands by "
        "how many rows it differs from base. Right answers are on the diagonal.",
    ),
    "how-flips": (
        "Changed answers",
        "Rows that base and head answer differently: two models of one quality may still disagree on many. "
        "Broke: base was right and head is wrong. Mended: the other way round. p says how often chance alone "
        "would split them so unevenly. P(truth) is the probability that a model gives to what was true; "
        "worse by says how much less head gives to it, or how much further off it is.",
    ),
    "how-golden": (
        "Golden rows",
        "Rows whose answer someone wrote down with a reason, because it must not be lost again.",
    ),
    "how-model": (
        "What the model depends on",
        "An input's importance is how much worse the metric is where its values are shuffled among the rows. "
        "Inputs that say the same share theirs, so that each looks small. A rank that moves little may be "
        "chance: look at the spread (±).",
    ),
    "how-undeclared": (
        "Undeclared imports",
        "DVC runs a stage again only when something it declares has changed. Code that a stage imports "
        "without declaring it can change with no effect on what is recorded, and the results are of the "
        "old code.",
    ),
    "how-strength": (
        "Strength",
        "How far the numbers can be trusted to be those of this change. Claimed: someone's word. Consistent: "
        "the files are the ones that head's dvc.lock names. Scored: head's model was run again, its rows in "
        "another order, and gave these predictions. Reproduced: a trusted run trained it again. The strength "
        "of a pull request is the one that the trusted job saw.",
    ),
}
"""By the place that headings link to: a term and what it means."""


def reading(places: Collection[str], *, data: bool = False) -> Section:
    """The terms that the page's headings link to, with those of data where it shows some."""
    terms = [
        join(tag("dt", term, id=place), tag("dd", meaning))
        for place, (term, meaning) in TERMS.items()
        if place in places
    ]
    if data:
        first, *rest = OF_DATA
        terms.append(join(tag("dt", first[0], id="how-rows"), tag("dd", first[1])))
        terms += [join(tag("dt", term), tag("dd", meaning)) for term, meaning in rest]
    title = "How to read each number"
    return Section("reading", title, title, Markup(tag("dl", *terms)))
