"""Which Python programs a command would start."""

import pytest

from mergegate.dag.programs import LONGEST_COMMAND, MOST_FOLDERS, Program, find_programs


def started(command: str, folder: str = "") -> list[Program]:
    return list(find_programs(command, folder))


def script(path: str, *folders: str, folder: str = "") -> Program:
    return Program(folder, folders, script=path)


def module(name: str, *folders: str, folder: str = "") -> Program:
    return Program(folder, folders, module=name)


@pytest.mark.parametrize(
    "command",
    [
        "python src/train.py --rate 0.1 other.py",
        ".venv/bin/python3.11 -u -W ignore -X dev src/train.py",
        "uv run --no-sync python src/train.py > log.txt 2>&1",
        "OMP_NUM_THREADS=1 time poetry run python ./src/train.py",
        "src/train.py",
        "torchrun --nproc 2 src/train.py",
        "python 'src/train.py' | tee log",
        "# train\npython src/train.py",
    ],
)
def test_a_script_is_found_behind_options_and_wrappers(command: str) -> None:
    assert started(command) == [script("src/train.py", "src")]


def test_a_module_runs_from_the_folder_of_the_command_and_pythonpath() -> None:
    assert started("PYTHONPATH=src:lib python -m pipeline.train") == [
        module("pipeline.train", "", "src", "lib")
    ]
    assert started("env PYTHONPATH=$PWD/src python -mpipeline", "sub") == [
        module("pipeline", "sub", "sub/src", folder="sub")
    ]
    assert started("python -Bm pipeline.train") == [module("pipeline.train", "")]


def test_an_exported_path_and_a_changed_folder_hold_for_what_follows() -> None:
    command = "export PYTHONPATH=src\ncd sub && python a.py; PYTHONPATH=x:$PYTHONPATH python ../b.py"
    assert started(command) == [
        script("sub/a.py", "sub", "src", folder="sub"),
        script("b.py", "", "sub/x", "src", folder="sub"),
    ]


def test_code_on_the_command_line_is_code() -> None:
    assert started("python -c 'import train; train.main()'") == [
        Program("", ("",), code="import train; train.main()")
    ]


def test_a_script_that_another_module_starts_is_started_too() -> None:
    assert started("python -m cProfile -o out train.py") == [
        module("cProfile", ""),
        script("train.py", ""),
    ]


@pytest.mark.parametrize(
    "command",
    [
        "",
        "make train",
        "dvc --version",
        "python",
        "python -m",
        "python 'never closed.py",
        "PYTHONPATH=src",
        "cd",
        "Rscript train.R",
        "python train.py;" * LONGEST_COMMAND,
    ],
)
def test_what_names_no_program_starts_none(command: str) -> None:
    assert [each for each in started(command) if each.script or each.module or each.code] == []


def test_paths_outside_stay_outside() -> None:
    assert started("python ../other/train.py") == [script("../other/train.py", "../other")]
    assert started("PYTHONPATH=/opt/lib:$HOME/lib:.. python /opt/run.py") == [
        script("/opt/run.py", "/opt", "..")
    ]


def test_a_search_path_that_doubles_itself_holds_each_folder_once() -> None:
    command = "export PYTHONPATH=a:b; " + "export PYTHONPATH=$PYTHONPATH:$PYTHONPATH; " * 400 + "python c.py"
    (program,) = find_programs(command, "")
    assert program.folders == ("", "a", "b")


def test_of_many_folders_the_first_are_looked_into() -> None:
    command = f"PYTHONPATH={':'.join(f'p{number}' for number in range(2_000))} python c.py"
    (program,) = find_programs(command, "")
    assert program.folders == ("", *(f"p{number}" for number in range(MOST_FOLDERS)))


@pytest.mark.parametrize("step", ["cd a; ", f"cd {'a' * 100}; "])
def test_where_a_command_has_gone_too_deep_it_is_read_no_further(step: str) -> None:
    found = list(find_programs("python before.py; " + step * 100 + "python behind.py", ""))
    assert [program.script for program in found] == ["before.py"]
