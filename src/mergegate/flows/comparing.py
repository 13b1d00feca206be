"""Two listings of a dataset compared: only files that differ are opened, and the data room does the rest."""

from collections.abc import Callable, Collection

import msgspec

from mergegate.dataset.question import Question, Sides
from mergegate.dataset.source import Source
from mergegate.dataset.tree import TreeDiff, diff_trees
from mergegate.flows.dataroom import open_room
from mergegate.flows.listings import Listing
from mergegate.records.data import DatasetReview, Fact

MOST_REFERENCE_FILES = 12
"""Files alike on both sides that new rows are held against: the last by name, a year of months."""

MOST_NAMED = 5


def compare_listings(
    path: str,
    old: Listing | None,
    new: Listing | None,
    question: Question,
    progress: Callable[[str], None] = lambda step: None,
) -> DatasetReview:
    """Compare two sides of a dataset; None for one that lacks it.

    Raises ContractError for a file that can't be read, ObjectError for one that can't be had.
    """
    before, after = (dict(side.files) if side else {} for side in (old, new))
    tree = diff_trees(before, after)
    same = sorted(before.keys() & after.keys() - set(tree.changed))
    if not tree.entries():
        return DatasetReview(path=path, changed=False, files_skipped=len(same))
    progress(f"fetching what differs in {path}")
    sides = Sides(
        old=open_source(old, (*tree.removed, *tree.changed)),
        new=open_source(new, (*tree.added, *tree.changed)),
        # Even without a look at shift, one file says what the columns were.
        reference=open_source(old, same[-MOST_REFERENCE_FILES if question.shift else -1 :]),
    )
    progress(f"comparing {path}")
    with open_room()() as room:
        found = room.compare(path, sides, question)
    return msgspec.structs.replace(
        found, files_skipped=len(same), facts=(*_tell_lost(tree, len(before)), *found.facts)
    )


def open_source(listing: Listing | None, names: Collection[str]) -> Source | None:
    """Files of a listing, opened; None for none."""
    if listing is None or not names:
        return None
    places = {inside or listing.file: place for inside, place in listing.open(names).items()}
    return Source.of(listing.name, places)


def _tell_lost(tree: TreeDiff, files: int) -> tuple[Fact, ...]:
    """A folder that loses files: DVC says nothing of it."""
    if not tree.removed or tree.removed == ("",):
        return ()
    some = ", ".join(tree.removed[:MOST_NAMED])
    more = len(tree.removed) - MOST_NAMED
    rest = f" and {more:,} more" if more > 0 else ""
    gone = f"{len(tree.removed):,} of base's {files:,} files {'is' if len(tree.removed) == 1 else 'are'} gone"
    return (Fact(kind="files_lost", sentence=f"{gone}: {some}{rest}.", loud=True),)
