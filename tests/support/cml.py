"""A stand-in for the command `cml` of CML 0.20.6, which no test machine has.

What it does is what CML does: it reads the first 30 comments of any author, takes the last one that bears the
mark of the title, edits it or writes a new one, and appends the mark with the commit of GITHUB_SHA. Then, as
CML does, it writes into the global git configuration of whatever home it has, and prints the comment's
address. The real one speaks https to api.github.com only; this one to the API that its test names.
"""

import json
import os
import re
import stat
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

VERSION = "0.20.6"

FLAGS = ("--target", "--publish", "--watermark-title", "--driver", "--repo")

_LAUNCHER = """\
#!/bin/sh
MERGEGATE_TEST_CML='{settings}' exec '{python}' -I '{program}' "$@"
"""


def install(
    folder: Path, api: str, record: Path, *, mode: str = "", version: str = VERSION, sleep: float = 60.0
) -> Path:
    """Put a `cml` into `folder` that speaks to the API at `api`; the folder, for PATH.

    Each call adds a line of JSON to `record`: its arguments, environment and text. `mode` is what goes wrong:
    `fails`, `hangs`, `posts-then-fails` or `posts-then-hangs`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    settings = json.dumps(
        {"api": api, "record": str(record), "mode": mode, "version": version, "sleep": sleep}
    )
    program = folder / "cml"
    program.write_text(
        _LAUNCHER.format(settings=settings, python=sys.executable, program=Path(__file__).resolve())
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return folder


def calls(record: Path) -> list[dict[str, Any]]:
    """What the stand-in was asked, its version not counted."""
    if not record.exists():
        return []
    found = [json.loads(line) for line in record.read_text().splitlines()]
    return [each for each in found if each["arguments"] != ["--version"]]


def main(arguments: list[str], settings: dict[str, Any]) -> int:
    """What `cml ARGUMENTS` does."""
    file = Path(arguments[-1])
    with Path(settings["record"]).open("a") as record:
        called = {
            "arguments": arguments,
            # Python sets one variable itself where there is no locale.
            "environment": {name: os.environ[name] for name in os.environ if name != "LC_CTYPE"},
            "text": file.read_text() if file.is_file() else None,
        }
        record.write(json.dumps(called) + "\n")
    if arguments == ["--version"]:
        print(settings["version"])
        return 0
    assert arguments[:2] == ["comment", "update"], arguments
    given = read_flags(arguments[2:-1])
    if settings["mode"] == "fails":
        print(
            json.dumps({"level": "error", "message": "HttpError: Resource not accessible"}), file=sys.stderr
        )
        return 1
    if settings["mode"] == "hangs":
        time.sleep(settings["sleep"])
    with (Path(os.environ["HOME"]) / ".gitconfig").open("a") as config:
        config.write("[safe]\n\tdirectory = *\n")
    print(post(settings["api"], given, file.read_text()))
    sys.stdout.flush()
    if settings["mode"] == "posts-then-hangs":
        time.sleep(settings["sleep"])
    return 1 if settings["mode"] == "posts-then-fails" else 0


def read_flags(arguments: list[str]) -> dict[str, str]:
    """`--name=value` and `--name value`, and no other flag than those that CML knows."""
    given, waiting = {}, list(arguments)
    while waiting:
        name, equals, value = waiting.pop(0).partition("=")
        assert name in FLAGS, name
        given[name] = value if equals else waiting.pop(0)
    return given


def post(api: str, given: dict[str, str], text: str) -> str:
    """Edit the last comment with the mark, or write one; its address."""
    kind, _, number = given["--target"].partition("/")
    assert kind == "pr"
    assert given["--driver"] == "github"
    repository = "/".join(given["--repo"].rstrip("/").rsplit("/", 2)[1:])
    title = f"CML watermark {given['--watermark-title']}".strip()
    mark = f'![](https://cml.dev/watermark.png#{os.environ["GITHUB_SHA"]} "{title}")'
    seen = re.compile(rf'!\[\]\(https://cml\.dev/watermark\.png#[0-9a-fA-F]+ "{re.escape(title)}"\)')
    listed = ask(f"{api}/repos/{repository}/issues/{number}/comments")
    found = [comment for comment in listed if seen.search(comment["body"])]
    body = {"body": f"{text}\n\n{mark}"}
    if found:
        at = f"{api}/repos/{repository}/issues/comments/{found[-1]['id']}"
        return str(ask(at, "PATCH", body)["html_url"])
    return str(ask(f"{api}/repos/{repository}/issues/{number}/comments", "POST", body)["html_url"])


def ask(url: str, method: str = "GET", body: dict[str, str] | None = None) -> Any:
    """One request; a refusal ends the program as CML's do, with a blob of JSON."""
    request = urllib.request.Request(
        url,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "Authorization": f"token {os.environ['REPO_TOKEN']}",
            "Content-Type": "application/json",
            "User-Agent": "cml",
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        print(error.read().decode(), file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], json.loads(os.environ.pop("MERGEGATE_TEST_CML"))))
