"""Whether new files may join a dataset: they can be read, their columns are its own, their keys are new.

What a review would say of the merged dataset is asked before anything is stored. The policy's other gates are
left to that review.
"""

import posixpath
from collections.abc import Collection, Mapping
from pathlib import Path

import msgspec

from mergegate import repo
from mergegate.config.datasets import key_columns
from mergegate.config.policy import Policy
from mergegate.dataset.privacy import Mask
from mergegate.dataset.question import Question
from mergegate.errors import ContractError
from mergegate.flows.comparing import compare_listings
from mergegate.flows.evidence import Reading
from mergegate.flows.ingest.arrivals import Arrivals
from mergegate.flows.ingest.request import Progress, RefusedError
from mergegate.flows.ingest.targets import Target
from mergegate.flows.listings import Listing
from mergegate.flows.tracked import list_side
from mergegate.gates import data
from mergegate.gates.case import Case

_WORDS = ("readable", "schema", "unique_key")
"""The gates that new files are held to before they come in."""


class Validated(msgspec.Struct, frozen=True):
    """What was seen: rows of the files that differ, None where there are none to count; sentences."""

    rows: int | None = None
    warnings: tuple[str, ...] = ()


def validate(
    policy: Policy,
    target: Target,
    arrivals: Arrivals,
    reading: Reading,
    objects: repo.Objects,
    folder: Path,
    progress: Progress,
) -> Validated:
    """Hold the new files against the dataset as it is at the base.

    Keys are looked for in the files that are at hand, and in those that came. Raises RefusedError for what
    may not come in, ObjectError and RemoteError where a file to compare with can't be had.
    """
    dataset = target.dataset
    old = list_side(reading, objects, dataset.path, folder)
    question = Question(
        key=key_columns(dataset),
        label=dataset.label,
        inputs=dataset.inputs,
        private=dataset.private,
        shift=False,
    )
    mask = mask_of(target, arrivals)
    try:
        found = compare_listings(dataset.path, old, _merged(target, old, arrivals), question, progress)
    except ContractError as error:
        raise RefusedError(mask.text(error.message), hint=error.hint) from error
    if found.problem:
        # The files that differ are the new ones alone, so a column that "base" lacks is one that they lack.
        problem = found.problem.replace(" is missing in base", " is missing in the new files")
        raise RefusedError(mask.text(problem), hint="mend the files at their source; nothing was added")
    judged = msgspec.structs.replace(policy, datasets=(dataset,), models={})
    case = Case(policy=judged, models=(), lock=(), datasets=(found,))
    results = [each for each in data.judge(case) if _word(each.id, dataset.path) in _WORDS]
    failed = [each for each in results if each.outcome in ("fail", "insufficient")]
    if failed:
        said = "; ".join(f"{_word(each.id, dataset.path)}: {each.sentence.rstrip('.')}" for each in failed)
        raise RefusedError(mask.text(said), hint="mend the files at their source; nothing was added")
    warnings = tuple(mask.text(each.sentence) for each in results if each.outcome == "warn")
    return Validated(found.rows.new if found.rows else None, warnings)


def mask_of(target: Target, arrivals: Arrivals) -> Mask:
    """Hides private values in the names of folders."""
    names: Collection[str] = target.files.keys()
    return Mask.of(target.dataset.private, names, {*names, *arrivals.places})


def _merged(target: Target, old: Listing, arrivals: Arrivals) -> Listing:
    """The dataset with its new files: those where they were brought, the others as base has them."""
    places = arrivals.places

    def open_files(wanted: Collection[str]) -> Mapping[str, Path]:
        there = [name for name in wanted if name not in places]
        opened = dict(old.open(there)) if there else {}
        return opened | {name: places[name] for name in wanted if name in places}

    def size(inside: str) -> int | None:
        return places[inside].stat().st_size if inside in places else old.size(inside)

    path = target.dataset.path
    return Listing(
        f"{path} with its new files",
        posixpath.basename(path),
        {**old.files, **arrivals.md5s},
        open_files,
        size,
    )


def _word(identifier: str, path: str) -> str:
    """The gate's word in its id."""
    return identifier.removeprefix(f"{data.PREFIX}{path}/").partition("[")[0]
