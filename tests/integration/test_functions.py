"""A team's own metric: base's code alone judges, in a child that can harm neither answer nor caller."""

import math
import os
import re
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from textwrap import dedent

import numpy as np
import pyarrow as pa
import pytest
from msgspec.structs import replace
from numpy.typing import NDArray

from mergegate import predictions, repo
from mergegate.config.policy import OwnFunction
from mergegate.flows.evidence import Reading
from mergegate.flows.functions import OwnResult, Part, run
from mergegate.flows.functions import code as code_of_base
from mergegate.predictions.keys import index_rows
from mergegate.records.pipeline import Pipeline
from mergegate.records.predictions import Predictions
from mergegate.records.review import Side
from mergegate.stats import Interval
from support.repositories import Repository

EVERY = slice(None)
ROWS = 200
SHARED = [Part(base=EVERY, head=EVERY)]

ACCURACY = """\
import numpy as np


def metric(*, y_true, y_pred, probabilities, sample_weight):
    return np.average(y_true == y_pred, weights=sample_weight)
"""


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository.create(tmp_path, dvc=False)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def reading(stack: ExitStack, repository: Repository, side: Side, name: str, folder: str = ".") -> Reading:
    project = repository.project(folder)
    revision = repo.resolve(project, name)
    return Reading(side, revision, stack.enter_context(repo.open_commit(project, revision)), Pipeline())


def model(share: float, rows: int = ROWS, seed: int = 1) -> Predictions:
    """Predictions of which about `share` are right."""
    random = np.random.default_rng(seed)
    truth = np.where(random.random(rows) < 0.4, "late", "in time")
    wrong = np.where(truth == "late", "in time", "late")
    right = np.random.default_rng(int(share * 1000)).random(rows) < share
    answers = np.where(right, truth, wrong)
    return predictions.build(
        row_id=[f"flight {index}" for index in range(rows)],
        y_true=truth.tolist(),
        y_pred=answers.tolist(),
        task="binary",
        positive="late",
        probabilities={"late": (answers == "late") * 0.5 + 0.25, "in time": 0.75 - (answers == "late") * 0.5},
    )


def judge(
    stack: ExitStack,
    repository: Repository,
    function: str = "metrics:metric",
    *,
    parts: list[Part] | None = None,
    old: Predictions | None = None,
    new: Predictions | None = None,
    timeout: float = 60.0,
) -> OwnResult:
    own = OwnFunction(name="mine", function=function, timeout=timeout)
    base = reading(stack, repository, "base", "main")
    head = reading(stack, repository, "head", "HEAD")
    return run(own, base, head, old or model(0.8), new or model(0.9), parts or SHARED)[0]


def test_base_and_head_are_judged_by_bases_code(repository: Repository, stack: ExitStack) -> None:
    repository.write("src/metrics.py", ACCURACY)
    repository.commit()
    repository.git("switch", "--quiet", "--create", "change")
    repository.write("src/metrics.py", "def metric(**_): return 1.0\n")
    repository.commit()
    old, new = model(0.8), model(0.9)
    result = judge(stack, repository, old=old, new=new)
    assert (result.problem, result.skipped) == ("", False)
    assert result.base is not None
    assert result.head is not None
    assert result.base == np.mean(old.y_true == old.y_pred)
    assert result.head == np.mean(new.y_true == new.y_pred)
    assert result.difference is not None
    assert result.difference.value == result.head - result.base
    assert result.difference.problem == ""
    apart = (new.y_true == new.y_pred).astype(float) - (old.y_true == old.y_pred)
    expected = apart.std(ddof=1) / ROWS**0.5
    assert result.difference.standard_error == pytest.approx(expected, rel=0.1)


def test_what_head_puts_beside_it_is_out_of_reach(
    repository: Repository, stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = """\
        try:
            import bonus
        except ImportError:
            bonus = None
        def metric(**_): return 0.5 if bonus is None else 1.0
        """
    repository.write("src/metrics.py", dedent(code))
    repository.commit()
    repository.git("switch", "--quiet", "--create", "change")
    repository.write("src/bonus.py", "")
    repository.write("bonus.py", "")
    repository.commit()
    # As an editable install of the project, or PYTHONPATH, would.
    monkeypatch.syspath_prepend(repository.path / "src")
    monkeypatch.setenv("PYTHONPATH", str(repository.path))
    monkeypatch.chdir(repository.path)
    assert judge(stack, repository).head == 0.5


def test_the_function_sees_no_secret_and_no_home(
    repository: Repository, stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "secret")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("HTTPS_PROXY", "http://user:secret@127.0.0.1:9")
    code = """\
        import os, sys
        def metric(**_):
            known = {"PATH", "LD_LIBRARY_PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "TZ", "PYTHONHASHSEED"}
            more = [name for name in os.environ if name not in known and not name.endswith("_THREADS")]
            home = os.environ["HOME"]
            assert home.startswith(os.path.dirname(os.getcwd())) and not os.listdir(home), home
            assert not more and sys.stdin.read() == "", more
            return 1
        """
    assert run_code(stack, repository, code).problem == ""


def test_it_is_called_with_arrays_of_each_sides_rows(repository: Repository, stack: ExitStack) -> None:
    code = """\
        import numpy as np
        def metric(*, y_true, y_pred, probabilities, sample_weight):
            assert y_true.dtype.kind == y_pred.dtype.kind == "U" and set(y_true) == {"late", "in time"}
            assert list(probabilities) == ["in time", "late"]
            assert np.allclose(sum(probabilities.values()), 1)
            assert np.array_equal(probabilities["late"] > 0.5, y_pred == "late")
            assert sample_weight.shape == y_true.shape and set(sample_weight) == {1.0, 2.0}
            late = y_true == "late"
            return np.average(y_pred[late] == "late", weights=sample_weight[late])
        """
    old, new = model(0.7), model(0.9)
    weight = np.where(np.arange(ROWS) % 2, 2.0, 1.0)
    part = Part(base=EVERY, head=EVERY, weight=weight)
    result = run_code(stack, repository, code, parts=[part], old=old, new=new)
    late = old.y_true == 1
    recall = [np.average(side.y_pred[late] == 1, weights=weight[late]) for side in (old, new)]
    assert result.problem == ""
    assert [result.base, result.head] == pytest.approx(recall)
    assert result.own is not None
    assert result.own.carried == pytest.approx(weight.sum() ** 2 / (weight @ weight))


def test_regression_gets_numbers_and_no_probabilities(repository: Repository, stack: ExitStack) -> None:
    code = """\
        import numpy as np
        def metric(*, y_true, y_pred, probabilities, sample_weight):
            assert probabilities is None and sample_weight is None and y_true.dtype == np.float64
            return float(np.median(np.abs(y_true - y_pred)))
        """
    random = np.random.default_rng(3)
    truth = random.normal(size=300)
    sides = [
        predictions.build(
            row_id=list(range(300)), y_true=truth, y_pred=truth + random.normal(size=300), task="regression"
        )
        for _ in range(2)
    ]
    result = run_code(stack, repository, code, old=sides[0], new=sides[1])
    assert result.base == np.median(np.abs(sides[0].y_true - sides[0].y_pred))
    assert result.difference is not None
    interval = result.difference.interval()
    assert interval.low < 0 < interval.high


RAISES = {
    "raise ValueError('no\\x1b[31m late rows\\nsecond line')": "ValueError: no [31m late rows",
    "raise ValueError('x' * 10**6)": f"ValueError: {'x' * 187}…",
    "raise type('Odd', (Exception,), {'__str__': lambda self: 1})": "Odd: its message can't be read",
    "raise SystemExit": "SystemExit",
    "return metric(**_)": "RecursionError: maximum recursion depth exceeded",
    "return bytearray(10**13)": "MemoryError: it ran out of memory",
}
RETURNS = {
    "float('nan')": "nan",
    "-float('inf')": "-inf",
    "10**400": "a number that is too large",
    "None": "NoneType",
    "'0.9'": "str",
    "True": "bool",
    "_['y_true']": "ndarray",
}
ENDS = {
    "import os; os._exit(3)": "ended its process with exit code 3",
    "import os; os.kill(os.getpid(), 11)": "was ended by SIGSEGV",
    "while True: pass": "did not end within 1 s",
}
PROBLEMS = {
    **{code: f"raised {said}, on base's predictions" for code, said in RAISES.items()},
    **{
        f"return {code}": f"returned {said} on base's predictions, not a finite number"
        for code, said in RETURNS.items()
    },
    **ENDS,
}


@pytest.mark.parametrize("code", PROBLEMS)
def test_a_function_without_a_number_fails_in_a_sentence(
    repository: Repository, stack: ExitStack, code: str
) -> None:
    result = run_code(stack, repository, f"def metric(**_):\n    {code}\n", timeout=1.0)
    assert result == OwnResult(problem=f"metrics:metric at main {PROBLEMS[code]}")


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("import nowhere", "can't be imported: ModuleNotFoundError: No module named 'nowhere'"),
        ("def metric(:", "can't be imported: SyntaxError: invalid syntax (metrics.py, line 1)"),
        ("raise SystemExit('bye')", "can't be imported: SystemExit: bye"),
        ("metric = 0.5", "can't be imported: metric is a float, not a function"),
        ("while True: pass", "did not end within 1 s"),
    ],
)
def test_a_module_that_can_not_be_imported_fails(
    repository: Repository, stack: ExitStack, code: str, problem: str
) -> None:
    result = run_code(stack, repository, code, timeout=1.0)
    assert result == OwnResult(problem=f"metrics:metric at main {problem}")


def test_a_function_that_only_head_has_is_skipped(repository: Repository, stack: ExitStack) -> None:
    repository.write("src/other.py", "")
    repository.commit()
    repository.git("switch", "--quiet", "--create", "change")
    repository.write("src/metrics/__init__.py", "def metric(**_): return 1\n")
    repository.write("src/other.py", "raise SystemExit\nasync def metric(**_): return 1\n")
    repository.commit()
    for function in ("metrics:metric", "other:metric"):
        assert judge(stack, repository, function) == OwnResult(
            problem=f"{function} is only in head: it will count once it is merged, as base's code judges",
            skipped=True,
        )


@pytest.mark.parametrize(
    ("function", "problem"),
    [
        (
            "own.costs:total",
            "own.costs:total: base at main has no such module (looked for own/costs.py and src/own/costs.py)",
        ),
        ("metrics:total", "metrics:total: there is no total in metrics.py at main"),
        ("statistics:mean", "statistics:mean at main can't be imported: Python's own library has a module "
         "statistics, which comes first"),
        ("metrics", "'metrics' is not of the form package.module:function"),
        ("../metrics:metric", "'../metrics:metric' is not of the form package.module:function"),
        ("metrics:__class__.x", "'metrics:__class__.x' is not of the form package.module:function"),
    ],
)  # fmt: skip
def test_a_function_that_nobody_has_fails(
    repository: Repository, stack: ExitStack, function: str, problem: str
) -> None:
    repository.write("metrics.py", ACCURACY)
    repository.write("statistics.py", "def mean(**_): return 1\n")
    repository.commit()
    assert judge(stack, repository, function) == OwnResult(problem=problem)


def test_a_stray_file_does_not_stand_for_pythons_own(repository: Repository, stack: ExitStack) -> None:
    repository.write("queue.py", "raise RuntimeError\n")
    assert (
        run_code(stack, repository, "import queue\ndef metric(**_): return queue.Queue().qsize()\n").head == 0
    )


def test_output_of_the_function_does_not_reach_the_answer(
    repository: Repository, stack: ExitStack, capfd: pytest.CaptureFixture[str]
) -> None:
    code = """\
        import os, sys
        print("{}")
        def metric(**_):
            print("NaN", file=sys.__stdout__, flush=True)
            os.write(1, b'{"samples": []}')
            os.write(2, b"loud")
            return 2
        """
    assert run_code(stack, repository, code).head == 2
    assert capfd.readouterr() == ("", "")


def test_a_function_that_writes_into_its_arguments_harms_nobody(
    repository: Repository, stack: ExitStack
) -> None:
    code = ACCURACY.replace("return", "result =") + dedent("""\
            y_true[:] = y_pred[:] = "none"
            probabilities.clear()
            return result
        """).replace("\n", "\n    ").join(("    ", ""))
    old, new = model(0.8), model(0.9)
    result = run_code(stack, repository, code, old=old, new=new)
    assert (result.base, result.head) == (
        np.mean(old.y_true == old.y_pred),
        np.mean(new.y_true == new.y_pred),
    )
    assert result.difference is not None
    assert result.difference.standard_error > 0.01


def test_a_second_judge_gets_the_same_numbers_in_any_order_of_the_rows(
    repository: Repository, stack: ExitStack
) -> None:
    old, new = model(0.8), model(0.9)
    random = np.random.default_rng(5)
    left, right = random.permutation(ROWS), random.permutation(ROWS)
    old_again, new_again = shuffled(old, left), shuffled(new, right)
    noise = "import random\n" + ACCURACY.replace("return", "return random.random() * 1e-3 +")
    first = run_code(stack, repository, noise, old=old, new=new)
    paired = Part(base=np.argsort(left)[right], head=EVERY)
    second = run_code(stack, repository, noise, parts=[paired], old=old_again, new=new_again)
    mirrored = run_code(stack, repository, noise, old=new, new=old)
    assert first.difference is not None
    assert second.difference is not None
    assert mirrored.difference is not None
    assert second.difference.interval() == first.difference.interval()
    interval = mirrored.difference.interval()
    assert (-interval.high, -interval.low) == pytest.approx(
        (first.difference.interval().low, first.difference.interval().high), rel=1e-9
    )


def test_clusters_are_drawn_whole(repository: Repository, stack: ExitStack) -> None:
    code = """\
        import numpy as np
        def metric(*, y_true, y_pred, **_):
            return float(np.mean(y_pred))
        """
    flights = np.repeat(np.random.default_rng(1).normal(size=60), 10)
    side = predictions.build(row_id=list(range(600)), y_true=flights, y_pred=flights, task="regression")
    aircraft = np.repeat(np.arange(60), 10) + 7
    by_cluster, by_row = run_parts(
        stack,
        repository,
        code,
        [Part(head=EVERY, cluster=aircraft), Part(head=EVERY)],
        old=None,
        new=side,
    )
    assert by_cluster.own is not None
    assert by_row.own is not None
    assert by_cluster.own.clusters == 60
    assert by_cluster.own.df == 59
    assert by_cluster.own.standard_error == pytest.approx(flights[::10].std(ddof=1) / 60**0.5, rel=0.12)
    assert by_row.own.standard_error == pytest.approx(flights.std(ddof=1) / 600**0.5, rel=0.12)
    assert (by_cluster.base, by_cluster.difference) == (None, None)


def test_each_part_has_its_own_answer(repository: Repository, stack: ExitStack) -> None:
    code = ACCURACY.replace("    return", "    assert len(set(y_true)) == 2, 'one class only'\n    return")
    old, new = model(0.8), model(0.9)
    late = np.flatnonzero(new.y_true == 1)
    results = run_parts(
        stack,
        repository,
        code,
        [
            Part(base=np.arange(100), head=np.arange(100)),
            Part(base=late, head=late),
            Part(head=EVERY),
            Part(base=EVERY),
            Part(base=EVERY, head=EVERY, estimated=False),
            Part(base=late[:0], head=late[:0]),
            Part(head=EVERY, weight=np.zeros(ROWS)),
        ],
        old=old,
        new=new,
    )
    right = new.y_true == new.y_pred, old.y_true == old.y_pred
    first = results[0]
    assert (first.base, first.head) == (right[1][:100].mean(), right[0][:100].mean())
    assert first.difference is not None
    assert results[1] == OwnResult(
        problem="metrics:metric at main raised AssertionError: one class only, on base's predictions"
    )
    assert (results[2].base, results[2].head, results[2].difference) == (None, right[0].mean(), None)
    assert results[3] == OwnResult(base=right[1].mean())
    assert results[4] == OwnResult(base=right[1].mean(), head=right[0].mean())
    assert results[5] == OwnResult(problem="there are no rows")
    assert results[6] == OwnResult(problem="every weight is 0")


def test_models_with_the_same_answers_differ_by_exactly_nothing(
    repository: Repository, stack: ExitStack
) -> None:
    result = run_code(stack, repository, ACCURACY, old=model(0.9), new=model(0.9))
    assert result.difference is not None
    assert result.difference.problem == ""
    assert result.difference.interval() == Interval(0.0, 0.0, 0.95)


def test_a_number_that_never_moves_says_nothing(repository: Repository, stack: ExitStack) -> None:
    result = run_code(stack, repository, "def metric(**_): return 0.5\n")
    assert result.difference is not None
    assert result.difference.problem == "every resample gives the same number, so the sample can't tell"


@pytest.mark.parametrize(("quick", "done"), [(150, 119), (50, 39)])
def test_a_slow_function_gets_fewer_resamples(
    repository: Repository, stack: ExitStack, quick: int, done: int
) -> None:
    code = f"""\
        import time
        calls = []
        def metric(*, y_true, y_pred, **_):
            calls.append(1)
            if len(calls) > 2 + 2 * {quick}:
                time.sleep(0.3)
            return (y_true == y_pred).mean()
        """
    result = run_code(stack, repository, code, timeout=3.0)
    assert result.difference is not None
    assert result.difference.method == f"{done} bootstrap samples, the wider of t and percentiles"
    assert result.difference.problem == (
        ""
        if done > 100
        else "only 39 resamples were done in 3 s, and an interval needs 100: make the function faster, or "
        "raise its `timeout`"
    )


@pytest.mark.parametrize(
    ("code", "ending"),
    [("while True: pass", "did not end within 1 s"), ("os.abort()", "was ended by SIGABRT")],
)
def test_values_stand_when_the_resamples_fail(
    repository: Repository, stack: ExitStack, code: str, ending: str
) -> None:
    text = f"""\
        import os
        calls = []
        def metric(**_):
            calls.append(1)
            if len(calls) > 2:
                {code}
            return len(calls)
        """
    result = run_code(stack, repository, text, timeout=1.0)
    assert (result.base, result.head, result.problem) == (1, 2, "")
    assert result.difference is not None
    assert result.difference.problem == f"metrics:metric at main {ending} on resampled rows"
    assert result.difference.interval() == Interval(-math.inf, math.inf, 0.95)


def test_a_metric_that_many_resamples_lack_has_no_interval(repository: Repository, stack: ExitStack) -> None:
    code = ACCURACY.replace("    return", "    assert np.mean(y_true == 'late') > 0.35\n    return")
    result = run_code(stack, repository, code)
    assert result.difference is not None
    assert re.fullmatch(
        r"it gives no number on \d+ of 399 resamples: too few rows carry it", result.difference.problem
    )


def test_too_much_code_is_refused(
    repository: Repository, stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.write("metrics.py", ACCURACY)
    repository.write("src/b.py", "")
    repository.commit()
    monkeypatch.setattr(code_of_base, "MOST_BYTES", 20)
    assert judge(stack, repository) == OwnResult(problem="base's Python files have over 20 bytes")
    monkeypatch.setattr(code_of_base, "MOST_FILES", 1)
    assert judge(stack, repository) == OwnResult(problem="base has 2 Python files, and 1 are read at most")


def test_links_and_packages_of_base_are_followed_inside_the_repository(
    repository: Repository, stack: ExitStack
) -> None:
    repository.write("src/team/__init__.py", "")
    repository.write("src/team/costs.py", "from team.prices import PRICE\ndef metric(**_): return PRICE\n")
    repository.write("shared/real.py", "PRICE = 7\n")
    (repository.path / "src/team/prices.py").symlink_to("../../shared/real.py")
    (repository.path / "outside.py").symlink_to("/etc/hostname")
    repository.commit()
    assert judge(stack, repository, "team.costs:metric").head == 7


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_running_when_the_review_is_ended(
    repository: Repository, tmp_path: Path, end: signal.Signals
) -> None:
    alive = tmp_path / "alive"
    os.mkfifo(alive)
    code = f"""\
        import os, subprocess, sys
        def metric(**_):
            held = os.open({str(alive)!r}, os.O_WRONLY)
            os.write(held, b"x")
            subprocess.run([sys.executable, "-c", "while True: pass"], pass_fds=[held])
        """
    repository.write("metrics.py", dedent(code))
    repository.commit()
    caller = tmp_path / "caller.py"
    caller.write_text(CALLER)
    process = subprocess.Popen(
        [sys.executable, str(caller), str(repository.path)],
        env=repository.environment | {"PYTHONPATH": os.pathsep.join(sys.path)},
        stderr=subprocess.DEVNULL,
        # Tests that run in the background of a shell hear no Ctrl-C.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )
    with alive.open("rb", buffering=0) as stream:
        assert stream.read(1) == b"x"
        process.send_signal(end)
        assert process.wait(60) != 0
        # The pipe ends when the last process that holds it does.
        assert select.select([stream], [], [], 60)[0] == [stream]
        assert stream.read(1) == b""


CALLER = """\
import sys
from pathlib import Path

from mergegate import predictions, repo
from mergegate.config.policy import OwnFunction
from mergegate.flows.evidence import Reading
from mergegate.flows.functions import Part, run
from mergegate.records.pipeline import Pipeline

project = repo.locate(Path(sys.argv[1]))
revision = repo.resolve(project, "main")
base = Reading("base", revision, repo.open_commit(project, revision), Pipeline())
side = predictions.build(row_id=[1, 2], y_true=[0, 1], y_pred=[0, 1], task="regression")
own = OwnFunction(name="mine", function="metrics:metric", timeout=300.0)
run(own, base, base, side, side, [Part(head=slice(None))])
"""


def run_parts(
    stack: ExitStack,
    repository: Repository,
    code: str,
    parts: list[Part],
    *,
    old: Predictions | None,
    new: Predictions | None,
    timeout: float = 60.0,
) -> tuple[OwnResult, ...]:
    """Commit `code` as metrics.py on main and run its `metric`."""
    repository.write("metrics.py", dedent(code))
    repository.commit()
    own = OwnFunction(name="mine", function="metrics:metric", timeout=timeout)
    base = reading(stack, repository, "base", "main")
    return run(own, base, base, old, new, parts)


def run_code(
    stack: ExitStack,
    repository: Repository,
    code: str,
    *,
    parts: list[Part] | None = None,
    old: Predictions | None = None,
    new: Predictions | None = None,
    timeout: float = 60.0,
) -> OwnResult:
    sides = old or model(0.8), new or model(0.9)
    found = run_parts(stack, repository, code, parts or SHARED, old=sides[0], new=sides[1], timeout=timeout)
    return found[0]


def shuffled(side: Predictions, order: NDArray[np.int64]) -> Predictions:
    ids = side.row_id.take(pa.array(order))
    return replace(
        side,
        row_id=ids,
        row_index=index_rows(ids),
        y_true=side.y_true[order],
        y_pred=side.y_pred[order],
        probabilities=None if side.probabilities is None else side.probabilities[order],
    )
