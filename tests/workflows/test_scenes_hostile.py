"""What a stranger sends to harm the job that judges, or whoever reads its comment."""

import io
import json
import shutil
import stat
import warnings
import zipfile
from collections.abc import Callable

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from support.attacks import ATTACKS
from support.loop import POLICY, Scene
from support.strangers import FORK, MANIFEST, Stranger, assert_harmless, packed

pytestmark = pytest.mark.needs("node")

Scenes = Callable[..., Scene]

PREDICTIONS = "reports/predictions.parquet"
PLACE = "objects/files/md5/d4/1d8cd98f00b204e9800998ecf8427e"
"""Where an object of no bytes is."""


EMPTY = """\
outs:
- md5: d41d8cd98f00b204e9800998ecf8427e
  size: 0
  hash: md5
  path: %s
"""


SUBMODULE = """\
[submodule "x"]
\tpath = x
\turl = --upload-pack=touch${IFS}pwned
\tupdate = !touch pwned
"""


def entry(name: str, *, mode: int = 0) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("x")
    info.filename = info.orig_filename = name
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = mode << 16
    return info


def zipped(*entries: tuple[zipfile.ZipInfo, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        archive.writestr("evidence.json", MANIFEST)
        for info, content in entries:
            archive.writestr(info, content)
    return stream.getvalue()


def encrypted(data: bytes) -> bytes:
    """The zip with the sign of encryption at every entry."""
    changed = bytearray(data)
    for mark, place in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        at = data.find(mark)
        while at >= 0:
            changed[at + place] |= 1
            at = data.find(mark, at + 1)
    return bytes(changed)


ARCHIVES = {
    "bomb": (zipped((entry(PLACE), b"\0" * 20_000_000)), "unpacks to more than 500 times its bytes"),
    "out of its folder": (zipped((entry("../../../pwned"), b"x")), "../../../pwned is neither a DVC object"),
    "at the top": (zipped((entry("/tmp/pwned"), b"x")), "/tmp/pwned is neither a DVC object"),
    "a link": (zipped((entry(PLACE, mode=stat.S_IFLNK | 0o777), b"/etc/passwd")), "but a link or a device"),
    "twice": (zipped((entry(PLACE), b""), (entry(PLACE), b"x")), "stands in it twice"),
    "a zip in it": (zipped((entry("evidence.zip"), packed({"x": b""}))), "evidence.zip is neither"),
    "encrypted": (encrypted(zipped((entry(PLACE), b""))), "is encrypted"),
    "an older form": (packed({"evidence.json": b'{"schema": 0, "mergegate": "0.0.1"}'}), "the form 1"),
    "a record of another form": (
        packed({"evidence.json": MANIFEST, "reproduce.json": b'{"schema": 0}'}),
        "its reproduce.json is not what",
    ),
    "a hostile name": (zipped((entry("$(touch pwned)\n<img src=x>@team"), b"")), "is neither a DVC object"),
    "no zip": (b"<html>not found</html>", "it is no whole zip file"),
    "of no bytes": (b"", "it is no whole zip file"),
}


def test_a_bomb_in_the_artifact_is_an_error_in_words(scene: Scenes) -> None:
    stage = scene(begins=False)
    mallory = Stranger(stage)
    mallory.take_over()
    data, said = ARCHIVES["bomb"]
    pull = mallory.propose(data, association="CONTRIBUTOR")
    status = stage.status(pull)
    assert (status.state, said in str(status.description)) == ("error", True), status
    (comment,) = stage.comments(pull)
    assert "## ⚠️ Not judged" in comment.body
    assert_harmless(stage)


def test_hostile_archives_are_refused_one_like_the_other(scene: Scenes) -> None:
    mallory = Stranger(scene(begins=False))
    for name, (data, said) in ARCHIVES.items():
        judged = mallory.submit(data)
        assert (judged.state, judged.review) == ("error", None), name
        assert said in judged.sentence, name


def test_an_artifact_of_another_name_or_with_another_pull_requests_number_is_no_evidence(
    scene: Scenes,
) -> None:
    stage = scene(begins=False)
    mallory = Stranger(stage, "bad")
    good = mallory.evidence()
    nothing = mallory.submit(None)
    assert nothing.description == "the run left no artifact mergegate-evidence, so there is nothing to judge"
    last = max(stage.server.runs)
    for name in ("mergegate-evidence ", "Mergegate-Evidence", "mergegate-judgement"):
        stage.server.add_artifact(last, name, good)
    assert mallory.judge(last) == nothing
    numbered = mallory.submit(mallory.evidence({"pr-number.txt": b"1"}))
    assert (numbered.number, numbered.state) == (2, "error")
    assert "pr-number.txt is neither a DVC object" in numbered.description


def test_names_and_values_of_a_change_are_text_in_its_comment(scene: Scenes) -> None:
    stage = scene(begins=False)
    mallory = Stranger(stage)
    project, true = mallory.project, mallory.read(PREDICTIONS)
    policy = POLICY.replace("max_regression: 0.05}", "max_regression: 0.05, slices: [group], min_rows: 1}")

    def grouped(names: list[str]) -> bytes:
        table = pq.read_table(io.BytesIO(true))
        table = table.append_column("group", pa.array([names[row % len(names)] for row in range(400)]))
        for number, attack in enumerate(ATTACKS[:40]):
            table = table.append_column(f"{attack}{number}", pa.array(range(400)))
        stream = io.BytesIO()
        pq.write_table(table, stream)
        return stream.getvalue()

    attacks = [each for each in ATTACKS if "\ud800" not in each]
    project.git("switch", "--quiet", "main")
    project.write("mergegate.yaml", policy)
    mallory.lie(PREDICTIONS, grouped(attacks))
    project.commit("Judge groups")
    stage.hosting.seed(project.root)
    project.git("switch", "--quiet", "--force-create", "change", "main")
    mallory.take_over()
    mallory.lie(PREDICTIONS, grouped(attacks))
    longest = "@team <img src=x> | " * 200_000
    metrics = json.dumps(dict.fromkeys([*attacks, longest], 1.5))
    mallory.lie("reports/metrics.json", metrics.encode())
    project.write("reports/metrics.json", metrics)
    params = [f"  {json.dumps(each)}: {json.dumps(each)}\n" for each in attacks if len(each) < 100]
    project.write("params.yaml", f"train:\n  variant: better\n{''.join(params)}")
    for number, name in enumerate(
        ("|<img src=x>@team", "`touch pwned`", "](x)\n# heading", "$(touch pwned)")
    ):
        project.write(f"data/{name}.csv.dvc", EMPTY % f"{number}.csv")
    pull = mallory.propose(mallory.evidence(), association="CONTRIBUTOR")
    status = stage.status(pull)
    (comment,) = stage.comments(pull)
    assert status.state == "failure", stage.log()
    assert "@" not in str(status.description)
    assert "66 params changed" in comment.body
    assert "where group is" in comment.body
    assert_harmless(stage)


def test_a_tree_that_means_harm_is_read_and_never_checked_out(scene: Scenes) -> None:
    stage = scene(begins=False)
    mallory = Stranger(stage)
    project, server = mallory.project, stage.server
    project.write(".gitconfig", '[filter "evil"]\n\tsmudge = touch pwned\n')
    project.write("hooks/post-checkout", "#!/bin/sh\ntouch pwned\n").chmod(0o755)
    metadata = f"{server.url}/latest/meta-data"
    project.write(
        ".dvc/config",
        "[core]\n    remote = here\n"
        f"['remote \"here\"']\n    url = {metadata}\n"
        "['remote \"etc\"']\n    url = file:///etc\n",
    )
    (project.root / "data/hooks").symlink_to("../.git/hooks")
    (project.root / "models/up").symlink_to("../../..")
    (project.root / "reports/passwd.json").symlink_to("/etc/passwd")
    mallory.take_over()
    del mallory.objects[mallory.named(PREDICTIONS)]
    pull = mallory.propose(mallory.evidence(), association="CONTRIBUTOR")
    status = stage.status(pull)
    assert status.state in ("failure", "error"), status
    assert "the evidence " in str(status.description)
    assert not [each.path for each in server.requests if "meta-data" in each.path]
    assert_harmless(stage)
    server.pulls.clear()
    project.write(".gitmodules", SUBMODULE)
    refused = [mallory.submit(mallory.evidence())]
    inner = project.git("rev-parse", "HEAD:variants").strip()
    file = project.home / "tree"
    for name in (b".GIT", b".git ", "\u200c.git".encode()):
        file.write_bytes(b"40000 " + name + b"\0" + bytes.fromhex(inner))
        tree = project.git("hash-object", "-t", "tree", "-w", "--literally", str(file)).strip()
        head = project.git("commit-tree", tree, "-p", "HEAD", "-m", "Mean harm").strip()
        refused.append(mallory.submit(mallory.evidence(), head))
    for judged in refused:
        assert (judged.state, judged.review) == ("error", None)
        assert judged.description.startswith("git refuses what the change holds, as it could harm whoever")


def test_a_judge_that_is_killed_is_an_error_in_words(scene: Scenes) -> None:
    stage = scene(begins=False)
    kept = stage.hosting.folder / "tools/kept"
    (kept / "real").mkdir()
    real = shutil.move(kept / "mergegate", kept / "real/mergegate")
    (kept / "mergegate").write_text(f'#!/bin/sh\n[ "$1" = judge ] && kill -KILL $$\nexec {real} "$@"\n')
    (kept / "mergegate").chmod(0o755)
    pull = stage.propose("better", fork=FORK, by="mallory", association="CONTRIBUTOR")
    ended = stage.runner.runs[-1]
    assert (ended.job("judge").result, "Killed" in ended.log) == ("failure", True), ended.log
    status = stage.status(pull)
    assert (status.state, status.description) == ("error", "the job that judges ended without a judgement")
    (comment,) = stage.comments(pull)
    assert "look at its log, and run the workflow again" in comment.body
    assert_harmless(stage)
