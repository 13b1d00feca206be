"""The sentences that every renderer shares. None repeats a text of the pull request, so none is escaped."""

from collections.abc import Sequence

from mergegate.records.review import DataChange, FileChange, LockFinding, PolicySource, Review
from mergegate.records.verdict import Verdict
from mergegate.report.numbers import count, plural

LOST = (
    "If this is not meant, it was incomplete when it was tracked or written: restore what is missing, "
    "then track or reproduce it again."
)

CHAIN = "lock/chain"
"""The gate that is skipped where no stage is."""

STRENGTH = {
    "claimed": "nothing ties the files judged to head's dvc.lock",
    "consistent": "the files judged are the ones that head's dvc.lock names",
    "scored": "head's model was run again, and gave these predictions",
    "reproduced": "a trusted workflow retrained the model from its data",
}
_UNSTAGED = STRENGTH | {
    "claimed": "nothing but the commit says where the files judged are from",
    "consistent": "the files judged are the ones that head's .dvc files name",
}
"""The same where no stage writes anything: there is no dvc.lock to name files."""

_ORIGIN = {
    "target": "as it stands on the target branch",
    "head": "head's own, because the target branch has none yet",
    "file": "from a file named on the command line",
}


def verdict(judged: Verdict) -> str:
    """The outcome in words, and whether it blocks."""
    if judged.outcome == "passed":
        return "Passed" if judged.enforced else "Passed (advisory mode)"
    return "Failed" if judged.enforced else "Failed, but nothing is blocked (advisory mode)"


def strength(review: Review) -> str:
    """What the strength means, in words."""
    staged = not any(gate.id == CHAIN and gate.outcome == "skipped" for gate in review.gates)
    return (STRENGTH if staged else _UNSTAGED)[review.strength]


def opening(review: Review) -> str:
    """The outcome in words; a change that loses files says so in the same breath, whatever the gates say."""
    files = files_lost(review)
    if not files:
        return verdict(review.verdict)
    but = ", but" if verdict(review.verdict) == "Passed" else ", and"
    return f"{verdict(review.verdict)}{but} tracked data lost {plural(files, 'file')}"


def policy_edit(policy: PolicySource) -> str:
    """That the change edits the policy, which did not judge it; empty where it does not."""
    if not policy.changed_in_head:
        return ""
    shown = len(policy.changes)
    what = f", {plural(shown, 'key')} of it" if shown else ""
    return (
        f"This change edits the policy{what}. That takes effect after the merge and did not judge this change"
    )


def alarms(review: Review) -> list[tuple[str, str]]:
    """Paths and sentences of what a dataset lost, where the loss of its files does not say it already."""
    told = {change.path for change in review.data if lost(change)}
    return [
        (dataset.path, fact.sentence)
        for dataset in review.datasets
        for fact in dataset.facts
        if fact.loud and not (dataset.path in told and "files" in fact.kind)
    ]


def unreviewed(review: Review) -> tuple[list[DataChange], int]:
    """Tracked data that no dataset's review tells of, and how much of it there is, listed or not."""
    told = {dataset.path for dataset in review.datasets}
    rest = [change for change in review.data if change.path not in told]
    return rest, max(0, total(review.data, review.data_total) - (len(review.data) - len(rest)))


def files_lost(review: Review) -> int:
    """How many files are gone from all tracked data, listed or not."""
    return max(review.files_lost, sum(map(_files_lost, review.data)))


def _files_lost(change: DataChange) -> int:
    """How many files of a dataset are gone; those of a list that is not at hand by its length."""
    if change.change == "removed":
        return max(1, change.files_removed, change.files_old or 0)
    if change.files_removed or change.files_old is None or change.files_new is None:
        return change.files_removed
    return max(0, change.files_old - change.files_new)


def origin(policy: PolicySource) -> str:
    """Where the policy came from, and that head's edit of it does not judge."""
    edited = ", which this change edits: that takes effect after the merge" if policy.changed_in_head else ""
    return f"{_ORIGIN[policy.origin]}{edited}"


def blocks(finding: LockFinding) -> bool:
    """Whether a break is of this change; one that base already has is only noted."""
    return finding.blocking and finding.side == "head"


def breaks(findings: Sequence[LockFinding]) -> list[LockFinding]:
    """Findings of the lock chain, what blocks first."""
    return sorted(findings, key=lambda finding: not blocks(finding))


def lock_title(findings: Sequence[LockFinding], whole: int = 0) -> str:
    """How many findings block and how many are only noted; `whole` counts those that are not listed too."""
    blocking = sum(map(blocks, findings))
    noted = len(findings) - blocking
    rest = total(findings, whole) - len(findings)
    title = f"Lock chain: {plural(blocking, 'break')}" + (f", {noted:,} only noted" if noted else "")
    return title + (f", {rest:,} more not listed" if rest else "")


def changes(review: Review) -> str:
    """What changed, counted, as a sentence."""
    beside = {each.path for each in review.datasets if each.changed} - {each.path for each in review.data}
    if not (review.params or review.stages or review.data or beside):
        return "It changes no param, no stage and no tracked data."
    params = plural(total(review.params, review.params_total), "param")
    stages = plural(total(review.stages, review.stages_total), "stage")
    # What lies in git is tracked too, though not by DVC.
    data = plural(total(review.data, review.data_total) + len(beside), "tracked dataset")
    return f"It changes {params}, {stages} and {data}."


def total(items: Sequence[object], known: int) -> int:
    """How many there are, listed or not."""
    return max(len(items), known)


def lost(change: DataChange) -> str:
    """What a dataset lost: `lost 2 of its 5 files`, `is gone, with its 3 files`; empty for nothing."""
    before = "" if change.files_old is None else f" its {plural(change.files_old, 'file')}"
    if change.change == "removed":
        return "is gone" + (f", with{before}" if (change.files_old or 0) > 1 else "")
    gone = _files_lost(change)
    if not gone:
        return ""
    if gone == change.files_old:
        return f"lost all{before}" if gone > 1 else "lost its only file"
    return f"lost {count(gone)} of{before}" if before else f"lost {plural(gone, 'file')}"


def file_counts(change: DataChange) -> str:
    """`1 added, 2 changed`; empty for a single file."""
    parts = (
        (change.files_added, "added"),
        (change.files_removed, "removed"),
        (change.files_changed, "changed"),
    )
    return ", ".join(f"{number:,} {word}" for number, word in parts if number)


def inside(change: DataChange, file: FileChange) -> str:
    """A file's path from the project root; a dataset that is one file bears its own."""
    return change.path if file.path == "." else f"{change.path}/{file.path}"
