"""Every test runs as a user without a past: an empty home, no credentials, no settings of anyone."""

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from support.home import isolated

REQUIRE_ALL = "MERGEGATE_REQUIRE_ALL"
"""Environment variable that, like --require-all, turns every skipped test into a failed one."""

TOOLS = {
    "node": ("node",),
    "browser": ("chromium", "chromium-browser", "google-chrome"),
    "registry": ("docker-registry",),
    "buildah": ("buildah",),
}
"""What `@pytest.mark.needs(NAME)` can ask for, and the programs that provide it."""

LONGEST = ("test_docs.py", "test_data_stories.py", "test_rows_on_spark.py", "test_shift.py")
"""Files whose tests begin first: what takes a minute must not be last, with a worker idle beside it."""

TURN = "MERGEGATE_TURN"
"""Environment variable: a number, whose remainder says which of TURNS to run; without it, all."""

TURNS = (
    (
        "tests/calibration/",
        "tests/integration/test_adopters_init",
        "tests/integration/test_push_interrupted",
        "tests/integration/test_upload",
    ),
    (
        "_on_spark.py",
        "test_shift.py::test_spark",
        "test_scales.py::test_spark",
    ),
    (
        "test_docs.py::test_the_page_on_",
        "test_docs.py::test_the_tutorial",
        "tests/integration/test_site",
        "tests/integration/test_review_page",
        "tests/integration/test_data_page",
    ),
    (
        "tests/workflows/test_adopters",
        "tests/workflows/test_scenes_s3",
        "tests/workflows/test_scenes_doctor",
        "tests/workflows/test_scenes_hostile",
    ),
    (
        "test_docs.py::test_every_command_of_the_readme",
        "test_init_template.py::test_an_empty_folder_becomes",
        "tests/workflows/test_harness",
        "tests/workflows/test_scenes_runs",
        "tests/workflows/test_scenes_targets",
    ),
)
"""Parts of tests that take minutes, by what stands in their names; of these .ci/run takes one, by turns.

Simulations, strangers' first minute, uploads; the second engine; pages that are followed word by word, and
pages in a browser; strangers' repositories, buckets, settings and hostile files in the loop; whole
projects from nothing, what runs workflows, reruns and queues.
"""

# Properties that say no number of examples themselves: less than hypothesis's own, new ones at every run.
# No deadline: how long an example takes says more of what runs beside it.
settings.register_profile("mergegate", max_examples=15, deadline=None)
settings.load_profile("mergegate")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--require-all", action="store_true", help="fail a test instead of skipping it")


def pytest_configure(config: pytest.Config) -> None:
    # Before anything loads OpenMP: threads that wait would spin, on cores that other workers could use.
    os.environ["OMP_WAIT_POLICY"] = "passive"
    # A shell has what it starts with & ignore Ctrl-C, and so would every command that is tested.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    config.addinivalue_line("markers", f"needs(name): skip without one of: {', '.join(TOOLS)}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name not in LONGEST)
    turn = os.environ.get(TURN, "")
    if turn:
        own = int(turn) % len(TURNS)
        others = [part for number, parts in enumerate(TURNS) if number != own for part in parts]
        left = {item for item in items if any(part in item.nodeid for part in others)}
        config.hook.pytest_deselected(items=list(left))
        items[:] = [item for item in items if item not in left]


@pytest.fixture(scope="session", autouse=True)
def isolated_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty home for the whole session of one worker."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        environment = isolated(folder)
        for name in os.environ.keys() - environment.keys():
            patch.delenv(name)
        for name, value in environment.items():
            patch.setenv(name, value)
        yield folder


def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in item.iter_markers("needs"):
        for name in mark.args:
            if not any(shutil.which(program) for program in TOOLS[name]):
                pytest.skip(f"needs {name}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Iterator[pytest.TestReport]:  # pluggy's wrappers yield and return
    report: pytest.TestReport = yield  # type: ignore[misc,assignment]
    if report.skipped and not hasattr(report, "wasxfail") and _requires_all(item.config):
        report.outcome = "failed"
        report.longrepr = f"skipped, and all tests are required: {_reason(report)}"
    return report  # type: ignore[return-value]


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[pytest.CollectReport]:
    report: pytest.CollectReport = yield  # type: ignore[misc,assignment]
    if report.skipped and _requires_all(collector.config):
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid} was skipped, and all tests are required: {_reason(report)}"
    return report  # type: ignore[return-value]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = [
        report for report in terminalreporter.stats.get("skipped", []) if not hasattr(report, "wasxfail")
    ]
    if skipped:
        wants = sorted({_reason(report) for report in skipped})
        terminalreporter.write_line(f"skipped {len(skipped)} tests: {'; '.join(wants)}")


def _requires_all(config: pytest.Config) -> bool:
    return bool(config.getoption("--require-all")) or os.environ.get(REQUIRE_ALL, "") not in ("", "0")


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Why a test was skipped."""
    told = report.longrepr
    return (told[2] if isinstance(told, tuple) else str(told)).removeprefix("Skipped: ")
