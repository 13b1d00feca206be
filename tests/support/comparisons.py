"""Stories of base against head: better, worse, noise, too few rows, waived, slices, rescored, money."""

import msgspec

from mergegate.records.comparison import (
    BundleFacts,
    RowCounts,
)
from mergegate.records.review import Review
from mergegate.records.verdict import Waiver
from support import designs
from support.measured import (
    CHAIN,
    CONTRACT,
    LOSS,
    RECALL,
    ROC,
    ROC_KEPT,
    ROWS_GONE,
    bar,
    measured,
    metric,
    regression,
    untold,
)
from support.told import ON, failed, model, passed, review

SAME_ROWS = RowCounts(base=26_230, head=26_230, shared=26_230)
WORSE_ROC = metric("roc_auc", 0.643123, 0.621408, 0.002214, carried=6_231.0, method="DeLong, t")
FALLEN = regression(
    WORSE_ROC,
    -0.01,
    f"roc_auc is worse than base's by at least 0.01738, where at most 0.01 may be lost, {ON}.",
    outcome="fail",
)
STILL_HIGH = bar(
    WORSE_ROC, "min", 0.6, "roc_auc is above 0.6 with its whole interval, on head's 26,230 rows."
)
SAME_RECALL = msgspec.structs.replace(RECALL, head_all=RECALL.head)
NOISY_ROC = metric(
    "roc_auc",
    0.643123,
    0.641207,
    0.001986,
    carried=6_231.0,
    method="DeLong, t",
    training_noise=0.0041,
    trainings=5,
)


def stories() -> dict[str, Review]:
    """Each story's review, by the name of its golden files."""
    return {
        "better": better(),
        "worse": worse(),
        "noise": noise(),
        "too-few-rows": too_few_rows(),
        "waived": waived(),
        "expired-waiver": expired_waiver(),
        **designs.stories(),
    }


def better() -> Review:
    """Head is better, by more than training moves it."""
    roc = msgspec.structs.replace(ROC, head_all=ROC.head, training_noise=0.0014, trainings=5)
    loss = msgspec.structs.replace(LOSS, head_all=LOSS.head)
    bundle = BundleFacts(size=1_301_552, parity=3.1e-7, rows=26_230)
    told = model(rows=SAME_ROWS, metrics=(roc, loss), reported=(), judged=3, bundle=bundle)
    return review(
        gates=(ROC_KEPT, ROWS_GONE, CONTRACT, CHAIN),
        models=(told,),
        data=(),
        verdict=passed(f"head is better than base {ON}; 4 gates hold."),
    )


def worse() -> Review:
    """One fall is beyond its margin; another would be, were it not one claim of several."""
    precision = metric(
        "average_precision",
        0.390517,
        0.368102,
        0.008604,
        carried=6_231.0,
        method="influence function, t",
    )
    unsure = regression(
        precision,
        -0.005,
        "taken alone, average_precision is worse than base's by at least 0.005551, where at most "
        "0.005 may be lost; among the 4 claims that are judged together (Holm) that may be chance: "
        "can't tell.",
        outcome="insufficient",
        measured=measured(precision, p_value=0.021, p_adjusted=0.063, claims=4),
    )
    return review(
        gates=(STILL_HIGH, unsure, FALLEN, ROWS_GONE, CONTRACT, CHAIN),
        models=(model(finding="worse", rows=SAME_ROWS, metrics=(WORSE_ROC, precision), judged=41),),
        verdict=failed(f"{FALLEN.sentence} Overall, head is worse than base {ON}."),
    )


def noise() -> Review:
    """A small fall that may be chance, and that another seed may turn."""
    kept = regression(
        NOISY_ROC,
        -0.01,
        f"no evidence of a difference, and a loss over 0.01 is ruled out, {ON}.",
    )
    return review(
        gates=(kept, ROWS_GONE, CONTRACT, CHAIN),
        models=(model(finding="no_evidence", rows=SAME_ROWS, metrics=(NOISY_ROC, SAME_RECALL), reported=()),),
        verdict=passed(f"no evidence of a difference between head and base {ON}; 4 gates hold."),
        data=(),
    )


def too_few_rows() -> Review:
    """Base had enough rows that carry the metric, head has not: that blocks."""
    rows = RowCounts(base=26_230, head=140, shared=140, gone=26_090)
    problem = "31 rows carry it, and the policy asks for at least 50"
    roc = metric("roc_auc", 0.6431, 0.7012, carried=31.0)
    roc = msgspec.structs.replace(roc, **untold(problem, 0.6431, 0.7012))
    recall = msgspec.structs.replace(
        RECALL, **untold(problem, 0.2111, 0.2903), carried=31.0, discordant=4, head_all=0.2903
    )
    blocked = regression(
        roc,
        -0.01,
        f"{problem}; base had 6,231, so the change took them away.",
        outcome="insufficient",
        strict=True,
        measured=measured(roc, problem=problem, needed=226),
    )
    unsure = regression(
        recall,
        -0.05,
        f"can't tell: {problem}.",
        outcome="insufficient",
        measured=measured(recall, problem=problem),
    )
    gone = msgspec.structs.replace(
        ROWS_GONE,
        outcome="fail",
        value=26_090 / 26_230,
        sentence="26,090 of base's 26,230 rows are gone from head, a share of 0.9947, where at most 0 may "
        "be; evaluate them too, or allow it first, in the target's policy, by `max_rows_gone`.",
    )
    return review(
        gates=(unsure, gone, blocked, CONTRACT, CHAIN),
        models=(model(finding="insufficient", rows=rows, metrics=(roc, recall), reported=()),),
        verdict=failed(
            f"{gone.sentence} 1 more gate blocks. "
            "Overall, too few rows to tell head and base apart on the 140 rows that both judged."
        ),
    )


def waived() -> Review:
    """A gate would fail, and the policy lets it for a while."""
    granted = Waiver(
        gate=FALLEN.id,
        reason="April's carriers are new to the model; retrained with May's data in #212.",
        by="ana",
        expires="2026-12-31",
        state="applied",
    )
    idle = Waiver(gate=STILL_HIGH.id, reason="was low in March", by="ben", expires="2026-11-30", state="idle")
    return review(
        gates=(STILL_HIGH, msgspec.structs.replace(FALLEN, waiver=granted), ROWS_GONE, CONTRACT, CHAIN),
        waivers=(granted, idle),
        models=(model(finding="worse", rows=SAME_ROWS, metrics=(WORSE_ROC, SAME_RECALL), reported=()),),
        verdict=passed(f"head is worse than base {ON}; 4 gates hold, 1 is waived."),
    )


def expired_waiver() -> Review:
    """The same a year later, and a waiver for a gate that is no more."""
    ended = Waiver(gate=FALLEN.id, reason="new carriers", by="ana", expires="2025-12-31", state="expired")
    unknown = Waiver(
        gate="late-arrival/f1/min", reason="to be lowered", by="ben", expires="2027-01-31", state="unknown"
    )
    return review(
        gates=(STILL_HIGH, FALLEN, ROWS_GONE, CONTRACT, CHAIN),
        waivers=(unknown, ended),
        models=(model(finding="worse", rows=SAME_ROWS, metrics=(WORSE_ROC, SAME_RECALL), reported=()),),
        verdict=failed(f"{FALLEN.sentence} Overall, head is worse than base {ON}."),
    )
