import json
from collections.abc import Mapping

import pytest

from mergegate import dag
from mergegate.dag.checksums import hash_tree
from mergegate.errors import ConfigError, ObjectError
from mergegate.records.pipeline import ObjectHash
from mergegate.records.review import LockFinding
from support.memory import MemoryFiles, md5_of

CODE = "print()\n"


def entry(path: str, content: str, **more: str) -> dict[str, str]:
    """An entry of dvc.lock for a file with this content."""
    return {"path": path, "hash": "md5", "md5": md5_of(content)} | more


def files(stage: Mapping[str, object], block: Mapping[str, object] | None, **held: str) -> MemoryFiles:
    """One stage `s`, its block, and files by name, `code.py` and `params.yaml` among them."""
    lock = {"schema": "2.0", "stages": {} if block is None else {"s": block}}
    return MemoryFiles(
        {
            "dvc.yaml": json.dumps({"stages": {"s": {"cmd": "x", **stage}}}),
            "dvc.lock": json.dumps(lock),
            "code.py": CODE,
            **{name.replace("__", "."): text for name, text in held.items()},
        }
    )


def find(revision: MemoryFiles, tree: dag.Tree | None = None) -> tuple[LockFinding, ...]:
    return dag.chain(dag.read(revision), revision, "head", tree=tree)


def say(revision: MemoryFiles) -> list[tuple[str, str, str]]:
    return [(finding.kind, finding.path, finding.message) for finding in find(revision)]


def test_a_stage_that_never_ran() -> None:
    assert find(files({}, None)) == (
        LockFinding(
            side="head",
            kind="not-run",
            stage="s",
            path="dvc.lock",
            message="s is not in dvc.lock: it never ran",
            mend="dvc repro s",
        ),
    )


def test_another_command() -> None:
    assert say(files({"cmd": ["x", "y"]}, {"cmd": "x"})) == [
        ("command", "dvc.yaml", "s ran with another command than dvc.yaml has")
    ]


def test_sets_that_differ_name_what_came_and_went() -> None:
    names = [f"d{index}" for index in range(9)]
    revision = files(
        {"deps": ["code.py", *names], "outs": ["o"], "params": ["a"]},
        {
            "cmd": "x",
            "deps": [entry("code.py", CODE)],
            "outs": [entry("p", "")],
            "params": {"params.yaml": {"b": 1}},
        },
        params__yaml="a: 1\nb: 1\n",
    )
    assert say(revision) == [
        (
            "deps-changed",
            "d0",
            "s has other dependencies in dvc.yaml than it ran with: d0, d1, d2, d3, d4 and 4 more added",
        ),
        ("outs-changed", "o", "s has other outputs in dvc.yaml than it ran with: o added, p taken out"),
        (
            "params-changed",
            "params.yaml:a",
            "s has other params in dvc.yaml than it ran with: params.yaml:a added, params.yaml:b taken out",
        ),
    ]


@pytest.mark.parametrize(
    ("wanted", "locked", "text", "stale"),
    [
        (["a"], {"a": 1}, "a: 2\n", "a"),
        (["a.b", "c"], {"a.b": 1, "c": 2}, "a: {b: 3}\n", "a.b, c"),
        (["a"], {"a": {"x": 1}}, "a: {x: 1, y: 2}\n", "a"),
        ([{"params.yaml": None}], {"a": 1, "b": 2}, "a: 1\nc: 3\n", "b, c"),
    ],
)
def test_params_with_other_values(
    wanted: list[object], locked: dict[str, object], text: str, stale: str
) -> None:
    revision = files({"params": wanted}, {"cmd": "x", "params": {"params.yaml": locked}}, params__yaml=text)
    assert say(revision) == [
        ("param-value", "params.yaml", f"s ran with other values of {stale} than params.yaml has")
    ]


def test_a_nan_is_the_same_nan() -> None:
    revision = files(
        {"params": ["a"]},
        {"cmd": "x", "params": {"params.yaml": {"a": float("nan")}}},
        params__yaml="a: .nan\n",
    )
    text = (revision.read("dvc.lock") or b"").decode().replace("NaN", ".nan")
    assert (
        find(
            MemoryFiles({path: revision.read(path) or b"" for path in revision.paths()} | {"dvc.lock": text})
        )
        == ()
    )


def test_a_params_file_that_is_gone_or_broken() -> None:
    block = {"cmd": "x", "params": {"params.yaml": {"a": 1}}}
    assert say(files({"params": ["a"]}, block)) == [
        ("missing", "params.yaml", "s reads params from params.yaml, and there is no such file")
    ]
    with pytest.raises(ConfigError, match=r"params\.yaml:2: is not valid YAML"):
        find(files({"params": ["a"]}, block, params__yaml="a: [\n"))


def test_a_dependency_that_nothing_gives() -> None:
    (finding,) = find(files({"deps": ["no file"]}, {"cmd": "x", "deps": [entry("no file", "")]}))
    assert (finding.kind, finding.message, finding.mend) == (
        "missing",
        "s reads no file, and git has no such file",
        "git add 'no file'",
    )


def test_entries_without_a_checksum() -> None:
    revision = files(
        {"deps": ["d", "s3://b/x"], "outs": ["o"]},
        {"cmd": "x", "deps": [{"path": "d"}, {"path": "s3://b/x", "etag": "e"}], "outs": [{"path": "o"}]},
        d__dvc="outs: [{path: d}]\n",
    )
    assert say(revision) == [
        ("no-checksum", "d", "dvc.lock records no checksum for d, which s reads"),
        ("no-checksum", "o", "dvc.lock records no checksum for o, an output of s"),
        ("no-checksum", "d", "d.dvc records no checksum for d: nobody can get its data"),
    ]


def test_crlf_counts_only_where_it_counted_when_the_stage_ran() -> None:
    legacy = {"path": "code.py", "md5": md5_of(CODE)}
    crlf = CODE.replace("\n", "\r\n")
    stage: dict[str, object] = {"deps": ["code.py"]}
    assert find(files(stage, {"cmd": "x", "deps": [legacy]}, code__py=crlf)) == ()
    (noted,) = find(files(stage, {"cmd": "x", "deps": [entry("code.py", CODE)]}, code__py=crlf))
    assert (noted.kind, noted.blocking) == ("unchecked", False)


def test_what_is_taken_out_is_run_by_force_for_dvc_sees_nothing_to_do() -> None:
    ran = {
        "cmd": "x",
        "deps": [entry("d", "d")],
        "outs": [entry("o", "o")],
        "params": {"params.yaml": {"a": 1}},
    }
    for frozen, thaw in ((False, ""), (True, "dvc unfreeze s && ")):
        found = find(files({"frozen": frozen, "deps": ["n"]}, ran, n="n"))
        assert {each.kind: each.mend for each in found if each.kind != "frozen"} == dict.fromkeys(
            ("deps-changed", "outs-changed", "params-changed"), f"{thaw}dvc repro --force --single-item s"
        )
    (added,) = find(files({"deps": ["n"]}, {"cmd": "x"}, n="n"))
    assert (added.kind, added.mend) == ("deps-changed", "dvc repro s")


def test_data_hashed_by_two_versions_of_dvc_is_mended_by_force() -> None:
    revision = files(
        {"deps": ["d"]},
        {"cmd": "x", "deps": [{"path": "d", "md5": md5_of("a\n")}]},
        d__dvc=f"outs: [{{path: d, hash: md5, md5: {md5_of('b')}}}]\n",
    )
    (finding,) = find(revision)
    assert (finding.kind, finding.mend) == ("broken-link", "dvc repro --force s")


def test_a_folder_of_code_with_more_files_than_git_has() -> None:
    locked = entry("pack", "", md5=hash_tree({"a.py": md5_of("1"), "__pycache__/a.pyc": md5_of("2")}))
    revision = files(
        {"deps": ["pack"]}, {"cmd": "x", "deps": [locked | {"nfiles": 2}]}, **{"pack/a__py": "1"}
    )
    assert say(revision) == [
        (
            "edited",
            "pack",
            "s ran on a pack of 2 files, and git has 1: what git ignores (`__pycache__`)"
            " belongs in .dvcignore too",
        )
    ]


TREE = {"a.csv": md5_of("a"), "sub/b.csv": md5_of("b")}


class TestInsideTrackedFolders:
    def revision(self, path: str, md5: str) -> MemoryFiles:
        return files(
            {"deps": [path]},
            {"cmd": "x", "deps": [{"path": path, "hash": "md5", "md5": md5}]},
            d__dvc=f"outs: [{{path: d, hash: md5, md5: {hash_tree(TREE)}}}]\n",
        )

    def tree(self, name: ObjectHash) -> dict[str, str]:
        assert name.md5 == hash_tree(TREE)
        return TREE

    def test_the_folder_itself_needs_no_list(self) -> None:
        assert find(self.revision("d", hash_tree(TREE))) == ()
        assert [f.kind for f in find(self.revision("d", md5_of("x") + ".dir"))] == ["broken-link"]

    @pytest.mark.parametrize("path", ["d/a.csv", "d/sub/b.csv"])
    def test_a_file(self, path: str) -> None:
        good, bad = self.revision(path, TREE[path[2:]]), self.revision(path, md5_of("x"))
        assert find(good, tree=self.tree) == ()
        assert [f.message for f in find(bad, tree=self.tree)] == [
            f"s ran on another {path} than d.dvc records"
        ]

    def test_a_folder_inside(self) -> None:
        part = hash_tree({"b.csv": md5_of("b")})
        assert find(self.revision("d/sub", part), tree=self.tree) == ()

    def test_a_file_that_the_list_lacks(self) -> None:
        (finding,) = find(self.revision("d/no.csv", md5_of("x")), tree=self.tree)
        assert (finding.kind, finding.message) == (
            "missing",
            "s reads d/no.csv, and d.dvc has no such file in d",
        )

    @pytest.mark.parametrize("path", ["d/a.csv", "d/sub"])
    def test_a_list_that_is_lost_blocks_the_change_that_lost_it(self, path: str) -> None:
        def lost(name: ObjectHash) -> dict[str, str]:
            raise ObjectError("it is lost")

        revision = self.revision(path, md5_of("x"))
        (found,) = find(revision, tree=lost)
        assert found == LockFinding(
            side="head",
            kind="unchecked",
            stage="s",
            path=path,
            message=f"s: {path} can't be checked: the list of files in d can't be had, so push it from"
            " where it is whole (it is lost)",
            mend="dvc push",
        )
        (before,) = dag.chain(dag.read(revision), revision, "base", tree=lost)
        assert not before.blocking

    def test_who_gives_no_lists_is_told_what_was_not_checked(self) -> None:
        (found,) = find(self.revision("d/a.csv", md5_of("x")))
        assert (found.kind, found.message, found.blocking) == (
            "unchecked",
            "s: d/a.csv can't be checked: the list of files in d is not at hand",
            False,
        )

    def test_a_file_in_the_place_of_the_folder_holds_nothing(self) -> None:
        revision = files(
            {"deps": ["d/a.csv"]},
            {"cmd": "x", "deps": [entry("d/a.csv", "a")]},
            d__dvc=f"outs: [{{path: d, hash: md5, md5: {md5_of('x')}}}]\n",
        )
        (found,) = find(revision, tree=self.tree)
        assert (found.kind, found.mend, found.blocking) == ("missing", "dvc repro s", True)

    @pytest.mark.parametrize(("content", "kinds"), [("a", []), ("x", ["broken-link"])])
    def test_another_dvc_version_s_entry_is_no_way_around_the_list(
        self, content: str, kinds: list[str]
    ) -> None:
        revision = files(
            {"deps": ["d/a.csv"]},
            {"cmd": "x", "deps": [{"path": "d/a.csv", "md5": md5_of(content)}]},
            d__dvc=f"outs: [{{path: d, hash: md5, md5: {hash_tree(TREE)}}}]\n",
        )
        assert [found.kind for found in find(revision, tree=self.tree) if found.blocking] == kinds


LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize {size}\n"


class TestStoredOtherwise:
    def notes(self, revision: MemoryFiles) -> list[tuple[str, str, bool]]:
        return [(found.kind, found.message, found.blocking) for found in find(revision)]

    @pytest.mark.parametrize(("ran", "held"), [("a\r\nb\r\n", "a\nb\n"), ("a\nb\n", "a\r\nb\r\n")])
    def test_other_line_ends_are_noted(self, ran: str, held: str) -> None:
        said = "can't be checked: git holds the same text with other line ends (CRLF or LF)"
        stage: dict[str, object] = {"deps": ["t"], "metrics": [{"m": {"cache": False}}]}
        block: dict[str, object] = {"cmd": "x", "deps": [entry("t", ran)], "outs": [entry("m", ran)]}
        assert self.notes(files(stage, block, t=held, m=held)) == [
            ("unchecked", f"s: t {said}", False),
            ("unchecked", f"s: m {said}", False),
        ]
        edited = files(stage, block, t=held + "c", m=held + "c")
        assert [found.kind for found in find(edited)] == ["edited", "output-edited"]

    def test_other_line_ends_in_a_folder_leave_its_binary_files_alone(self) -> None:
        tree = {"a": md5_of("1\r\n"), "b": md5_of("\0\n")}
        block: dict[str, object] = {"cmd": "x", "deps": [entry("p", "", md5=hash_tree(tree))]}
        same = files({"deps": ["p"]}, block, **{"p/a": "1\n", "p/b": "\0\n"})
        edited = files({"deps": ["p"]}, block, **{"p/a": "2\n", "p/b": "\0\n"})
        assert [(found.kind, found.blocking) for found in find(same)] == [("unchecked", False)]
        assert [(found.kind, found.blocking) for found in find(edited)] == [("edited", True)]

    def test_a_pointer_of_git_lfs_is_named_unless_its_size_tells_of_an_edit(self) -> None:
        block: dict[str, object] = {"cmd": "x", "deps": [{**entry("t", "real"), "size": 4}]}
        assert self.notes(files({"deps": ["t"]}, block, t=LFS.format(size=4))) == [
            ("unchecked", "s: t can't be checked: git has only a pointer of Git LFS", False)
        ]
        assert [f.kind for f in find(files({"deps": ["t"]}, block, t=LFS.format(size=5)))] == ["edited"]

    @pytest.mark.parametrize(
        ("path", "why"),
        [("libs/a", "it is in"), ("libs/a/x", "it is in"), ("libs", "it holds"), ("libs/ab", None)],
    )
    def test_a_submodule_is_named(self, path: str, why: str | None) -> None:
        revision = files(
            {"deps": [path]},
            {"cmd": "x", "deps": [entry(path, "")]},
            **{"__gitmodules": '[submodule "a"]\n\tpath = libs/a\n\turl = https://example.org/x\n'},
        )
        (found,) = find(revision)
        if why is None:
            assert (found.kind, found.mend) == ("missing", "git add libs/ab")
        else:
            said = f"s: {path} can't be checked: {why} a submodule, whose files are in another repository"
            assert (found.kind, found.message, found.mend, found.blocking) == ("unchecked", said, "", False)


def test_what_is_outside_can_t_be_checked() -> None:
    revision = files(
        {"deps": ["/data/x", "../beside"]},
        {"cmd": "x", "deps": [entry("/data/x", ""), entry("../beside", "")]},
    )
    assert [(finding.kind, finding.message, finding.blocking) for finding in find(revision)] == [
        ("unchecked", "s: /data/x can't be checked: it is outside of the repository", False),
        ("unchecked", "s: ../beside can't be checked: it is above the project", False),
    ]


def test_an_output_that_git_should_hold() -> None:
    stage: dict[str, object] = {"metrics": [{"m.json": {"cache": False}}]}
    block: dict[str, object] = {"cmd": "x", "outs": [entry("m.json", "1")]}
    assert find(files(stage, block, m__json="1")) == ()
    assert [(f.kind, f.blocking) for f in find(files(stage, block, m__json="2"))] == [("output-edited", True)]
    (absent,) = find(files(stage, block))
    assert (absent.kind, absent.mend, absent.blocking) == ("not-in-git", "git add m.json", False)


def test_mends_are_safe_to_paste() -> None:
    hostile = "a; rm -rf ~ $(id) `id`"
    revision = MemoryFiles({"dvc.yaml": json.dumps({"stages": {hostile: {"cmd": "x"}}})})
    (finding,) = find(revision)
    assert finding.mend == "dvc repro 'a; rm -rf ~ $(id) `id`'"
