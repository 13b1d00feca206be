"""Projects in which `dvc` and `mergegate` start at once; what git and shells start, starts as ever."""

from support import warm
from support.projects import Ended, Project


class QuickProject(Project):
    """A project whose own `dvc` and `mergegate` are forks of one process that has imported them."""

    def run(self, *command: str, env: dict[str, str] | None = None) -> Ended:
        if command[0] not in warm.PROGRAMS:
            return super().run(*command, env=env)
        done = warm.run(command, self.root, {**self.environment(), **(env or {})})
        return Ended(done.returncode, done.stdout, done.stderr)

    def mergegate(self, *arguments: str, env: dict[str, str] | None = None) -> Ended:
        return self.run("mergegate", *arguments, env=env)


def hurry(project: Project) -> QuickProject:
    """The same project."""
    return QuickProject(project.root, project.home)
