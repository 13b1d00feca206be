"""`make demo`: a pull request that brings April's flights and another model, from clone to verdict.

Everything happens in `.demo/`, a throw-away clone of this checkout's last commit: your files, branches and
DVC cache stay untouched. The steps are the commands that a data scientist would type.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / ".demo"
CLONE = DEMO / "mergegate"
BINARY = Path(sys.executable).parent
MONTH = "2013-04"
BUNDLE = "    bundle: models/bundle"
OLD_PARAM, NEW_PARAM = "model: logistic", "model: boosting"
IDENTITY = ("-c", "user.name=A data scientist", "-c", "user.email=scientist@example.invalid")


def main() -> int:
    """Play the pull request; the exit code is 0 whatever the verdict, 3 when a step broke."""
    start = time.monotonic()
    if DEMO.exists():
        shutil.rmtree(DEMO)
    DEMO.mkdir()
    try:
        play()
    except subprocess.CalledProcessError as error:
        command = " ".join(error.cmd)
        print(f"\n`{command}` ended with {error.returncode}:\n{error.output}", file=sys.stderr)
        print(f"The clone is still at {CLONE.relative_to(ROOT)}.", file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        print("\nstopped; `make demo` starts afresh", file=sys.stderr)
        return 130
    print(f"\nTotal time: {time.monotonic() - start:.0f} s")
    return 0


def play() -> None:
    """The pull request, step by step."""
    head = run("git", "rev-parse", "HEAD", cwd=ROOT).strip()
    step("clone", "git", "clone", "--quiet", "--no-checkout", str(ROOT), str(CLONE), cwd=ROOT)
    # Whatever is checked out here is the demo's main, and nothing else is.
    run("git", "remote", "remove", "origin", cwd=CLONE)
    step("check out main", "git", "checkout", "--quiet", "-B", "main", head)
    step("pull the data from the default remote", "dvc", "pull", "--allow-missing")
    step("reproduce main", "dvc", "repro")
    use_golden_rows()
    step(
        "ask for the golden rows on main",
        "git",
        *IDENTITY,
        "commit",
        "--quiet",
        "--all",
        "--message",
        "Golden rows",
    )
    step("start a branch", "git", "checkout", "--quiet", "-b", "april")
    step(f"bring in the flights of {MONTH}", sys.executable, "data/month.py", MONTH)
    change_param()
    step(f"params.yaml: {OLD_PARAM} → {NEW_PARAM}; reproduce", "dvc", "repro")
    step("commit", "git", *IDENTITY, "commit", "--quiet", "--all", "--message", "Add April, try boosting")
    say("review the branch against main")
    print(flush=True)
    # 1 is a verdict too: the demo shows it and ends well.
    done = subprocess.run(
        [str(BINARY / "mergegate"), "review", "--html", "--explain"],
        cwd=CLONE,
        env=environment(),
        check=False,
    )
    if done.returncode not in (0, 1):
        raise subprocess.CalledProcessError(done.returncode, ["mergegate", "review"], "see above")
    print(
        NEXT.format(clone=CLONE.relative_to(ROOT), binary=os.path.relpath(BINARY, ROOT), exit=done.returncode)
    )


NEXT = """
The pull request is branch `april` of {clone}; `mergegate review` ended with exit code {exit}. What it wrote:
  {clone}/reports/review/comment.md    the comment that the bot posts
  {clone}/reports/review/report.html   the same review as a page, with charts and changed answers
  {clone}/reports/review/review.json   the same review as data
  {clone}/reports/profile.html         the data, to look at

Try next, after `source {binary}/activate && cd {clone}`:
  dvc plots show                                 the ROC, calibration and confusion plots
  dvc exp run -S train.model=logistic            another model as an experiment
  mergegate review --base main --head april      the same review from commits alone
  mergegate policy check                         what the gates ask for"""


def use_golden_rows() -> None:
    """Have the policy of main ask the bundle for the golden rows too: half a second more a review."""
    edit("mergegate.yaml", BUNDLE, f"{BUNDLE}\n    golden: golden")


def change_param() -> None:
    """Change the one param, as an editor would."""
    edit("params.yaml", OLD_PARAM, NEW_PARAM)


def edit(path: str, old: str, new: str) -> None:
    """Replace a text that stands once in a file of the clone."""
    file = CLONE / path
    text = file.read_text()
    if text.count(old) != 1:
        raise subprocess.CalledProcessError(3, ["edit", path], f"`{old}` is not there once")
    file.write_text(text.replace(old, new))


def step(title: str, *command: str, cwd: Path = CLONE) -> None:
    """Run one step quietly; its title and time on stderr."""
    start = time.monotonic()
    say(title, end="")
    run(*command, cwd=cwd)
    print(f"  {time.monotonic() - start:.1f} s", file=sys.stderr, flush=True)


def say(title: str, end: str = "\n") -> None:
    """Tell on stderr what happens now."""
    print(f"→ {title}", file=sys.stderr, end=end, flush=True)


def run(*command: str, cwd: Path) -> str:
    """Run a command in a process group of its own, so that Ctrl-C leaves no stage behind; its output."""
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate()
    except BaseException:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()
        raise
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, list(command), output)
    return output


def environment() -> dict[str, str]:
    """This Python first on the PATH, and DVC's machine-wide state inside the demo's folder."""
    return {
        **os.environ,
        "PATH": f"{BINARY}{os.pathsep}{os.environ['PATH']}",
        "DVC_NO_ANALYTICS": "1",
        "DVC_SITE_CACHE_DIR": str(DEMO / "site-cache"),
    }


if __name__ == "__main__":
    sys.exit(main())
