"""The two workflows of a project on GitHub: review.yml runs the change, comment.yml judges and posts.

docs/github.md shows both, and a test holds them equal to what is rendered here.
"""

import msgspec

from mergegate.scaffold.pins import AWS, CHECKOUT, PYTHON
from mergegate.scaffold.scripts import flow_scalar

REVIEW = ".github/workflows/review.yml"
COMMENT = ".github/workflows/comment.yml"


class Step(msgspec.Struct, frozen=True):
    """A step of a job that runs a script: its name and the script's lines."""

    name: str
    script: tuple[str, ...]


class Fitting(msgspec.Struct, frozen=True, kw_only=True):
    """What the workflows are fitted to.

    `action` is `OWNER/REPO@REF`, with a comment behind it; `branch` the default branch; `project` the
    project's folder from the top, "" for the top itself; `test` a command, "" for none. `install` prepares
    what the pipeline needs. `role`: data in S3 is read by a role. `reproduce`: stages are run again.
    """

    action: str
    branch: str = "main"
    project: str = ""
    python: str = "3.12"
    install: tuple[Step, ...] = ()
    test: str = ""
    role: bool = False
    reproduce: bool = True


def render_review(fitting: Fitting) -> str:
    """review.yml."""
    pieces = [_REVIEW_HEAD]
    if fitting.role:
        pieces.append("      id-token: write # a role that may read the data, and no more\n")
    pieces.append(_CHECKOUT)
    if fitting.role:
        pieces.append(_ROLE)
    pieces.append(_PYTHON.replace("VERSION", fitting.python))
    pieces += [_step(step, fitting.project) for step in fitting.install]
    pieces.append(
        f"      - name: Review\n        uses: {fitting.action}\n        with:\n          run: review\n"
    )
    if fitting.project:
        pieces.append(f"          project: {flow_scalar(fitting.project)}\n")
    if not fitting.reproduce:
        pieces.append('          reproduce: "false"\n')
    if fitting.test:
        pieces.append(f"          test: {flow_scalar(fitting.test)}\n")
    return "".join(pieces)


def render_comment(fitting: Fitting) -> str:
    """comment.yml."""
    project = f"\n          project: {flow_scalar(fitting.project)}" if fitting.project else ""
    filled = _COMMENT.replace("@ACTION@", fitting.action).replace("@BRANCH@", flow_scalar(fitting.branch))
    return filled.replace("          run: judge\n", f"          run: judge{project}\n")


def source_of(action: str) -> str:
    """What pip installs the mergegate of an action from, `OWNER/REPO@REF` and perhaps a comment."""
    return f"git+https://github.com/{action.partition(' ')[0]}"


def _step(step: Step, project: str) -> str:
    """A step; its script in one line where it is one."""
    where = f"        working-directory: {flow_scalar(project)}\n" if project else ""
    if len(step.script) == 1:
        return f"      - name: {step.name}\n{where}        run: {flow_scalar(step.script[0])}\n"
    lines = "".join(f"          {line}\n" for line in step.script)
    return f"      - name: {step.name}\n{where}        run: |\n{lines}"


_REVIEW_HEAD = """\
name: review
on:
  pull_request:
    # `edited` also comes when a pull request is given another target.
    types: [opened, synchronize, reopened, ready_for_review, edited]
  merge_group:
    types: [checks_requested]
permissions: {}
concurrency:
  group: review-${{ github.event.pull_request.number || github.ref }}
  cancel-in-progress: true
jobs:
  review:
    name: review
    runs-on: ubuntu-24.04
    timeout-minutes: 60
    permissions:
      contents: read # the change, and what it is compared with
"""

_CHECKOUT = f"""\
    steps:
      - name: Check out the change
        uses: {CHECKOUT}
        with:
          ref: ${{{{ github.event.pull_request.head.sha || github.sha }}}}
          fetch-depth: 0
          persist-credentials: false
"""

_ROLE = f"""\
      - name: Ask for the role that reads the data
        # Forks and Dependabot get none. What they change without new data is reviewed all the same.
        continue-on-error: true
        uses: {AWS}
        with:
          role-to-assume: ${{{{ vars.MERGEGATE_READ_ROLE }}}}
          aws-region: ${{{{ vars.MERGEGATE_REGION }}}}
"""

_PYTHON = f"""\
      - name: Set up Python
        uses: {PYTHON}
        with:
          python-version: "VERSION"
"""

_COMMENT = """\
name: comment
on:
  workflow_run: # zizmor: ignore[dangerous-triggers] nothing of a change is checked out or run
    workflows: [review]
    types: [requested, completed]
  push:
    branches: [@BRANCH@]
permissions: {}
concurrency:
  group: comment-${{ github.event.workflow_run.id || github.ref }}
  cancel-in-progress: false
jobs:
  pending:
    name: pending
    if: ${{ github.event_name == 'workflow_run' && github.event.action == 'requested' }}
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    permissions:
      actions: read # is the run still the newest?
      contents: read # the policy's protected branches
      pull-requests: read # which pull requests have this head
      statuses: write # the status `mergegate`
    steps:
      - name: Say that a review is under way
        uses: @ACTION@
        with:
          run: pending
  judge:
    name: judge
    if: ${{ github.event_name == 'workflow_run' && github.event.action == 'completed' }}
    runs-on: ubuntu-24.04
    timeout-minutes: 30
    permissions:
      actions: read # the run and what it uploaded
      contents: read # both sides and the policy, as git objects
      pull-requests: read # which pull requests have this head
    outputs:
      judgement: ${{ steps.judge.outputs.judgement }}
    steps:
      - name: Judge
        id: judge
        uses: @ACTION@
        with:
          run: judge
  post:
    name: post
    needs: judge
    if: ${{ always() && github.event_name == 'workflow_run' && github.event.action == 'completed' }}
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    permissions:
      actions: read # is the run still the newest?
      contents: read # the policy's protected branches
      pull-requests: write # the comment
      statuses: write # the status `mergegate`
    steps:
      - name: Post
        uses: @ACTION@
        with:
          run: post
          judgement: ${{ needs.judge.outputs.judgement }}
  conflicts:
    name: conflicts
    if: ${{ github.event_name == 'push' }}
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    permissions:
      contents: read # the policy's protected branches
      pull-requests: read # which of them can't be merged
      statuses: write # the status `mergegate`
    steps:
      - name: Find pull requests with conflicts
        uses: @ACTION@
        with:
          run: conflicts
"""
