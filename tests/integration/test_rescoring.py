"""Base's bundle on head's rows, and head's bundle on its own, in real repositories."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mergegate import bundle, dag, predictions, repo
from mergegate.bundle.scoring import Limits
from mergegate.config.policy import BundleGate, Evaluation, Gates, Loss, Model
from mergegate.flows.bundles import describe_bundle
from mergegate.flows.evidence import Reading, find_object, name_in_errors, read_predictions
from mergegate.flows.rescoring import Rescoring, rescore, wanted
from mergegate.predictions.keys import index_rows
from mergegate.records.comparison import BundleFacts
from mergegate.records.predictions import Predictions
from mergegate.records.review import Revision, Side
from support import bundles, scoring
from support.projects import Project

EVALUATION = Evaluation(
    task="binary",
    positive="late",
    predictions="reports/predictions.parquet",
    inputs="data/evaluation",
    training_rows="data/train",
)
MODEL = Model(
    evaluation=EVALUATION,
    bundle="models/bundle",
    gates=Gates(bundle=BundleGate(max_size_mb=1.0, parity=1e-5)),
)
LINE = msgspec.structs.replace(EVALUATION, inputs="inputs.parquet", training_rows="train.parquet")


def write_flights(project: Project, start: int, stop: int, *, shift: float = 0.0, wind: float = 0.0) -> None:
    """The evaluation of rows `start` to `stop`, as two files, and predictions `shift` off the bundle's.

    `wind` is added to the inputs of one row after the predictions were made.
    """
    frame = bundles.flights().iloc[start:stop]
    found = bundle.load(project.root / "models/bundle").predict(frame)
    assert found.probabilities is not None
    late, on_time = (found.probabilities + np.array([shift, -shift])).clip(0, 1).T
    predictions.write(
        project.root / "reports/predictions.parquet",
        row_id=scoring.ids(stop - start, start=start),
        y_true=bundles.late(bundles.flights())[start:stop],
        y_pred=np.where(late >= 0.5, "late", "on_time"),
        probabilities={"late": late, "on_time": on_time},
        columns={"carrier": frame["carrier"].to_numpy(), "loss": late},
    )
    numbers = frame["wind speed"].to_numpy().copy()
    numbers[(stop - start) // 4] += wind
    table = pa.table(
        {
            "row_id": scoring.ids(stop - start, start=start),
            **frame.to_dict("list"),
            "wind speed": numbers,
        }
    )
    folder = project.root / "data/evaluation"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    pq.write_table(table.slice(0, 70), folder / "1.parquet")
    pq.write_table(table.slice(70), folder / "2.parquet")
    (folder / "README.md").write_text("Two months.\n")


def write_ids(path: Path, row_id: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({"row_id": row_id}), path)


def track(project: Project, *paths: str) -> None:
    project.dvc("add", "--quiet", *paths)
    project.dvc("push", "--quiet")


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Base was trained on rows 250 to 599 and judged by 0 to 199; head is judged by 100 to 299."""
    home = tmp_path_factory.mktemp("told") / "home"
    project = Project(home / "project", home)
    project.root.mkdir(parents=True)
    project.git("init", "--quiet", "--initial-branch", "main")
    project.dvc("init", "--quiet")
    (home / "remote").mkdir()
    project.dvc("remote", "add", "--quiet", "--default", "store", "../remote")
    bundles.write(project.root / "models/bundle")
    write_flights(project, 0, 200)
    write_ids(project.root / "data/train/rows.parquet", scoring.ids(350, start=250))
    paths = ("models/bundle", "data/evaluation", "data/train", "reports/predictions.parquet")
    track(project, *paths)
    project.commit("Start")
    project.git("switch", "--quiet", "--create", "change")
    write_flights(project, 100, 300, shift=0.05)
    write_ids(project.root / "data/train/rows.parquet", scoring.ids(300, start=300))
    track(project, *paths)
    project.commit("Move the evaluation on")
    return project


@pytest.fixture
def flights(told: Project, tmp_path: Path) -> Project:
    return told.copy(tmp_path / "home")


@pytest.fixture
def line(tmp_path: Path) -> Project:
    """A repository without DVC, still without any file."""
    project = Project(tmp_path / "home" / "project", tmp_path / "home")
    project.root.mkdir(parents=True)
    project.git("init", "--quiet", "--initial-branch", "main")
    return project


@dataclass(frozen=True)
class Sides:
    """Base and head as a review reads them."""

    base: Reading
    head: Reading
    objects: repo.Objects

    def predictions(self, evaluation: Evaluation) -> tuple[Predictions | None, Predictions]:
        both = (self.base, self.head)
        found = [find_object(side, self.objects, evaluation.predictions) for side in both]
        self.objects.fetch([each for each in found if each is not None])
        old, new = (read_predictions(side, self.objects, evaluation) for side in both)
        assert new.predictions is not None, new.problem
        return old.predictions, new.predictions

    def rescore(self, model: Model = MODEL, limits: Limits = scoring.QUICK) -> Rescoring:
        old, new = self.predictions(model.evaluation)
        return rescore(model, self.base, self.head, self.objects, old, new, limits=limits)

    def facts(self, model: Model = MODEL) -> BundleFacts | None:
        _, new = self.predictions(model.evaluation)
        return describe_bundle(model, self.head, self.objects, new, limits=scoring.QUICK)


@contextmanager
def sides(project: Project, base: str = "main", head: str = "change") -> Iterator[Sides]:
    place = repo.locate(project.root)
    revisions = [repo.resolve(place, name) for name in (base, head)]
    with repo.open_commit(place, revisions[0]) as old, repo.open_commit(place, revisions[1]) as new:
        yield Sides(_read("base", revisions[0], old), _read("head", revisions[1], new), repo.Objects(place))


def _read(side: Side, revision: Revision, files: repo.Snapshot) -> Reading:
    return Reading(side, revision, files, dag.read(files, at=name_in_errors(revision)))


def change(model: Model, **evaluation: Any) -> Model:
    return msgspec.structs.replace(model, evaluation=msgspec.structs.replace(model.evaluation, **evaluation))


def judged(row_id: Any) -> Predictions:
    """Predictions of these rows."""
    labels = ["late"] * len(row_id)
    return predictions.build(row_id=row_id, y_true=labels, y_pred=labels, task="binary", positive="late")


def test_base_is_asked_for_heads_rows_less_those_it_was_trained_on(flights: Project) -> None:
    model = change(MODEL, losses=(Loss(name="own", column="loss"),))
    with sides(flights) as given:
        _, new = given.predictions(EVALUATION)
        found = given.rescore(model)
    assert (found.problem, found.trained_on, found.missing, found.furthest) == ("", 50, 0, 0.0)
    scored = found.predictions
    assert scored is not None
    assert scored.row_id.equals(scoring.ids(150, start=100))
    assert scored.row_index.tolist() == index_rows(new.row_id[:150]).tolist()
    assert scored.classes == new.classes == ("on_time", "late")
    assert scored.y_true.tolist() == new.y_true[:150].tolist()
    answers = bundle.load(flights.root / "models/bundle").predict(bundles.flights().iloc[100:250])
    assert answers.probabilities is not None
    assert scored.probabilities is not None
    assert scored.probabilities.tolist() == answers.probabilities[:, ::-1].tolist()
    assert [scored.classes[code] for code in scored.y_pred] == answers.y_pred.tolist()
    # What is of the rows is head's; a loss would be of head's answers.
    assert list(scored.columns) == ["carrier"]
    assert scored.columns["carrier"].to_pylist() == new.columns["carrier"].to_pylist()[:150]


def test_a_fresh_clone_fetches_what_it_takes_and_no_more(flights: Project) -> None:
    clone = flights.clone("clone", "--branch", "change")
    clone.git("branch", "main", "origin/main")
    with sides(clone) as given:
        assert given.rescore().trained_on == 50
        training = given.head.pipeline.hash_of("data/train")
        assert training is not None
        assert not given.objects.have(training)


def test_inputs_that_were_altered_in_head_are_seen_on_the_rows_that_base_predicted(flights: Project) -> None:
    write_flights(flights, 100, 300, wind=0.5)
    track(flights, "data/evaluation", "reports/predictions.parquet")
    flights.commit("Alter a row")
    with sides(flights) as given:
        found = given.rescore()
    assert found.problem == ""
    assert found.furthest is not None
    assert 0.01 < found.furthest < 0.5


def test_the_policys_threshold_decides_what_base_calls_late(flights: Project) -> None:
    with sides(flights) as given:
        plain, strict = given.rescore().predictions, given.rescore(change(MODEL, threshold=0.7)).predictions
    assert plain is not None
    assert strict is not None
    assert strict.probabilities is not None
    assert strict.y_pred.tolist() == (strict.probabilities[:, 1] >= 0.7).astype(int).tolist()
    assert strict.y_pred.sum() < plain.y_pred.sum()


@pytest.mark.parametrize(
    ("model", "problem"),
    [
        (change(MODEL, training_rows=None), "it takes `evaluation.training_rows` in the policy"),
        (
            msgspec.structs.replace(change(MODEL, inputs=None), bundle=None),
            "it takes `bundle` and `evaluation.inputs` in the policy",
        ),
        (
            change(MODEL, training_rows="data/none"),
            "data/none at main: there is no such file or folder, and neither dvc.lock nor a .dvc file names "
            "it; run `dvc repro`, and commit dvc.lock",
        ),
        (
            msgspec.structs.replace(MODEL, bundle="models/none"),
            "models/none at main: there is no such file or folder, and neither dvc.lock nor a .dvc file "
            "names it; run `dvc repro`, and commit dvc.lock",
        ),
        (
            msgspec.structs.replace(MODEL, bundle="reports/predictions.parquet"),
            "reports/predictions.parquet at main: it is no folder of a few files; name the bundle's folder",
        ),
    ],
)
def test_what_it_takes_and_is_not_there_is_named(flights: Project, model: Model, problem: str) -> None:
    with sides(flights) as given:
        assert given.rescore(model) == Rescoring(problem=problem)


def test_training_rows_that_the_remote_lost_stop_it(flights: Project) -> None:
    with sides(flights) as given:
        training = given.base.pipeline.hash_of("data/train")
        assert training is not None
        md5 = given.objects.tree(training)["rows.parquet"]
    for store in (flights.root / ".dvc/cache", flights.home / "remote"):
        (store / "files/md5" / md5[:2] / md5[2:]).unlink()
    with sides(flights) as given:
        problem = given.rescore().problem
    assert md5 in problem
    assert problem.endswith("must run `mergegate push`; `mergegate verify --remote` lists what lacks")


def test_a_base_that_was_trained_on_all_of_heads_rows_can_not_be_asked(flights: Project) -> None:
    with sides(flights) as given:
        late = judged(scoring.ids(50, start=250))
        found = rescore(MODEL, given.base, given.head, given.objects, None, late, limits=scoring.QUICK)
    assert found == Rescoring(
        trained_on=50,
        problem="base was trained on 50 of head's 50 evaluated rows, and the other 0 are not in "
        "data/evaluation at change",
    )


def test_it_is_wanted_where_the_evaluated_rows_differ(flights: Project) -> None:
    with sides(flights) as given:
        old, new = given.predictions(EVALUATION)
    assert old is not None
    turned = judged(new.row_id.take(pa.array(np.arange(new.rows)[::-1])))
    assert [wanted(None, new), wanted(old, new), wanted(new, new), wanted(turned, new)] == [
        True,
        True,
        False,
        False,
    ]


def test_size_and_parity_of_a_bundle_under_dvc(flights: Project) -> None:
    write_flights(flights, 100, 300)
    track(flights, "data/evaluation", "reports/predictions.parquet")
    flights.commit("Predict honestly")
    size = sum(file.stat().st_size for file in (flights.root / "models/bundle").iterdir())
    with sides(flights) as given:
        assert given.facts() == BundleFacts(size=size, parity=0.0, rows=200)
        asked = [
            msgspec.structs.replace(MODEL, gates=Gates(bundle=gate))
            for gate in (BundleGate(), BundleGate(max_size_mb=1.0))
        ]
        assert [given.facts(model) for model in asked] == [None, BundleFacts(size=size)]


def test_predictions_that_the_bundle_did_not_give_are_far_from_its_answers(flights: Project) -> None:
    with sides(flights) as given:
        facts, strict = given.facts(), given.facts(change(MODEL, threshold=0.7))
    assert facts is not None
    # Labels that moved with the probabilities are as far as can be; a threshold decides by itself.
    assert (facts.parity, facts.rows, facts.problem) == (1.0, 200, "")
    assert 0 < facts.labels_differ < 50
    assert strict is not None
    assert strict.labels_differ == 0
    assert strict.parity == pytest.approx(0.05, abs=1e-9)


def test_a_forged_y_pred_beside_honest_probabilities_is_seen(line: Project) -> None:
    rows: dict[str, Any] = {"row_id": [1, 2, 3], "x": [-3.0, 3.0, 2.5], "y_true": [0, 1, 1]}
    path = scoring.write(line.root / "models/bundle", "numbers 0 and 1")
    yes = bundle.load(path).predict({"x": rows["x"]}).probabilities
    assert yes is not None
    shares = {0: yes[:, 0], 1: yes[:, 1]}
    found = []
    for y_pred in ([0, 1, 1], [1, 1, 0]):
        model = write_line(line, "numbers 0 and 1", **rows, y_pred=y_pred, probabilities=shares)
        with sides(line, head="main") as given:
            facts = given.facts(model)
        assert facts is not None
        found.append((facts.parity, facts.labels_differ))
    assert [labels for _, labels in found] == [0, 2]
    assert [parity for parity, _ in found] == pytest.approx([0.0, 1.0], abs=1e-9)


def test_parity_is_of_all_rows_or_of_none(flights: Project) -> None:
    (flights.root / "data/evaluation/2.parquet").unlink()
    track(flights, "data/evaluation")
    flights.commit("Lose inputs")
    with sides(flights) as given:
        facts = given.facts()
    assert facts is not None
    assert facts.size is not None
    assert (facts.parity, facts.rows) == (None, 70)
    assert facts.problem == (
        "130 of head's 200 evaluated rows are not in data/evaluation at change; run `dvc repro`, so that "
        "both are of the same rows"
    )


def test_what_parity_takes_and_is_not_there_is_named(flights: Project) -> None:
    parity = Gates(bundle=BundleGate(parity=1e-5))
    model = msgspec.structs.replace(MODEL, gates=parity)
    with sides(flights) as given:
        new = given.predictions(EVALUATION)[1]
        found = [
            describe_bundle(asked, given.head, given.objects, read)
            for asked, read in (
                (msgspec.structs.replace(model, bundle=None), new),
                (change(model, inputs=None), new),
                (model, None),
            )
        ]
    assert found == [
        BundleFacts(problem="the policy names no `bundle`; name its folder there"),
        BundleFacts(problem="the policy names no `evaluation.inputs` to run it on; name them there"),
        BundleFacts(problem="head has no predictions that can be used"),
    ]


def test_files_tracked_one_by_one_or_by_the_folder_above_are_found_too(flights: Project) -> None:
    flights.git("switch", "--quiet", "main")
    flights.dvc("checkout", "--quiet")
    for tracked in ("models/bundle", "data/evaluation", "data/train"):
        flights.dvc("remove", "--quiet", f"{tracked}.dvc")
    flights.git("rm", "-r", "--quiet", "--cached", "data")
    (flights.root / "data/.gitignore").unlink(missing_ok=True)
    track(flights, "models/bundle/model.onnx", "data")
    flights.commit("Track otherwise")
    assert flights.git("ls-files", "models").split() == [
        "models/bundle/.gitignore",
        "models/bundle/manifest.json",
        "models/bundle/model.onnx.dvc",
        "models/bundle/reference.json",
    ]
    shutil.rmtree(flights.root / ".dvc/cache")
    with sides(flights, head="main") as given:
        facts, found = given.facts(), given.rescore()
    assert facts is not None
    assert (facts.parity, facts.problem) == (0.0, "")
    assert (found.problem, found.trained_on, found.furthest) == ("", 0, 0.0)


# A small repository without DVC, and a model of one number x.


def write_line(
    project: Project, kind: str, *, row_id: list[Any], x: list[float], y_true: list[Any], **given: Any
) -> Model:
    """A bundle, inputs, training rows that are none of these, and predictions, all in git; the policy."""
    path = project.root / "models/bundle"
    if not path.exists():
        scoring.write(path, kind)
    pq.write_table(pa.table({"row_id": row_id, "x": x}), project.root / "inputs.parquet")
    write_ids(project.root / "train.parquet", pa.array([], pa.table({"row_id": row_id})["row_id"].type))
    predictions.write(project.root / "reports/predictions.parquet", row_id=row_id, y_true=y_true, **given)
    project.commit("Write")
    task = {"regression": "regression", "integers": "multiclass"}.get(kind, "binary")
    evaluation = msgspec.structs.replace(LINE, task=task, positive="late" if kind == "labels only" else None)
    return msgspec.structs.replace(MODEL, evaluation=evaluation)


def test_a_regression_is_asked_for_numbers(line: Project) -> None:
    rows = [1, 2, 3]
    model = write_line(
        line, "regression", row_id=rows, x=[0.0, 1.0, 2.0], y_true=[1.0, 3.0, 5.5], y_pred=[1.0, 3.0, 5.25]
    )
    with sides(line, head="main") as given:
        found, facts = given.rescore(model), given.facts(model)
    assert found.predictions is not None
    np.testing.assert_allclose(found.predictions.y_pred, [1.0, 3.0, 5.0], atol=1e-5)
    assert found.predictions.y_true.tolist() == [1.0, 3.0, 5.5]
    assert found.predictions.row_id.equals(pa.array(rows))
    assert found.furthest == pytest.approx(0.25, abs=1e-5)
    assert facts is not None
    assert facts.parity == found.furthest


def test_a_class_that_only_head_knows_has_no_chance_with_base(line: Project) -> None:
    shares = {5: [1.0, 0.0, 0.0], 10: [0.0, 1.0, 0.0], 15: [0.0, 0.0, 0.0], 20: [0.0, 0.0, 1.0]}
    model = write_line(
        line,
        "integers",
        row_id=["a", "b", "c"],
        x=[-2.5, 0.0, 2.5],
        y_true=[5, 10, 20],
        y_pred=[5, 10, 20],
        probabilities=shares,
    )
    with sides(line, head="main") as given:
        found = given.rescore(model)
    assert found.predictions is not None
    assert found.predictions.classes == ("5", "10", "15", "20")
    assert found.predictions.y_true.tolist() == [0, 1, 3]
    assert found.predictions.y_pred.tolist() == [0, 1, 2]
    assert found.predictions.probabilities is not None
    assert found.predictions.probabilities[:, 3].tolist() == [0.0, 0.0, 0.0]
    np.testing.assert_allclose(found.predictions.probabilities.sum(axis=1), 1.0, atol=1e-6)
    assert found.furthest == 1.0


def test_whole_numbers_0_and_1_need_no_positive_class(line: Project) -> None:
    model = write_line(
        line,
        "numbers 0 and 1",
        row_id=[7, 8],
        x=[-3.0, 3.0],
        y_true=[0, 1],
        y_pred=[0, 1],
        probabilities={0: [1.0, 0.0], 1: [0.0, 1.0]},
    )
    with sides(line, head="main") as given:
        found = given.rescore(model)
    assert found.predictions is not None
    assert (found.predictions.classes, found.predictions.y_pred.tolist()) == (("0", "1"), [0, 1])


def test_classes_of_other_names_can_not_be_compared(line: Project) -> None:
    model = write_line(
        line, "numbers 0 and 1", row_id=[7, 8], x=[-3.0, 3.0], y_true=["no", "yes"], y_pred=["no", "yes"]
    )
    with sides(line, head="main") as given:
        found = given.rescore(change(model, positive="yes"))
    assert found.problem == (
        "models/bundle at main: its classes are “0”, “1”, those of head's predictions “no”, “yes”; the two "
        "can't be compared: give the classes the same names in both"
    )


def test_without_probabilities_another_label_is_as_far_as_can_be(line: Project) -> None:
    rows: dict[str, Any] = {"row_id": ["a", "b"], "x": [-3.0, 3.0], "y_true": ["late", "late"]}
    model = write_line(line, "labels only", **rows, y_pred=["on_time", "late"])
    with sides(line, head="main") as given:
        honest = given.facts(model)
    shares = {"late": [0.9, 0.8], "on_time": [0.1, 0.2]}
    write_line(line, "labels only", **rows, y_pred=["late", "late"], probabilities=shares)
    with sides(line, head="main") as given:
        forged = given.facts(model)
        strict = given.rescore(change(model, threshold=0.5)).problem
    assert honest is not None
    assert forged is not None
    assert (honest.parity, forged.parity) == (0.0, 1.0)
    assert strict == (
        "models/bundle at main: it gives no probabilities to hold against the policy's threshold; export a "
        "model with `predict_proba`, or take `threshold` from the policy"
    )


def test_a_hostile_graph_is_a_problem_of_its_side_not_of_the_review(line: Project) -> None:
    scoring.slow(line.root / "models/bundle")
    model = write_line(line, "regression", row_id=[1], x=[0.0], y_true=[1.0], y_pred=[1.0])
    with sides(line, head="main") as given:
        found = given.rescore(model, Limits(seconds=2.0))
    assert found == Rescoring(
        problem="models/bundle at main: running it on inputs.parquet at main took longer than 2 s; make the "
        "model or the inputs smaller"
    )
