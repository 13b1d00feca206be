"""`gaps`: how far apart a metric may lie between two groups of head's rows."""

import json
from collections.abc import Iterator

from mergegate.compare import GapAsk
from mergegate.gates.case import Case
from mergegate.gates.claim import Claim
from mergegate.records.verdict import GateResult

KIND = "gap"


def judge(case: Case) -> Iterator[GateResult | Claim]:
    """Judge each gap of each model; what is missing or undefined fails."""
    for name, model in case.policy.models.items():
        for gap in model.gates.gaps:
            min_rows = case.policy.min_rows if gap.min_rows is None else gap.min_rows
            key = GapAsk(gap.metric, gap.column, min_rows).key
            # In quotes where it could be taken for a column and its value, as slices are.
            quoted = "=" in gap.column or gap.column.startswith('"')
            column = json.dumps(gap.column) if quoted else gap.column
            gate, measured = f"{name}/{gap.metric}/max_gap[{column}]", case.evidence.get(name, {}).get(key)
            if measured is None:
                sentence = f"{key.metric} can't be judged: head has no predictions that can be used."
                yield GateResult(
                    id=gate, kind=KIND, outcome="fail", sentence=sentence, subject=name, bar=gap.max
                )
                continue
            yield Claim(
                id=gate,
                kind=KIND,
                subject=name,
                key=key,
                measured=measured,
                bar=gap.max,
                at_least=False,
                greater_is_better=False,
                confidence=case.policy.confidence,
                min_rows=min_rows,
                strict=case.policy.on_insufficient == "fail",
            )
