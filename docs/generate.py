"""Write the pages and schemas that follow from the code: `make docs`.

docs/policy.md and docs/schema/policy.schema.json come from mergegate.config.policy,
docs/schema/review.schema.json from mergegate.records.review.
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec import inspect

from mergegate import atomic
from mergegate.config.policy import Policy
from mergegate.records.metrics import METRIC_TASKS, PER_CLASS, greater_is_better
from mergegate.records.review import Review

FOLDER = Path(__file__).parent

EXAMPLE = """\
version: 1
mode: advisory              # comment only, for the first weeks; then `enforce`
baseline: main

models:
  late-arrival:
    bundle: models/bundle
    evaluation:
      task: binary
      positive: late
      predictions: reports/predictions.parquet
      inputs: data/model/evaluation
      training_rows: data/model/train
      metrics: reports/metrics.json
    gates:
      metrics:
        - {name: roc_auc, min: 0.60}
        - {name: "recall[late]", min: 0.25}
        - {name: log_loss, max: 0.65}
      evaluation: {max_rows_gone: 0.02, max_labels_changed: 0.001}
  delay-minutes:
    evaluation: {task: regression, predictions: reports/minutes.parquet}
    gates:
      metrics:
        - {name: mean_absolute_error, max: 30}

datasets:
  - {path: data/raw/flights, key: [year, month, day, carrier, flight, origin, sched_dep_time]}
  - {path: data/model/evaluation, key: row_id, label: late}
"""

INTRODUCTION = """\
<!-- Written by `make docs` from src/mergegate/config/policy.py: change the text there. -->
# The policy: mergegate.yaml

One file, beside `dvc.yaml`, says what a change must satisfy. A pull request is judged by the policy at the
tip of `baseline`, never by its own: a changed policy is shown, and takes effect once it is merged.

```yaml
{example}```

`mergegate policy check` says what a policy covers, or every error in it with its line; `--json` says it to a
machine. [schema/policy.schema.json](schema/policy.schema.json) is the same as a JSON Schema: an editor with a
YAML language server completes keys from it when the file begins with

```yaml
# yaml-language-server: $schema=docs/schema/policy.schema.json
```

## Keys

Any other key is refused, so that a misspelt gate can't pass for one. Paths are relative to the folder of the
policy, with `/` between folders, and stay inside it.
"""

METRICS = """\
## Metrics

Names are scikit-learn's. Where higher is better `min` is the usual bar, otherwise `max`; a gate may have
both. In a multiclass task {per_class} are of one class: `recall[late]`. In a binary task they may be
written so too; without a class they are of the positive one.

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


KEY_TABLE = """\
| key | type | default | meaning |
|---|---|---|---|
"""


def pages() -> dict[str, str]:
    """Every generated file's text by its path below docs/."""
    return {
        "policy.md": policy_page(),
        "schema/policy.schema.json": schema(Policy, "mergegate.yaml"),
        "schema/review.schema.json": schema(Review, "review.json"),
    }


def schema(kind: type[msgspec.Struct], title: str) -> str:
    """The JSON Schema of a struct as indented text."""
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        **msgspec.json.schema(kind),
    }
    return msgspec.json.format(msgspec.json.encode(document)).decode() + "\n"


def policy_page() -> str:
    """docs/policy.md."""
    per_class = ", ".join(f"`{name}`" for name in sorted(PER_CLASS))
    sections = "\n".join(_sections(inspect.type_info(Policy), ""))
    parts = (
        INTRODUCTION.format(example=EXAMPLE),
        sections,
        METRICS.format(per_class=per_class) + "".join(_metric_rows()),
        READING,
    )
    return "\n".join(parts)


def _sections(kind: inspect.Type, place: str) -> Iterator[str]:
    """A heading and a table of keys for each struct, from the outside in."""
    if isinstance(kind, inspect.Metadata):
        yield from _sections(kind.type, place)
    elif isinstance(kind, inspect.DictType):
        yield from _sections(kind.value_type, f"{place}.NAME")
    elif isinstance(kind, inspect.VarTupleType):
        yield from _sections(kind.item_type, f"{place}[]")
    elif isinstance(kind, inspect.StructType):
        heading = f"`{place.removeprefix('.')}`" if place else "Top level"
        rows = "".join(_row(field) for field in kind.fields)
        yield f"### {heading}\n\n{kind.cls.__doc__}\n\n{KEY_TABLE}{rows}"
        for field in kind.fields:
            yield from _sections(field.type, f"{place}.{field.encode_name}")


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
    return f"`{field.default}`" if isinstance(field.default, str) else "–"


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
            return f"mapping of {_type(kind.value_type, 's')}"
        case inspect.StructType():
            return f"mapping{plural}"
        case inspect.StrType():
            return f"text{plural}"
        case inspect.BoolType():
            return "boolean"
        case inspect.IntType():
            return "whole number"
        case inspect.FloatType():
            return "number"
        case _:
            raise TypeError(f"no words for {kind}")


def _metric_rows() -> Iterator[str]:
    for name, tasks in METRIC_TASKS.items():
        yield f"| `{name}` | {', '.join(tasks)} | {'higher' if greater_is_better(name) else 'lower'} |\n"


if __name__ == "__main__":
    for name, text in pages().items():
        atomic.write_text(FOLDER / name, text)
