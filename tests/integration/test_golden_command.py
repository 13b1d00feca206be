"""`mergegate golden add` and `check`: what a user types, sees, and finds in the file."""

import contextlib
import io
import json
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mergegate import cli
from support.golden_models import POLICY, ROWS, build_golden, write_model
from support.projects import Ended, Project

HEADER = "name,expected,reason,author,x\n"


@pytest.fixture(scope="session")
def built_golden(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return build_golden(tmp_path_factory.mktemp("golden") / "home")


class Desk(Project):
    """A project whose commands run in this process: to start one takes longer than all that they do."""

    def type(self, *arguments: str) -> Ended:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.chdir(self.root), redirect_stdout(out), redirect_stderr(err):
            code = cli.run(["golden", *arguments])
        return Ended(code, out.getvalue(), err.getvalue())

    def added(self, *arguments: str) -> str:
        ended = self.type("add", *arguments)
        assert (ended.code, ended.err) == (0, "")
        return ended.out

    def refused(self, *arguments: str) -> str:
        """The sentence and the hint; nothing is printed and no file is written."""
        before = sorted(file.name for file in (self.root / "golden").iterdir())
        ended = self.type("add", "--why", "w", *arguments)
        assert (ended.code, ended.out) == (2, "")
        assert sorted(file.name for file in (self.root / "golden").iterdir()) == before
        return ended.err


@pytest.fixture
def project(built_golden: Project, tmp_path: Path) -> Desk:
    found = built_golden.copy(tmp_path / "home")
    found.git("config", "user.name", "Grace")
    return Desk(found.root, found.home)


def test_a_row_is_taken_with_its_true_answer_and_gits_author(project: Desk) -> None:
    out = project.added("--row-id", "r3", "--why", "  Just  above. ")
    assert out == "golden/line.csv: added r3, expects 1\n  why: Just above. (Grace)\n"
    assert project.read("golden/line.csv") == f"{HEADER}r3,1,Just above.,Grace,1.0\n"


def test_the_same_row_again_changes_nothing_and_is_said_to_be_there(project: Desk) -> None:
    project.added("--row-id", "r3", "--why", "Just above.")
    before = project.read("golden/line.csv")
    out = project.added("--row-id", "r3", "--why", "Other words.", "--author", "Ada")
    assert out == "golden/line.csv: there already: r3, expects 1\n  why: Just above. (Grace)\n"
    assert project.read("golden/line.csv") == before
    assert project.refused("--row-id", "r3", "--expected", "0") == (
        "mergegate: golden/line.csv has the golden row `r3` already, and it owes something else\n"
        "  next: edit it there, or give this one another name by --name\n"
    )
    assert project.refused("--row-id", "r4", "--name", "r3") == (
        "mergegate: golden/line.csv has the golden row `r3` already, with other inputs\n"
        "  next: the evaluation inputs changed since: edit it there, or name this one by --name\n"
    )


def test_everything_can_be_said_by_options(project: Desk) -> None:
    out = project.added(
        *("--row-id", "r2", "--why", "w", "--model", "line", "--expected", "1", "--min-probability", "0.001"),
        *("--author", "Ada", "--name", "odd one", "--file", "golden/sub/more.yaml", "--json"),
    )
    assert json.loads(out) == {
        "schema": 1,
        "added": True,
        "file": "golden/sub/more.yaml",
        "model": "line",
        "name": "odd one",
        "expected": "1",
        "tolerance": None,
        "min_probability": 0.001,
        "not_worse": False,
        "reason": "w",
        "author": "Ada",
        "inputs": [{"name": "x", "value": "-1", "hidden": False}],
        "source": "inputs.parquet",
        "notes": [],
    }
    assert project.read("golden/sub/more.yaml") == (
        '- name: "odd one"\n  expected: "1"\n  min_probability: 0.001\n  reason: "w"\n  author: "Ada"\n'
        '  inputs:\n    "x": -1.0\n'
    )


def test_a_file_is_named_from_where_the_user_stands(project: Desk) -> None:
    (project.root / "golden/deep").mkdir()
    inside = Desk(project.root / "golden/deep", project.home)
    assert inside.added("--row-id", "r1", "--why", "w", "--file", "here.csv").startswith(
        "golden/deep/here.csv:"
    )


def test_a_number_needs_a_tolerance(project: Desk) -> None:
    project.write("mergegate.yaml", POLICY.replace("binary", "regression"))
    write_model(project, "number")
    assert project.refused("--row-id", "r1") == (
        "mergegate: a number is never met to the last digit\n"
        "  next: say by --tolerance how far off the model may be\n"
    )
    assert "`far` is no number" in project.refused("--row-id", "r1", "--expected", "far", "--tolerance", "1")
    project.added("--row-id", "r1", "--why", "w", "--tolerance", "0.6")
    assert project.read("golden/line.csv") == (
        "name,expected,tolerance,reason,author,x\nr1,-2.5,0.6,w,Grace,-2.0\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (
            ("--row-id", "r7"),
            "no row of inputs.parquet has the row_id `r7`",
            "the nearest are `r5`, `r4`, `r3`, `r2`, `r1`",
        ),
        (("--row-id", "r1", "--expected", "2"), "`2` is no class of the model", "it has `0`, `1`"),
        (("--row-id", "r1", "--model", "lin"), "the policy has no model lin", "it has line"),
        (
            ("--row-id", "r1", "--file", "rows.csv"),
            "rows.csv is not among the golden rows of line, which are in golden",
            "name a file in golden, or none",
        ),
        (
            ("--row-id", "r1", "--file", "../x.csv"),
            "../x.csv is outside the project",
            "name a file in golden",
        ),
        (
            ("--row-id", "r1", "--file", "golden/x.parquet"),
            "golden/x.parquet: can't be appended to",
            "name a file that ends with .csv, .yaml, .yml",
        ),
        (
            ("--row-id", "r5", "--expected", "0"),
            "golden/line.csv: the row (`r5`) expects `0` of the inputs for which golden/rows.csv, line 2 "
            "(`high`) expects `1`",
            "keep the one that is right",
        ),
        (
            ("--row-id", "r1", "--name", "n" * 201),
            f"the name `{'n' * 80}…` is long",
            "give a short one by --name",
        ),
        (
            ("--row-id", "r1", "--tolerance", "-1"),
            "golden/line.csv: the row has a `tolerance` below 0",
            "write how far the answer may lie from `expected`",
        ),
    ],
)
def test_what_can_not_be_added_is_named(
    project: Desk, arguments: tuple[str, ...], message: str, hint: str
) -> None:
    assert project.refused(*arguments) == f"mergegate: {message}\n  next: {hint}\n"


def test_the_policy_must_name_what_it_takes(project: Desk) -> None:
    project.write("mergegate.yaml", POLICY.replace(", inputs: inputs.parquet", ""))
    assert project.refused("--row-id", "r1") == (
        "mergegate: the policy names no `evaluation.inputs` for line, and golden rows are taken by it\n"
        "  next: add it to mergegate.yaml, or write the row by hand (docs/golden-set.md)\n"
    )
    other = "  other: {evaluation: {task: regression, predictions: p}}\n"
    project.write("mergegate.yaml", POLICY + other)
    assert project.refused("--row-id", "r1") == (
        "mergegate: the policy has 2 models\n  next: say which by --model: line, other\n"
    )


def test_without_golden_rows_in_the_policy_the_row_is_added_and_the_key_is_told(project: Desk) -> None:
    project.write("mergegate.yaml", POLICY.replace("    golden: golden\n", ""))
    assert project.added("--row-id", "r1", "--why", "w").splitlines()[-1] == (
        "  No review reads it yet: add `golden: golden` to the model line in mergegate.yaml."
    )


def test_a_column_that_is_gone_is_named(project: Desk) -> None:
    pq.write_table(pa.table({"row_id": ["r1"], "y": [1.0]}), project.root / "inputs.parquet")
    assert project.refused("--row-id", "r1") == (
        "mergegate: inputs.parquet: it lacks `x`, which the model takes\n"
        "  next: write row_id and every column that the model takes (`mergegate bundle show` lists them)\n"
    )


def test_a_value_of_another_type_is_named(project: Desk) -> None:
    pq.write_table(pa.table({"row_id": ["r1"], "x": ["one"]}), project.root / "inputs.parquet")
    assert project.refused("--row-id", "r1") == (
        "mergegate: the model can't be asked the row `r1` of inputs.parquet: `x` must be a finite number, "
        "and is `one`\n  next: `mergegate bundle show` lists what it takes\n"
    )


def test_whole_numbers_are_row_ids_too_and_the_nearest_are_told(project: Desk) -> None:
    table = pa.table({"row_id": [1, 20, 300, 4000], "x": [1.0, 2.0, 3.0, 4.0]})
    pq.write_table(table, project.root / "inputs.parquet", row_group_size=2)
    assert project.refused("--row-id", "301") == (
        "mergegate: no row of inputs.parquet has the row_id `301`\n"
        "  next: the nearest are `300`, `20`, `1`, `4000`\n"
    )
    assert "the nearest are `1`, `20`" in project.refused("--row-id", "x")
    assert project.refused("--row-id", "300") == (
        "mergegate: reports/predictions.parquet does not have the row `300`\n"
        "  next: say what the model owes by --expected\n"
    )
    project.added("--row-id", "4000", "--why", "w", "--expected", "1")
    assert project.read("golden/line.csv") == f"{HEADER}4000,1,w,Grace,4.0\n"


def test_private_values_go_into_git_only_when_that_is_said(project: Desk) -> None:
    project.write("mergegate.yaml", POLICY + "datasets: [{path: inputs.parquet, private: [x]}]\n")
    assert project.refused("--row-id", "r1") == (
        "mergegate: the model takes `x`, private in the policy, and golden/line.csv would show the value to "
        "everyone who can read the repository\n  next: add --with-private if they may see it\n"
    )
    out = project.added("--row-id", "r1", "--why", "w", "--with-private", "--json")
    assert json.loads(out)["inputs"] == [{"name": "x", "value": None, "hidden": True}]
    assert project.read("golden/line.csv") == f"{HEADER}r1,0,w,Grace,-2.0\n"


def test_a_link_is_not_written_through(project: Desk) -> None:
    outside = project.home / "outside.csv"
    (project.root / "golden/line.csv").symlink_to(outside)
    assert project.refused("--row-id", "r1") == (
        "mergegate: golden/line.csv leads over a symbolic link\n  next: name a plain file by --file\n"
    )
    assert not outside.exists()


def test_without_an_author_git_is_to_be_told(project: Desk) -> None:
    project.git("config", "user.name", "")
    assert project.refused("--row-id", "r1") == (
        "mergegate: git knows no author\n"
        "  next: say who answers for the row by --author, or set git's user.name\n"
    )


def test_what_is_no_file_is_not_written(project: Desk) -> None:
    (project.root / "golden/line.csv").mkdir()
    assert project.refused("--row-id", "r1").splitlines()[0] == (
        "mergegate: golden/line.csv: it can't be read: Is a directory"
    )
    assert project.refused("--row-id", "r1", "--file", "golden/rows.csv/more.csv").splitlines()[0] == (
        "mergegate: golden/rows.csv/more.csv: it can't be read: Not a directory"
    )


def test_the_workspace_is_checked_against_its_own_rows(project: Desk) -> None:
    ended = project.type("check")
    assert (ended.code, ended.out, ended.err) == (0, "line: 2 golden rows hold\n", "")
    project.write("golden/rows.csv", ROWS.replace("low,0", "low,1"))
    ended = project.type("check", "--model", "line")
    assert (ended.code, ended.out) == (
        1,
        "line: 1 of 2 golden rows fails\n"
        "  low (golden/rows.csv)\n"
        "    head answers `0`, where `1` is expected; base answers 0\n"
        "    why: Far below the line. (Ada)\n"
        "    inputs: x -3\n",
    )
    found = json.loads(project.type("check", "--json").out)
    (model,) = found.pop("models")
    assert found == {"schema": 1, "passed": False}
    assert (model["name"], model["passed"], model["max_failed"], model["golden"]["failed"]) == (
        "line",
        False,
        0,
        1,
    )


def test_as_many_may_fail_as_the_policy_says(project: Desk) -> None:
    project.write("mergegate.yaml", POLICY + "    gates: {golden: {max_failed: 1}}\n")
    project.write("golden/rows.csv", ROWS.replace("low,0", "low,1"))
    ended = project.type("check")
    assert (ended.code, ended.out.splitlines()[0]) == (0, "line: 1 of 2 golden rows fails, and up to 1 may")


def test_hostile_rows_steer_no_terminal(project: Desk) -> None:
    project.write("golden/rows.csv", ROWS.replace("low,0,Far", "l\x1b[2Jow,1,\u202eFar"))
    ended = project.type("check")
    assert ended.code == 1
    assert "l\\x1b[2Jow" in ended.out
    assert not {"\x1b", "\u202e"} & set(ended.out)


def test_more_than_twenty_failures_are_counted(project: Desk) -> None:
    project.write("golden/rows.csv", HEADER + "".join(f"n{each},0,r,a,{2 + each}\n" for each in range(23)))
    lines = project.type("check").out.splitlines()
    assert (lines[0], lines[-1]) == ("line: 23 of 23 golden rows fail", "  and 3 more")


def test_what_can_not_be_checked_is_an_error_and_no_verdict(project: Desk) -> None:
    project.write("golden/rows.csv", HEADER)
    ended = project.type("check")
    assert (ended.code, ended.out, ended.err) == (
        2,
        "",
        "mergegate: golden/rows.csv: it holds no row\n  next: write a golden row, or remove the file\n",
    )
    project.write("mergegate.yaml", POLICY.replace("    golden: golden\n", ""))
    ended = project.type("check")
    assert (ended.code, ended.err.splitlines()[0]) == (2, "mergegate: no model of the policy has golden rows")
    ended = project.type("check", "--model", "line")
    assert (ended.code, ended.err.splitlines()[0]) == (2, "mergegate: the model line has no golden rows")


def test_before_the_first_commit_there_is_no_base_and_rows_are_checked_all_the_same(tmp_path: Path) -> None:
    project = Desk(tmp_path / "project", tmp_path)
    (project.root / "reports").mkdir(parents=True)
    project.git("init", "--quiet", "--initial-branch", "main")
    project.write("mergegate.yaml", POLICY)
    project.write("golden/rows.csv", "name,expected,not_worse,reason,author,x\na,1,,r,a,3\nb,1,true,r,a,3\n")
    write_model(project, "above")
    ended = project.type("check")
    assert (ended.code, ended.out) == (
        1,
        "line: 1 of 2 golden rows fails\n"
        "  b (golden/rows.csv)\n"
        "    base's model can't be asked: there is no base to compare with\n"
        "    why: r (a)\n"
        "    inputs: x 3\n"
        "  Base's answers are not known: there is no base to compare with.\n",
    )
