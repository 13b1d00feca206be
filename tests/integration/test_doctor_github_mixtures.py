"""Ways past the gate that no single setting shows, and settings that look like one and are none."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mergegate.flows.doctor.examining import diagnose
from mergegate.flows.doctor.request import Request
from mergegate.records.doctor import DoctorAnswer
from support.github.closed import KEY, POLICY, closed, rules
from support.github.openings import Clone, Open, also, append, bypass, file, make_clone, setting, the
from support.github.server import GitHubServer
from support.github.settings import Environment, Ruleset
from support.repositories import Repository

WRITE = {"actor_type": "RepositoryRole", "actor_id": 4, "bypass_mode": "always"}
COMMENT = ".github/workflows/comment.yml"


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    return make_clone(Repository.create(tmp_path_factory.mktemp("clone") / "flights", dvc=False))


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHubServer]:
    monkeypatch.setenv("GITHUB_TOKEN", "admin")
    with closed() as github:
        yield github


@pytest.fixture
def ask(github: GitHubServer, clone: Clone) -> Callable[[], DoctorAnswer]:
    return lambda: clone.ask(github)


def split(*kinds: str, mode: str = "always") -> Open:
    """Move rules into a ruleset of their own, which who may write may bypass."""

    def change(github: GitHubServer) -> None:
        moved = [rule for rule in the(github).rules if rule["type"] in kinds]
        for kind in kinds:
            the(github).drop(kind)
        include = the(github).include
        actor = WRITE | {"bypass_mode": mode}
        github.settings.rulesets.append(Ruleset(2, "habits", moved, include=include, bypass=[actor]))

    return change


def beside_any_source(github: GitHubServer) -> None:
    """The App's status, which who may write may bypass, beside a status of any source, which nobody may."""
    loose = rules(app=None)
    github.settings.rulesets.append(
        Ruleset(2, "loose", loose, include=["~DEFAULT_BRANCH", "refs/heads/**/*"])
    )
    bypass("RepositoryRole", 4)(github)


def queue(strategy: str) -> Open:
    def change(github: GitHubServer) -> None:
        the(github).rule("required_status_checks")["strict_required_status_checks_policy"] = False
        the(github).rules.append({"type": "merge_queue", "parameters": {"grouping_strategy": strategy}})

    return change


def owners(text: str, *errors: dict[str, Any]) -> Open:
    def change(github: GitHubServer) -> None:
        github.settings.files[".github/CODEOWNERS"] = text.encode()
        github.settings.owners_errors = list(errors)

    return change


def unknown(line: int) -> dict[str, Any]:
    return {"line": line, "column": 1, "kind": "Unknown owner", "path": ".github/CODEOWNERS"}


def own(branch: str, path: str, text: str) -> Open:
    """Give a branch a file of its own."""
    return lambda github: github.settings.own_files.setdefault(branch, {}).update({path: text.encode()})


SILENT = file(
    ".github/workflows/review.yml",
    ("permissions: {}\n", ""),
    ("    permissions:\n      contents: read # the change, and what it is compared with\n", ""),
)
"""review.yml says nothing of what its token may do."""

WAYS: dict[str, tuple[Open, str, str, str]] = {
    "the App's ruleset is bypassed, and the other takes any source": (
        beside_any_source,
        "bypass",
        "everybody with the role write may bypass the ruleset 'protect' on main",
        "everybody with the role write",
    ),
    "the pull request is bypassed": (
        split("pull_request"),
        "bypass",
        "everybody with the role write may bypass the ruleset 'habits' on main, release/1.0, and so the "
        "pull request, the review by code owners",
        "everybody with the role write",
    ),
    "the review is bypassed on pull requests": (
        split("pull_request", mode="pull_request"),
        "bypass",
        "everybody with the role write may bypass the ruleset 'habits' on main, release/1.0, and so the "
        "review by code owners",
        "everybody with the role write",
    ),
    "the history is bypassed": (
        split("non_fast_forward", "deletion"),
        "bypass",
        "everybody with the role write may bypass the ruleset 'habits' on main, and so the history",
        "everybody with the role write",
    ),
    "a queue asks for a group's last commit alone": (
        queue("HEADGREEN"),
        "up-to-date",
        "a change may enter main, release/1.0 that was judged against an older state of it",
        "whoever may write (bob, cyn, ada)",
    ),
    "a new workflow and CODEOWNERS have no owner": (
        owners(f"/mergegate.yaml @ada\n/.github/workflows/review.yml @ada\n/{COMMENT} @ada\n"),
        "code-owners",
        ".github/CODEOWNERS names nobody for a new workflow, .github/CODEOWNERS",
        "whoever may write (bob, cyn, ada)",
    ),
    "the owner of the policy is unknown": (
        owners("* @team/owners\n/mergegate.yaml @gone\n", unknown(2)),
        "code-owners",
        ".github/CODEOWNERS names nobody for mergegate.yaml",
        "whoever may write (bob, cyn, ada)",
    ),
    "a protected branch has other owners": (
        own("release/1.0", ".github/CODEOWNERS", "*.md @ada\n"),
        "code-owners",
        ".github/CODEOWNERS on release/1.0 names nobody for mergegate.yaml",
        "whoever may write (bob, cyn, ada)",
    ),
    "a protected branch has a policy that advises": (
        own("release/1.0", "mergegate.yaml", f"{POLICY}mode: advisory\n"),
        "advisory",
        "the policy only advises (`mode: advisory` in mergegate.yaml at release/1.0 on GitHub)",
        "anyone who may merge",
    ),
    "the key is spelt otherwise": (
        also(
            file(COMMENT, (f"secrets.{KEY}", f"SECRETS.{KEY.lower()}")),
            file(".github/workflows/verify.yml", (f"secrets.{KEY}", "secrets.mergegate_App_key")),
            setting("secrets", [KEY]),
        ),
        "app-key",
        f"the App's key {KEY} is a secret of the whole repository",
        "whoever may write (bob, cyn, ada)",
    ),
    "an environment that no job names has the key too": (
        lambda github: github.settings.environments.append(Environment("staging", kept=[KEY])),
        "app-key",
        "the environment 'staging' is for the App's key, and open to every branch",
        "whoever may write (bob, cyn, ada)",
    ),
    "a job that declares nothing where the default is to write": (
        also(SILENT, lambda github: github.settings.workflow.update(default_workflow_permissions="write")),
        "untrusted-jobs",
        "the job review of .github/workflows/review.yml at main on GitHub does not say what its token may do",
        "anyone who can push a branch, and every package that its code installs",
    ),
    "the clone is older than a hole": (
        file(COMMENT, ("  workflow_run:", "  issue_comment:\n  workflow_run:")),
        "triggers",
        ".github/workflows/comment.yml at main on GitHub also starts by issue_comment",
        "anyone who opens a pull request, from a fork too",
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_way_past_the_gate_is_told_with_whom_it_serves(
    github: GitHubServer, ask: Callable[[], DoctorAnswer], way: str
) -> None:
    open_it, check, what, who = WAYS[way]
    open_it(github)
    answer = ask()
    assert answer.skippable == "yes"
    assert who in answer.by
    found = [each for each in answer.ailments if each.check == check and each.level == "hole"]
    assert any(each.what.startswith(what) and who in each.by and each.mend for each in found), found


HEALTHY: dict[str, Open] = {
    "a ruleset that all may bypass beside one that nobody may": lambda github: (
        github.settings.rulesets.append(Ruleset(2, "habits", rules(), include=["~ALL"], bypass=[WRITE]))
    ),
    "a pull request that who merges may do without": also(
        lambda github: github.settings.rulesets.append(
            Ruleset(2, "reviews", rules()[2:3], include=["~ALL"], bypass=[])
        ),
        split("pull_request", mode="pull_request"),
    ),
    "the App's number and a chat's address as secrets of the repository": also(
        file(COMMENT, ("vars.MERGEGATE_APP_CLIENT_ID", "secrets.APP_ID")),
        append(COMMENT, "        env:\n          CHAT: ${{ secrets.CHAT }}\n"),
        setting("secrets", ["APP_ID", "CHAT"]),
    ),
    "an environment that is open and has other secrets": (
        lambda github: github.settings.environments.append(Environment("staging", kept=["OTHER"]))
    ),
    "the workflow that judges has another name": lambda github: github.settings.files.update(
        {".github/workflows/judge.yml": github.settings.files.pop(COMMENT)}
    ),
    "a job that declares nothing where the default is to read": SILENT,
    "a queue that asks for each": queue("ALLGREEN"),
    "a protected branch with the same files": own("release/1.0", "mergegate.yaml", f"# the same\n{POLICY}"),
    "branches to come that nobody may make": also(
        lambda github: setattr(the(github), "include", ["~DEFAULT_BRANCH", "refs/heads/release/1*"]),
        lambda github: github.settings.rulesets.append(
            Ruleset(2, "none", [{"type": "creation"}], include=["refs/heads/release/*"])
        ),
    ),
}


@pytest.mark.parametrize("case", HEALTHY)
def test_what_only_looks_like_a_way_is_none(
    github: GitHubServer, ask: Callable[[], DoctorAnswer], case: str
) -> None:
    HEALTHY[case](github)
    answer = ask()
    assert (answer.skippable, answer.by) == ("no", ()), answer.ailments


def test_a_branch_to_come_that_no_ruleset_binds_leaves_it_unknown(
    github: GitHubServer, ask: Callable[[], DoctorAnswer]
) -> None:
    the(github).include = ["~DEFAULT_BRANCH", "refs/heads/release/1*"]
    answer = ask()
    assert answer.skippable == "unknown"
    assert (
        "branches that do not exist yet"
        in {each.check: each.unseen for each in answer.checks}["required-status"]
    )


def test_what_sets_the_status_in_no_way_that_is_understood_leaves_it_unknown(
    github: GitHubServer, ask: Callable[[], DoctorAnswer]
) -> None:
    for name in (COMMENT, ".github/workflows/verify.yml"):
        file(name, ("uses: ./", "uses: ./.github/actions/gate"), ("          run: ", "          does: "))(
            github
        )
    assert ask().skippable == "unknown"


def test_what_was_not_read_of_a_workflow_elsewhere_is_told_beside_unknown(
    github: GitHubServer, clone: Clone
) -> None:
    called = "  more:\n    uses: acme/flows/.github/workflows/judge.yml@main\n"
    append(COMMENT, called)(github)
    asked = Request(clone.project.root, github=True, repository=github.repository, api_url=github.url)
    answer = diagnose(asked)
    assert answer.skippable == "unknown"
    assert [(each.check, each.what) for each in answer.ailments if each.level == "unseen"] == [
        (
            "workflows",
            f"the job more of {COMMENT} at main on GitHub is the workflow "
            "acme/flows/.github/workflows/judge.yml@main, which was not read",
        )
    ]


def test_a_clone_that_was_not_fetched_since_a_hole_was_closed_raises_no_alarm(
    github: GitHubServer, clone: Clone, tmp_path_factory: pytest.TempPathFactory
) -> None:
    old = Repository.create(tmp_path_factory.mktemp("old") / "flights", dvc=False)
    make_clone(old)
    path = old.path / COMMENT
    path.write_text(path.read_text().replace("  workflow_run:", "  issue_comment:\n  workflow_run:"))
    (old.path / "mergegate.yaml").write_text(f"{POLICY}mode: advisory\n")
    old.commit("Open a hole")
    assert diagnose(Request(old.path)).skippable == "yes"
    asked = Request(old.path, github=True, repository=github.repository, api_url=github.url)
    assert diagnose(asked).skippable == "no"
