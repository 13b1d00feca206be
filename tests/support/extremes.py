"""Reviews that say all there is to say: one with every part, one with far too much of each."""

import msgspec

from mergegate.records.comparison import MetricComparison, Rescored
from mergegate.records.review import (
    DataChange,
    FileChange,
    ParamChange,
    Point,
    PolicySource,
    Problem,
    Reason,
    ReportedFile,
    ReportedMetric,
    Review,
    StageChange,
)
from mergegate.records.verdict import GateResult, Waiver
from support import comparisons, datasets
from support.changes import BROKEN_CHAIN, DATA, LOST, PARAMS
from support.measured import (
    CALIBRATION,
    LOW_ROC,
)
from support.told import BASE, FAILED, model, review

POINTS = (
    ReportedFile(
        path="live/metrics.json",
        metrics=(
            Point(name="loss", base="0.5", head="0.25", difference="−0.25"),
            Point(name="step", base="2", head=None),
            Point(name="same", base="1", head="1"),
        ),
        total=7,
    ),
    ReportedFile(path="other.yaml", note="head's can't be shown: it is not valid YAML"),
)
"""Metrics files of no model: values, some that are not listed, and one file that can't be read."""


def full() -> Review:
    """A review in which every part has something to say."""
    problem = Problem(side="head", path="reports/metrics.json", message="it is no JSON.", hint="run it again")
    told = comparisons.stories()
    waiver = Waiver(gate=LOW_ROC.id, reason="for now", by="ana", expires="2026-12-31", state="applied")
    states = [msgspec.structs.replace(waiver, state=state) for state in ("idle", "expired", "unknown")]
    ((money, *_), (grouped,), (sliced,), (elsewhere,)) = (
        told["cost"].models[0].metrics,
        told["clustered"].models,
        told["slices"].models,
        told["rescored"].models,
    )
    roc, *_ = sliced.metrics
    roc = msgspec.structs.replace(roc, slices=roc.slices[:1] + roc.slices[3:4], note="a note")
    judged = msgspec.structs.replace(
        grouped,
        metrics=(money, roc, CALIBRATION),
        rescored=elsewhere.rescored,
        bundle=elsewhere.bundle,
        judged=3,
        problems=(problem,),
        notes=("it says otherwise.",),
    )
    gates = (*told["cost"].gates[:2], told["slices"].gates[-2], *told["rescored"].gates[1:2])
    return review(
        verdict=FAILED,
        gates=(LOW_ROC, msgspec.structs.replace(LOW_ROC, waiver=waiver), *gates) * 2,
        waivers=(waiver, *states),
        models=(judged, model(name="other", rescored=Rescored(problem="base's bundle is not there"))),
        data=(LOST, *DATA, DataChange(path="gone.csv", change="removed", note="its list is not at hand")),
        datasets=datasets.full(),
        params=PARAMS * 6,
        reported=POINTS,
        lock=BROKEN_CHAIN,
        problems=(problem,),
        notes=("a note", "another"),
        policy=PolicySource(
            path="mergegate.yaml", origin="target", revision=BASE, sha256="ab" * 32, changed_in_head=True
        ),
    )


def huge(size: int) -> Review:
    """A review with `size` of everything, nested too."""
    names = tuple(f"name-{number}" for number in range(size))
    few = names[:60]
    gates = tuple(
        GateResult(
            id=f"gate-{name}",
            kind="metric",
            outcome="fail" if number % 3 else "pass",
            sentence=f"{name} is under its bar.",
            value=0.1,
            bar=0.2,
            mend="dvc repro",
        )
        for number, name in enumerate(names)
    )
    problems = tuple(Problem(side="head", path=name, message="broken.", hint="mend it") for name in few)
    metrics = tuple(
        MetricComparison(name=name, greater_is_better=True, base=0.1, head=0.2, difference=0.1, note=name)
        for name in few
    )
    judged = model(
        metrics=metrics,
        problems=problems,
        notes=few,
        reported=tuple(ReportedMetric(name=name, base=name, head=name) for name in few),
    )
    files = tuple(FileChange(path=name, change="removed") for name in few)
    return review(
        verdict=FAILED,
        gates=gates,
        models=(judged,) * size,
        params=tuple(ParamChange(file="params.yaml", key=n, old=n, new=n, stages=few) for n in names),
        stages=tuple(
            StageChange(name=n, change="changed", reasons=tuple(Reason(kind="code", what=f) for f in few))
            for n in names
        ),
        data=tuple(
            DataChange(path=n, change="changed", files_removed=60, files=files, note=n) for n in names
        ),
        datasets=tuple(datasets.huge(name, few) for name in few[:20]),
        reported=tuple(
            ReportedFile(
                path=name,
                metrics=tuple(Point(name=each, base=each, head="1", difference="+1") for each in few),
                note=name,
            )
            for name in names
        ),
        lock=BROKEN_CHAIN * size,
        problems=problems,
        notes=names,
    )
