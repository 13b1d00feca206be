"""Reviews as a team would meet them, one per story."""

from typing import Any

from mergegate.records.comparison import MetricComparison, RowCounts
from mergegate.records.review import (
    SCHEMA,
    DataChange,
    FileChange,
    LockFinding,
    ModelReview,
    ParamChange,
    PolicySource,
    Problem,
    Reason,
    ReportedMetric,
    Review,
    Revision,
    StageChange,
)
from mergegate.records.verdict import GateResult, Verdict

BASE = Revision(name="main", sha="4f1c0de2" * 5, subject="Train on January to March")
HEAD = Revision(
    name="add-april", sha="b7e15162" * 5, subject="Add April's flights and stop shrinking so hard"
)
POLICY = PolicySource(path="mergegate.yaml", origin="target", revision=BASE, sha256="ab" * 32)

PASSED = Verdict(
    outcome="passed", enforced=True, headline="4 gates hold; metrics are point values, without an interval."
)
FAILED = Verdict(
    outcome="failed", enforced=True, headline="roc_auc is 0.5931 on head's 28,330 rows, below the bar 0.6."
)

ROC_BAR = GateResult(
    id="late-arrival/roc_auc/min",
    kind="metric",
    outcome="pass",
    sentence="roc_auc is 0.6502 on head's 28,330 rows, above the bar 0.6.",
    subject="late-arrival",
    value=0.650233,
    bar=0.6,
)
LOSS_BAR = GateResult(
    id="late-arrival/log_loss/max",
    kind="metric",
    outcome="pass",
    sentence="log_loss is 0.6187 on head's 28,330 rows, below the bar 0.65.",
    subject="late-arrival",
    value=0.618711,
    bar=0.65,
)
CONTRACT = GateResult(
    id="late-arrival/predictions/contract",
    kind="contract",
    outcome="pass",
    sentence="head's reports/predictions.parquet holds 28,330 rows and meets its contract.",
    subject="late-arrival",
)
CHAIN = GateResult(
    id="lock/chain",
    kind="lock",
    outcome="pass",
    sentence="what head's dvc.lock says hangs together.",
)
GATES = (ROC_BAR, LOSS_BAR, CONTRACT, CHAIN)

METRICS = (
    MetricComparison(
        name="roc_auc",
        greater_is_better=True,
        base=0.643123,
        head=0.648219,
        difference=0.005096,
        base_all=0.643123,
        head_all=0.650233,
    ),
    MetricComparison(
        name="average_precision",
        greater_is_better=True,
        base=0.390517,
        head=0.390517,
        difference=0.0,
        base_all=0.390517,
        head_all=0.391,
    ),
    MetricComparison(
        name="log_loss",
        greater_is_better=False,
        base=0.628004,
        head=0.617951,
        difference=-0.010053,
        base_all=0.628004,
        head_all=0.618711,
    ),
    MetricComparison(
        name="recall[late]",
        greater_is_better=True,
        base=0.2111,
        head=0.21109,
        difference=-0.00001,
        base_all=0.2111,
        head_all=0.2113,
        note="at the threshold 0.5",
    ),
)
SAME = tuple(
    MetricComparison(
        name=metric.name,
        greater_is_better=metric.greater_is_better,
        base=metric.base,
        head=metric.base,
        difference=0.0,
        base_all=metric.base,
        head_all=metric.base,
    )
    for metric in METRICS
)
REPORTED = (
    ReportedMetric(name="train.seconds", base="3.71", head="4.02"),
    ReportedMetric(name="cross_validation.roc_auc.mean", base=None, head="0.6471"),
)

PARAMS = (
    ParamChange(file="params.yaml", key="train.arguments.C", old="1.0", new="0.3", stages=("train",)),
    ParamChange(
        file="params.yaml", key="split.months", old=None, new='["2013-04"]', stages=("split", "profile")
    ),
    ParamChange(file="params.yaml", key="owner", old='"ana"', new=None),
)
STAGES = (
    StageChange(name="ingest", change="changed", reasons=(Reason(kind="data", what="data/raw/flights"),)),
    StageChange(
        name="train",
        change="changed",
        reasons=(
            Reason(kind="params", what="train.arguments.C"),
            Reason(kind="data", what="data/model/train"),
            Reason(kind="code", what="src/pipeline/train.py"),
        ),
    ),
    StageChange(name="calibrate", change="added"),
)
DATA = (
    DataChange(
        path="data/raw/flights",
        change="changed",
        rows_old=80_789,
        rows_new=109_119,
        bytes_old=1_301_552,
        bytes_new=1_772_100,
        files_old=3,
        files_new=4,
        files=(FileChange(path="2013-04.parquet", change="added", rows_new=28_330, bytes_new=470_548),),
        files_added=1,
    ),
    DataChange(
        path="data/raw/weather.parquet",
        change="changed",
        rows_old=26_115,
        rows_new=26_115,
        bytes_old=226_001,
        bytes_new=226_040,
        files_old=1,
        files_new=1,
    ),
)
LOST = DataChange(
    path="data/raw/flights",
    change="changed",
    rows_old=80_789,
    rows_new=28_330,
    bytes_old=1_301_552,
    bytes_new=470_548,
    files_old=3,
    files_new=1,
    files=(
        FileChange(path="2013-01.parquet", change="removed", rows_old=27_004, bytes_old=430_100),
        FileChange(path="2013-02.parquet", change="removed", rows_old=24_951, bytes_old=407_020),
        FileChange(path="2013-03.parquet", change="removed", rows_old=28_834, bytes_old=464_432),
        FileChange(path="2013-04.parquet", change="added", rows_new=28_330, bytes_new=470_548),
    ),
    files_added=1,
    files_removed=3,
)
BROKEN_CHAIN = (
    LockFinding(
        side="head",
        kind="input-mismatch",
        stage="train",
        path="data/model/train",
        message="train was run on data/model/train a1b2c3, but split wrote d4e5f6.",
        mend="dvc repro train",
    ),
    LockFinding(
        side="base",
        kind="ghost-stage",
        stage="old_stage",
        path="",
        message="dvc.lock has old_stage, which dvc.yaml no longer names.",
        mend="",
    ),
)


def model(**changes: Any) -> ModelReview:
    """A binary model judged on grown data, with `changes`."""
    fields: dict[str, Any] = {
        "name": "late-arrival",
        "task": "binary",
        "predictions": "reports/predictions.parquet",
        "rows": RowCounts(base=26_230, head=28_330, shared=26_230, new=2_100),
        "metrics": METRICS,
        "reported": REPORTED,
        "locked": True,
    }
    return ModelReview(**{**fields, **changes})


def review(**changes: Any) -> Review:
    """A passed review of a change to params, stages and data, with `changes`."""
    fields: dict[str, Any] = {
        "schema": SCHEMA,
        "mergegate": "0.1.0",
        "strength": "consistent",
        "base": BASE,
        "head": HEAD,
        "policy": POLICY,
        "verdict": PASSED,
        "gates": GATES,
        "models": (model(),),
        "params": PARAMS,
        "stages": STAGES,
        "data": DATA,
    }
    return Review(**{**fields, **changes})


def failing(gate: GateResult, *, verdict: Verdict = FAILED, **changes: Any) -> Review:
    """A review that one gate fails; the others pass."""
    return review(gates=(*(g for g in GATES if g.id != gate.id), gate), verdict=verdict, **changes)


LOW_ROC = GateResult(
    id="late-arrival/roc_auc/min",
    kind="metric",
    outcome="fail",
    sentence="roc_auc is 0.5931 on head's 28,330 rows, below the bar 0.6.",
    subject="late-arrival",
    value=0.593144,
    bar=0.6,
    mend="dvc exp run -S train.arguments.C=1.0",
)


def stories() -> dict[str, Review]:
    """Each story's review, by the name of its golden files."""
    unchanged = model(rows=RowCounts(base=26_230, head=26_230, shared=26_230), metrics=SAME, reported=())
    problem = Problem(
        side="head",
        path="reports/predictions.parquet",
        message="row_id 2013-04-01-UA-15-EWR occurs 2 times, and 3 more occur more than once.",
        hint="write one row per evaluated example, then run `dvc repro evaluate`",
    )
    broken = GateResult(
        id="late-arrival/predictions/contract",
        kind="contract",
        outcome="fail",
        sentence="head's reports/predictions.parquet can't be used: its row_id is not unique.",
        subject="late-arrival",
        mend="dvc repro evaluate",
    )
    untold = GateResult(
        id="late-arrival/comparison",
        kind="comparison",
        outcome="skipped",
        sentence="base and head are not compared: base has no reports/predictions.parquet.",
        subject="late-arrival",
    )
    own = tuple(
        MetricComparison(
            name=metric.name,
            greater_is_better=metric.greater_is_better,
            base_all=metric.base_all,
            head_all=metric.head_all,
        )
        for metric in METRICS
    )
    alone = tuple(
        MetricComparison(
            name=metric.name, greater_is_better=metric.greater_is_better, head_all=metric.head_all
        )
        for metric in METRICS
    )
    regression = model(
        name="delay-minutes",
        task="regression",
        predictions="reports/delay/predictions.parquet",
        rows=RowCounts(base=26_230, head=26_100, shared=26_050, new=50, gone=180, labels_changed=3),
        metrics=(
            MetricComparison(
                name="root_mean_squared_error",
                greater_is_better=False,
                base=3121.71,
                head=3123.18,
                difference=1.47,
                head_all=3120.02,
            ),
            MetricComparison(
                name="r2", greater_is_better=True, base=-0.0312, head=float("nan"), difference=float("nan")
            ),
        ),
        reported=(),
        notes=("reports/delay/metrics.json says r2 is 0.31; its predictions give −0.0312.",),
    )
    return {
        "unchanged": review(params=(), stages=(), data=(), models=(unchanged,)),
        "changed": review(notes=("mergegate.yaml differs in head: it takes effect after the merge.",)),
        "metric-bar": failing(LOW_ROC),
        "lock-chain": failing(
            verdict=Verdict(
                outcome="failed",
                enforced=True,
                headline="train was run on data/model/train a1b2c3, but split wrote d4e5f6.",
            ),
            gate=GateResult(
                id="lock/chain",
                kind="lock",
                outcome="fail",
                sentence="train was run on data/model/train a1b2c3, but split wrote d4e5f6.",
                mend="dvc repro train",
            ),
            lock=BROKEN_CHAIN,
            strength="claimed",
        ),
        "broken-predictions": failing(
            broken,
            verdict=Verdict(outcome="failed", enforced=True, headline=broken.sentence),
            models=(
                model(rows=RowCounts(base=26_230, head=None), metrics=(), reported=(), problems=(problem,)),
            ),
        ),
        "no-shared-rows": review(
            models=(model(rows=RowCounts(base=26_230, head=28_330, new=28_330, gone=26_230), metrics=own),)
        ),
        "first": review(
            models=(model(rows=RowCounts(base=None, head=28_330, new=28_330), metrics=alone, reported=()),),
            gates=(*GATES, untold),
            policy=PolicySource(path="mergegate.yaml", origin="head", revision=HEAD, sha256="cd" * 32),
            notes=("The target has no mergegate.yaml yet: this change was judged by its own.",),
        ),
        "advisory": failing(
            LOW_ROC,
            verdict=Verdict(outcome="failed", enforced=False, headline=FAILED.headline),
            head=Revision(name="workspace", sha=HEAD.sha, workspace=True),
        ),
        "lost-files": failing(
            GateResult(
                id="late-arrival/evaluation/rows_gone",
                kind="evaluation",
                outcome="insufficient",
                sentence="too few rows are left to tell.",
                subject="late-arrival",
            ),
            verdict=PASSED,
            data=(LOST, DataChange(path="data/raw/planes.parquet", change="removed", files_old=1)),
        ),
        "several-models": review(models=(model(), regression)),
        "many-params": review(
            params=tuple(
                ParamChange(
                    file="params.yaml",
                    key=f"features.columns[{number}].clip.upper",
                    old=str(number),
                    new=str(number + 0.5),
                    stages=("train",),
                )
                for number in range(500)
            )
        ),
    }


def full() -> Review:
    """A review in which every part has something to say."""
    problem = Problem(side="head", path="reports/metrics.json", message="it is no JSON.", hint="run it again")
    return review(
        verdict=FAILED,
        gates=(LOW_ROC, *(gate for gate in GATES if gate.id != LOW_ROC.id)) * 4,
        models=(model(problems=(problem,), notes=("it says otherwise.",)), model(name="other")),
        data=(LOST, *DATA, DataChange(path="gone.csv", change="removed", note="its list is not at hand")),
        params=PARAMS * 6,
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
        lock=BROKEN_CHAIN * size,
        problems=problems,
        notes=names,
    )
