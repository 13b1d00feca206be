"""The job of a project on GitLab; docs/gitlab.md says what it can and can't promise."""

from collections.abc import Sequence

from mergegate.scaffold.scripts import flow_scalar

CI = ".gitlab-ci.yml"
BESIDE = ".gitlab/mergegate.yml"
"""Where the job goes when a `.gitlab-ci.yml` is there already, which then includes it."""


def render_job(*, python: str, install: Sequence[str], source: str, project: str = "") -> str:
    """The job; `install` are commands, `source` what pip installs mergegate from."""
    enter = [f"cd {_quoted(project)}"] if project else []
    script = [
        *enter,
        *install,
        f"python -m pip install {_quoted(source)}",
        'mergegate plan --target "origin/$CI_MERGE_REQUEST_TARGET_BRANCH_NAME" --head "$CI_COMMIT_SHA"',
        'mergegate reproduce "$CI_COMMIT_SHA" --target "origin/$CI_MERGE_REQUEST_TARGET_BRANCH_NAME"',
        'mergegate review --target "origin/$CI_MERGE_REQUEST_TARGET_BRANCH_NAME" --head "$CI_COMMIT_SHA"',
    ]
    after = [
        *enter,
        'mergegate comment --via cml --driver gitlab --pr "$CI_MERGE_REQUEST_IID" '
        "--review reports/review/review.json",
    ]
    kept = f"{project}/reports/review" if project else "reports/review"
    return _JOB.format(
        python=python,
        script="".join(f"    - {_item(line)}\n" for line in script),
        after="".join(f"    - {_item(line)}\n" for line in after),
        kept=flow_scalar(kept),
    )


def _item(command: str) -> str:
    """A command as an entry of a list: plain, as people write it, where YAML takes it as it is."""
    plain = command[:1].isalpha() and ": " not in command and " #" not in command and command.isascii()
    return command if plain and not command.endswith(":") else flow_scalar(command)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


_JOB = """\
review:
  image: python:{python}
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
  variables:
    GIT_DEPTH: "0"
  script:
{script}  after_script:
{after}  artifacts:
    when: always
    paths: [{kept}]
"""
