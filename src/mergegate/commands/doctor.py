"""`mergegate doctor`: can this gate be skipped, by whom, and what mends it?"""

from pathlib import Path

import click
import msgspec

from mergegate.commands.console import progress, stdout
from mergegate.flows.doctor.examining import diagnose
from mergegate.flows.doctor.request import Request
from mergegate.report.doctor import render


@click.command("doctor")
@click.option("--github", is_flag=True, help="Look at GitHub's settings too.")
@click.option(
    "--repository",
    metavar="OWNER/NAME",
    help="The repository on GitHub.  [default: what origin's address says]",
)
@click.option(
    "--api-url",
    metavar="URL",
    help="GitHub's API, such as https://HOST/api/v3.  [default: what origin's address says]",
)
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
def command(github: bool, repository: str | None, api_url: str | None, as_json: bool) -> int:
    """Say whether the gate can be skipped, by whom, and what mends it.

    Looks at this clone: the policy, the workflows, the lock chain, the DVC remote, settings. With --github
    also at what only GitHub knows: rules, permissions, who may bypass them; a token in GITHUB_TOKEN or
    GH_TOKEN lets it see more, and it says what it could not see. Changes nothing anywhere.

    \b
      mergegate doctor                      this clone
      mergegate doctor --github             and the settings of its repository on GitHub

    \b
    Exit codes:
      0  nobody can skip the gate, as far as was seen
      1  the gate can be skipped
      2  no project to look at, or wrong usage
      3  git failed
    """
    request = Request(
        Path.cwd(), github=github or bool(repository or api_url), repository=repository, api_url=api_url
    )
    with progress("looking at this clone") as tell:
        answer = diagnose(request, tell=tell)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(answer), indent=2).decode())
    else:
        render(answer, stdout(), asked=request.github)
    return 1 if answer.skippable == "yes" else 0
