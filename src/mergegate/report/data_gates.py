"""Gates on data explained: how each is judged, where its bar stands, and what lets it pass."""

from mergegate.records.review import Review
from mergegate.records.verdict import GateResult
from mergegate.report import numbers, wording

KIND = "data"

_HOW = {
    "readable": "Base's and head's lists of files are held against each other, by the md5 that git and DVC "
    "name; those that differ are fetched, checked and read.",
    "schema": "Head's columns are held against base's: names, types, whether cells may be missing, "
    "categories. A change is additive where who reads the old columns still can. The number counts those "
    "that the policy does not let pass.",
    "max_removed_share": "Base's rows whose key head lacks (without a key, that equal no row of head), as a "
    "share of all of base's rows.",
    "max_added_share": "Head's rows whose key base lacks (without a key, that equal no row of base), as a "
    "share of all of base's rows.",
    "unique_key": "Head's rows beyond the first of their key, and rows with a missing value in it, are "
    "counted in the files that differ.",
    "max_label_change_share": "The rows of both sides, by key, whose label is not the same, as a share of "
    "all rows that both have.",
    "approvers": "The trailers `Labels-approved-by:` of the commits from base to head are read; one must "
    "name an approver, by name or email address, where a label differs.",
    "max_missing": "Cells of head that are missing or NaN, as a share of the rows of the files that differ.",
    "shift": "The rows that head adds are held against base's, column by column: PSI, distances, and tests "
    "that are corrected for their number. A word in the policy counts the notable columns; a number is the "
    "largest PSI.",
}
_LEAKS = {
    "key": "The exam's rows whose key is one of training's.",
    "content": "The exam's rows that equal a training row in every input.",
    "group": "The exam's rows whose group has rows in training.",
    "time": "The exam's rows from before the last training row.",
    "base_training": "Rows of head's exam whose key is one of base's training rows.",
    "single_feature": "How well one input alone ranks the label: AUC for two classes, eta² otherwise.",
    "known_later": "The inputs are held against `known_later`, by name, and by base's values under another "
    "name.",
    "rows_gone": "Rows of base's exam whose key head's exam lacks.",
}
_COUNTED = ("max_removed_share", "max_added_share")
_STRENGTH, _STRENGTH_BAR = "leakage/single_feature", "gates.max_single_feature_strength"
"""The one leak with a number for a bar, and the key of that number."""


def word(gate: GateResult) -> str:
    """The gate's key in the policy: `max_missing`, `leakage/key`."""
    return gate.id.removeprefix(f"{gate.subject}/").partition("[")[0]


def key(gate: GateResult) -> str:
    """The key path of its bar, from a dataset's entry; empty for what holds without one."""
    inside = word(gate)
    if inside == "readable":
        return ""
    if inside == _STRENGTH:
        return _STRENGTH_BAR
    return inside if inside == "approvers" else f"gates.{inside.replace('/', '.')}"


def checked(gate: GateResult, review: Review) -> list[str]:
    """How it was judged, with the rows that were compared."""
    inside = word(gate)
    leak = inside.removeprefix("leakage/")
    said = [_LEAKS[leak]] if inside != leak and leak in _LEAKS else [_HOW[inside]] if inside in _HOW else []
    dataset = next((each for each in review.datasets if each.path == path(gate)), None)
    if dataset is not None and dataset.rows is not None and inside in _COUNTED:
        rows = dataset.rows
        said.append(
            f"In the files that differ base has {numbers.count(rows.old)} rows and head "
            f"{numbers.count(rows.new)}: {rows.added:,} added, {rows.removed:,} removed."
        )
        if dataset.files_skipped:
            files = numbers.plural(dataset.files_skipped, "file")
            alike = numbers.count(dataset.rows_skipped)
            said.append(f"{files} alike on both sides, with {alike} rows, were not read.")
    return said


def source(gate: GateResult, review: Review) -> list[str]:
    """Where in which policy the bar stands."""
    policy = f"{review.policy.path} ({wording.origin(review.policy)})"
    inside = key(gate)
    if not inside:
        return [f"No key of the policy sets a bar: it holds for every dataset that it names, in {policy}."]
    if inside == "approvers":
        return [f"`approvers` of the dataset {path(gate)} names who may approve, in {policy}."]
    common = inside.removeprefix("gates.")
    said = [
        f"`{inside}` of the dataset {path(gate)} sets the bar, in {policy}; where it does not stand there "
        f"`dataset_gates.{common}` does, and without either the default."
    ]
    if inside == _STRENGTH_BAR:
        said.append("Whether a stronger column blocks, warns or is ignored, `leakage.single_feature` says.")
    return said


def passing(gate: GateResult) -> list[str]:
    """What would let it pass; empty where the gate's own sentence says it all."""
    if gate.outcome == "warn":
        return ["It blocks nothing: the policy asks for a warning only. Mend it, or ignore it in the policy."]
    return []


def path(gate: GateResult) -> str:
    """The dataset's path."""
    return gate.subject.partition(":")[2]
