"""What a clone shows: its lock, its remote, its secrets, its large files, its settings, its tools."""

import time

import pytest
from msgspec.structs import replace

from mergegate.doctor import (
    hooks,
    large_files,
    lock_chain,
    merge_driver,
    pushes,
    remote,
    secrets,
    versions,
)
from mergegate.doctor.check import examine
from mergegate.doctor.facts import (
    Clone,
    ConfigText,
    Hook,
    LargeFile,
    Lock,
    MergeDriver,
    Place,
    Plugin,
    Presence,
    Settings,
    Tools,
)
from mergegate.records.verify import VerifyFinding
from support.doctor import facts, shown, told

KEY = "AKIA" + "Z" * 16
PASSWORD = "hunter2-and-more"


def finding(kind: str, message: str, *, blocking: bool = True, known: bool = True) -> VerifyFinding:
    return VerifyFinding(
        kind=kind, message=message, why="why", mend=f"mend {kind}", blocking=blocking, known=known
    )


def test_the_lock_chain_is_told_as_verify_tells_it() -> None:
    broken = tuple(finding("edited", f"{number} was edited") for number in range(12))
    frozen = finding("frozen", "fit is frozen", blocking=False)
    found = shown(lock_chain, facts(lock=Lock((frozen, *broken), stages=1)))
    assert found[:2] == ["note: fit is frozen", "fault: 0 was edited"]
    assert found[10:] == ["fault: 3 more of the kind"]
    (problem,) = told(lock_chain, facts(lock=Lock(problem="dvc.yaml:3: is no mapping", hint="")))
    assert (problem.level, problem.what) == ("fault", "dvc.yaml:3: is no mapping")
    assert problem.mend == "mend the file, and run `mergegate verify`"


@pytest.mark.parametrize(
    ("dvc", "lock", "said"),
    [
        (True, Lock(stages=1), []),
        (True, Lock(tracked=1), ["note: there is no pipeline here: no dvc.yaml has a stage"]),
        (False, Lock(), ["note: there is no DVC here: neither a pipeline nor tracked data"]),
        (False, Lock(stages=1), ["fault: there are DVC files here, and DVC was not initialised"]),
    ],
)
def test_how_much_dvc_there_is(dvc: bool, lock: Lock, said: list[str]) -> None:
    assert shown(lock_chain, facts(lock=lock, place=Place("/w", "/w", dvc=dvc))) == said


def test_a_remote_that_can_not_be_read_and_what_was_not_pushed_are_told_apart() -> None:
    presence = Presence(
        findings=(
            finding("remote-unreadable", "remote s3 can't be read", known=False),
            finding("not-on-remote", "remote store has no object of data"),
            finding("object-unreadable", "it may not be read", known=False),
            finding("imported", "it comes from elsewhere", blocking=False),
        )
    )
    found = facts(presence=presence)
    assert shown(remote, found) == ["warning: remote s3 can't be read"]
    assert shown(pushes, found) == [
        "fault: remote store has no object of data",
        "warning: it may not be read",
        "note: it comes from elsewhere",
    ]


def test_without_any_remote_nobody_else_has_the_data() -> None:
    found = facts(presence=Presence(findings=(finding("no-remote", "no default DVC remote is configured"),)))
    assert shown(remote, found) == ["fault: no default DVC remote is configured"]
    assert examine((pushes,), found).checks[0].unseen == "a remote could not be asked"


def test_a_remote_that_takes_too_long_is_not_seen() -> None:
    found = facts(
        presence=Presence(slow="the remote did not answer within 15 s; next: mergegate verify --remote")
    )
    for check in (remote, pushes):
        assert examine((check,), found).checks[0].unseen.startswith("the remote did not answer within 15 s")


def test_a_remote_in_a_folder_of_this_machine_is_nobody_elses() -> None:
    found = facts(presence=Presence(outside=("store", "/mnt/store")))
    assert shown(remote, found) == ["warning: the remote store is a folder of this machine: /mnt/store"]


CONFIG = f"""\
[core]
    remote = s3
['remote "s3"']
    url = s3://bucket/data
    access_key_id = {KEY}
    SECRET_ACCESS_KEY = "{PASSWORD}"
    # password = {PASSWORD}
    session_token = ${{TOKEN}}
    credentialpath = ../keys/aws
['remote "web"']
    url = https://ada:{PASSWORD}@data.example.org/x
    password =
['remote "az"']
    url = azure://box/x?sig={PASSWORD}
    connection_string = {PASSWORD}
[studio]
    token = {PASSWORD}
"""


def test_secrets_are_found_by_their_setting_and_never_printed() -> None:
    settings = Settings((ConfigText(".dvc/config", CONFIG),), (), frozenset({"keys/aws", "a"}))
    found = told(secrets, facts(settings=settings))
    assert [(each.level, each.what) for each in found] == [
        ("fault", ".dvc/config line 5 holds the setting `access_key_id` (remote s3)"),
        ("fault", ".dvc/config line 6 holds the setting `secret_access_key` (remote s3)"),
        (
            "fault",
            ".dvc/config line 9 holds `credentialpath`, which names a file that git tracks too (remote s3)",
        ),
        ("fault", ".dvc/config line 11 holds a password or token in the address of `url` (remote web)"),
        ("fault", ".dvc/config line 14 holds a password or token in the address of `url` (remote az)"),
        ("fault", ".dvc/config line 15 holds the setting `connection_string` (remote az)"),
        ("fault", ".dvc/config line 17 holds the setting `token` (studio)"),
    ]
    assert found[0].mend.startswith(
        "dvc remote modify --unset s3 access_key_id, keep it by `dvc remote modify"
    )
    assert found[-1].mend.startswith("dvc config --unset studio.token")
    assert KEY not in str(found)
    assert PASSWORD not in str(found)


def test_what_was_taken_away_is_in_the_history_still() -> None:
    now = ConfigText(".dvc/config", "[core]\n    remote = s3\n")
    before = ConfigText(".dvc/config", CONFIG, "c" * 40)
    local = ConfigText("a/.dvc/config.local", "[core]\n    remote = x\n")
    found = told(secrets, facts(settings=Settings((now, local), (before, before), frozenset())))
    assert [(each.level, each.what) for each in found][:2] == [
        ("fault", "a/.dvc/config.local is tracked by git"),
        ("warning", ".dvc/config held the setting `access_key_id` (remote s3) in commit cccccccccc"),
    ]
    assert len(found) == 7
    assert PASSWORD not in str(found)


def test_an_address_with_a_password_in_any_of_dvcs_files_is_told() -> None:
    text = f"deps:\n- path: https://ada:{PASSWORD}@example.org/x\n- path: https://ada@example.org/x\n"
    assert list(secrets.find_addresses(text)) == [2]
    settings = Settings((), (), frozenset(), addresses=(("data/x.dvc", 2),))
    assert shown(secrets, facts(settings=settings)) == [
        "fault: data/x.dvc line 2 holds a password or token in an address"
    ]


def test_what_mends_it_is_safe_to_copy() -> None:
    text = "['remote \"x=1; rm -rf ~\"']\n    password = made-up\n"
    (found,) = told(secrets, facts(settings=Settings((ConfigText(".dvc/config", text),), (), frozenset())))
    assert found.mend.startswith("dvc remote modify --unset 'x=1; rm -rf ~' password, keep it by")


def test_a_hostile_line_is_read_in_no_time() -> None:
    lines = [
        "a=" + " " * 200_000 + "x",
        "?sig" * 50_000,
        "a" * 200_000,
        "x://" + ":@" * 100_000,
        "[" * 200_000,
    ]
    settings = Settings((ConfigText(".dvc/config", "\n".join(lines)),), (), frozenset())
    began = time.process_time()
    told(secrets, facts(settings=settings))
    assert list(secrets.find_addresses("://\n" + "\n".join(f"://{line}" for line in lines))) == [5]
    assert time.process_time() - began < 2


def test_a_history_that_is_too_long_is_said_not_to_have_been_read() -> None:
    settings = Settings((), (), frozenset(), unseen="its history is too long to be looked through here")
    assert shown(secrets, facts(settings=settings)) == [
        "note: older versions of .dvc/config were not read: its history is too long to be looked through here"
    ]


def test_large_files_belong_in_dvc() -> None:
    mb = 1024 * 1024
    files = [LargeFile("model.bin", 200 * mb), *(LargeFile(f"{number}.csv", 20 * mb) for number in range(5))]
    clone = Clone((*files, LargeFile("new.csv", 30 * mb, tracked=False)), packed=2 * 1024 * mb, unseen="many")
    assert shown(large_files, facts(clone=clone)) == [
        "fault: git holds model.bin, 210 MB",
        *(f"warning: git holds {number}.csv, 21 MB" for number in range(4)),
        "warning: 2 more files of 10 MB and more",
        "note: the history has 2.1 GB",
        "note: not all files were looked at: many",
    ]
    (one,) = told(large_files, facts(clone=Clone((LargeFile("new.csv", 30 * mb, tracked=False),))))
    assert (one.level, one.what) == ("note", "new.csv has 31 MB, and neither git nor DVC knows it")


@pytest.mark.parametrize(
    ("driver", "said"),
    [
        (MergeDriver((("mergegate", "dvc.lock"),), "mergegate"), []),
        (
            MergeDriver((("unspecified", "dvc.lock"),), ""),
            ["note: git merges dvc.lock line by line"],
        ),
        (
            MergeDriver((("mergegate", "dvc.lock"), ("dvc", "*.dvc")), "mergegate"),
            ["warning: git merges *.dvc with DVC's own driver"],
        ),
        (
            MergeDriver((("mergegate", "dvc.lock"), ("union", "*.dvc")), "mergegate"),
            ["warning: git merges *.dvc line by line (union)"],
        ),
        (
            MergeDriver((("mergegate", "dvc.lock"),), ""),
            ["warning: the repository wants mergegate to merge DVC's files, and this clone was not told how"],
        ),
        (
            MergeDriver((("mergegate", "dvc.lock"),), "/gone/mergegate", program=False),
            ["warning: the program that this clone merges DVC's files with is gone"],
        ),
    ],
    ids=["well", "neither", "dvc's", "union", "not told", "gone"],
)
def test_how_dvcs_files_are_merged(driver: MergeDriver, said: list[str]) -> None:
    assert shown(merge_driver, facts(driver=driver)) == said


@pytest.mark.parametrize(
    ("hook", "said"),
    [
        (Hook("hooks/pre-push", present=True, kinds=("dvc", "mergegate")), []),
        (
            Hook("hooks/pre-push", present=True, kinds=("dvc",)),
            ["note: before a push hooks/pre-push runs DVC's hook and not mergegate's"],
        ),
        (Hook("hooks/pre-push", present=True), ["note: hooks/pre-push is there, and is not mergegate's"]),
        (Hook("hooks/pre-push", present=False), ["note: no hook looks before a push"]),
    ],
    ids=["ours", "dvc's", "another", "none"],
)
def test_a_hook_is_a_comfort_and_no_more(hook: Hook, said: list[str]) -> None:
    assert shown(hooks, facts(hook=hook)) == said


TOOLS = Tools("3.11.9", "0.1.0", "2.45.0", "3.67.1")


@pytest.mark.parametrize(
    ("tools", "said"),
    [
        (TOOLS, []),
        (replace(TOOLS, git=""), []),
        (replace(TOOLS, git="2.9.1"), ["fault: git is 2.9.1, and 2.30 is the oldest that works"]),
        (
            replace(TOOLS, dvc="2.58.2"),
            ["warning: DVC is 2.58.2, and mergegate is tested with 3.60 and newer"],
        ),
        (replace(TOOLS, dvc=None), []),
        (
            replace(TOOLS, dvc=None, plugins=(Plugin("store", "s3", installed=False, default=True),)),
            ["fault: DVC is not installed here"],
        ),
        (
            replace(
                TOOLS,
                plugins=(
                    Plugin("store", "s3", installed=True, default=True),
                    Plugin("old", "gs", installed=False, default=False),
                    Plugin("new", "ssh", installed=False, default=True),
                ),
            ),
            [
                "note: the remote old needs dvc-gs, which is not installed",
                "fault: the remote new needs dvc-ssh, which is not installed",
            ],
        ),
    ],
    ids=range(7),
)
def test_tools_must_be_there_and_new_enough(tools: Tools, said: list[str]) -> None:
    assert shown(versions, facts(tools=tools)) == said
