"""Does a job bear the status's name, so that its own end is required, or taken, beside the verdict?"""

from collections.abc import Iterator

from mergegate.doctor.check import seen
from mergegate.doctor.facts import Facts
from mergegate.records.doctor import Ailment

LOOKS_FOR = "jobs and workflows that bear the name of the status `mergegate`, or of review.yml's run"
FINDS_HOLES = False

CHECK = "status-name"

STATUS = "mergegate"


def check(facts: Facts) -> Iterator[Ailment]:
    """Say which names clash."""
    workflows = seen(facts.workflows)
    names: dict[str, str] = {}
    for file, workflow in workflows.read:
        for job in workflow.jobs:
            # A matrix adds its values to the name.
            if (
                STATUS in (job.key.lower() if job.name == job.key else "", job.name.strip().lower())
                and not job.matrix
            ):
                yield Ailment(
                    check=CHECK,
                    level="fault",
                    what=f"the job {job.key} of {file.where} is called {job.name}, as the required status is",
                    why="GitHub asks for a check of that name beside the status, and people take the one "
                    "for the other",
                    mend=f"give the job another `name:` in {file.path}",
                    where=file.where,
                )
        first = names.setdefault(workflow.name, file.path)
        if workflow.name == "review" and first != file.path:
            yield Ailment(
                check=CHECK,
                level="fault",
                what=f"{first} and {file.path} are both called {workflow.name}",
                why="the workflow that judges starts after either, and judges the runs of review.yml alone",
                mend=f"give one of them another `name:` in {file.path}",
                where=file.where,
            )
