"""What the policy leaves open: no policy, advice alone, lax bars, waivers, branches, owners."""

import pytest
from msgspec.structs import replace

from mergegate.doctor import advisory, bars, branches, owners, policy, strength, waivers
from mergegate.doctor.check import Check, examine
from mergegate.doctor.facts import Facts, Measured, MeasuredGate, Owners, Place, Policies, PolicyFile
from support.doctor import POLICY, facts, policies, policy_file, shown, told

MISSING = PolicyFile("", present=False)
WRONG = PolicyFile("origin/main", present=True, problem="mergegate.yaml:1: is no mapping", problems=3)

BARE = POLICY.replace("    bundle: models/bundle\n", "").replace(", inputs: data/inputs", "")

GATE = MeasuredGate(
    model="late", metric="roc_auc", value=0.8, low=0.78, high=0.82, carried=500.0, min_rows=50, judged=0.02
)


def judged_by(text: str) -> Facts:
    return facts(policies=policies(text))


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (
            Policies(MISSING),
            ["hole: there is no mergegate.yaml, so nothing is judged"],
        ),
        (
            Policies(MISSING, MISSING),
            ["hole: there is no mergegate.yaml, so nothing is judged"],
        ),
        (
            Policies(policy_file(POLICY, ""), PolicyFile("origin/main", present=False)),
            ["hole: mergegate.yaml is not on origin/main"],
        ),
        (
            Policies(MISSING, policy_file(POLICY)),
            ["warning: mergegate.yaml is on origin/main and not here"],
        ),
        (
            Policies(replace(WRONG, at=""), WRONG),
            [
                "fault: the policy is wrong: mergegate.yaml:1: is no mapping (and 2 more)",
                "fault: the policy at origin/main is wrong: mergegate.yaml:1: is no mapping (and 2 more)",
            ],
        ),
    ],
    ids=["nowhere", "on neither", "not merged", "gone", "wrong"],
)
def test_a_policy_must_be_there_valid_and_merged(found: Policies, said: list[str]) -> None:
    assert shown(policy, facts(policies=found)) == said


@pytest.mark.parametrize("check", [advisory, strength, waivers, bars, branches])
def test_a_wrong_policy_can_not_be_looked_into(check: Check[Facts]) -> None:
    (made,) = examine((check,), facts(policies=Policies(WRONG, WRONG))).checks
    assert made.unseen == "the policy is wrong: mergegate.yaml:1: is no mapping"


@pytest.mark.parametrize("check", [advisory, strength, waivers, bars, branches])
def test_without_a_policy_there_is_nothing_to_look_into(check: Check[Facts]) -> None:
    assert shown(check, facts(policies=Policies(MISSING, MISSING))) == []


def test_advice_holds_nothing_back() -> None:
    (hole,) = told(advisory, judged_by(f"mode: advisory\n{POLICY}"))
    assert hole.what == "the policy only advises (`mode: advisory` in mergegate.yaml at origin/main)"
    assert (hole.level, hole.by) == ("hole", ("anyone who may merge",))


def test_a_policy_without_gates_holds_nothing_back() -> None:
    text = POLICY[: POLICY.index("    gates:")]
    assert shown(advisory, judged_by(text)) == [
        "hole: no model of mergegate.yaml at origin/main has a gate on how good it is"
    ]
    two = POLICY + text[text.index("  late:") :].replace("late:", "other:", 1)
    assert shown(advisory, judged_by(two)) == [
        "warning: model other of mergegate.yaml at origin/main has no gate on how good it is"
    ]


def test_a_policy_of_nothing_judges_nothing() -> None:
    assert shown(advisory, judged_by("version: 1\nmode: advisory\n"))[1:] == [
        "warning: mergegate.yaml at origin/main names no model: nothing of a change's data or model is judged"
    ]


def test_a_policy_of_data_alone_judges_no_model() -> None:
    text = "version: 1\nconfidence: 0.6\ndatasets: [{path: data/rows.csv, key: id}]\n"
    assert shown(advisory, judged_by(text)) == [
        "warning: mergegate.yaml at origin/main names no model: only data is judged",
        "warning: mergegate.yaml at origin/main asks for intervals of 60 % confidence",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (POLICY, []),
        (f"required_strength: reproduced\n{BARE}", []),
        (f"required_strength: scored\n{BARE}", []),
        (
            f"required_strength: consistent\n{POLICY}",
            [
                "hole: mergegate.yaml at origin/main asks for `required_strength: consistent`, though late "
                "could "
                "be scored"
            ],
        ),
        (
            BARE,
            [
                "hole: the predictions of late are believed as dvc.lock names them: no model is run to check "
                "them"
            ],
        ),
        (
            f"required_strength: claimed\n{POLICY}",
            [
                "hole: mergegate.yaml at origin/main asks for `required_strength: claimed`, though late "
                "could be scored"
            ],
        ),
        (
            f"required_strength: claimed\n{BARE}",
            [
                "hole: the predictions of late are believed as the commit has them: no model is run to check "
                "them"
            ],
        ),
    ],
    ids=["scored", "reproduced", "unpassable", "lowered", "no bundle", "lowest", "without DVC"],
)
def test_predictions_that_nobody_checks_are_a_hole(text: str, said: list[str]) -> None:
    assert shown(strength, judged_by(text)) == said


def test_waivers_are_told_by_the_day() -> None:
    days = ["2026-02-28", "2026-03-01", "2026-03-15", "2026-06-01", "2027-01-01"]
    entries = "".join(
        f'  - {{gate: late/{number}, reason: why, by: Ada, expires: "{day}"}}\n'
        for number, day in enumerate(days)
    )
    accepted = (
        "reproduce:\n  accept:\n"
        '    - {stage: train, reason: dear, by: Ada, expires: "2026-02-01"}\n'
        '    - {stage: tune, reason: dear, by: Ada, expires: "2026-03-02"}\n'
        '    - {stage: fit, reason: dear, by: Ada, expires: "2026-09-01"}\n'
    )
    assert shown(waivers, judged_by(f"{POLICY}waivers:\n{entries}{accepted}")) == [
        "note: the waiver of late/0 by Ada expired on 2026-02-28",
        "warning: the waiver of late/1 by Ada ends on 2026-03-01",
        "warning: the waiver of late/2 by Ada ends on 2026-03-15",
        "note: late/3 is waived by Ada until 2026-06-01",
        "warning: late/4 is waived by Ada until 2027-01-01",
        "warning: taking train on trust ended on 2026-02-01",
        "warning: taking tune on trust ends on 2026-03-02",
    ]


@pytest.mark.parametrize(
    ("gate", "said"),
    [
        (replace(GATE, min=0.76), []),
        (
            replace(GATE, min=0.5),
            ["warning: late/roc_auc: `min: 0.5` lies far below the 0.8 that the model has now"],
        ),
        (replace(GATE, min=0.5, margin=0.02), []),
        (replace(GATE, min=0.5, low=None, high=None), []),
        (
            replace(GATE, metric="log_loss", max=1.5, value=0.5, low=0.45, high=0.55),
            ["warning: late/log_loss: `max: 1.5` lies far above the 0.5 that the model has now"],
        ),
        (replace(GATE, margin=0.06), []),
        (
            replace(GATE, margin=0.1),
            ["warning: late/roc_auc: `max_regression: 0.1` is wide; this evaluation can judge 0.02"],
        ),
        (
            replace(GATE, carried=30.0),
            ["warning: late/roc_auc: 30 rows carry it, and `min_rows` asks for 50"],
        ),
        (replace(GATE, carried=30.0, strict=True), []),
        (replace(GATE, slices=4, slices_short=2), []),
        (
            replace(GATE, slices=4, slices_short=3),
            ["warning: late/roc_auc: 3 of its 4 slices have fewer rows than the 50 of `min_rows`"],
        ),
    ],
    ids=range(11),
)
def test_a_bar_that_holds_little_is_told_with_what_the_model_has(gate: MeasuredGate, said: list[str]) -> None:
    assert shown(bars, facts(measured=Measured((gate,)))) == said


def test_models_that_can_not_be_measured_do_not_hide_the_others() -> None:
    found = Measured((replace(GATE, min=0.1),), (("other", "it is not here"),))
    examined = examine((bars,), facts(measured=found))
    assert [each.level for each in examined.ailments] == ["warning"]
    assert [each.unseen for each in examined.checks] == ["other: it is not here"]


def test_branches_that_are_shipped_from_should_be_protected() -> None:
    found = facts(branches=("main", "release/1.0", "release/2.0", "production", "feature/release"))
    (one,) = told(branches, found)
    assert (one.level, one.what) == (
        "warning",
        "release/1.0, release/2.0, production: no branch of `protected:` in the policy",
    )
    assert "protected: [release/*]" in one.mend
    named = policies(f"protected: [release/*, production, prod*, hotfix/*]\n{POLICY}")
    assert shown(branches, replace(found, policies=named)) == [
        "note: `protected:` names hotfix/*, and origin has no such branch"
    ]


def test_another_baseline_than_the_default_branch_is_told() -> None:
    found = replace(judged_by(f"baseline: develop\n{POLICY}"), place=Place("/w", "/w", default="origin/main"))
    assert shown(branches, found) == [
        "warning: the policy's baseline is develop, and the default branch is main"
    ]
    assert shown(branches, replace(found, place=Place("/w", "/w", default=None))) == []


@pytest.mark.parametrize(
    ("text", "unowned"),
    [
        ("* @ada\n", ""),
        ("/mergegate.yaml @ada\n/.github/ @ada\n", ""),
        (
            "* @ada\n/.github/\n",
            ".github/workflows/review.yml, .github/workflows/comment.yml, .github/CODEOWNERS",
        ),
        ("/src/ @ada\n.github/ @ada\n", "mergegate.yaml"),
        ("# * @ada\n/.github/ @ada\n", "mergegate.yaml"),
    ],
)
def test_what_decides_must_have_an_owner(text: str, unowned: str) -> None:
    found = shown(owners, facts(owners=Owners(".github/CODEOWNERS", "origin/main", text)))
    wanted = f"warning: .github/CODEOWNERS on origin/main names no owner of {unowned}"
    assert found == ([wanted] if unowned else [])


def test_without_owners_nobody_is_asked() -> None:
    found = facts(owners=Owners("", "origin/main", ""), place=Place("/w", "/w/a", prefix="a"))
    (one,) = told(owners, found)
    assert (one.level, one.what) == ("warning", "there is no CODEOWNERS on origin/main")
    assert "/a/mergegate.yaml @OWNER" in one.mend
