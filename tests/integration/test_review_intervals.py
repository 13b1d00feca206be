"""The review with everything wired: margins, slices, weights, clusters, own metrics, waivers, bundles."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mergegate import bundle
from support import scoring
from support.exams import (
    Columns,
    begin,
    by_gate,
    houses,
    judge,
    metric,
    parcels,
    pick,
    policy,
    write,
)
from support.projects import Project

BARS = """\
metrics:
  - {name: roc_auc, min: 0.6, max_regression: 0.1, slices: [region], confidence: 0.8}
  - {name: log_loss, max_regression: 0.01}
  - {name: f1, max_regression: 0.05}
  - {name: average_precision, max_relative_regression: 0.2}
  - {name: refund_eur, max_relative_regression: 0.01}
  - {name: recall, max_relative_regression: 0.12}
  - {name: mean_cost, max_regression: 0.05}
"""
OWN = """\
losses: [{name: refund_eur, column: refund}]
cost_matrix: {unit: EUR, costs: {late: {in_time: 12}, in_time: {late: 3}}}
seeds: reports/seeds.json
"""
AUC = "metrics: [{name: roc_auc, max_regression: 0.02}]"


def outcome(result: dict[str, Any], gate: str) -> str:
    found: str = by_gate(result)[gate]["outcome"]
    return found


def sentence(result: dict[str, Any], gate: str) -> str:
    found: str = by_gate(result)[gate]["sentence"]
    return found


@pytest.fixture(scope="module")
def worse(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """One review of a worse model by many bars."""
    home = tmp_path_factory.mktemp("worse") / "home"
    project = begin(home, policy(BARS, evaluation=OWN), parcels(0.8))
    project.write("reports/seeds.json", '{"roc_auc": [0.80, 0.82, 0.81], "log_loss": [0.5, 0.52]}')
    return judge(project, parcels(0.6), code=1)


# Margins


def test_a_margin_is_kept_missed_or_can_not_be_told(worse: dict[str, Any]) -> None:
    gates = by_gate(worse)
    found = {name: gates[f"{name}/max_regression"] for name in ("roc_auc", "log_loss", "f1")}
    assert {name: gate["outcome"] for name, gate in found.items()} == {
        "roc_auc": "pass",
        "log_loss": "fail",
        "f1": "insufficient",
    }
    for name, gate in found.items():
        limits = sorted((gate["low"], gate["high"]))
        assert limits[0] < gate["value"] < limits[1], name
        side = {"roc_auc": gate["low"] > -0.1, "log_loss": gate["low"] > 0.01}
        assert side.get(name, gate["low"] < -0.05 < gate["high"]), name


def test_a_relative_margin_is_a_share_of_bases_value(worse: dict[str, Any]) -> None:
    gates = by_gate(worse)
    names = ("average_precision", "refund_eur", "recall")
    found = {name: gates[f"{name}/max_relative_regression"] for name in names}
    assert {name: gate["outcome"] for name, gate in found.items()} == {
        "average_precision": "pass",
        "refund_eur": "fail",
        "recall": "insufficient",
    }
    for name, gate in found.items():
        record = metric(worse, name)
        assert gate["value"] == pytest.approx(record["head"] / record["base"] - 1, abs=1e-12)


def test_every_bar_of_a_gate_is_also_held_in_its_slices(worse: dict[str, Any]) -> None:
    found = {name: gate["outcome"] for name, gate in by_gate(worse).items() if "[" in name}
    assert found == {
        "roc_auc/max_regression[region=north]": "pass",
        "roc_auc/max_regression[region=south]": "pass",
        "roc_auc/min[region=north]": "pass",
        "roc_auc/min[region=south]": "pass",
    }
    rows = [each["rows"] for each in metric(worse, "roc_auc")["slices"]]
    assert sum(rows) == worse["models"][0]["rows"]["shared"] == 2_000


def test_a_gate_may_ask_for_a_confidence_of_its_own(worse: dict[str, Any]) -> None:
    gates = by_gate(worse)
    asked = {gates[f"{name}/max_regression"]["measured"]["confidence"] for name in ("log_loss", "f1")}
    auc = gates["roc_auc/max_regression"]
    assert (asked, auc["measured"]["confidence"]) == ({0.95}, 0.8)
    half = (auc["high"] - auc["low"]) / 2
    assert half / auc["measured"]["standard_error"] == pytest.approx(1.2816, rel=2e-3)


@pytest.mark.parametrize(("word", "code"), [("warn", 0), ("fail", 1)])
def test_what_can_not_be_told_blocks_where_the_gate_says_so(tmp_path: Path, word: str, code: int) -> None:
    bars = f"metrics: [{{name: f1, max_regression: 0.05, on_insufficient: {word}}}]"
    result = judge(begin(tmp_path, policy(bars), parcels(0.8)), parcels(0.6), code=code)
    assert outcome(result, "f1/max_regression") == "insufficient"
    assert by_gate(result)["f1/max_regression"]["strict"] is (word == "fail")


def test_too_few_rows_fail_where_base_had_enough(tmp_path: Path) -> None:
    """Head may lack rows by its policy, but not so many that nobody can tell any more."""
    bars = "evaluation: {max_rows_gone: 1.0}\nmetrics: [{name: roc_auc, max_regression: 0.02, min: 0.5}]"
    result = judge(begin(tmp_path, policy(bars), parcels(0.8)), pick(parcels(0.8), slice(0, 60)), code=1)
    assert outcome(result, "evaluation/rows_gone") == "pass"
    carried = int((pick(parcels(0.8), slice(0, 60))["y_true"] == "late").sum())
    had = int((parcels(0.8)["y_true"] == "late").sum())
    for gate in ("roc_auc/max_regression", "roc_auc/min"):
        assert outcome(result, gate) == "fail"
        assert sentence(result, gate) == (
            f"only {carried} rows carry roc_auc, fewer than 50; base had {had}, so the change took them away."
        )


def test_few_rows_on_both_sides_can_not_tell(tmp_path: Path) -> None:
    few = slice(0, 60)
    project = begin(tmp_path, policy(AUC), pick(parcels(0.8), few))
    result = judge(project, pick(parcels(0.6), few), code=0)
    assert outcome(result, "roc_auc/max_regression") == "insufficient"
    assert result["models"][0]["finding"] == "insufficient"


# Clusters and weights


def test_weights_and_clusters_are_bases_where_heads_differ(tmp_path: Path) -> None:
    text = policy(
        "metrics: [{name: refund_eur, max: 2.2, max_regression: 1.0}]",
        evaluation="losses: [{name: refund_eur, column: refund}]\nweight: orders\ncluster: customer",
    )
    base, head = parcels(0.8), parcels(0.6)
    # A head that counts most what it does well, and calls every row independent.
    head |= {"orders": np.where(head["refund"] == 0, 3, 1), "customer": np.arange(len(base["orders"]))}
    result = judge(begin(tmp_path, text, base), head, code=1)

    weight = base["orders"] / base["orders"].sum()
    apart = head["refund"] - base["refund"]
    difference = weight @ apart
    moved = np.bincount(base["customer"], weight * (apart - difference))
    record = metric(result, "refund_eur")
    assert record["difference"] == pytest.approx(difference, abs=1e-12)
    assert record["clusters"] == len(np.unique(base["customer"]))
    assert record["standard_error"] == pytest.approx(math.sqrt(moved @ moved), rel=5e-3)
    assert record["head"] == record["head_all"] == pytest.approx(weight @ head["refund"], abs=1e-12)
    assert outcome(result, "refund_eur/max") == "fail"
    assert result["models"][0]["notes"] == [
        "orders differs in 1,359 of the shared rows: they are weighed as base has it"
    ]


def test_a_change_chooses_neither_the_slices_nor_the_clusters_of_its_own_value(tmp_path: Path) -> None:
    """Rows that it gets wrong leave the south; customers who are often wrong become one customer a row."""
    text = policy("metrics: [{name: accuracy, min: 0.7, slices: [region]}]", evaluation="cluster: customer")
    base, honest = parcels(0.8), parcels(0.6)
    wrong = honest["y_true"] != honest["y_pred"]
    base["customer"] = honest["customer"] = np.argsort(np.argsort(wrong, kind="stable")) // 40
    sly = honest | {
        "customer": np.arange(len(wrong)),
        "region": np.where(wrong & (honest["region"] == "south"), "north", honest["region"]),
    }
    project = begin(tmp_path, text, base)
    found = [judge(project, head, code=0)["gates"] for head in (honest, sly)]
    assert found[0] == found[1]
    assert {gate["id"]: gate["outcome"] for gate in found[0] if "/min" in gate["id"]} == {
        "m/accuracy/min": "insufficient",
        "m/accuracy/min[region=north]": "insufficient",
        "m/accuracy/min[region=south]": "insufficient",
    }


def test_a_threshold_decides_whatever_y_pred_says(tmp_path: Path) -> None:
    text = policy("metrics: [{name: accuracy, max_regression: 0.05}]", evaluation="threshold: 0.3")
    base, head = parcels(0.8), parcels(0.8)
    head["y_pred"] = np.full(len(head["y_true"]), "late")
    result = judge(begin(tmp_path, text, base), head, code=0)
    record = metric(result, "accuracy")
    expected = np.mean((base["proba_late"] >= 0.3) == (base["y_true"] == "late"))
    assert record["base"] == record["head"] == pytest.approx(expected, abs=1e-12)
    assert result["models"][0]["identical"] is True


# Other tasks


def test_a_regression_is_judged_by_the_quantile_that_it_estimates(tmp_path: Path) -> None:
    text = policy(
        "metrics:\n  - {name: mean_pinball_loss, max_relative_regression: 0.1}\n"
        "  - {name: r2_score, min: 0.9, max_regression: 0.001}",
        task="regression",
        evaluation="quantile: 0.9",
    )
    base, head = houses(10.0), houses(12.0)
    result = judge(begin(tmp_path, text, base), head, code=1)
    for side, columns in (("base", base), ("head", head)):
        short = columns["y_true"] - columns["y_pred"]
        expected = np.mean(np.maximum(0.9 * short, -0.1 * short))
        assert metric(result, "mean_pinball_loss")[side] == pytest.approx(expected, rel=1e-12)
    assert outcome(result, "mean_pinball_loss/max_relative_regression") == "fail"
    assert outcome(result, "r2_score/min") == "pass"
    assert outcome(result, "r2_score/max_regression") == "fail"


def three_classes(*, known: int, rows: int = 900) -> Columns:
    """Answers with a probability for each of the first `known` classes; the truth is of all three."""
    world = np.random.default_rng(5)
    names = np.array(["bus", "train", "van"])
    truth = names[world.integers(0, 2, rows)] if known == 2 else names[world.integers(0, 3, rows)]
    shares = np.where(truth[:, None] == names[:known], 2.0, 1.0) + world.uniform(0, 1.5, (rows, known))
    shares /= shares.sum(axis=1, keepdims=True)
    return {
        "row_id": np.arange(rows),
        "y_true": truth,
        "y_pred": names[shares.argmax(axis=1)],
        **{f"proba_{name}": shares[:, place] for place, name in enumerate(names[:known])},
    }


def test_a_class_that_only_head_knows_is_compared_where_truth_is_the_same(tmp_path: Path) -> None:
    text = policy("metrics: [{name: log_loss, max_regression: 0.5}]", task="multiclass")
    result = judge(begin(tmp_path, text, three_classes(known=2)), three_classes(known=3), code=1)
    counts = result["models"][0]["rows"]
    assert counts["labels_changed"] + counts["shared"] > counts["shared"] > 0
    assert outcome(result, "evaluation/labels_changed") == "fail"
    assert metric(result, "recall[van]")["base"] is None
    assert metric(result, "recall[van]")["note"]
    assert metric(result, "log_loss")["difference"] is not None


# The team's own metrics


def test_a_loss_column_is_judged_by_its_mean(worse: dict[str, Any]) -> None:
    base, head = parcels(0.8)["refund"], parcels(0.6)["refund"]
    record = metric(worse, "refund_eur")
    assert (record["base"], record["head"]) == (
        pytest.approx(base.mean(), abs=1e-12),
        pytest.approx(head.mean(), abs=1e-12),
    )
    assert record["standard_error"] == pytest.approx((head - base).std(ddof=1) / len(base) ** 0.5, rel=1e-3)


def test_what_mistakes_cost_equals_the_same_costs_row_by_row(worse: dict[str, Any]) -> None:
    cost, loss = metric(worse, "mean_cost"), metric(worse, "refund_eur")
    assert cost["unit"] == "EUR"
    for key in ("base", "head", "difference"):
        assert cost[key] == pytest.approx(loss[key], abs=1e-12)
    assert outcome(worse, "mean_cost/max_regression") == "fail"
    assert "EUR" in sentence(worse, "mean_cost/max_regression")


FUNCTIONS = """\
weight: orders
functions:
  - {name: hits, function: 'metrics:hits'}
  - {name: fresh, function: 'fresh:fresh'}
  - {name: broken, function: 'metrics:broken'}
"""
CODE = """\
def hits(*, y_true, y_pred, sample_weight, **_):
    return sample_weight @ (y_true == y_pred) / sample_weight.sum()


def broken(**_):
    raise RuntimeError("out of paper")
"""


@pytest.fixture(scope="module")
def functions(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Head rewrites one of the team's functions and adds another."""
    bars = "".join(f"  - {{name: {name}, max_regression: 0.5}}\n" for name in ("fresh", "broken"))
    text = policy(
        f"metrics:\n  - {{name: hits, min: 0.8, max_regression: 0.5}}\n{bars}", evaluation=FUNCTIONS
    )
    project = begin(tmp_path_factory.mktemp("own") / "home", text, parcels(0.8), metrics_py=CODE)
    project.write("metrics.py", "def hits(**_):\n    return 1.0\n")
    project.write("fresh.py", "def fresh(**_):\n    return 1.0\n")
    head = parcels(0.6)
    head["orders"] = np.where(head["y_true"] == head["y_pred"], 3, 1)
    return judge(project, head, code=1)


def test_a_function_of_base_judges_both_whatever_head_makes_of_it(functions: dict[str, Any]) -> None:
    record = metric(functions, "hits")
    for side, skill in (("base", 0.8), ("head", 0.6)):
        columns = parcels(skill)
        right = columns["y_true"] == columns["y_pred"]
        assert record[side] == pytest.approx(np.average(right, weights=columns["orders"]), abs=1e-12)
    assert record["head_all"] == record["head"]
    assert outcome(functions, "hits/max_regression") == "pass"
    assert outcome(functions, "hits/min") == "fail"


def test_a_function_that_only_head_has_is_skipped(functions: dict[str, Any]) -> None:
    gate = by_gate(functions)["fresh/max_regression"]
    assert (gate["outcome"], gate["value"]) == ("skipped", None)
    assert "fresh" in gate["sentence"]


def test_a_function_that_raises_fails(functions: dict[str, Any]) -> None:
    gate = by_gate(functions)["broken/max_regression"]
    assert gate["outcome"] == "fail"
    assert gate["sentence"] == (
        "broken can't be judged: metrics:broken at main raised RuntimeError: out "
        "of paper, on base's predictions."
    )


# Reported re-trainings


def test_seeds_show_training_noise_beside_sampling_noise(worse: dict[str, Any]) -> None:
    record = metric(worse, "roc_auc")
    assert (record["training_noise"], record["trainings"]) == (pytest.approx(0.01), 3)
    assert metric(worse, "f1")["training_noise"] is None


def test_a_broken_seeds_file_fails(tmp_path: Path) -> None:
    text = policy(AUC, evaluation="seeds: seeds.json")
    result = judge(begin(tmp_path, text, parcels(0.8), seeds_json='{"roc_auc": [0.8]}'), code=1)
    gate = by_gate(result)["seeds.json/contract"]
    assert gate["outcome"] == "fail"
    assert "seeds.json" in gate["sentence"]


# Waivers


def waiver(gate: str, expires: str) -> str:
    return f"  - {{gate: {gate}, reason: Christmas, by: Ada, expires: '{expires}'}}\n"


def test_a_waiver_lets_one_gate_pass_and_is_shown(tmp_path: Path) -> None:
    waivers = waiver("m/roc_auc/max_regression", "9999-12-31") + waiver("m/roc_auk/min", "9999-12-31")
    project = begin(tmp_path, policy(AUC, top=f"waivers:\n{waivers}"), parcels(0.9))
    result = judge(project, parcels(0.4), code=0)
    gate = by_gate(result)["roc_auc/max_regression"]
    assert (gate["outcome"], gate["waiver"]["by"]) == ("fail", "Ada")
    assert [(each["gate"], each["state"]) for each in result["waivers"]] == [
        ("m/roc_auc/max_regression", "applied"),
        ("m/roc_auk/min", "unknown"),
    ]
    comment = project.read("reports/review/comment.md")
    for word in ("Christmas", "Ada", "9999-12-31", "m/roc_auk/min"):
        assert word in comment


def test_a_waiver_that_expired_no_longer_counts_and_is_shown(tmp_path: Path) -> None:
    waivers = waiver("m/roc_auc/max_regression", "2001-01-01")
    project = begin(tmp_path, policy(AUC, top=f"waivers:\n{waivers}"), parcels(0.9))
    result = judge(project, parcels(0.4), code=1)
    assert by_gate(result)["roc_auc/max_regression"]["waiver"] is None
    assert [each["state"] for each in result["waivers"]] == ["expired"]
    assert "2001-01-01" in project.read("reports/review/comment.md")


def test_a_change_can_not_grant_itself_a_waiver(tmp_path: Path) -> None:
    project = begin(tmp_path, policy(AUC), parcels(0.9))
    waivers = waiver("m/roc_auc/max_regression", "9999-12-31")
    project.write("mergegate.yaml", policy(AUC, top=f"waivers:\n{waivers}"))
    result = judge(project, parcels(0.4), code=1)
    assert (outcome(result, "roc_auc/max_regression"), result["waivers"]) == ("fail", [])


# Another evaluation window, and the bundle


def look(project: Project, start: int, stop: int, *, shift: float = 0.0) -> None:
    """Judge rows `start` to `stop` by the bundle; `shift` moves its answers."""
    x = np.random.default_rng(6).uniform(-3, 3, 1_500)
    luck = np.random.default_rng(7).normal(size=1_500)
    rows = np.arange(start, stop)
    answers = bundle.load(project.root / "models/bundle").predict({"x": x[rows].tolist()})
    assert answers.probabilities is not None
    yes = (answers.probabilities[:, 1] + shift * luck[rows]).clip(0, 1)
    pq.write_table(pa.table({"row_id": rows, "x": x[rows]}), project.root / "inputs.parquet")
    columns = {
        "row_id": rows,
        "y_true": (x + luck > 0.5).astype(int)[rows],
        "y_pred": (yes >= 0.5).astype(int),
        "proba_0": 1 - yes,
        "proba_1": yes,
    }
    write(project, columns)


def window(home: Path, size: float) -> Project:
    """Base was judged by rows 0 to 999 and trained on others; the bundle is of `size` MB at most."""
    text = policy(
        "metrics: [{name: brier_score_loss, max_regression: 0.01}]\n"
        f"evaluation: {{max_rows_gone: 1.0}}\nbundle: {{max_size_mb: {size}, parity: 1.0e-5}}",
        positive="1",
        model="bundle: models/bundle",
        evaluation="inputs: inputs.parquet\ntraining_rows: train.parquet",
    )
    project = begin(home, text, None)
    project.git("switch", "--quiet", "main")
    scoring.write(project.root / "models/bundle", "numbers 0 and 1")
    pq.write_table(pa.table({"row_id": np.arange(5_000, 5_100)}), project.root / "train.parquet")
    (project.root / "reports").mkdir()
    look(project, 0, 1_000)
    project.commit("Train")
    project.git("switch", "--quiet", "--force-create", "change")
    return project


def test_where_the_window_moved_bases_model_answers_heads_rows_too(tmp_path: Path) -> None:
    project = window(tmp_path, size=1.0)
    look(project, 500, 1_500)
    result = judge(project, code=0)
    model = result["models"][0]
    assert (model["rows"]["shared"], model["rescored"]["rows"], model["rescored"]["problem"]) == (
        500,
        1_000,
        "",
    )
    assert {name: gate["outcome"] for name, gate in by_gate(result).items() if "contract" not in name} == {
        "lock/chain": "skipped",
        "evaluation/rows_gone": "pass",
        "evaluation/labels_changed": "pass",
        "evaluation/rescored": "pass",
        "brier_score_loss/max_regression": "pass",
        "brier_score_loss/max_regression@rescored": "pass",
        "bundle/size": "pass",
        "bundle/parity": "pass",
    }


def test_answers_that_the_bundle_did_not_give_and_a_large_bundle_fail(tmp_path: Path) -> None:
    project = window(tmp_path, size=0.0001)
    look(project, 500, 1_500, shift=-0.5)
    result = judge(project, code=1)
    failed = [name for name, gate in by_gate(result).items() if gate["outcome"] == "fail"]
    assert sorted(failed) == [
        "brier_score_loss/max_regression",
        "brier_score_loss/max_regression@rescored",
        "bundle/parity",
        "bundle/size",
    ]
    assert result["verdict"]["headline"].endswith(
        "Overall, head is worse than base on the 500 rows that both judged, and on the 1,000 rows of head "
        "that base's model was run on."
    )


# What head may do to the exam


def test_rows_whose_label_changed_are_left_out_and_gated(tmp_path: Path) -> None:
    base, head = parcels(0.8), parcels(0.8)
    turned = slice(0, 100)
    head["y_true"] = head["y_true"].copy()
    head["y_true"][turned] = head["y_pred"][turned]
    wrong = int((head["y_true"] != base["y_true"]).sum())
    result = judge(begin(tmp_path, policy(AUC), base), head, code=1)
    assert result["models"][0]["rows"]["labels_changed"] == wrong > 0
    assert outcome(result, "evaluation/labels_changed") == "fail"
    assert by_gate(result)["roc_auc/max_regression"]["measured"]["rows"] == 2_000 - wrong
    assert metric(result, "roc_auc")["difference"] == 0


def test_identical_predictions_are_no_loss(tmp_path: Path) -> None:
    result = judge(begin(tmp_path, policy(AUC), parcels(0.8)), parcels(0.8), code=0)
    gate = by_gate(result)["roc_auc/max_regression"]
    assert (gate["outcome"], gate["value"], gate["low"], gate["high"]) == ("pass", 0, 0, 0)
    assert gate["sentence"] == "every prediction is the same as base's, on the 2,000 rows that both judged."
    assert result["models"][0]["identical"] is True


def test_a_base_without_predictions_is_skipped_and_said_so(tmp_path: Path) -> None:
    bars = "metrics: [{name: roc_auc, min: 0.6, max_regression: 0.02}]"
    result = judge(begin(tmp_path, policy(bars), None), parcels(0.8), code=0)
    assert [outcome(result, gate) for gate in ("roc_auc/min", "roc_auc/max_regression", "comparison")] == [
        "pass",
        "skipped",
        "skipped",
    ]
    assert "reports/predictions.parquet" in sentence(result, "roc_auc/max_regression")


@pytest.mark.parametrize("side", ["base", "head"])
def test_predictions_of_another_task_break_the_contract(tmp_path: Path, side: str) -> None:
    """Numbers to estimate are no labels: head's fail, base's can't be compared with."""
    base, head = (houses(1.0) if side == which else parcels(0.8) for which in ("base", "head"))
    result = judge(begin(tmp_path, policy(AUC), base), head, code=1 if side == "head" else 0)
    gate = "predictions/contract" if side == "head" else "roc_auc/max_regression"
    assert outcome(result, gate) == ("fail" if side == "head" else "skipped")
    assert "y_true" in sentence(result, gate)
