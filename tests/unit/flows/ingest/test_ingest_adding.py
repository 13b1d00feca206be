"""A .dvc file with new content: what DVC would write, and all else as it was."""

from pathlib import Path

import pytest

from mergegate import dag, repo
from mergegate.config.datasets import Dataset
from mergegate.dag.checksums import hash_tree
from mergegate.dag.document import parse
from mergegate.errors import UsageError
from mergegate.flows.evidence import Reading
from mergegate.flows.ingest.adding import plan_addition, store
from mergegate.flows.ingest.arrivals import Arrivals
from mergegate.flows.ingest.targets import Target, find_target
from mergegate.records.ingest import IngestedFile
from mergegate.records.pipeline import ObjectHash
from mergegate.repo.hashing import hash_bytes
from support.repositories import Repository

OLD = {"a": "a" * 32, "b": "b" * 32}

TEXT = """\
# of the tower
outs:
- md5: {md5}
  size: 30
  nfiles: 2
  hash: md5
  path: data
  desc: flights   # the towers' own
  push: true
meta:
  owner: Ada
"""


@pytest.fixture
def made(tmp_path: Path) -> Repository:
    return Repository.create(tmp_path)


def target(text: str = TEXT) -> Target:
    name = ObjectHash(md5=hash_tree(OLD), size=30, nfiles=2)
    document = parse(text.replace("{md5}", name.md5).encode(), "data.dvc")
    return Target(Dataset(path="data"), name, OLD, document, 0)


def arrived(folder: Path, path: str, data: bytes, *, corrects: bool = False) -> Arrivals:
    place = folder / "brought"
    place.write_bytes(data)
    file = IngestedFile(path=path, md5=hash_bytes(data), bytes=len(data), corrects=corrects)
    return Arrivals((file,), {path: place})


def test_only_the_content_changes(made: Repository, tmp_path: Path) -> None:
    project = made.project()
    arrivals = arrived(tmp_path, "c", b"twelve bytes")
    added = plan_addition(project, repo.Objects(project), target(), arrivals)
    assert added.files == {**OLD, "c": hash_bytes(b"twelve bytes")}
    expected = TEXT.replace("{md5}", hash_tree(dict(added.files))).replace("size: 30", "size: 42")
    assert added.text.decode() == expected.replace("nfiles: 2", "nfiles: 3")
    store(project, arrivals, added)
    assert repo.Objects(project).tree(added.name) == added.files
    assert repo.Objects(project).open(ObjectHash(md5=hash_bytes(b"twelve bytes"))).stat().st_mode & 0o222 == 0


def test_a_corrected_file_counts_once(made: Repository, tmp_path: Path) -> None:
    project = made.project()
    made.add_object(b"x")
    old = {"a": hash_bytes(b"x"), "b": "b" * 32}
    name = ObjectHash(md5=hash_tree(old), size=30, nfiles=2)
    document = parse(TEXT.replace("{md5}", name.md5).encode(), "data.dvc")
    found = Target(Dataset(path="data"), name, old, document, 0)
    arrivals = arrived(tmp_path, "a", b"yyy", corrects=True)
    added = plan_addition(project, repo.Objects(project), found, arrivals)
    assert (added.name.size, added.name.nfiles) == (32, 2)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("- md5: {md5}\n  path: data\n", "data was hashed by DVC 2: a new file can't join its list"),
        ("- md5: {md5}\n  hash: md5\n  cache: false\n  path: data\n", "data is not in DVC's cache"),
        (
            "- md5: {md5}\n  hash: md5\n  path: data\n  cloud: {s: {version_id: 1}}\n",
            "data is on a remote that keeps versions",
        ),
        (
            "- md5: {md5}\n  hash: md5\n  path: data/a\n",
            "data is not tracked as one: data.dvc tracks a part of it",
        ),
        ("- md5: {md5}\n  hash: md5\n  path: other\n", "no .dvc file at main tracks data"),
        ("- md5: {md5}\n  hash: md5\n  path: data\ndeps:\n- path: x\n", "data is imported (data.dvc)"),
    ],
)
def test_what_takes_no_new_files_says_so(made: Repository, entry: str, said: str) -> None:
    made.write("data.dvc", "outs:\n" + entry.replace("{md5}", hash_tree(OLD)))
    made.commit()
    project = made.project()
    revision = repo.resolve(project, "main")
    with repo.open_commit(project, revision) as files:
        reading = Reading("base", revision, files, dag.read(files))
        with pytest.raises(UsageError) as caught:
            find_target(reading, repo.Objects(project), Dataset(path="data"))
    assert caught.value.message.startswith(said)
    assert caught.value.hint
