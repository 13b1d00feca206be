"""`mergegate verify` and `mergegate push` against remotes that refuse, lack or can't be reached."""

import json
import shutil
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from support.quick import Quick, ask
from support.repositories import DVC_CONFIG
from support.s3 import CREDENTIALS, S3, serve
from support.states import build, clone, copy, stored


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Quick:
    return build(tmp_path_factory.mktemp("built"))


@pytest.fixture
def made(built: Quick, tmp_path: Path) -> Quick:
    return copy(built, tmp_path / "made")


@pytest.fixture(scope="module")
def server() -> Iterator[S3]:
    with serve() as running:
        yield running


@pytest.fixture
def cloud(made: Quick, server: S3, request: pytest.FixtureRequest) -> Quick:
    """The repository with an empty S3 bucket for its remote."""
    server.refuses = lambda method, path: False
    bucket = f"b{abs(hash(request.node.name)) % 10**10}"
    server.make_bucket(bucket)
    made.write(".dvc/config", DVC_CONFIG + server.config(bucket).replace("[core]\n", ""))
    made.environment |= CREDENTIALS
    return made


def run(made: Quick, command: str) -> tuple[int, dict[str, Any]]:
    """Exit code and the answer as data."""
    done = ask(made, f"mergegate {command} --json")
    assert done.stdout, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return done.returncode, answer


def kinds(answer: dict[str, Any]) -> list[str]:
    return [finding["kind"] for finding in answer["findings"]]


def test_a_push_to_s3_is_seen_there_by_verify(cloud: Quick) -> None:
    code, answer = run(cloud, "verify --remote")
    assert (code, set(kinds(answer))) == (1, {"not-on-remote"})
    code, pushed = run(cloud, "push")
    assert (code, pushed["sent"], pushed["present"], pushed["lacking"]) == (0, 9, 0, [])
    code, answer = run(cloud, "verify --bytes")
    assert (code, kinds(answer)) == (0, [])
    assert answer["remotes"] == [
        {"name": "store", "objects": 9, "missing": 0, "hashed": 9, "bytes": pushed["bytes_sent"]}
    ]
    code, again = run(cloud, "push")
    assert (code, again["sent"], again["present"]) == (0, 0, 9)


def test_objects_that_may_not_be_read_are_not_known_to_be_there(cloud: Quick, server: S3) -> None:
    run(cloud, "push")
    server.refuses = lambda method, path: path.endswith(stored(cloud, b"2,b\n1,b\n").name)
    code, answer = run(cloud, "verify --remote")
    assert (code, kinds(answer)) == (3, ["object-unreadable"])
    (finding,) = answer["findings"]
    assert (finding["path"], finding["objects_total"], finding["known"]) == ("data/raw", 1, False)


def test_a_remote_that_may_not_be_written_lacks_all_and_says_so(cloud: Quick, server: S3) -> None:
    server.refuses = lambda method, path: method == "PUT"
    code, answer = run(cloud, "push")
    assert code == 3
    assert {each["reason"] for each in answer["lacking"]} == {"refused", "withheld"}
    assert answer["sent"] == 0
    server.refuses = lambda method, path: False
    assert run(cloud, "push")[0] == 0


def test_a_list_that_may_not_be_read_hides_no_other(cloud: Quick, server: S3) -> None:
    run(cloud, "push")
    missing = next((cloud.path.parent / "store").rglob("*.dir")).name
    shutil.rmtree(cloud.path / ".dvc/cache")
    server.refuses = lambda method, path: method == "GET" and path.endswith(missing)
    code, answer = run(cloud, "verify --remote")
    assert (code, kinds(answer)) == (3, ["object-unreadable"])
    message = answer["findings"][0]["message"]
    assert "does not give the object " in message
    assert message.endswith(f"{missing}: PermissionError: Forbidden")
    assert answer["remotes"][0]["objects"] == 6


def test_a_cache_that_can_not_be_written_says_nothing_of_the_remote(made: Quick, tmp_path: Path) -> None:
    cloned = clone(made, tmp_path)
    cloned.write(".dvc/cache", "a file, not a folder\n")
    code, answer = run(cloned, "verify --remote")
    assert (code, set(kinds(answer))) == (3, {"object-unreadable"})
    assert {each["path"] for each in answer["findings"]} == {"data/raw", "data/clean"}
    assert "DVC's cache can't be written" in answer["findings"][0]["message"]
    assert answer["findings"][0]["mend"] == "make it writable, or free some space"


def test_a_damaged_list_in_the_cache_says_nothing_of_the_remote(made: Quick) -> None:
    listed = next((made.path / ".dvc/cache").rglob("*.dir"))
    listed.chmod(0o644)
    listed.write_bytes(b"[]")
    code, answer = run(made, "verify --remote")
    assert (code, kinds(answer)) == (3, ["object-unreadable"])
    assert "in the cache has other bytes" in answer["findings"][0]["message"]
    assert answer["findings"][0]["mend"].startswith("delete that file and run this again")


def test_a_full_disk_says_nothing_of_the_remote(made: Quick, tmp_path: Path) -> None:
    for index in range(60):
        made.write(f"data/raw/{index}.csv", f"{index}\n")
    made.dvc("add", "--quiet", "data/raw")
    made.dvc("push", "--quiet", "data/raw.dvc")
    made.commit("Add much")
    cloned = clone(made, tmp_path)
    # Else Python leaves cut modules behind in its own cache, which break whatever runs next.
    done = cloned.attempt(
        "bash", "-c", "ulimit -f 1 && PYTHONDONTWRITEBYTECODE=1 mergegate verify HEAD --remote"
    )
    assert done.returncode == 1  # data/clean is of the data before
    assert "the files of data/raw are not known: DVC's cache can't be written" in done.stdout
    assert "can't tell: object-unreadable" in done.stdout
    assert not list((cloned.path / ".dvc/cache").rglob("*.tmp"))


def test_without_credentials_nothing_is_known(cloud: Quick) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        del cloud.environment[name]
    code, answer = run(cloud, "verify --remote")
    assert (code, kinds(answer)) == (3, ["remote-unreadable"])
    assert "redentials" in answer["findings"][0]["message"]
    done = ask(cloud, "mergegate push")
    assert (done.returncode, done.stdout) == (3, "")


def test_a_slow_remote_is_asked_for_many_objects_at_once(cloud: Quick, server: S3) -> None:
    run(cloud, "push")
    asked: list[int] = []
    another, waiting = threading.Condition(), [0]

    def hesitate(method: str, path: str) -> bool:
        with another:
            waiting[0] += 1
            asked.append(waiting[0])
            another.notify_all()
            # Until enough are asked for at once, however busy the machine is; but not for ever.
            another.wait_for(lambda: max(asked) >= 5, timeout=1.5)
            waiting[0] -= 1
        return False

    server.refuses = hesitate
    code, answer = run(cloud, "verify --remote")
    assert (code, kinds(answer), answer["remotes"][0]["missing"]) == (0, [], 0)
    assert max(asked) >= 5


def test_a_remote_that_is_not_mounted_hides_no_other_finding(made: Quick) -> None:
    shutil.rmtree(made.path.parent / "store")
    made.write("code/train.sh", "true\n")
    code, answer = run(made, "verify --remote")
    assert (code, kinds(answer)) == (1, ["edited", "remote-unreadable"])


def test_without_any_remote_the_data_is_here_alone(made: Quick) -> None:
    made.write(".dvc/config", DVC_CONFIG)
    code, answer = run(made, "verify --remote")
    assert (code, kinds(answer)) == (1, ["no-remote"])


def test_an_output_is_asked_of_its_own_remote(made: Quick) -> None:
    (made.path.parent / "second").mkdir()
    made.dvc("remote", "add", "--quiet", "second", "../second")
    made.replace("dvc.yaml", "outs: [model.txt]", "outs: [{model.txt: {remote: second}}]")
    code, answer = run(made, "verify --remote")
    lacking = [(each["kind"], each["path"], each["remote"]) for each in answer["findings"]]
    assert (code, lacking) == (1, [("not-on-remote", "model.txt", "second")])
    assert run(made, "push")[0] == 0
    assert run(made, "verify --remote")[0] == 0


def test_an_output_that_is_never_pushed_is_not_asked_for(made: Quick) -> None:
    made.replace("dvc.yaml", "outs: [data/clean]", "outs: [{data/clean: {push: false}}]")
    shutil.rmtree(made.path.parent / "store")
    (made.path.parent / "store").mkdir()
    code, answer = run(made, "verify --remote")
    asked = {each["path"] for each in answer["findings"] if each["kind"] == "not-on-remote"}
    assert (code, asked) == (1, {"data/raw", "model.txt"})
    assert "push-false" in kinds(answer)


def test_a_damaged_cache_is_named_with_the_paths_that_need_it(made: Quick) -> None:
    data = b"2,b\n1,b\n"
    stored(made, data).unlink()
    md5 = stored(made, data).parent.name + stored(made, data).name
    cached = made.path / ".dvc/cache/files/md5" / md5[:2] / md5[2:]
    cached.chmod(0o644)
    cached.write_bytes(b"3,b\n1,b\n")
    code, answer = run(made, "push")
    lacking = {each["md5"]: (each["reason"], each["paths"]) for each in answer["lacking"]}
    assert (code, lacking[md5]) == (3, ("damaged", ["data/raw/b.csv"]))
    assert {reason for reason, _ in lacking.values()} == {"damaged", "withheld"}


def test_a_shallow_clone_says_what_it_can_not_know(made: Quick, tmp_path: Path) -> None:
    shallow = made.clone(tmp_path / "shallow", "--depth", "1")
    code, answer = run(shallow, "verify")
    assert (code, kinds(answer)) == (0, ["no-history"])
    assert answer["findings"][0]["mend"] == "git fetch --unshallow"


def test_a_detached_head_is_a_revision_like_any(made: Quick, tmp_path: Path) -> None:
    cloned = clone(made, tmp_path)
    cloned.git("switch", "--quiet", "--detach", "HEAD~1")
    code, answer = run(cloned, "verify --remote")
    assert (code, kinds(answer), answer["revision"]["name"]) == (0, [], "workspace")


def test_a_name_in_a_path_can_steer_neither_terminal_nor_shell(made: Quick) -> None:
    path = "data/\x1b[31m$(touch owned) x"
    made.write(path, "1\n")
    made.dvc("add", "--quiet", path)
    done = ask(made, "mergegate verify --remote")
    assert (done.returncode, "\x1b" in done.stdout) == (1, False)
    assert run(made, "push")[0] == 0
    assert not (made.path / "owned").exists()


@pytest.fixture
def web(made: Quick) -> Iterator[dict[str, int]]:
    """The repository with a web server for its remote, which answers everything with one status."""
    answers = {"status": 404}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(answers["status"])
            self.send_header("content-length", "0")
            self.end_headers()

        def do_HEAD(self) -> None:
            self.do_GET()

        def log_message(self, format: str, *arguments: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        answers["port"] = running.server_port
        url = f"http://127.0.0.1:{running.server_port}/store"
        made.write(".dvc/config", f"[core]\n    remote = store\n['remote \"store\"']\n    url = {url}\n")
        yield answers
        running.shutdown()


def test_a_web_server_without_an_object_says_so(made: Quick, web: dict[str, int]) -> None:
    code, answer = run(made, "verify --remote")
    assert (code, set(kinds(answer))) == (1, {"not-on-remote"})


@pytest.mark.parametrize("status", [403, 500])
def test_a_web_server_that_refuses_is_not_one_that_lacks_objects(
    status: int, made: Quick, web: dict[str, int]
) -> None:
    web["status"] = status
    code, answer = run(made, "verify --remote")
    assert (code, kinds(answer)) == (3, ["remote-unreadable"])
    assert f"remote store (http://127.0.0.1:{web['port']}/store) can't be read" in str(answer["findings"])
    assert str(status) in str(answer["findings"])


def test_a_web_server_that_is_not_there_is_not_one_that_lacks_objects(
    made: Quick, web: dict[str, int]
) -> None:
    free = socket.socket()
    free.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{free.getsockname()[1]}/store"
    made.write(".dvc/config", f"[core]\n    remote = store\n['remote \"store\"']\n    url = {url}\n")
    code, answer = run(made, "verify --remote")
    free.close()
    assert (code, kinds(answer)) == (3, ["remote-unreadable"])
