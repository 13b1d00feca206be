"""Stories of how rows were drawn and judged: in slices, rescored, in clusters with weights, in money."""

import msgspec

from mergegate.records.comparison import (
    BundleFacts,
    MetricComparison,
    Rescored,
    RowCounts,
    SliceComparison,
)
from mergegate.records.review import Review
from mergegate.records.verdict import GateResult
from support.measured import (
    AP,
    CHAIN,
    CONTRACT,
    GATES,
    LOSS,
    MODEL,
    RECALL,
    ROC,
    ROC_BAR,
    measured,
    metric,
    part,
    regression,
    untold,
)
from support.told import ON, failed, model, passed, review


def stories() -> dict[str, Review]:
    """Each story's review, by the name of its golden files."""
    return {"slices": slices(), "rescored": rescored(), "clustered": clustered(), "cost": cost()}


def slices() -> Review:
    """As good as base in all, and worse where few look."""
    few = "12 rows carry it, and the policy asks for 50"
    parts = (
        part("EWR", 9_412, 0.6510, 0.6602, 0.0031, carried=2_402.0),
        part("JFK", 8_630, 0.6402, 0.6449, 0.0034, carried=1_970.0),
        part("LGA", 8_188, 0.6350, 0.5904, 0.0036, carried=1_859.0),
        msgspec.structs.replace(part("HPN", 57, 0.6, 0.7, 0.1), **untold(few, 0.6, 0.7), carried=12.0),
        part("B6", 4_100, 0.6601, 0.6512, 0.0061, column="carrier", carried=1_020.0),
        *(
            part(f"W{number}", 900, 0.64, 0.641, 0.0052, column="carrier", carried=210.0)
            for number in range(9)
        ),
    )
    roc = msgspec.structs.replace(ROC, slices=parts)
    gates = [_sliced(roc, each) for each in parts]
    return review(
        gates=(*GATES, *gates),
        models=(model(metrics=(roc, *model().metrics[1:]), reported=()),),
        verdict=failed(f"{gates[2].sentence} Overall, head is better than base {ON}."),
    )


def _sliced(of: MetricComparison, each: SliceComparison) -> GateResult:
    """The gate of one slice: worse than 0.02 fails."""
    where = f"where {each.column} is {each.level} ({each.rows:,} rows)"
    on = f"on the {each.rows:,} rows that both judged"
    ruled = "no evidence of a difference, and a loss over 0.02 is ruled out"
    outcome, sentence = "pass", f"{where}, {ruled}, {on}."
    if each.outcome == "insufficient":
        outcome, sentence = "insufficient", f"{where}, can't tell: {each.problem}."
    elif each.high is not None and each.high < -0.02:
        least = f"by at least {-each.high:.4g}, where at most 0.02 may be lost"
        outcome, sentence = "fail", f"{where}, roc_auc is worse than base's {least}, {on}."
    elif each.low is not None and each.low < -0.02:
        may = f"the loss may be up to {-each.low:.4g}, and at most 0.02 may be lost"
        outcome, sentence = "insufficient", f"{where}, can't tell {on}: {may}."
    elif each.outcome == "better":
        sentence = f"{where}, roc_auc is better than base's, {on}."
    return regression(
        of,
        -0.02,
        sentence,
        id=f"{MODEL}/roc_auc/max_regression/{each.column}={each.level}",
        outcome=outcome,
        value=each.difference,
        low=each.low,
        high=each.high,
        measured=measured(
            of,
            column=each.column,
            level=each.level,
            rows=each.rows,
            standard_error=each.standard_error,
            problem=each.problem,
        ),
    )


def rescored() -> Review:
    """Head judged April, base March: base's model is run on April too."""
    rows = RowCounts(base=26_230, head=28_330, shared=1_204, new=27_126, gone=25_026)
    small = "41 rows carry it, and the policy asks for 50"
    shared = msgspec.structs.replace(ROC, **untold(small, 0.6431, 0.6512), carried=41.0)
    april = metric("roc_auc", 0.612004, 0.633518, 0.002871, carried=6_604.0, method="DeLong, t")
    kept = regression(
        april,
        -0.01,
        "roc_auc is better than base's, on the 26,126 rows of head that base's model was run on.",
        measured=measured(april, "rescored", rows=26_126),
    )
    other = Rescored(rows=26_126, trained_on=2_204, furthest=0.0031, finding="better", metrics=(april,))
    told = model(
        rows=rows,
        finding="insufficient",
        metrics=(shared,),
        rescored=other,
        reported=(),
        bundle=BundleFacts(size=1_301_552, problem="it asks for the column wind_gust, which is not there"),
    )
    return review(
        gates=(ROC_BAR, kept, CONTRACT, CHAIN),
        models=(told,),
        verdict=passed(
            "too few rows to tell head and base apart on the 1,204 rows that both judged, and head is better "
            "than base on the 26,126 rows of head that base's model was run on; 4 gates hold."
        ),
        strength="scored",
    )


def clustered() -> Review:
    """Rows of one aircraft depend on each other; weights; a gate with its own confidence; an open end."""
    roc = metric(
        "roc_auc",
        0.643123,
        0.648219,
        0.003912,
        head_all=0.650233,
        carried=4_870.0,
        clusters=3_121,
        method="DeLong, t, by cluster",
    )
    recall = msgspec.structs.replace(RECALL, high=None, clusters=3_121, carried=4_870.0)
    kept = regression(
        roc,
        -0.01,
        f"no evidence of a difference, and a loss over 0.01 is ruled out, {ON}.",
        low=-0.005009,
        high=0.015201,
        measured=measured(roc, confidence=0.99, clusters=3_121),
    )
    recalled = regression(
        recall,
        -0.005,
        f"can't tell {ON}: the loss may be up to 0.006332, and at most 0.005 may be lost.",
        low=-0.006332,
        high=None,
        outcome="insufficient",
    )
    told = model(
        finding="no_evidence", metrics=(roc, recall), reported=(), cluster="tailnum", weight="seats", judged=1
    )
    return review(
        gates=(kept, recalled, ROC_BAR, CONTRACT, CHAIN),
        models=(told,),
        verdict=passed(
            f"no evidence of a difference between head and base {ON}; 4 gates hold, 1 can't tell."
        ),
    )


def cost() -> Review:
    """What mistakes cost, in money; and a margin that is a share of base's value."""
    ap, loss = (msgspec.structs.replace(each, head_all=each.head) for each in (AP, LOSS))
    mean_cost = metric(
        "mean_cost",
        12.4171,
        13.0426,
        0.118,
        carried=26_230.0,
        discordant=1_204,
        method="t",
        unit="EUR",
        training_noise=0.21,
        trainings=4,
    )
    dearer = regression(
        mean_cost,
        0.25,
        f"mean_cost is worse than base's by at least 0.3942 EUR, where at most 0.25 EUR may be lost, {ON}.",
        outcome="fail",
    )
    share = regression(
        mean_cost,
        0.08,
        f"mean_cost is worse than base's, but a loss over 8 % is ruled out, {ON}.",
        id=f"{MODEL}/mean_cost/max_relative_regression",
        value=0.050374,
        low=0.031748,
        high=0.069,
        measured=measured(mean_cost, relative=True),
    )
    return review(
        gates=(share, dearer, CONTRACT, CHAIN),
        models=(
            model(
                finding="worse",
                rows=RowCounts(base=26_230, head=26_230, shared=26_230),
                metrics=(
                    mean_cost,
                    ap,
                    loss,
                ),
                reported=(),
            ),
        ),
        verdict=failed(f"{dearer.sentence} Overall, head is worse than base {ON}."),
    )
