"""A review under the files' own column names, where queries had to call some otherwise."""

from typing import TypeVar

from msgspec import structs

from mergegate.dataset.naming import Naming
from mergegate.records.data import DatasetReview, LabelChanges
from mergegate.records.record import Record

_Named = TypeVar("_Named", bound=Record)


def outward(review: DatasetReview, naming: Naming) -> DatasetReview:
    """The review with the names of a query replaced by those of the files, in sentences too."""
    return _Outward(naming).review(review) if naming.aliases else review


class _Outward:
    def __init__(self, naming: Naming) -> None:
        self._naming = naming

    def review(self, found: DatasetReview) -> DatasetReview:
        named = {
            part: tuple(self._item(item) for item in getattr(found, part))
            for part in ("facts", "schema", "profiles", "columns", "shift")
        }
        key = found.rows and structs.replace(found.rows, key=tuple(map(self._naming.outside, found.rows.key)))
        labels = found.labels and self._labels(found.labels)
        problem, hint = self._told(found.problem), self._told(found.hint)
        return structs.replace(found, rows=key, labels=labels, problem=problem, hint=hint, **named)

    def _labels(self, labels: LabelChanges) -> LabelChanges:
        return structs.replace(self._item(labels), slices=tuple(map(self._item, labels.slices)))

    def _item(self, item: _Named) -> _Named:
        """A part of a review, its column and its sentence as people know them."""
        names = {
            field: self._naming.outside(getattr(item, field))
            for field in ("column", "slice_column")
            if hasattr(item, field)
        }
        texts = {"sentence": self._told(item.sentence)} if hasattr(item, "sentence") else {}
        if getattr(item, "kind", "") == "renamed":
            names |= {field: self._naming.outside(getattr(item, field)) for field in ("old", "new")}
        return structs.replace(item, **names, **texts)

    def _told(self, text: str) -> str:
        for own, alias in self._naming.aliases.items():
            text = text.replace(alias, own)
        return text
