"""A model's golden rows in a review: the target's, and those that head adds."""

from collections.abc import Sequence
from contextlib import ExitStack

from msgspec.structs import replace

from mergegate import dag, golden, repo
from mergegate.config.policy import Model, Policy
from mergegate.errors import BrokenError, ConfigError, ContractError, MergegateError
from mergegate.flows.evidence import Reading
from mergegate.flows.folders import NothingThereError
from mergegate.flows.golden.answers import ask, placed_bundle
from mergegate.flows.golden.files import read_rows
from mergegate.flows.scores import sentence
from mergegate.flows.sides import Sides
from mergegate.golden import Answers, Row, Settled
from mergegate.golden.row import shown
from mergegate.records.explain import Golden
from mergegate.records.pipeline import Pipeline
from mergegate.records.review import Problem, Revision

MOST_NAMES = 20
_NAMED = 3


def review_golden(sides: Sides, name: str) -> Golden | None:
    """Judge the golden rows of a model; None where the policy names none.

    Rows are those at the tip of the target, as the policy is, and those that head adds. Never raises for a
    file or bundle that won't do: what is wrong is the `problem`, without a full stop.
    """
    model = sides.policy.models[name]
    if model.golden is None or model.bundle is None:
        return None
    sides.progress("asking the golden rows")
    try:
        settled, own, notes = _settle(sides, model.golden)
        found = judge_rows(sides.policy, model, settled.rows, own, sides.base, sides.head, sides.objects)
    except MergegateError as error:
        return Golden(problem=sentence(error))
    changed = (*settled.altered, *settled.removed)
    return replace(
        found,
        changed=changed[:MOST_NAMES],
        changed_total=len(changed),
        notes=(*_tell(settled, sides.target.name), *notes, *found.notes),
    )


def judge_rows(
    policy: Policy,
    model: Model,
    rows: Sequence[Row],
    own: Sequence[Row],
    base: Reading | None,
    head: Reading,
    objects: repo.Objects,
) -> Golden:
    """Judge `rows` by the answers of head's bundle, beside those of base's where they tell something.

    `own` are the rows of head's own files: no column of these may be unknown to head's model. Raises
    ContractError, ObjectError and BrokenError for what head lacks; base's troubles are a note.
    """
    private = {name for dataset in policy.datasets for name in dataset.private}
    with placed_bundle(model, head, objects) as new:
        golden.refuse_unknown(own, new.manifest)
        answers = ask(new, rows, model.evaluation, private=private)
        found = golden.judge(rows, None, answers, private=private)
        if not found.failed and not any(row.not_worse for row in rows):
            return found
        old, why = _ask_base(model, rows, base, objects, private, (new.written, answers))
    found = golden.judge(rows, old, answers, base_problem=why, private=private)
    if not why:
        return found
    return replace(found, notes=(*found.notes, f"Base's answers are not known: {why}."))


def _ask_base(
    model: Model,
    rows: Sequence[Row],
    base: Reading | None,
    objects: repo.Objects,
    private: set[str],
    head: tuple[bytes, Answers],
) -> tuple[Answers | None, str]:
    """Base's answers, or why there are none; no reason where base has no bundle.

    `head` is its manifest and what it answers: the same bundle is not asked again.
    """
    if base is None:
        return None, "there is no base to compare with"
    written, answers = head
    try:
        with placed_bundle(model, base, objects) as old:
            if old.written == written:
                return answers, ""
            return ask(old, rows, model.evaluation, private=private), ""
    except NothingThereError as error:
        # Where base's own DVC files can't be read, what it has is not known.
        return None, sentence(error) if base.problems else ""
    except MergegateError as error:
        return None, sentence(error)


def _settle(sides: Sides, path: str) -> tuple[Settled, tuple[Row, ...], list[str]]:
    """The rows to judge, head's own, and what a reader must know of where they are from."""
    notes: list[str] = []
    with ExitStack() as stack:
        target = _read_target(stack, sides)
        named, absent = target.name(path), False
        try:
            theirs = _read(target, sides.objects, path)
            absent = not theirs
        except ContractError as error:
            theirs = ()
            notes.append(
                f"The golden rows of {named} can't be read, so only head's judge: {sentence(error)}."
            )
    before: tuple[Row, ...] = theirs
    # Where the target's rows are not known, all of head's judge.
    if target is not sides.base and not notes:
        try:
            before = _read(sides.base, sides.objects, path)
        except MergegateError:
            # Only tells who removed a row: without it nobody did.
            before = ()
    try:
        own = read_rows(sides.head, sides.objects, path)
    except NothingThereError:
        if not theirs:
            raise
        own = ()
    if absent:
        notes.append(f"There are no golden rows yet at {named}: this change is judged by its own.")
    return golden.settle(theirs, before, own), own, notes


def _read(reading: Reading, objects: repo.Objects, path: str) -> tuple[Row, ...]:
    """A side's rows, none where it has none. Raises as `read_rows`, and BrokenError where that is unknown."""
    try:
        return read_rows(reading, objects, path)
    except NothingThereError as error:
        if reading.problems:
            raise BrokenError(f"{reading.name(path)}: {reading.problems[0].message}") from error
        return ()


def _read_target(stack: ExitStack, sides: Sides) -> Reading:
    """The tip of the branch that head wants to enter; base itself where head begins there."""
    target: Revision = sides.target
    if target.sha == sides.base.revision.sha:
        return sides.base
    files = stack.enter_context(repo.open_commit(sides.project, target))
    try:
        return Reading("base", target, files, dag.read(files, at=target.name))
    except ConfigError as error:
        problem = Problem(side="base", path=error.file, message=error.message, hint=error.hint)
        return Reading("base", target, files, Pipeline(), problems=(problem,))


def _tell(settled: Settled, target: str) -> list[str]:
    """What head did to the target's rows, as sentences."""
    notes = []
    done = [
        f"{verb} {_names(names)}"
        for verb, names in (("alters", settled.altered), ("removes", settled.removed))
        if names
    ]
    if done:
        it = "them" if len(settled.altered) + len(settled.removed) > 1 else "it"
        notes.append(
            f"This change {' and '.join(done)}: judged as {target} has {it} until the change is merged."
        )
    if settled.extended:
        notes.append(f"Inputs that {target} does not have yet are head's own, in {_names(settled.extended)}.")
    return notes


def _names(names: Sequence[str]) -> str:
    named = ", ".join(shown(name) for name in names[:_NAMED])
    if len(names) > _NAMED:
        return f"{len(names):,} golden rows ({named}, …)"
    return f"the golden row{'s' if len(names) > 1 else ''} {named}"
