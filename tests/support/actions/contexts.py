"""What a run's expressions see before any step: the context `github`, what jobs need, how all ended."""

from collections.abc import Collection, Mapping
from typing import Any

from support.actions.language import Job, Scope
from support.actions.runs import Run


def describe(run: Run) -> dict[str, Any]:
    """The context `github` of a run, less its jobs' own."""
    return {
        "event": run.payload,
        "event_name": run.event,
        "sha": run.sha,
        "ref": run.ref,
        "ref_name": run.ref.removeprefix("refs/heads/").removeprefix("refs/pull/"),
        "ref_type": "tag" if run.ref.startswith("refs/tags/") else "branch",
        "head_ref": run.head_ref,
        "base_ref": run.base_ref,
        "repository": run.repository,
        "repository_owner": run.repository.split("/")[0],
        "run_id": str(run.id),
        "run_number": str(run.id),
        "run_attempt": str(run.attempt),
        "actor": run.actor,
        "triggering_actor": run.actor,
        "workflow": run.name,
        "workflow_ref": f"{run.repository}/{run.path}@{run.ref}",
        "workflow_sha": run.sha,
        "server_url": run.server.site,
        "api_url": run.server.url,
    }


def condition_scope(
    run: Run,
    variables: Mapping[str, str],
    github: dict[str, Any],
    needs: dict[str, Any],
    ancestors: Collection[str] = (),
) -> Scope:
    """What a job's `if`, or a workflow's concurrency, is evaluated in; `ancestors` are their results."""
    contexts = {
        "github": github,
        "needs": needs,
        "vars": variables,
        "inputs": run.payload.get("inputs") or {},
    }
    status = {
        "success": all(need["result"] == "success" for need in needs.values()) and not run.cancelled,
        "failure": "failure" in ancestors and not run.cancelled,
        "cancelled": run.cancelled,
        "always": True,
    }
    return Scope(contexts, status, "/")


def results_before(run: Run, job: Job) -> set[str]:
    """The results of the jobs that led to a job, however far."""
    assert run.workflow is not None
    needs = {each.id: each.needs for each in run.workflow.jobs}
    found, waiting = set(), list(job.needs)
    while waiting:
        name = waiting.pop()
        found.add(run.jobs[name].result)
        waiting += needs[name]
    return found


def conclude(run: Run) -> str:
    """How a run ends whose jobs have."""
    results = {job.result for job in run.jobs.values()}
    if run.cancelled or "cancelled" in results:
        return "cancelled"
    if "failure" in results:
        return "failure"
    return "success" if "success" in results else "skipped"
