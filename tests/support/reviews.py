"""Reviews as a team would meet them, one per story."""

import msgspec

from mergegate.records.comparison import MetricComparison, RowCounts
from mergegate.records.review import (
    DataChange,
    ModelReview,
    ParamChange,
    PolicySource,
    Problem,
    Review,
    Revision,
)
from mergegate.records.verdict import GateResult
from support import comparisons
from support.changes import BROKEN_CHAIN, LOST
from support.measured import (
    CHAIN,
    CONTRACT,
    FALLEN_ROC,
    LOSS_BAR,
    LOW_ROC,
    METRICS,
    ROC_BAR,
    ROWS_GONE,
    metric,
)
from support.told import FAILED, HEAD, ON, SAME, failed, failing, model, passed, review

__all__ = ["BROKEN_CHAIN", "LOST", "model", "review", "stories"]


def stories() -> dict[str, Review]:
    """Each story's review, by the name of its golden files."""
    return {**_changes(), **_absences(), **comparisons.stories()}


def _changes() -> dict[str, Review]:
    """What changed, and what that broke."""
    same = RowCounts(base=26_230, head=26_230, shared=26_230)
    unchanged = model(rows=same, metrics=SAME, reported=(), finding="no_evidence", identical=True)
    worse = model(metrics=(FALLEN_ROC, *METRICS[1:]), finding="worse")
    barred = (LOSS_BAR, LOW_ROC, ROWS_GONE, CONTRACT, CHAIN)
    unhinged = "train was run on data/model/train a1b2c3, but split wrote d4e5f6."
    return {
        "unchanged": review(
            params=(),
            stages=(),
            data=(),
            gates=(ROWS_GONE, CONTRACT, CHAIN),
            models=(unchanged,),
            verdict=passed(f"every prediction is the same as base's {ON}; 3 gates hold."),
        ),
        "changed": review(notes=("mergegate.yaml differs in head: it takes effect after the merge.",)),
        "metric-bar": failing(LOW_ROC, gates=barred, models=(worse,)),
        "lock-chain": failing(
            verdict=failed(f"{unhinged} Overall, head is better than base {ON}."),
            gate=GateResult(
                id="lock/chain",
                kind="lock",
                outcome="fail",
                sentence=unhinged,
                mend="dvc repro train",
            ),
            lock=BROKEN_CHAIN,
            strength="claimed",
        ),
        "advisory": failing(
            LOW_ROC,
            gates=barred,
            models=(worse,),
            verdict=failed(FAILED.headline, enforced=False),
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
            verdict=passed(f"head is better than base {ON}; 5 gates hold, 1 can't tell."),
            data=(LOST, DataChange(path="data/raw/planes.parquet", change="removed", files_old=1)),
        ),
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


def _absences() -> dict[str, Review]:
    """What is missing, unreadable or of another task."""
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
    bars = [
        GateResult(
            id=gate.id,
            kind=gate.kind,
            outcome="fail",
            sentence="it has no value: head has no predictions that can be used.",
            subject=gate.subject,
            bar=gate.bar,
        )
        for gate in (ROC_BAR, LOSS_BAR)
    ]
    untold = GateResult(
        id="late-arrival/roc_auc/max_regression",
        kind="regression",
        outcome="skipped",
        sentence="base and head are not compared: base has no reports/predictions.parquet.",
        subject="late-arrival",
        bar=-0.01,
    )
    apart = RowCounts(base=26_230, head=28_330, new=28_330, gone=26_230)
    alone = RowCounts(base=None, head=28_330, new=28_330)
    return {
        "broken-predictions": review(
            gates=(broken, *bars, CHAIN),
            verdict=failed("head can't be judged: its reports/predictions.parquet can't be used."),
            models=(
                model(
                    rows=RowCounts(base=26_230, head=None),
                    finding=None,
                    metrics=(),
                    reported=(),
                    problems=(problem,),
                ),
            ),
        ),
        "no-shared-rows": review(
            gates=(
                msgspec.structs.replace(
                    untold, sentence="base and head are not compared: they share no row."
                ),
                ROC_BAR,
                LOSS_BAR,
                CONTRACT,
                CHAIN,
            ),
            models=(model(rows=apart, finding="insufficient", metrics=_unpaired(METRICS)),),
            verdict=passed(
                "whether head is better than base can't be told, because they share no row; 4 gates hold."
            ),
        ),
        "first": review(
            models=(model(rows=alone, finding=None, metrics=_unpaired(METRICS, base=False), reported=()),),
            gates=(untold, ROC_BAR, LOSS_BAR, CONTRACT, CHAIN),
            policy=PolicySource(path="mergegate.yaml", origin="head", revision=HEAD, sha256="cd" * 32),
            notes=("The target has no mergegate.yaml yet: this change was judged by its own.",),
            verdict=passed("there is no base to compare with; 4 gates hold."),
        ),
        "several-models": review(
            models=(model(), _minutes()),
            verdict=passed(
                "late-arrival is better than base; delay-minutes: no evidence of a difference. 6 gates hold."
            ),
        ),
    }


def _unpaired(metrics: tuple[MetricComparison, ...], *, base: bool = True) -> tuple[MetricComparison, ...]:
    """The same metrics, each side on its own rows; or head alone."""
    return tuple(
        MetricComparison(
            name=each.name,
            greater_is_better=each.greater_is_better,
            base_all=each.base_all if base else None,
            head_all=each.head_all,
            head_low=None if each.head_all is None or each.standard_error is None else each.head_all - 0.0081,
            head_high=None
            if each.head_all is None or each.standard_error is None
            else each.head_all + 0.0081,
        )
        for each in metrics
    )


def _minutes() -> ModelReview:
    """A regression model that no gate names, with rows gone and labels changed."""
    return model(
        name="delay-minutes",
        task="regression",
        predictions="reports/delay/predictions.parquet",
        rows=RowCounts(base=26_230, head=26_100, shared=26_050, new=50, gone=180, labels_changed=3),
        finding="no_evidence",
        metrics=(
            metric("root_mean_squared_error", 3121.71, 3123.18, 2.06, head_all=3120.02, method="delta, t"),
            MetricComparison(
                name="r2_score",
                greater_is_better=True,
                base=-0.0312,
                head=float("nan"),
                difference=float("nan"),
                outcome="insufficient",
                problem="head's value is not a number",
            ),
        ),
        reported=(),
        notes=("reports/delay/metrics.json says r2_score is 0.31; its predictions give −0.0312.",),
    )
