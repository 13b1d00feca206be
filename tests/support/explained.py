"""What explains a change, as records: curves drawn from a seed, the rest as people would meet it."""

from functools import cache
from typing import Any

import numpy as np
from msgspec.structs import replace

from mergegate import predictions
from mergegate.compare import Sample, pair
from mergegate.compare.curves import count_confusion, draw_curves, pick_class
from mergegate.compare.sides import Setting, Sides
from mergegate.records.comparison import MetricComparison
from mergegate.records.diff import MetricDiff, PredictionsDiff, RowsDiff, SliceDiff
from mergegate.records.explain import (
    Band,
    Condition,
    Confusion,
    Curves,
    FlipCount,
    FlipInput,
    FlipRow,
    Flips,
    FlipSlice,
    Gap,
    Golden,
    GoldenRow,
    Segment,
    SegmentSearch,
)
from mergegate.records.predictions import Predictions
from mergegate.records.review import ModelReview, ParamChange, Problem, Review
from mergegate.records.surroundings import (
    Importance,
    Latency,
    ModelChange,
    ModelFacts,
    PackageChange,
    UndeclaredImport,
)
from support import datasets
from support.changes import BROKEN_CHAIN
from support.measured import AP, CALIBRATION, GATES, LOSS, LOW_ROC, RECALL, ROC, part
from support.told import FAILED, POLICY, model, review

INPUTS = ("hour", "carrier", "origin", "dest", "distance", "temp", "wind_speed")


def answers(seed: int, skill: float, rows: int = 26_230, task: Any = "binary") -> Predictions:
    """A model of that skill on the same rows, whatever the seed."""
    truth, draw = np.random.default_rng(0), np.random.default_rng(seed)
    if task == "regression":
        true = truth.normal(20, 9, rows)
        return predictions.build(
            row_id=np.arange(rows), y_true=true, y_pred=true + draw.normal(0, 6 / skill, rows), task=task
        )
    labels = ("on_time", "late") if task == "binary" else ("early", "late", "on_time", "cancelled")
    known = truth.choice(len(labels), rows, p=[0.77, 0.23] if task == "binary" else None)
    score = draw.normal(size=(rows, len(labels)))
    score[np.arange(rows), known] += skill
    score[:, 0] += 0.7
    chance = np.exp(score) / np.exp(score).sum(axis=1, keepdims=True)
    names = np.array(labels)
    return predictions.build(
        row_id=np.arange(rows),
        y_true=names[known],
        y_pred=names[chance.argmax(axis=1)],
        task=task,
        positive="late" if task == "binary" else None,
        probabilities=dict(zip(labels, chance.T, strict=True)),
    )


@cache
def drawn(task: Any = "binary") -> tuple[tuple[Curves, ...], tuple[Confusion, ...]]:
    """Curves and confusion of two such models."""
    base, head = answers(1, 0.9, task=task), answers(2, 1.1, task=task)
    classes = tuple(dict.fromkeys((*base.classes, *head.classes))) or None
    samples = Sample(base, classes=classes), Sample(head, classes=classes)
    code = pick_class(*samples)
    paired = Sides(base, head, pair(base, head), Setting()).paired()
    assert paired is not None
    curves = (
        draw_curves(samples[0], "base", positive=code),
        draw_curves(samples[1], "head", positive=code),
    )
    return curves, count_confusion(base, head, paired)


def flip(number: int) -> FlipRow:
    """A flight that head calls otherwise than base."""
    late = number % 3 != 0
    base, head = (0.71 - number / 90, 0.31 + number / 200)
    inputs = (
        str(6 + number % 17), ("EV", "UA", "B6")[number % 3], ("EWR", "JFK")[number % 2], "ORD",
        f"{700 + 31 * number}", f"{41.5 + number}", None if number % 5 == 0 else f"{8.1 + number:.1f}",
    )  # fmt: skip
    return FlipRow(
        row_id=f"2013-04-{1 + number % 28:02}-{('EV', 'UA', 'B6')[number % 3]}-{400 + number}-EWR-1815",
        truth="late" if late else "on_time",
        base="late" if late else "on_time",
        head="on_time" if late else "late",
        base_score=round(base, 4),
        head_score=round(head, 4),
        move=round(base - head, 4),
        inputs=(
            *(FlipInput(name=name, value=value) for name, value in zip(INPUTS, inputs, strict=True)),
            FlipInput(name="tailnum", value=None, hidden=True),
        ),
    )


FLIPS = Flips(
    rows=26_230,
    changed=3_120,
    broke=1_498,
    mended=1_622,
    p=0.0274,
    matrix=(
        FlipCount(truth="late", base="late", head="late", rows=1_204),
        FlipCount(truth="late", base="late", head="on_time", rows=702),
        FlipCount(truth="late", base="on_time", head="late", rows=811),
        FlipCount(truth="on_time", base="late", head="on_time", rows=811),
        FlipCount(truth="on_time", base="on_time", head="late", rows=796),
        FlipCount(truth="on_time", base="on_time", head="on_time", rows=18_010),
    ),
    classes_total=2,
    slices=tuple(
        FlipSlice(column=column, level=level, rows=rows, changed=changed, broke=broke, mended=changed - broke)
        for column, level, rows, changed, broke in (
            ("carrier", "EV", 4_620, 903, 511),
            ("origin", "EWR", 9_710, 1_511, 801),
            ("carrier", "HA", 31, 1, 0),
            ("origin", "JFK", 8_804, 902, 402),
            ("origin", "LGA", 7_716, 707, 295),
        )
    ),
    telling=tuple(map(flip, range(20))),
)
SEGMENTS = SegmentSearch(
    measure="log_loss",
    tried=1_412,
    min_rows=200,
    found=(
        Segment(
            conditions=(Condition(column="carrier", level="EV"), Condition(column="hour", level="18 to 23")),
            rows=3_120, loss=0.0412, rest=-0.0121, excess=0.0533, low=0.0388, high=0.0678, p_adjusted=0.00002,
        ),
        Segment(
            conditions=(Condition(column="dest", level="ORD"),),
            rows=1_411, loss=0.0105, rest=-0.0103, excess=0.0208, low=0.0081, high=0.0335, p_adjusted=0.031,
        ),
    ),
    found_total=2,
    bands=(
        Band(column="carrier", kind="values"),
        Band(column="hour", kind="bins", edges=("9", "14", "18")),
        Band(column="date", kind="time", edges=("2013-04-11", "2013-04-21")),
    ),
    skipped=("tailnum", "flight"),
)  # fmt: skip
GAPS = (
    Gap(
        metric="roc_auc", column="origin", base=0.041, head=0.0563, base_worst="LGA", base_best="JFK",
        head_worst="EWR", head_best="JFK", levels=3, min_rows=200,
    ),
    Gap(metric="recall[late]", column="carrier", problem="fewer than two carriers have 200 late rows"),
)  # fmt: skip
GOLDEN = Golden(
    files=("golden/storms.csv",),
    rows=31,
    failed=2,
    changed=("2013-01-21-UA-15",),
    notes=("`2013-04-02-EV-4412` is new in head.",),
    failures=(
        GoldenRow(
            file="golden/storms.csv", name="2013-03-08-UA-15", expected="late",
            reason="The March nor'easter: 71 % of the day's flights were late, and base missed them once.",
            author="ana", base="late", head="on_time", base_score=0.61, head_score=0.42,
            fault="head answers `on_time`, not `late`",
            inputs=tuple(FlipInput(name=name, value=str(number)) for number, name in enumerate(INPUTS)),
        ),
        GoldenRow(
            file="golden/storms.csv", name="2013-02-09-B6-725", expected="0.62", tolerance=0.05,
            not_worse=True, reason="No plane takes off in a blizzard.",
            problem="its row is not in the evaluation inputs",
        ),
    ),
)  # fmt: skip
MODEL = ModelChange(
    base=ModelFacts(size=31_204, parameters=1_204, inputs=INPUTS),
    head=ModelFacts(size=412_877, parameters=48_120, inputs=(*INPUTS[1:], "humid", "pressure")),
    importance=tuple(
        Importance(
            name=name, base=base, head=head, base_spread=0.0011, head_spread=0.0013, base_rank=old,
            head_rank=new,
        )
        for name, base, head, old, new in (
            ("carrier", 0.0312, 0.0514, 2, 1),
            ("temp", 0.0121, 0.0402, 4, 2),
            ("origin", 0.0207, 0.0211, 3, 3),
            ("hour", 0.0522, None, 1, None),
            ("humid", None, 0.0119, None, 4),
            ("dest", 0.0031, -0.0002, 5, 5),
        )
    ),
    importance_metric="roc_auc",
    importance_rows=5_000,
    latency=Latency(base=6.2e-6, head=1.91e-5, ratio=3.08, low=2.97, high=3.21, rows=5_000, repeats=15),
)  # fmt: skip
PACKAGES = (
    PackageChange(name="numpy", old="2.3.1", new="2.4.0", source="requirements.txt"),
    PackageChange(
        name="scikit-learn", old="1.8.0", new="1.9.1", source="requirements.txt", touches_model=True
    ),
    PackageChange(name="polars", old=None, new="1.30.0", source="pyproject.toml"),
)
UNDECLARED = (
    UndeclaredImport(stage="train", script="src/pipeline/train.py", imported="src/pipeline/stage.py"),
    UndeclaredImport(
        stage="train", script="src/pipeline/train.py", imported="src/pipeline/folds.py", changed=True
    ),
)
SLICED = replace(
    ROC,
    slices=(
        part("EWR", 9_710, 0.641, 0.622, 0.0052),
        part("JFK", 8_804, 0.655, 0.668, 0.0049),
        part("LGA", 7_716, 0.633, 0.641, 0.0058),
        part(
            "SWF",
            12,
            0.6,
            0.7,
            0.0,
            problem="12 rows are fewer than 50",
            outcome="insufficient",
            low=None,
            high=None,
        ),
        part("HPN", 230, 0.6, 0.61, 0.051),
    ),
)


def explained(**changes: Any) -> ModelReview:
    """A binary model with everything that a review can say of it, with `changes`."""
    curves, confusion = drawn()
    fields: dict[str, Any] = {
        "metrics": (SLICED, AP, LOSS, RECALL, CALIBRATION),
        "flips": FLIPS,
        "segments": SEGMENTS,
        "gaps": GAPS,
        "curves": curves,
        "confusion": confusion,
        "golden": GOLDEN,
        "model": MODEL,
        "notes": ("origin is taken as base has it in 12 rows.",),
        "judged": 3,
    }
    return model(**{**fields, **changes})


def whole(**changes: Any) -> Review:
    """A failed review in which every part has something to say, with `changes`."""
    edit = ParamChange(
        file="mergegate.yaml", key="models.late-arrival.gates.flips.max_share", old="0.1", new="0.5"
    )
    fields: dict[str, Any] = {
        "verdict": FAILED,
        "gates": (*GATES[1:], LOW_ROC),
        "models": (explained(),),
        "packages": PACKAGES,
        "undeclared": UNDECLARED,
        "datasets": (datasets.everything(), datasets.stories()["unchanged"].dataset),
        "lock": BROKEN_CHAIN,
        "policy": replace(POLICY, changed_in_head=True, changes=(edit,)),
        "problems": (
            Problem(
                side="head",
                path="reports/metrics.json",
                message="It is no JSON: line 3.",
                hint="run `dvc repro`",
            ),
        ),
        "notes": ("The base is the merge base of main and add-april.",),
    }
    return review(**{**fields, **changes})


def numeric(**changes: Any) -> ModelReview:
    """A regression model: errors instead of classes."""
    curves, _ = drawn("regression")
    rows = tuple(
        FlipRow(
            row_id=f"r{number}",
            truth="20.1",
            base="21.4",
            head="27.3",
            base_score=1.3,
            head_score=7.2,
            move=5.9,
        )
        for number in range(4)
    )
    moved = Flips(
        rows=26_230, changed=912, broke=400, mended=350, p=0.074, tolerance=5.0, telling=rows,
        without_inputs="the policy names no evaluation inputs",
    )  # fmt: skip
    return model(
        **{
            "name": "delay",
            "task": "regression",
            "metrics": (),
            "curves": curves,
            "flips": moved,
            "reported": (),
            **changes,
        }
    )


def crowded(text: str = "name", *, models: int = 3) -> Review:
    """A review with more of everything than anyone would write, each name beginning with `text`."""

    def many(record: Any, number: int, **names: str) -> tuple[Any, ...]:
        return tuple(
            replace(record, **{key: f"{value}{at}" for key, value in names.items()}) for at in range(number)
        )

    origin = part("EWR", 9_710, 0.641, 0.622, 0.0052)
    sliced = replace(ROC, slices=many(origin, 100, level=text))
    wide = replace(ROC, slices=many(origin, 10_000, level=text))
    gates = many(LOW_ROC, 2_000, id=text)
    found = explained(
        metrics=(wide, *many(sliced, 30, name=text)),
        flips=replace(
            FLIPS,
            telling=many(
                replace(flip(1), inputs=many(FlipInput(name="", value=text), 60, name=text)),
                5_000,
                row_id=text,
            ),
            slices=many(FLIPS.slices[0], 10_000, level=text),
            matrix=many(FLIPS.matrix[1], 8_000, truth=text),
        ),
        segments=replace(
            SEGMENTS, found=many(SEGMENTS.found[0], 500), bands=many(SEGMENTS.bands[1], 500, column=text)
        ),
        gaps=many(GAPS[0], 500, metric=text),
        confusion=many(Confusion(truth="", answer="x", base=1, head=2), 500, truth=text),
        golden=replace(GOLDEN, failures=many(GOLDEN.failures[0], 500, name=text)),
        model=replace(MODEL, importance=many(MODEL.importance[0], 500, name=text)),
        notes=(text,) * 1_000,
    )
    return whole(
        gates=gates,
        models=(found,) * models,
        params=many(whole().params[0], 2_000, key=text),
        packages=many(PACKAGES[0], 2_000, name=text),
        undeclared=many(UNDECLARED[0], 2_000, script=text),
        datasets=tuple(
            datasets.huge(f"{text}{number}", tuple(f"{text}{at}" for at in range(200)))
            for number in range(4 * models)
        ),
        notes=(text,) * 1_000,
    )


def diff(**changes: Any) -> PredictionsDiff:
    """Two files compared, with `changes`."""
    told = explained()
    fields: dict[str, Any] = {
        "mergegate": "0.1.0",
        "task": "binary",
        "positive": "late",
        "confidence": 0.95,
        "rows": RowsDiff(
            base=26_230, head=28_330, shared=26_230, new=2_100, gone=0, labels_changed=0, compared=26_230
        ),
        "finding": "better",
        "identical": False,
        "metrics": tuple(map(_metric_diff, told.metrics)),
        "notes": ("origin is taken as A has it in 12 rows.",),
    }
    return PredictionsDiff(**{**fields, **changes})


def _metric_diff(metric: MetricComparison) -> MetricDiff:
    slices = tuple(
        SliceDiff(metric=metric.name, greater_is_better=True, **_same(SliceDiff, part))
        for part in metric.slices
    )
    return MetricDiff(metric=metric.name, slices=slices, **_same(MetricDiff, metric))


def _same(kind: type[Any], record: Any) -> dict[str, Any]:
    """What a record has by the names of another kind's fields."""
    names = set(kind.__struct_fields__) & set(record.__struct_fields__) - {"slices"}
    return {name: getattr(record, name) for name in names}
