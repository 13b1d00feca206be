"""docs/policy.md, from mergegate.config and docs/every-key.yaml."""

from collections.abc import Iterator
from pathlib import Path

from msgspec import inspect

from mergegate.config.policy import Policy
from mergegate.records.metrics import METRIC_TASKS, PER_CLASS, POINT_ONLY, greater_is_better

FOLDER = Path(__file__).parents[1]

EXAMPLE = """\
version: 1
mode: advisory              # comment only, for the first weeks; then `enforce`

models:
  late-arrival:
    evaluation: {task: binary, positive: late, predictions: reports/predictions.parquet}
    gates:
      metrics:
        - {name: roc_auc, min: 0.60, max_regression: 0.01}
        - {name: log_loss, max_regression: 0.01, slices: [origin]}

datasets:
  - {path: data/raw/flights, key: [year, month, day, carrier, flight, origin, sched_dep_time]}
"""

EVERY_KEY = (FOLDER / "every-key.yaml").read_text(encoding="utf-8")

INTRODUCTION = """\
<!-- Written by `make docs` from src/mergegate/config: change it there, or in docs/generating/policy.py. -->
# The policy: mergegate.yaml

One file, beside `dvc.yaml`, says what a change must satisfy. A pull request is judged by the policy at the
tip of `baseline`, never by its own: a changed policy is shown, and takes effect once it is merged.

```yaml
{example}```

`mergegate policy check` says what a policy covers, or every error in it with its line; `--json` says it to a
machine. [schema/policy.schema.json](schema/policy.schema.json), which `mergegate policy schema` prints too,
is the same as a JSON Schema: an editor completes keys from it where the
[first line](everyday.md#in-the-editor) names it.

[Every key at once](#every-key-at-once) is at the end.
"""

GATES = """\
## What a gate says

A metric's bar is held against its interval, never against the number alone: `min` and `max` against that of
head's own value, `max_regression` against that of the difference on the rows that base and head share.

| outcome | when | blocks |
|---|---|---|
| pass | The whole interval is on the right side of the bar. | no |
| fail | It is wholly on the wrong side. Or there is no number where there must be one: a file \
that is missing or can't be read, a metric without a value on head's rows. | yes |
| insufficient | The data can't tell: the interval has the bar inside, or fewer than `min_rows` rows \
carry the metric. | as `on_insufficient` says |
| warn | Of data: what the policy asks is not so, and it asks only to be told. | no |
| skipped | Base has nothing to compare with, such as a first commit or a new metric. | no |

- Among many gates and slices some interval misses its bar by chance; so a *fail* must also stand after Holm's
  correction over all the bars of one review, and is *insufficient* where it does not; `min` and `max` in
  slices, whose number head's own rows decide, are corrected among themselves. A *pass* needs no correction,
  since every gate must pass.
- `on_insufficient: warn` shows what the data can't tell, `fail` blocks by it. Where base had enough rows and
  head has not, the outcome is *fail* whatever the policy says: a smaller exam is not a better student.
- Gates on the evaluation and on the bundle compare counts, sizes and distances as they are.
- What blocks exits with 1 in mode `enforce`, and with 0 in `advisory`.

**Slices.** Each value of a column is a gate of its own, missing values included; a column has at most 200 of
them. A value that head no longer has fails where base had enough rows of it.

**Weights** are scikit-learn's `sample_weight`: finite, 0 or more, one of them above 0. Rows that carry a
metric are then counted as that many of equal weight would be.

**Clusters.** Flights of one aircraft, visits of one customer: such rows tell less than as many independent
ones, and intervals that ignore it are too narrow. An interval needs 30 clusters.

On shared rows weights, clusters and slices are read from base's file where it has the column: a change does
not choose how it is weighed.

**Own metrics.** A column of losses gets everything that other metrics get. A function is code, so it is
always base's: its files are taken from git and run in a process of their own, with the environment left out;
the interval comes from resampled rows, and needs 100 resamples within `timeout`. It is judged on all rows, in
its own units. One that raises or does not end fails its gates; one that only head has is skipped until it is
merged.

**Data.** A dataset that changed, or whose training rows did, is held to its `gates`, else to `dataset_gates`,
key by key, and where neither says anything to the defaults below.

- Its gates are called `data:<path>/<key>`: `data:data/raw/flights/max_removed_share`; by column
  `data:data/raw/weather.parquet/max_missing[wind_gust]`, by kind of leak
  `data:data/model/evaluation/leakage/key`.
- `forbid` fails, `warn` is an outcome of its own, shown and never blocking, `ignore` is no gate. What was to
  be looked for and could not be blocks where it is forbidden.
- A dataset that can't be read or compared fails all that is asked of it. Without a base only what is head's
  own is judged.
- Shares are of all of base's rows. Missing cells and equal keys are those of the files that differ: no other
  is read.
- Leaks are looked for in an exam: a dataset with `train`, or the `evaluation.inputs` of a model that has
  `training_rows`.

**Waivers.** A gate that blocks and is waived stays *fail* in the review, with the reason and who decided, and
no longer blocks. It is waived up to and on the day `expires`. Like all of the policy, a waiver counts once it
is on `baseline`: a change can't waive its own gate.

## Keys

Any other key is refused, so that a misspelt gate can't pass for one; so is NaN or infinity anywhere. Paths
are relative to the folder of the policy, with `/` between folders, and stay inside it. A model's columns are
further columns of the predictions file: not `row_id`, `y_true`, `y_pred` or `proba_<class>`; a dataset's are
its own.
"""

METRICS = """\
## Metrics

Names are scikit-learn's. Where higher is better `min` is the usual bar, otherwise `max`; a gate may have
both. In a multiclass task {per_class} are of one class: `recall[late]`. In a binary task they may be
written so too; without a class they are of the positive one. {point_only} is shown and can't be a gate: no
interval covers it.

| metric | tasks | better |
|---|---|---|
"""

READING = """\
## How the file is read

- UTF-8, one YAML document. Anchors, aliases and `<<` work; tags do not. A key may stand once.
- A bare word that YAML readers disagree on is refused: `yes`, `no`, `on`, `off`, dates, times, `010`,
  `1_000`. Write `"yes"` in quotes for the text, `true` for the boolean. `1e-3` is a number, as it is for DVC.
- At most 256 KiB, 20,000 values after aliases are expanded, 24 levels.
- Exit codes of `mergegate policy check`: 0 valid, 2 not valid.
"""

LAST = """\
## Every key at once

No policy needs them all.

```yaml
{example}```
"""

KEY_TABLE = """\
| key | type | default | meaning |
|---|---|---|---|
"""


def page() -> str:
    """The whole page."""
    per_class = ", ".join(f"`{name}`" for name in sorted(PER_CLASS))
    sections = "\n".join(_sections(inspect.type_info(Policy), "", {}))
    point_only = ", ".join(f"`{name}`" for name in sorted(POINT_ONLY))
    parts = (
        INTRODUCTION.format(example=EXAMPLE),
        GATES,
        sections,
        METRICS.format(per_class=per_class, point_only=point_only) + "".join(_metric_rows()),
        READING,
        LAST.format(example=EVERY_KEY),
    )
    return "\n".join(parts)


def _sections(kind: inspect.Type, place: str, told: dict[type, str]) -> Iterator[str]:
    """A heading and a table of keys for each struct, from the outside in; `told` says which stand where."""
    if isinstance(kind, inspect.Metadata):
        yield from _sections(kind.type, place, told)
    elif isinstance(kind, inspect.DictType):
        yield from _sections(kind.value_type, f"{place}.NAME", told)
    elif isinstance(kind, inspect.VarTupleType):
        yield from _sections(kind.item_type, f"{place}[]", told)
    elif isinstance(kind, inspect.UnionType):
        for one in kind.types:
            yield from _sections(one, place, told)
    elif isinstance(kind, inspect.StructType):
        heading = f"`{place.removeprefix('.')}`" if place else "Top level"
        if kind.cls in told:
            yield f"### {heading}\n\nThe keys of {told[kind.cls]}.\n"
            return
        told[kind.cls] = heading
        rows = "".join(_row(field) for field in kind.fields)
        told_of = " ".join((kind.cls.__doc__ or "").split())
        yield f"### {heading}\n\n{told_of}\n\n{KEY_TABLE}{rows}"
        for field in kind.fields:
            yield from _sections(field.type, f"{place}.{field.encode_name}", told)


def _row(field: inspect.Field) -> str:
    """One key's line in a table. Raises TypeError for a key that nobody has described."""
    match field.type:
        case inspect.Metadata(extra_json_schema={"description": str(description)}):
            default = "**required**" if field.required else _default(field)
            return f"| `{field.encode_name}` | {_type(field.type)} | {default} | {description} |\n"
        case _:
            raise TypeError(f"{field.name} has no description")


def _default(field: inspect.Field) -> str:
    """A default as it would be written; a dash where absence is the default."""
    match field.default:
        case bool():
            return f"`{str(field.default).lower()}`"
        case str() | int() | float() if field.default != "":
            return f"`{field.default}`"
        case _:
            return "–"


def _type(kind: inspect.Type, plural: str = "") -> str:
    """A type in words."""
    match kind:
        case inspect.Metadata():
            return _type(kind.type, plural)
        case inspect.UnionType():
            return " or ".join(_type(one) for one in kind.types if not isinstance(one, inspect.NoneType))
        case inspect.LiteralType():
            return " or ".join(f"`{value}`" for value in kind.values)
        case inspect.VarTupleType():
            return f"list of {_type(kind.item_type, 's')}"
        case inspect.DictType():
            return f"mapping{plural} of {_type(kind.value_type, 's')}"
        case inspect.StructType():
            return f"mapping{plural}"
        case inspect.StrType():
            return f"text{plural}"
        case inspect.BoolType():
            return "boolean"
        case inspect.IntType():
            return f"whole number{plural}"
        case inspect.FloatType():
            return f"number{plural}"
        case _:
            raise TypeError(f"no words for {kind}")


def _metric_rows() -> Iterator[str]:
    for name, tasks in METRIC_TASKS.items():
        yield f"| `{name}` | {', '.join(tasks)} | {'higher' if greater_is_better(name) else 'lower'} |\n"
