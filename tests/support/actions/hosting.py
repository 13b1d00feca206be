"""A repository as GitHub hosts it: git, REST, workflows, and what people do with pull requests."""

import base64
import subprocess
from pathlib import Path
from typing import Any, Self

from support.actions.git_http import GitServer
from support.actions.jobs import Site
from support.actions.programs import make_tools
from support.actions.runner import Runner
from support.github import payloads
from support.github.server import GitHubServer
from support.github.state import Comment, Pull, Status
from support.home import isolated

QUEUE = "gh-readonly-queue"


class Hosting:
    """The bare repositories below `folder/git`, the REST stand-in, the runner.

    Every method that people's doings are does what GitHub does then: refs, mergeability, events, runs.
    """

    def __init__(self, folder: Path, repository: str = "team/flights", **site: Any) -> None:
        self.folder = folder
        self.server = GitHubServer(repository).start()
        self.git_server = GitServer(folder / "git", self._may, self._refresh)
        self.server.site = self.git_server.url
        self._home = folder / "hosting-home"
        self.remote = self.create(repository)
        make_tools(folder / "tools")
        self.runner = Runner(self.server, self.remote, folder / "runs", Site(folder / "tools", **site))
        self._associations: dict[int, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.server.stop()
        self.git_server.stop()

    def create(self, repository: str) -> Path:
        """A bare repository, a fork too; its folder."""
        place = self.folder / "git" / repository
        place.mkdir(parents=True)
        self._git("init", "--quiet", "--bare", "--initial-branch", "main", at=place)
        # As at GitHub, any commit that is there can be asked for.
        self._git("config", "uploadpack.allowAnySHA1InWant", "true", at=place)
        return place

    def seed(self, project: Path, branch: str = "main") -> None:
        """Put HEAD of a work tree on a branch as if it had always been there: nothing listens."""
        self._git("push", "--quiet", "--force", str(self.remote), f"HEAD:refs/heads/{branch}", at=project)
        self.server.branches[branch] = self.tip(branch)

    def push(self, project: Path, branch: str = "main", *, to: str = "", by: str = "ada") -> str:
        """Push the work tree's HEAD to a branch of the repository, or of the fork `to`; the commit's name."""
        repository = to or self.server.repository
        place = self.folder / "git" / repository
        if not place.exists():
            self.create(repository)
        self._git("push", "--quiet", "--force", str(place), f"HEAD:refs/heads/{branch}", at=project)
        return self._moved(repository, branch, by)

    def open(
        self,
        branch: str,
        *,
        base: str = "main",
        fork: str = "",
        by: str = "ada",
        title: str = "A change",
        association: str = "COLLABORATOR",
        **others: Any,
    ) -> Pull:
        """Open a pull request of a pushed branch; its runs have ended when this returns."""
        repository = fork or self.server.repository
        pull = self.server.add_pull(
            head_sha=self.tip(branch, repository),
            head_ref=branch,
            head_repository=repository,
            base_ref=base,
            base_sha=self.tip(base),
            title=title,
            author=by,
            **others,
        )
        self._associations[pull.number] = association
        self._tell(pull, "opened", by)
        return pull

    def retarget(self, pull: Pull, base: str) -> None:
        """Change the branch that a pull request wants to enter."""
        before, pull.base_ref, pull.base_sha = pull.base_ref, base, self.tip(base)
        self._tell(pull, "edited", pull.author, changes={"base": {"ref": {"from": before}}})

    def close(self, pull: Pull) -> None:
        """Close a pull request; nothing listens."""
        pull.state = "closed"
        self._tell(pull, "closed", pull.author)

    def reopen(self, pull: Pull) -> None:
        pull.state = "open"
        self._tell(pull, "reopened", pull.author)

    def edit(self, pull: Pull, title: str) -> None:
        before, pull.title = pull.title, title
        self._tell(pull, "edited", pull.author, changes={"title": {"from": before}})

    def delete_fork(self, pull: Pull) -> None:
        """Delete the repository of a pull request's head: what was proposed stays."""
        pull.head_repository = None

    def merge(self, pull: Pull) -> str:
        """Merge a pull request; the branch's new tip."""
        assert self._update(pull), f"#{pull.number} has conflicts"
        pull.state = "closed"
        merged = self._read(f"refs/pull/{pull.number}/merge")
        self._git("update-ref", f"refs/heads/{pull.base_ref}", merged)
        return self._moved(self.server.repository, pull.base_ref, pull.author)

    def enqueue(self, *pulls: Pull) -> list[str]:
        """Put pull requests into the merge queue, one on the other; the groups' commits."""
        groups = []
        base = self.tip(pulls[0].base_ref)
        for pull in pulls:
            made = self._merge_commit(base, pull.head_sha, f"Merge pull request #{pull.number}")
            assert made is not None, f"#{pull.number} has conflicts"
            ref = f"refs/heads/{QUEUE}/{pull.base_ref}/pr-{pull.number}-{base}"
            self._git("update-ref", ref, made)
            self.server.branches[ref.removeprefix("refs/heads/")] = made
            payload = payloads.merge_group(
                self.server,
                head_sha=made,
                head_ref=ref,
                base_sha=base,
                base_ref=f"refs/heads/{pull.base_ref}",
            )
            self.runner.dispatch("merge_group", payload)
            groups.append(made)
            base = made
        return groups

    def land(self, group: str, *pulls: Pull) -> None:
        """Let a group of the queue, and those before it, become the branch's tip."""
        for pull in pulls:
            pull.state = "closed"
        self._git("update-ref", f"refs/heads/{pulls[0].base_ref}", group)
        self._moved(self.server.repository, pulls[0].base_ref, "ada")

    def start(self, workflow: str, **inputs: str) -> None:
        """Start a workflow by hand, as a maintainer."""
        payload = payloads.workflow_dispatch(self.server, inputs)
        self.runner.dispatch("workflow_dispatch", payload | {"workflow": f".github/workflows/{workflow}"})

    def tick(self, cron: str) -> None:
        """Let the time come that a schedule names."""
        self.runner.dispatch("schedule", payloads.schedule(self.server, cron=cron))
        self.announce()

    def announce(self) -> list[Pull]:
        """Run what listens to pull requests that an App's token opened or pushed to; the new ones."""
        opened = [each for each in self.server.pulls.values() if each.number not in self._associations]
        for pull in opened:
            self._associations[pull.number] = "CONTRIBUTOR"
            if pull.author != "github-actions[bot]":
                self._tell(pull, "opened", pull.author)
        for pull in self.server.pulls.values():
            if pull.state == "open" and pull.head_repository == self.server.repository:
                before, pull.head_sha = pull.head_sha, self.tip(pull.head_ref)
                if before != pull.head_sha:
                    self._tell(pull, "synchronize", pull.author, before=before, after=pull.head_sha)
        return opened

    def tip(self, branch: str, repository: str = "") -> str:
        return self._read(f"refs/heads/{branch}", repository)

    def comments(self, pull: Pull) -> list[Comment]:
        """The comments below a pull request."""
        return [each for each in self.server.comments if each.number == pull.number]

    def statuses(self, sha: str) -> dict[str, Status]:
        """Context → the newest status of a commit."""
        return {each.context: each for each in self.server.statuses if each.sha == sha}

    def assert_secret(self) -> None:
        """No token that a job got, and no secret, stands in anything that was written, posted or asked."""
        tokens = [job.token for run in self.runner.runs for job in run.jobs.values() if job.token]
        tokens += [secret for run in self.runner.runs for secret in run.secrets]
        known = [form for each in (*tokens, *self.runner.site.secrets.values()) for form in _forms(each)]
        written = self.runner.everything()
        written += [("a comment", each.body.encode()) for each in self.server.comments]
        written += [(f"status {each.context}", repr(each).encode()) for each in self.server.statuses]
        written += [("a request", f"{each.path}{each.query}".encode()) for each in self.server.requests]
        written += [("a request of git's", path.encode()) for path, _ in self.git_server.requests]
        for place, data in written:
            assert not any(each in data for each in known), f"a token or a secret stands in {place}"

    def _refresh(self) -> None:
        """Have REST know the branches as they are after a push."""
        told = self._git("for-each-ref", "--format=%(objectname) %(refname:lstrip=2)", "refs/heads")
        self.server.branches = {
            name: sha for sha, _, name in (line.partition(" ") for line in told.splitlines())
        }

    def _may(self, token: str, level: str) -> bool:
        known = self.server.tokens.get(token)
        return known is not None and known.may({"contents": level})

    def _moved(self, repository: str, branch: str, by: str) -> str:
        """What follows from a branch's new tip: a push event, and those of the pull requests of it."""
        sha = self.tip(branch, repository)
        if repository == self.server.repository:
            before = self.server.branches.get(branch, "0" * 40)
            self.server.branches[branch] = sha
            for pull in self.server.pulls.values():
                if pull.state == "open" and pull.base_ref == branch:
                    self._update(pull)
            ref = f"refs/heads/{branch}"
            payload = payloads.push(self.server, ref=ref, before=before, after=sha)
            self.runner.dispatch("push", payload | {"sender": self.server.wire.account(by)})
        for pull in list(self.server.pulls.values()):
            if (pull.state, pull.head_repository, pull.head_ref) == ("open", repository, branch):
                before, pull.head_sha = pull.head_sha, sha
                pull.base_sha = self.tip(pull.base_ref)
                self._tell(pull, "synchronize", by, before=before, after=sha)
        return sha

    def _tell(self, pull: Pull, action: str, by: str, **others: Any) -> None:
        self._update(pull)
        payload = payloads.pull_request(self.server, pull, action, **others)
        payload["sender"] = self.server.wire.account(by)
        payload["pull_request"]["author_association"] = self._associations[pull.number]
        self.runner.dispatch("pull_request", payload)

    def _update(self, pull: Pull) -> bool:
        """Bring the refs of a pull request up to date; whether it can be merged."""
        ref = f"refs/pull/{pull.number}"
        if pull.head_repository is not None:
            fork = str(self.folder / "git" / pull.head_repository)
            self._git("fetch", "--quiet", "--force", fork, f"refs/heads/{pull.head_ref}:{ref}/head")
        title = f"Merge {pull.head_sha} into {self.tip(pull.base_ref)}"
        made = self._merge_commit(self.tip(pull.base_ref), pull.head_sha, title)
        pull.mergeable = made is not None
        if made is None:
            self._git("update-ref", "-d", f"{ref}/merge")
        else:
            self._git("update-ref", f"{ref}/merge", made)
        return pull.mergeable

    def _merge_commit(self, base: str, head: str, message: str) -> str | None:
        done = self._run("merge-tree", "--write-tree", base, head)
        if done.returncode:
            return None
        tree = done.stdout.splitlines()[0]
        return self._git("commit-tree", tree, "-p", base, "-p", head, "-m", message)

    def _read(self, ref: str, repository: str = "") -> str:
        place = self.folder / "git" / (repository or self.server.repository)
        return self._git("rev-parse", "--verify", ref, at=place)

    def _git(self, *arguments: str, at: Path | None = None) -> str:
        done = self._run(*arguments, at=at)
        assert done.returncode == 0, f"git {arguments}: {done.stderr}"
        return done.stdout.strip()

    def _run(self, *arguments: str, at: Path | None = None) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["git", *arguments],
            cwd=at or self.remote,
            env=isolated(self._home),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )


def _forms(secret: str) -> list[bytes]:
    """A secret as it is, and as base64 shows it at any place of a longer text."""
    data = secret.encode()
    encoded = (
        base64.b64encode(b"x" * shift + data + b"x" * ((-shift - len(data)) % 3)) for shift in range(3)
    )
    # The signs at both ends are made of the secret's neighbours too.
    return [data, *(each[4:-4] for each in encoded)]
