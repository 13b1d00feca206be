"""The stand-in's state as GitHub's API writes it."""

from typing import Any

from support.github.state import MOMENT, Artifact, Comment, Pull, Run, Status


class Wire:
    """Writes what belongs to one repository, with the addresses of one API."""

    def __init__(self, url: str, site: str, repository: str, default_branch: str, private: bool) -> None:
        self.url = url
        self.site = site
        self.name = repository
        self.default_branch = default_branch
        self.private = private

    def account(self, login: str) -> dict[str, Any]:
        kind = "Bot" if login.endswith("[bot]") else "User"
        return {
            "login": login,
            "id": sum(login.encode()),
            "type": kind,
            "site_admin": False,
            "html_url": f"{self.site}/{login}",
        }

    def repository(self, name: str | None = None) -> dict[str, Any]:
        full = name or self.name
        owner, _, short = full.partition("/")
        return {
            "id": sum(full.encode()),
            "name": short,
            "full_name": full,
            "private": self.private,
            "fork": full != self.name,
            "owner": self.account(owner) | {"type": "Organization"},
            "default_branch": self.default_branch,
            "html_url": f"{self.site}/{full}",
            "url": f"{self.url}/repos/{full}",
            "clone_url": f"{self.site}/{full}.git",
        }

    def pull(self, pull: Pull, *, alone: bool = True) -> dict[str, Any]:
        owner = pull.head_owner or (pull.head_repository or "").partition("/")[0] or None
        base_owner = self.name.partition("/")[0]
        shown = {
            "id": 1000 + pull.number,
            "number": pull.number,
            "state": pull.state,
            "title": pull.title,
            "body": pull.body or None,
            "draft": pull.draft,
            "user": self.account(pull.author),
            "labels": [{"name": name} for name in pull.labels],
            "html_url": f"{self.site}/{self.name}/pull/{pull.number}",
            "created_at": MOMENT,
            "updated_at": pull.updated_at,
            "merged_at": pull.merged_at,
            "head": {
                # All three are null once the account is gone too: github/rest-api-description#5562.
                "label": f"{owner}:{pull.head_ref}" if owner else None,
                "ref": pull.head_ref,
                "sha": pull.head_sha,
                "user": self.account(owner) if owner else None,
                "repo": self.repository(pull.head_repository) if pull.head_repository else None,
            },
            "base": {
                "label": f"{base_owner}:{pull.base_ref}",
                "ref": pull.base_ref,
                "sha": pull.base_sha,
                "user": self.account(base_owner),
                "repo": self.repository(),
            },
        }
        # A list doesn't tell whether something can be merged.
        return shown | ({"mergeable": pull.mergeable, "merged": False} if alone else {})

    def run(self, run: Run) -> dict[str, Any]:
        head = run.head_repository if run.head_repository != "" else self.name
        return {
            "id": run.id,
            "name": "review",
            "run_number": run.number,
            "run_attempt": run.attempt,
            "path": run.path,
            "event": run.event,
            "status": run.status,
            "conclusion": run.conclusion,
            "head_sha": run.head_sha,
            "head_branch": run.head_branch,
            "display_title": "A change",
            "workflow_id": sum(run.path.encode()),
            "html_url": f"{self.site}/{self.name}/actions/runs/{run.id}",
            "created_at": MOMENT,
            "updated_at": MOMENT,
            "actor": self.account(run.actor),
            "triggering_actor": self.account(run.actor),
            "pull_requests": [
                {"number": number, "url": f"{self.url}/repos/{self.name}/pulls/{number}"}
                for number in run.pull_requests
            ],
            "repository": self.repository(),
            "head_repository": self.repository(head) if head else None,
            "artifacts_url": f"{self.url}/repos/{self.name}/actions/runs/{run.id}/artifacts",
        }

    def artifact(self, artifact: Artifact, run: Run | None) -> dict[str, Any]:
        at = f"{self.url}/repos/{self.name}/actions/artifacts/{artifact.id}"
        return {
            "id": artifact.id,
            "name": artifact.name,
            "size_in_bytes": len(artifact.data),
            "url": at,
            "archive_download_url": f"{at}/zip",
            "expired": artifact.expired,
            "digest": artifact.digest,
            "created_at": MOMENT,
            "workflow_run": {"id": artifact.run_id, "head_sha": run.head_sha if run else None},
        }

    def status(self, status: Status) -> dict[str, Any]:
        return {
            "id": status.id,
            "context": status.context,
            "state": status.state,
            "description": status.description,
            "target_url": status.target_url,
            "creator": self.account(status.creator),
            "created_at": MOMENT,
            "url": f"{self.url}/repos/{self.name}/statuses/{status.sha}",
        }

    def comment(self, comment: Comment) -> dict[str, Any]:
        return {
            "id": comment.id,
            "body": comment.body,
            "user": self.account(comment.author),
            "html_url": f"{self.site}/{self.name}/pull/{comment.number}#issuecomment-{comment.id}",
            "issue_url": f"{self.url}/repos/{self.name}/issues/{comment.number}",
            "created_at": MOMENT,
        }
