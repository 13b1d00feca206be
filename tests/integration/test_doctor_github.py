"""`mergegate doctor --github`: closed, nobody skips the gate; a hole opened, it says which, and by whom."""

from collections.abc import Callable, Iterator

import pytest

from mergegate.doctor import on_github
from mergegate.doctor.check import name
from mergegate.records.doctor import DoctorAnswer
from support.github.closed import KEY, SEES, add_judged, closed, rules
from support.github.holes import HOLES
from support.github.openings import (
    NAMES,
    Clone,
    Open,
    also,
    bypass,
    classic,
    file,
    make_clone,
    parameters,
    setting,
    the,
    told,
)
from support.github.server import GitHubServer
from support.github.settings import Ruleset
from support.repositories import Repository


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    return make_clone(Repository.create(tmp_path_factory.mktemp("clone") / "flights", dvc=False))


@pytest.fixture
def github() -> Iterator[GitHubServer]:
    with closed() as github:
        yield github


@pytest.fixture
def ask(github: GitHubServer, clone: Clone, monkeypatch: pytest.MonkeyPatch) -> Callable[..., DoctorAnswer]:
    """Asks the doctor with a token."""

    def ask(token: str = "admin") -> DoctorAnswer:
        monkeypatch.setenv("GITHUB_TOKEN", token)
        return clone.ask(github)

    return ask


LAX: dict[str, tuple[Open, str, str, str]] = {
    "strangers' runs start at once": (
        setting("fork_approval", "first_time_contributors"),
        "fork-approval",
        "warning",
        "only who contributes for the first time waits for approval; anyone else's runs start at once",
    ),
    "jobs may write by default": (
        lambda github: github.settings.workflow.update(default_workflow_permissions="write"),
        "token-permissions",
        "warning",
        "a job that declares no permissions gets a token that may write",
    ),
    "Actions may approve": (
        lambda github: github.settings.workflow.update(can_approve_pull_request_reviews=True),
        "token-permissions",
        "warning",
        "GitHub Actions may create and approve pull requests",
    ),
    "actions by tag": (
        lambda github: github.settings.actions.update(sha_pinning_required=False),
        "allowed-actions",
        "warning",
        "actions need not be pinned to a full-length commit",
    ),
    "no Actions at all": (
        lambda github: github.settings.actions.update(enabled=False),
        "allowed-actions",
        "fault",
        "GitHub Actions are switched off",
    ),
    "the owner's actions alone": (
        lambda github: github.settings.actions.update(allowed_actions="local_only"),
        "allowed-actions",
        "fault",
        "only this owner's actions may run, and the workflows use actions/checkout, "
        "actions/create-github-app-token, actions/setup-python",
    ),
    "an approval outlives commits": (
        parameters(pull_request={"dismiss_stale_reviews_on_push": False}),
        "code-owners",
        "warning",
        "on main, release/1.0 an approval outlives the commits that are pushed after it",
    ),
    "owners that nobody knows": (
        setting("owners_errors", [{"line": 1, "column": 1, "kind": "Unknown owner", "path": "x"}]),
        "code-owners",
        "warning",
        "GitHub can't use 1 of the lines of .github/CODEOWNERS",
    ),
    "somebody works alone": (
        also(
            setting("collaborators", {"ada": "admin"}),
            parameters(pull_request={"require_code_owner_review": False}),
        ),
        "code-owners",
        "warning",
        "no review by code owners is required on main, release/1.0",
    ),
    "a job posts with its own token": (
        file(
            ".github/workflows/verify.yml",
            ("          token: ${{ steps.app.outputs.token }}\n", ""),
            (f"secrets.{KEY}", "vars.NOTHING"),
        ),
        "app-key",
        "fault",
        "`mergegate` is expected from an App, whose token these jobs are not given: post of verify.yml",
    ),
    "a subject without a cause": (
        also(
            setting("oidc", {"use_default": False, "include_claim_keys": ["repo"]}),
            file(
                ".github/workflows/review.yml",
                ("      contents: read #", "      id-token: write\n      contents: read #"),
            ),
        ),
        "oidc-subject",
        "warning",
        "OIDC tokens have a subject of repo alone: all runs share one",
    ),
    "comment.yml is missing": (
        file(".github/workflows/comment.yml"),
        "trusted-workflows",
        "fault",
        ".github/workflows/comment.yml is not on main",
    ),
    "review.yml is switched off": (
        setting("states", {".github/workflows/review.yml": "disabled_inactivity"}),
        "trusted-workflows",
        "fault",
        "review.yml is switched off (disabled inactivity)",
    ),
    "no pull request moved": (
        lambda github: setattr(github.pulls[1], "updated_at", "2026-01-01T00:00:00Z"),
        "recent-status",
        "note",
        "no pull request moved in the last seven days",
    ),
    "no status was seen": (
        lambda github: github.statuses.clear(),
        "recent-status",
        "fault",
        "no pull request of the last seven days (1) bears the status `mergegate`",
    ),
    "one was merged past it": (
        lambda github: add_judged(github, state="failure", sha="d" * 40, merged_at="2026-01-01T00:00:00Z"),
        "recent-status",
        "warning",
        "merged without a green `mergegate`: #2",
    ),
    "a person set it": (
        lambda github: add_judged(github, by="bob", sha="d" * 40),
        "recent-status",
        "warning",
        "a person's token set `mergegate` to success: bob on #2",
    ),
    "two bots set it": (
        lambda github: add_judged(github, by="github-actions[bot]", sha="d" * 40),
        "recent-status",
        "warning",
        "`mergegate` was set by github-actions[bot], mergegate-app[bot]",
    ),
}


def test_closed_nobody_can_skip_the_gate(github: GitHubServer, ask: Callable[..., DoctorAnswer]) -> None:
    answer = ask()
    assert (answer.skippable, answer.by, answer.repository) == ("no", (), "team/flights")
    assert told(answer) == []
    assert [each.unseen for each in answer.checks if each.check in NAMES] == [""] * len(NAMES)


def test_a_classic_protection_closes_it_as_a_ruleset_does(
    github: GitHubServer, ask: Callable[..., DoctorAnswer]
) -> None:
    classic()(github)
    assert (ask().skippable, ask().by) == ("no", ())


@pytest.mark.parametrize("hole", HOLES)
def test_a_hole_is_told_with_whom_it_serves(
    github: GitHubServer, ask: Callable[..., DoctorAnswer], hole: str
) -> None:
    open_it, check, what, who = HOLES[hole]
    open_it(github)
    answer = ask()
    assert answer.skippable == "yes"
    assert who in answer.by
    found = [each for each in answer.ailments if each.check == check and each.level == "hole"]
    assert any(each.what.startswith(what) and who in each.by and each.mend for each in found), found


def test_every_check_that_finds_holes_has_one_here() -> None:
    finds = {name(check) for check in on_github.CHECKS if check.FINDS_HOLES}
    # The last asks for another policy: it is tried by itself, in the unit tests.
    assert finds - {check for _, check, _, _ in HOLES.values()} == {"verify-environment"}


@pytest.mark.parametrize("case", LAX)
def test_what_is_lax_or_broken_is_told_and_is_no_hole(
    github: GitHubServer, ask: Callable[..., DoctorAnswer], case: str
) -> None:
    open_it, check, level, what = LAX[case]
    open_it(github)
    answer = ask()
    assert answer.skippable == "no"
    assert (check, level, what) in [(each.check, each.level, each.what) for each in told(answer)]


def test_two_rulesets_are_passed_by_only_who_may_bypass_both(
    github: GitHubServer, ask: Callable[..., DoctorAnswer]
) -> None:
    everything = the(github)
    github.settings.rulesets.append(Ruleset(2, "everywhere", rules(), include=["~ALL"], organization="team"))
    bypass("RepositoryRole", 5)(github)
    github.add_token("owner", SEES | {"organization_administration": "write"}, user=True)
    assert ask("owner").skippable == "no"
    github.settings.rulesets[1].bypass.append({"actor_type": "Team", "actor_id": 9, "bypass_mode": "always"})
    assert ask("owner").by == ("whoever is both repository administrators and the team number 9",)
    everything.bypass.append({"actor_type": "Team", "actor_id": 9, "bypass_mode": "always"})
    assert ask("owner").by == ("the team number 9",)


def test_a_merge_queue_is_as_good_as_being_up_to_date(
    github: GitHubServer, ask: Callable[..., DoctorAnswer]
) -> None:
    the(github).rule("required_status_checks")["strict_required_status_checks_policy"] = False
    the(github).rules.append({"type": "merge_queue", "parameters": {"grouping_strategy": "ALLGREEN"}})
    assert ask().skippable == "no"


def test_a_branch_of_a_pattern_that_does_not_exist_yet_is_asked_for_by_an_example(
    github: GitHubServer, ask: Callable[..., DoctorAnswer]
) -> None:
    del github.branches["release/1.0"]
    assert ask().skippable == "no"
    the(github).include = ["~DEFAULT_BRANCH"]
    answer = ask()
    assert answer.skippable == "unknown"
    assert {each.check: each.unseen for each in answer.checks}["required-status"] == (
        "a classic branch protection of branches that do not exist yet can't be asked for: use a ruleset"
    )
