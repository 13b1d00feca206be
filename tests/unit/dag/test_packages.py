"""Libraries that a change moves."""

from mergegate.dag.packages import MOST_FILES, Packages, diff_packages
from mergegate.records.surroundings import PackageChange
from support.memory import MemoryFiles


def diff(base: dict[str, str], head: dict[str, str], **manifest: dict[str, str]) -> Packages:
    manifests = {"models/bundle": (manifest["old"], manifest["new"])} if manifest else None
    return diff_packages(MemoryFiles(base), MemoryFiles(head), manifests)


def change(name: str, old: str | None, new: str | None, source: str, touches: bool) -> PackageChange:
    return PackageChange(name=name, old=old, new=new, source=source, touches_model=touches)


def test_libraries_of_the_manifest_come_first_then_those_of_models_then_the_rest() -> None:
    base = {"requirements.txt": "click==8.0\nnumpy==1.0\nrich==13\nodd-lib==1\nsame==1\n"}
    head = {"requirements.txt": "click==8.1\nnumpy==2.0\nodd.lib==2\nxgboost==3\nsame==1\n"}
    found = diff(
        base, head, old={"Odd_Lib": "1", "skl2onnx": "1.19"}, new={"odd-lib": "2", "skl2onnx": "1.20"}
    )
    assert found.changes == (
        change("odd-lib", "1", "2", "models/bundle, requirements.txt", True),
        change("skl2onnx", "1.19", "1.20", "models/bundle", True),
        change("numpy", "1.0", "2.0", "requirements.txt", True),
        change("xgboost", None, "3", "requirements.txt", True),
        change("click", "8.0", "8.1", "requirements.txt", False),
        change("rich", "13", None, "requirements.txt", False),
    )


def test_a_change_in_several_files_is_told_once_per_pair_of_versions() -> None:
    names = ("requirements.txt", "requirements/a.txt", "requirements/b.txt", "requirements/c.txt")
    base = dict.fromkeys(names, "numpy==1.0\n") | {"pyproject.toml": '[project]\ndependencies = ["numpy>=1"]'}
    head = dict.fromkeys(names, "numpy==2.0\n") | {"pyproject.toml": '[project]\ndependencies = ["numpy>=2"]'}
    several = "requirements.txt, requirements/a.txt, requirements/b.txt and 1 more"
    assert diff(base, head).changes == (
        change("numpy", ">=1", ">=2", "pyproject.toml", True),
        change("numpy", "1.0", "2.0", several, True),
    )


def test_nothing_changes_by_order_hashes_or_comments() -> None:
    base = {"requirements.txt": "a==1 --hash=sha256:1\nb==2\n"}
    assert diff(base, {"requirements.txt": "# new\nb==2\na==1 --hash=sha256:2\n"}) == Packages()
    assert diff(base, base, old={"numpy": "1"}, new={"numpy": "1"}) == Packages()


def test_a_new_or_deleted_file_adds_or_takes_what_it_names() -> None:
    assert diff({}, {"uv.lock": '[[package]]\nname = "x"\nversion = "1"\n'}).changes == (
        change("x", None, "1", "uv.lock", False),
    )
    assert diff({"environment.yml": "dependencies: [x=1]"}, {}).changes == (
        change("x", "1", None, "environment.yml", False),
    )


def test_a_file_that_can_not_be_read_is_said_and_stops_no_other() -> None:
    base = {"Pipfile.lock": "{}", "requirements.txt": "x==1"}
    found = diff(base, {"Pipfile.lock": "{", "requirements.txt": "x==2"})
    assert found.changes == (change("x", "1", "2", "requirements.txt", False),)
    assert found.unread == ("Pipfile.lock: is not valid JSON: its libraries are not compared",)


def test_files_of_others_and_beyond_the_limit_are_left_alone() -> None:
    others = (".venv/requirements.txt", "web/node_modules/requirements.txt", "a/b/c/d/e/requirements.txt")
    many = {f"{number:03d}/requirements.txt": "x==1" for number in range(MOST_FILES + 10)}
    assert diff({}, dict.fromkeys(others, "x==1")) == Packages()
    (only,) = diff({}, many).changes
    assert only.source.endswith(f" and {MOST_FILES - 3} more")
