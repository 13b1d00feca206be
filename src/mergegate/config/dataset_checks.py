"""Datasets and their gates: paths and columns that can be, and gates that have what they need."""

import posixpath
from collections.abc import Iterator

from mergegate.config import paths, ranges, sources
from mergegate.config.data import Dataset, DatasetGates, Leakage
from mergegate.config.datasets import key_columns, training_path
from mergegate.config.document import Document
from mergegate.config.policy import Policy
from mergegate.config.problem import KeyPath, Problem, printable

_LISTS = ("inputs", "slices", "known_later", "private")
_BARS = {
    "max_removed_share": ranges.SHARE,
    "max_added_share": ranges.GROWTH,
    "max_label_change_share": ranges.SHARE,
    "max_single_feature_strength": ranges.STRENGTH,
}
_NEEDS: dict[str, tuple[str, ...]] = {
    "unique_key": ("key",),
    "max_label_change_share": ("label",),
    "max_single_feature_strength": ("label",),
}
_KIND_NEEDS: dict[str, tuple[str, ...]] = {
    "key": ("train", "key"),
    "content": ("train",),
    "group": ("train", "group"),
    "time": ("train", "time"),
    "base_training": ("train",),
    "single_feature": ("train", "label"),
    "known_later": ("train", "known_later"),
    "rows_gone": ("train",),
}
_SAMPLES = {
    "key": "the column, or list of columns, that identifies a row",
    "label": "the column that holds the label",
    "group": "the column whose rows belong together",
    "time": "the column that says when a row happened",
    "known_later": "the columns known only after the outcome",
    "train": "the training rows that this exam must not overlap",
}
"""What to write for a key that a gate needs."""


def check(policy: Policy, document: Document) -> Iterator[Problem]:
    """Every rule of both sections, in the file's order; no path twice."""
    first: dict[str, KeyPath] = {}
    for index, dataset in enumerate(policy.datasets):
        at: KeyPath = ("datasets", index)
        place = (*at, "path")
        yield from paths.check(dataset.path, place, document)
        path = posixpath.normpath(dataset.path)
        if path in first:
            line = document.lines.get(first[path])
            message = f"{printable(path)} stands a second time; the first is on line {line}"
            yield document.problem(place, message, "keep one of the two")
        first.setdefault(path, place)
        yield from _columns(dataset, at, document)
        yield from _files(dataset, path, at, document)
        yield from _approvers(dataset, (*at, "approvers"), document)
        if dataset.source is not None:
            yield from sources.check(dataset.source, (*at, "source"), document)
        yield from _gates(dataset.gates, (*at, "gates"), document)
        yield from _needs(policy, dataset, at, document)
    yield from _gates(policy.dataset_gates, ("dataset_gates",), document)
    yield from _told(policy, document)


def _told(policy: Policy, document: Document) -> Iterator[Problem]:
    """Columns by whose values a model is judged, and each told, though a dataset calls them private."""
    private = {name.casefold(): each.path for each in reversed(policy.datasets) for name in each.private}
    for model, of in policy.models.items():
        at: KeyPath = ("models", model, "gates")
        named = [
            ((*at, "metrics", place, "slices", index), name)
            for place, gate in enumerate(of.gates.metrics)
            for index, name in enumerate(gate.slices)
        ]
        named += [((*at, "gaps", place, "column"), gate.column) for place, gate in enumerate(of.gates.gaps)]
        for key, name in named:
            if name.casefold() in private:
                path = printable(private[name.casefold()])
                message = f"{printable(name)} is private in the dataset {path}, and a review tells its values"
                hint = "name another column here, or remove it from `private` if all may see its values"
                yield document.problem(key, message, hint)


def _columns(dataset: Dataset, at: KeyPath, document: Document) -> Iterator[Problem]:
    """Columns that have names, each once in its list, and that can be what they are said to be."""
    key = key_columns(dataset)
    for word in ("label", "group", "time"):
        if (name := getattr(dataset, word)) is not None:
            yield from _name(name, (*at, word), document)
    yield from _list(key, "the key", (*at, "key"), document)
    for word in _LISTS:
        yield from _list(getattr(dataset, word), f"`{word}`", (*at, word), document)
    label = dataset.label
    if label and label in key:
        message = (
            f"the label {printable(label)} is in the key: a label edit would be a row gone and a new one"
        )
        yield document.problem((*at, "key"), message, "name columns that stay when a label is corrected")
    if label and label in dataset.inputs:
        message = f"the label {printable(label)} is among the inputs"
        yield document.problem((*at, "inputs"), message, "remove it: a model that reads it needs no training")
    for name in dataset.known_later:
        if name.strip() and name in dataset.inputs:
            message = f"{printable(name)} is among the inputs and known only after the outcome"
            yield document.problem((*at, "inputs"), message, "remove it from one of the two")


def _list(names: tuple[str, ...], what: str, at: KeyPath, document: Document) -> Iterator[Problem]:
    for index, name in enumerate(names):
        # A key of one column may stand without a list.
        place = (*at, index) if (*at, index) in document.lines else at
        yield from _name(name, place, document)
    if len(set(names)) < len(names):
        yield document.problem(at, f"a column stands twice in {what}", "name each column once")


def _name(name: str, place: KeyPath, document: Document) -> Iterator[Problem]:
    if not name.strip():
        yield document.problem(place, "a column's name is empty", "name the column, or remove the key")


def _files(dataset: Dataset, path: str, at: KeyPath, document: Document) -> Iterator[Problem]:
    for word in ("train", "guideline"):
        yield from paths.check(getattr(dataset, word), (*at, word), document)
    if dataset.train is not None and posixpath.normpath(dataset.train) == path:
        message = "a dataset can't be its own training rows"
        yield document.problem((*at, "train"), message, "name the path of the rows that train the model")


def _approvers(dataset: Dataset, at: KeyPath, document: Document) -> Iterator[Problem]:
    for index, approver in enumerate(dataset.approvers):
        if not approver.strip() or not approver.isprintable():
            message = f'"{printable(approver)}" names nobody'
            hint = "write a name or an email address as git has it, such as ada@example.org"
            yield document.problem((*at, index), message, hint)
    known = [approver.strip().casefold() for approver in dataset.approvers]
    if len(set(known)) < len(known):
        yield document.problem(at, "an approver stands twice", "name each approver once")


def _gates(gates: DatasetGates, at: KeyPath, document: Document) -> Iterator[Problem]:
    """Bars in their ranges, of columns that have names."""
    for word, within in _BARS.items():
        yield from within.check(getattr(gates, word), (*at, word), document)
    missing = gates.max_missing if isinstance(gates.max_missing, dict) else {}
    if isinstance(gates.max_missing, float | int):
        yield from ranges.SHARE.check(gates.max_missing, (*at, "max_missing"), document)
    for column, share in missing.items():
        yield from _name(column, (*at, "max_missing", column), document)
        yield from ranges.SHARE.check(share, (*at, "max_missing", column), document)
    for column, bar in gates.shift.items() if isinstance(gates.shift, dict) else ():
        yield from _name(column, (*at, "shift", column), document)
        if not isinstance(bar, str):
            yield from ranges.PSI.check(bar, (*at, "shift", column), document)


def _needs(policy: Policy, dataset: Dataset, at: KeyPath, document: Document) -> Iterator[Problem]:
    """Gates and keys of the dataset itself that need a key which is not there."""
    for word in ("guideline", "approvers"):
        if getattr(dataset, word) and not dataset.label:
            yield _needed(word, "label", (*at, word), document)
    gates = dataset.gates
    for word, needs in _NEEDS.items():
        if getattr(gates, word) not in (None, "ignore"):
            yield from _lacking(policy, dataset, word, needs, (*at, "gates", word), document)
    if isinstance(gates.leakage, Leakage):
        for kind, needs in _KIND_NEEDS.items():
            if getattr(gates.leakage, kind) not in (None, "ignore"):
                place = (*at, "gates", "leakage", kind)
                yield from _lacking(policy, dataset, f"leakage.{kind}", needs, place, document)


def _lacking(
    policy: Policy,
    dataset: Dataset,
    gate: str,
    needs: tuple[str, ...],
    place: KeyPath,
    document: Document,
) -> Iterator[Problem]:
    for word in needs:
        there = training_path(policy, dataset) if word == "train" else getattr(dataset, word)
        if not there:
            yield _needed(gate, word, place, document)


def _needed(what: str, word: str, place: KeyPath, document: Document) -> Problem:
    hint = f"add `{word}:` to the dataset, {_SAMPLES[word]}"
    return document.problem(place, f"`{what}` needs the dataset's `{word}`", hint)
