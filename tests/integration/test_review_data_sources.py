"""Reviews of data from where it lies: what is fetched, what is believed, and what is told of the rest."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from support.core_only import link_core
from support.data_review import EXAM, MONTHS, TRAIN, Data, Reviewed, review, rows

Review = Callable[[Data], Reviewed]
YEAR = 12


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Data:
    """Two more months than new rows are held against; never to be changed."""
    return Data.build(tmp_path_factory.mktemp("data-review"), months=YEAR + 2)


@pytest.fixture
def data(built: Data, tmp_path: Path) -> Data:
    return built.copy(tmp_path)


@pytest.fixture
def reviewed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Review:
    return lambda data: review(data, capsys, monkeypatch)


def test_of_a_month_that_comes_in_only_one_more_is_fetched_to_hold_it_against(
    data: Data, reviewed: Review
) -> None:
    data.repository.write(data.month(15), rows(15))
    data.track("Add a month", MONTHS)
    data.forget()
    found = reviewed(data).data(MONTHS)
    assert (found["problem"], found["rows"]["added"], found["files_read_old"]) == ("", 12, 0)
    expected = {data.md5(data.month(number)) for number in (14, 15)}
    lists = {name for name in data.names() if name.endswith(".dir")}
    assert len(lists) == 2
    assert data.names() - lists == expected


def test_of_an_edited_month_both_versions_are_fetched_and_never_another_dataset(
    data: Data, reviewed: Review
) -> None:
    before = data.md5(data.month(2))
    data.repository.write(data.month(2), rows(2).replace("2000,0,yes", "2000,0,no"))
    data.track("Edit a label", MONTHS)
    data.forget()
    found = reviewed(data).data(MONTHS)
    assert (found["rows"]["changed"], found["rows"]["same"], found["labels"]["changed"]) == (1, 11, 1)
    assert {before, data.md5(data.month(2))} <= data.names()
    assert data.md5(data.month(1)) not in data.names()
    assert not {data.md5(EXAM), data.md5(TRAIN)} & data.names()


@pytest.mark.parametrize("fault", ["lost", "other bytes"])
def test_a_remote_that_lacks_an_object_or_lies_fails_that_dataset_and_hides_no_other(
    data: Data, reviewed: Review, fault: str
) -> None:
    data.repository.write(data.month(2), rows(2, count=11))
    data.repository.write(EXAM, rows(90, count=41))
    data.track("Change both", MONTHS, EXAM)
    md5 = data.md5(data.month(2))
    data.forget()
    if fault == "lost":
        data.object(md5).unlink()
    else:
        data.object(md5).write_text(rows(2))
    ended = reviewed(data)
    problem = ended.data(MONTHS)["problem"]
    says = f"has no object {md5}" if fault == "lost" else f"holds other bytes under the name {md5} (md5 "
    assert says in problem
    assert md5 not in data.names()
    assert ended.code == 1
    assert {
        gate: outcome for gate, outcome in ended.gates.items() if gate.startswith(MONTHS)
    } == dict.fromkeys(
        (
            f"{MONTHS}/{gate}"
            for gate in ("readable", "schema", "max_removed_share", "unique_key", "max_label_change_share")
        ),
        "fail",
    )
    assert (ended.data(EXAM)["problem"], ended.data(EXAM)["rows"]["added"]) == ("", 1)


def test_bytes_in_the_cache_that_are_not_what_their_name_says_are_not_read(
    data: Data, reviewed: Review
) -> None:
    data.repository.write(EXAM, rows(90, count=41))
    data.track("Add a row", EXAM)
    (cached,) = [file for file in data.cached() if file.parent.name + file.name == data.md5(EXAM)]
    cached.chmod(0o644)
    cached.write_text(rows(90, count=40))
    ended = reviewed(data)
    assert f"the DVC object {data.md5(EXAM)} in the cache has other bytes" in ended.data(EXAM)["problem"]
    assert (ended.code, ended.gates[f"{EXAM}/readable"]) == (1, "fail")


def test_a_file_that_turns_out_broken_fails_its_dataset_by_name(data: Data, reviewed: Review) -> None:
    data.repository.write(data.month(2), rows(2) + "2100,1\n")
    data.track("Break a month", MONTHS)
    ended = reviewed(data)
    assert ended.data(MONTHS)["problem"] == (
        f"{MONTHS} at change/2013-02.csv: line 14 has 2 cells where the header has 3"
    )
    assert (ended.code, ended.gates[f"{MONTHS}/schema"]) == (1, "fail")


def test_a_dataset_that_is_gone_loses_every_row_and_one_that_is_new_has_no_base(
    data: Data, reviewed: Review
) -> None:
    data.repository.git("rm", "--quiet", f"{MONTHS}.dvc")
    data.repository.commit("Drop the months")
    ended = reviewed(data)
    assert ended.data(MONTHS)["facts"][0]["sentence"].startswith(
        "14 of base's 14 files are gone: 2013-01.csv, "
    )
    assert ended.data(MONTHS)["rows"]["removed"] == 14 * 12
    assert (ended.code, ended.gates[f"{MONTHS}/max_removed_share"]) == (1, "fail")
    data.repository.git("branch", "--force", "main", "change")
    data.repository.git("revert", "--no-edit", "HEAD")
    ended = reviewed(data)
    assert (ended.data(MONTHS)["rows"]["added"], ended.data(MONTHS)["facts"]) == (14 * 12, [])
    assert (ended.code, ended.gates[f"{MONTHS}/max_removed_share"]) == (0, "skipped")


def test_only_files_that_hold_no_rows_differ(data: Data, reviewed: Review) -> None:
    data.repository.write(f"{MONTHS}/README.md", "The months.\n")
    data.track("Say what it is", MONTHS)
    ended = reviewed(data)
    assert (ended.data(MONTHS)["changed"], ended.data(MONTHS)["notes"]) == (
        False,
        ["Not read, since they hold no rows: README.md."],
    )
    assert (ended.code, [gate for gate in ended.gates if gate.startswith(MONTHS)]) == (0, [])


# What needs not be there


def test_without_a_change_of_data_nothing_of_it_is_imported(data: Data) -> None:
    data.repository.write("docs/labels.md", "Late is fifteen minutes.\n")
    data.repository.commit("Say more")
    script = (
        "import sys; from mergegate.cli import run; code = run(sys.argv[1:]); "
        "print(*sorted({'ibis', 'duckdb', 'pandas'} & sys.modules.keys()), code, sep=',')"
    )
    arguments = ("review", "--base", "main", "--head", "change")
    said = data.repository.run(sys.executable, "-c", script, *arguments).splitlines()[-1]
    assert said == "0"
    data.repository.write(EXAM, rows(90, count=41))
    data.track("Add a row", EXAM)
    said = data.repository.run(sys.executable, "-c", script, *arguments).splitlines()[-1]
    assert said.startswith("duckdb,ibis,")


def test_where_only_the_core_is_installed_changed_data_says_what_is_missing_and_fails(
    data: Data, tmp_path: Path
) -> None:
    data.repository.write(EXAM, rows(90, count=41))
    data.track("Add a row", EXAM)
    data.repository.environment |= link_core(tmp_path / "core")
    script = "import json, sys; from mergegate.cli import run; code = run(sys.argv[1:]); print('code', code)"
    shell = (sys.executable, "-S", "-c", script)
    said = data.repository.run(*shell, "review", "--base", "main", "--head", "change")
    assert said.splitlines()[-1] == "code 1"
    assert "comparing data needs the Python package ibis, which is not installed" in " ".join(said.split())
    said = data.repository.run("sh", "-c", '"$@" 2>&1', "sh", *shell, "diff", "data", f"main:{EXAM}", EXAM)
    assert said.splitlines() == [
        "mergegate: comparing data needs the Python package ibis, which is not installed",
        "  next: pip install 'mergegate[data]'",
        "code 3",
    ]
