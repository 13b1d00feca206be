"""`mergegate gates`: explain what a gate said; suggest bars for the policy."""

import difflib
import os
from pathlib import Path

import click
import msgspec
from click.shell_completion import CompletionItem

from mergegate import repo
from mergegate.commands.console import progress, stdout
from mergegate.errors import MergegateError, UsageError
from mergegate.flows import suggestions
from mergegate.flows.review import WORKSPACE, Request
from mergegate.records.review import Review
from mergegate.records.verdict import GateResult
from mergegate.report import explained, explanation, stored, suggested
from mergegate.report.escaping import visible
from mergegate.report.lines import VALUE

DEFAULT = "reports/review/review.json"
_NEAR = 5
_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group()
def command() -> None:
    """Explain a gate of the last review, or suggest bars for the policy."""


def _complete(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The gates of the last review; nothing where there is none."""
    try:
        review = stored.read(_find(context.params.get("review")))
    except (MergegateError, OSError):
        return []
    names = [gate.id for gate in review.gates if gate.id.isprintable()]
    found = [name for name in names if name.startswith(incomplete)] or [n for n in names if incomplete in n]
    return [CompletionItem(name) for name in found]


@command.command()
@click.argument("name", required=False, shell_complete=_complete)
@click.option(
    "--review", metavar="FILE", type=_FILE, help=f"The review to read.  [default: the project's {DEFAULT}]"
)
@click.option("--json", "as_json", is_flag=True, help="Print the explanation as JSON.")
def explain(name: str | None, review: Path | None, as_json: bool) -> int:
    """Say how the gate NAME came to its outcome, and what would make it pass.

    NAME is a gate's id as the review shows it, or a part that only one has; without it all are listed. Says
    how the number is computed, where its bar stands in the policy, and from which value, or how many rows,
    the gate would pass.

    \b
      mergegate review
      mergegate gates explain
      mergegate gates explain roc_auc/min
    """
    path = _find(review)
    found = stored.read(path)
    try:
        _show(found, name, as_json=as_json)
    except (OverflowError, ValueError) as error:
        raise UsageError(
            f"{path}: holds numbers that no review has", hint="run `mergegate review`"
        ) from error
    return 0


def _show(review: Review, name: str | None, *, as_json: bool) -> None:
    if name is None:
        if as_json:
            listed = [
                {"id": gate.id, "outcome": gate.outcome, "blocking": gate.blocking} for gate in review.gates
            ]
            _print({"schema": explanation.SCHEMA, "gates": listed})
        else:
            explained.render_list(review, stdout())
        return
    told = explanation.explain(_choose(review, name), review)
    if as_json:
        _print(told)
    else:
        explained.render(told, stdout())


@command.command()
@click.option("--model", metavar="NAME", help="Suggest for this model only.")
@click.option(
    "--base",
    metavar="REV",
    help="Read bars from this revision.  [default: merge base with the policy's baseline]",
)
@click.option(
    "--head",
    metavar="REV",
    default=WORKSPACE,
    show_default=True,
    help="What tells how much two models differ: a revision, or `workspace`.",
)
@click.option("--policy", metavar="FILE", type=_FILE, help="As for `mergegate review`.")
@click.option("--json", "as_json", is_flag=True, help="Print the suggestions as JSON.")
def suggest(model: str | None, base: str | None, head: str, policy: Path | None, as_json: bool) -> int:
    """Suggest bars for the policy, from base's own interval.

    `min` or `max` is the worse limit of base's 99 % interval; `max_regression` the smallest margin that this
    evaluation set can judge: within it a model as good as base passes with 80 % probability. Prints YAML
    with the reasons, for `gates:` of each model; what you may lose is still yours to decide.

    \b
      mergegate gates suggest > gates.yaml
    """
    request = Request(start=Path.cwd(), base=base, head=head, policy=policy)
    with progress("reading base"):
        found = suggestions.suggest(request, model=model)
    if as_json:
        _print(found)
    else:
        click.echo(suggested.render(found), nl=False)
    return 0


def _find(given: Path | None) -> Path:
    """The file to read: as given, else the project's own, as a path from here."""
    if given is not None:
        return given
    return Path(os.path.relpath(repo.locate(Path.cwd()).root / DEFAULT))


def _choose(review: Review, name: str) -> GateResult:
    """The gate of that id, else the only one with that in its id. Raises UsageError with the near ones."""
    ids = [gate.id for gate in review.gates]
    if name in ids:
        return review.gates[ids.index(name)]
    holding = [gate for gate in review.gates if name.casefold() in gate.id.casefold()]
    if len(holding) == 1:
        return holding[0]
    shown = visible(name, VALUE)
    if holding:
        # The whole and its slices share their beginning: the whole is meant.
        ending = [gate for gate in holding if gate.id.casefold().endswith(name.casefold())]
        if len(ending) == 1:
            return ending[0]
        raise UsageError(
            f"{len(holding):,} gates have {shown} in their name",
            hint=_listed([g.id for g in holding]),
            code="unknown-name",
        )
    near = difflib.get_close_matches(name, [each[:VALUE] for each in ids[:1000]], n=_NEAR, cutoff=0.4)
    hint = _listed(near or ids) if ids else "the policy has no gate"
    raise UsageError(f"no gate of this review has {shown} in its name", hint=hint, code="unknown-name")


def _listed(names: list[str]) -> str:
    shown = ", ".join(visible(each, VALUE) for each in names[:_NEAR])
    rest = len(names) - _NEAR
    return f"name one: {shown}" + (
        f" and {rest:,} more; `mergegate gates explain` lists them" if rest > 0 else ""
    )


def _print(answer: object) -> None:
    click.echo(msgspec.json.format(msgspec.json.encode(answer), indent=2).decode())
