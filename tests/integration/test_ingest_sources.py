"""Where new files come from, and which of them may not come in."""

import hashlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from support.github.server import GitHubServer
from support.incoming import POLICY, TOKEN, Incoming, build, table
from support.s3 import CREDENTIALS, S3, serve

APRIL = "2013-04.parquet"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("incoming") / "team"
    build(folder)
    return folder


@pytest.fixture
def team(built: Path, tmp_path: Path, github: GitHubServer) -> Incoming:
    shutil.copytree(built, tmp_path / "team", symlinks=True)
    return Incoming(tmp_path / "team", github)


@pytest.fixture
def s3(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[S3]:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with serve() as server:
        yield server


def source(team: Incoming, entry: str) -> None:
    """Merge another source into main."""
    team.author.replace("mergegate.yaml", "{folder: ../drop}", f"{{{entry}}}")
    team.merge()
    team.made.git("fetch", "--quiet")


def as_bytes(content: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(content, sink)
    return bytes(sink.getvalue())


def test_a_command_writes_new_files_and_is_told_what_is_there(team: Incoming) -> None:
    team.author.write(
        "fetch.py",
        "import os, pathlib, sys\n"
        "import pyarrow as pa, pyarrow.parquet as pq\n"
        "known = pathlib.Path(os.environ['MERGEGATE_INGEST_KNOWN']).read_text().split()\n"
        "assert known == ['2013-01.parquet', '2013-02.parquet', '2013-03.parquet'], known\n"
        "table = pa.table({'month': [4], 'flight': [1], 'late': [0]})\n"
        "pq.write_table(table, os.environ['MERGEGATE_INGEST_INTO'] + '/' + sys.argv[1])\n",
    )
    source(team, f"command: \"python fetch.py '{APRIL}'\"")
    told = team.ask("--open-pr")
    assert (told["outcome"], [file["path"] for file in told["files"]]) == ("opened", [APRIL])
    assert told["source"] == "command python"


def test_a_command_is_given_no_token_and_only_what_it_needs(team: Incoming) -> None:
    seen = team.folder / "seen"
    source(team, f"""command: "sh -c 'env > {seen}'", env: [STATION_KEY]""")
    told = team.ask("--open-pr", STATION_KEY="k", AWS_SECRET_ACCESS_KEY="a", GH_TOKEN="g", GITHUB_TOKEN="job")
    assert told["outcome"] == "nothing"
    names = {line.partition("=")[0] for line in seen.read_text().splitlines()}
    assert {"PATH", "HOME", "STATION_KEY", "MERGEGATE_INGEST_INTO", "MERGEGATE_INGEST_KNOWN"} <= names
    odd = {"AWS_SECRET_ACCESS_KEY", "GH_TOKEN", "GITHUB_TOKEN", "MERGEGATE_TOKEN", "GITHUB_REPOSITORY"}
    assert names & odd == set()
    assert TOKEN not in seen.read_text()


@pytest.mark.parametrize(
    ("command", "said", "code"),
    [
        ("sh -c 'echo no station; exit 7'", "the source's command sh ended with 7\n  no station", 3),
        ("sh -c 'sleep 60'", "the source's command sh did not end within 0.5 s", 3),
        ("no-such-program", "the source's command no-such-program was not found", 2),
    ],
)
def test_a_command_that_fails_opens_nothing(team: Incoming, command: str, said: str, code: int) -> None:
    source(team, f'command: "{command}", timeout: 0.5')
    told = team.ask("--open-pr", code=code)
    assert (told["outcome"], told["problem"]) == ("failed", said)
    assert team.github.pulls == {}


def test_a_prefix_and_the_data_remote_on_s3(tmp_path: Path, github: GitHubServer, s3: S3) -> None:
    s3.make_bucket("team")
    policy = POLICY.replace("folder: ../drop", "prefix: 'remote://store/incoming/flights'")
    build(tmp_path / "team", policy=policy, remote=s3.config("team"), variables=CREDENTIALS)
    team = Incoming(tmp_path / "team", github, **CREDENTIALS)
    january = (team.author.path / "data/flights/2013-01.parquet").read_bytes()
    s3.put("team/deep/incoming/flights/2013-01.parquet", january)
    s3.put(f"team/deep/incoming/flights/{APRIL}", as_bytes(table(4)))
    s3.put("team/deep/incoming/flights/_SUCCESS", b"")
    told = team.ask("--open-pr")
    assert (told["outcome"], [file["path"] for file in told["files"]]) == ("opened", [APRIL])
    # A file whose bytes are there, as S3 itself says, is not even read.
    read = [path for method, path in s3.requests if method == "GET" and "incoming/flights/2013" in path]
    assert read == [f"/team/deep/incoming/flights/{APRIL}"]
    clone = team.clone("fresh")
    clone.dvc("pull", "--quiet")
    assert len(team.listed(clone)) == 4


def test_a_prefix_that_is_not_there_is_a_sentence(team: Incoming) -> None:
    source(team, "prefix: 'remote://nowhere/in'")
    told = team.ask("--open-pr", code=3)
    assert told["problem"].startswith("remote://nowhere/in can't be opened: ")


def late(team: Incoming) -> None:
    content = table(4)
    team.bring(APRIL, content.set_column(2, "late", pa.array(["no"] * 20)))


def lacking(team: Incoming) -> None:
    team.bring(APRIL, table(4).drop_columns(["flight"]))


def twice(team: Incoming) -> None:
    team.bring(APRIL, pa.concat_tables([table(4), table(4, rows=2)]))


def known(team: Incoming) -> None:
    team.author.dvc("pull", "--quiet")
    team.made.dvc("fetch", "--quiet")
    team.bring(APRIL, table(3, rows=10))


def damaged(team: Incoming) -> None:
    team.bring(APRIL, table(4)).write_bytes(b"PAR1 and no more")


def empty(team: Incoming) -> None:
    (team.drop / APRIL).touch()


def other(team: Incoming) -> None:
    pyarrow.csv.write_csv(table(4), team.drop / "2013-04.csv")


def linked(team: Incoming) -> None:
    (team.drop / APRIL).symlink_to(team.folder / "clone/mergegate.yaml")


def cased(team: Incoming) -> None:
    team.bring("2013-03.PARQUET", table(4))


def nested(team: Incoming) -> None:
    team.bring(f"2013-03.parquet/{APRIL}", table(4))


def quoted(team: Incoming) -> None:
    team.bring("`code`.parquet", table(4))


def unseen(team: Incoming) -> None:
    team.bring("2013-04\u202e.parquet", table(4))


@pytest.mark.parametrize(
    ("bring", "said"),
    [
        (late, "schema: late was int64, and is text now"),
        (lacking, "key column `flight` is missing in the new files"),
        (twice, "unique_key: 2 rows of head have the month, flight of another"),
        (known, "unique_key: 10 added rows have the month, flight of a row in a file that did not change"),
        (damaged, "is no whole Parquet file"),
        (empty, "2013-04.parquet is empty"),
        (other, "2013-04.csv is no parquet, as the dataset's files are"),
        (linked, "2013-04.parquet in ../drop is no plain file but a link or the like"),
        (cased, "2013-03.PARQUET differs from 2013-03.parquet by case alone"),
        (nested, "2013-03.parquet would be a file and a folder that holds 2013-03.parquet/2013-04.parquet"),
        (quoted, "the name `code`.parquet holds a sign that other systems give a meaning"),
        (unseen, "the name 2013-04\\u202e.parquet holds signs that can't be seen"),
    ],
)
def test_what_is_not_as_the_dataset_is_stays_out(
    team: Incoming, bring: Callable[[Incoming], None], said: str
) -> None:
    bring(team)
    told = team.ask("--open-pr", code=1)
    assert told["outcome"] == "refused"
    assert said in told["problem"]
    assert (team.github.pulls, team.tip()) == ({}, None)


def test_too_much_at_once_is_refused_before_it_is_copied(team: Incoming) -> None:
    source(team, "folder: ../drop, max_size_mb: 0.001")
    team.bring(APRIL, table(4))
    told = team.ask("--open-pr", code=1)
    assert told["problem"] == "the new files have more than 1.0 kB together"


def test_a_stages_output_takes_no_new_files(team: Incoming) -> None:
    team.author.write(
        "dvc.yaml",
        "stages:\n  copy:\n    cmd: cp -r data/flights out\n    deps: [data/flights]\n    outs: [out]\n",
    )
    team.author.replace("mergegate.yaml", "path: data/flights", "path: out")
    team.merge()
    told = team.ask("--open-pr", code=2)
    assert told["problem"] == "out is written by the stage copy: its next run would drop new files"


def test_hostile_names_are_inert_in_the_pull_request(team: Incoming) -> None:
    name = "$(touch x) @ada #1 [x](y) [skip ci].parquet"
    team.bring(name, table(4))
    team.ask("--open-pr")
    (pull,) = team.github.pulls.values()
    assert pull.title == "Add 1 file to data/flights"
    message = team.made.git("log", "-1", "--format=%B", team.tip() or "")
    for text in (pull.title, pull.body, message):
        assert "[skip ci]" not in text
        assert "@ada" not in text
        assert "[x](y)" not in text


def test_a_dataset_of_one_file_is_replaced_by_a_command_alone(team: Incoming) -> None:
    author = team.author
    author.write("data/planes.csv", "tail,seats\nN1,100\n")
    author.dvc("add", "--quiet", "data/planes.csv")
    author.dvc("push", "--quiet")
    author.write("data/next.csv", "tail,seats\nN1,100\nN2,200\n")
    author.replace("mergegate.yaml", "data/flights", "data/planes.csv")
    author.replace("mergegate.yaml", "[month, flight]", "tail")
    source(team, "folder: ../drop")
    told = team.ask("--open-pr", code=2)
    assert told["problem"] == "data/planes.csv is one file, which only a `command` can replace"
    author.write("fetch.sh", 'cp data/next.csv "$MERGEGATE_INGEST_INTO/planes.csv"\n')
    author.replace("mergegate.yaml", "folder: ../drop", "command: sh fetch.sh")
    team.merge()
    told = team.ask("--open-pr")
    (pull,) = team.github.pulls.values()
    assert (told["outcome"], pull.title) == ("opened", "Replace data/planes.csv")
    clone = team.clone("fresh", "mergegate/ingest/data-planes-csv")
    clone.dvc("pull", "--quiet", "data/planes.csv.dvc")
    assert (clone.path / "data/planes.csv").read_text() == "tail,seats\nN1,100\nN2,200\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("data/planes",), "data/planes is no dataset of mergegate.yaml at main"),
        (("--require-checks",), "--require-checks is about pull requests"),
    ],
)
def test_a_question_that_cannot_be_answered_is_a_sentence(
    team: Incoming, arguments: tuple[str, ...], said: str
) -> None:
    _, err = team.run(*arguments, code=2)
    assert said in err.replace("origin/", "")


def test_without_a_token_no_pull_request_is_tried(team: Incoming) -> None:
    _, err = team.run("--open-pr", token="", code=2)
    assert "there is no token to open a pull request with" in err


# The newest is what the new one is held against.
@pytest.mark.parametrize(("month", "says"), [(1, "lacks"), (3, "has no object")])
def test_a_remote_that_lacks_older_files_stops_the_branch(team: Incoming, month: int, says: str) -> None:
    team.bring(APRIL, table(4))
    lost = hashlib.md5(as_bytes(table(month))).hexdigest()
    (team.store / "files/md5" / lost[:2] / lost[2:]).unlink()
    told = team.ask("--open-pr", code=3)
    assert "neither" not in told["problem"]
    assert f"{says} {lost}" in told["problem"]
    assert team.tip() is None


def test_a_command_that_edits_the_checkout_changes_no_commit(team: Incoming) -> None:
    team.bring(APRIL, table(4))
    script = f"cp {team.drop}/{APRIL} $MERGEGATE_INGEST_INTO; echo evil > mergegate.yaml; rm data/flights.dvc"
    source(team, f"""command: "sh -c '{script}'" """)
    told = team.ask("--open-pr")
    changed = team.made.git("diff", "--name-only", told["base"], told["commit"])
    assert changed == "data/flights.dvc"


def test_private_values_in_folders_names_are_told_nowhere(team: Incoming) -> None:
    team.author.replace("mergegate.yaml", "source:", "private: [salary]\n    source:")
    team.merge()
    team.bring("salary=777/2013-04.parquet", table(4))
    out, err = team.run("--open-pr", "--json")
    texts = [out, err, *(pull.title + pull.body for pull in team.github.pulls.values())]
    assert [text for text in texts if "777" in text] == []
