"""Checks that need another policy, or other people, than the closed repository has."""

from collections.abc import Callable, Iterator

import pytest
from msgspec.structs import replace

from mergegate.doctor import workflow
from mergegate.doctor.check import BlindError, Unseen
from mergegate.doctor.on_github import app_key, verify_environment
from mergegate.doctor.on_github.facts import Environment, GitHubFacts, Hosted, People
from mergegate.doctor.on_github.who import is_alone, may_write
from mergegate.records.doctor import Ailment
from support.github.closed import TOP

UNSEEN = Unseen("not looked at")

NOTHING = GitHubFacts(
    repository="team/flights",
    default_branch="main",
    private=False,
    policy="mergegate.yaml",
    required_strength=None,
    branches=UNSEEN,
    left_out="",
    idle=UNSEEN,
    actions_app=UNSEEN,
    people=UNSEEN,
    keys=UNSEEN,
    actions=UNSEEN,
    tokens=UNSEEN,
    forks=UNSEEN,
    subject=UNSEEN,
    workflows=UNSEEN,
    environments=UNSEEN,
    secrets=UNSEEN,
    owners=UNSEEN,
    moved=UNSEEN,
)

VERIFY = (TOP / ".github/workflows/verify.yml").read_text()

Check = Callable[[GitHubFacts], Iterator[Ailment]]


def hosted(text: str, name: str = "verify.yml") -> Hosted:
    return Hosted(path=f".github/workflows/{name}", workflow=workflow.read(text), state="active")


def in_environment(text: str) -> str:
    """verify.yml whose code of a change runs in an environment."""
    return text.replace("    name: reproduce\n", "    name: reproduce\n    environment: verify\n")


def levels(check: Check, facts: GitHubFacts) -> list[str]:
    return [each.level for each in check(facts)]


def test_who_starts_verify_matters_only_where_the_policy_asks_for_reproduced() -> None:
    check = verify_environment.check
    assert levels(check, NOTHING) == []
    asks = replace(NOTHING, required_strength="reproduced")
    with pytest.raises(BlindError, match="not looked at"):
        levels(check, asks)
    assert levels(check, replace(asks, workflows=())) == ["fault"]
    open_to_all = replace(asks, workflows=(hosted(VERIFY),), environments=())
    assert levels(check, open_to_all) == ["hole"]
    named = replace(open_to_all, workflows=(hosted(in_environment(VERIFY)),))
    without = Environment(name="verify", exists=True)
    assert levels(check, replace(named, environments=(without,))) == ["hole"]
    reviewed = replace(without, name="Verify", reviewers=2)
    assert levels(check, replace(named, environments=(reviewed,))) == []
    second = in_environment(VERIFY).replace(
        "jobs:\n", "jobs:\n  again:\n    steps: [{run: mergegate reproduce}]\n"
    )
    twice = replace(named, workflows=(hosted(second),), environments=(reviewed,))
    assert levels(check, twice) == ["hole"]


def test_people_and_machines_who_may_write_are_named_and_few() -> None:
    assert may_write(NOTHING) == ("any collaborator with write access",)
    people = People(admins=("ada",), writers=tuple(f"w{number}" for number in range(9)))
    some = replace(NOTHING, people=people, keys=("nightly",))
    assert may_write(some) == ("whoever may write (w0, w1, w2, w3 and 6 more)", "the deploy key 'nightly'")
    assert not is_alone(some)
    alone = replace(some, people=People(admins=("ada",), writers=()), keys=())
    assert is_alone(alone)
    assert not is_alone(replace(alone, keys=UNSEEN))


def test_an_environment_that_only_a_run_knows_can_not_be_looked_at() -> None:
    text = VERIFY.replace("    name: post\n", "    name: post\n    environment: ${{ inputs.where }}\n")
    text = text.replace("          run: post\n", "          run: post\n          token: ${{ secrets.KEY }}\n")
    job = next(each for each in workflow.read(text).jobs if each.key == "post")
    with pytest.raises(BlindError, match=r"the job post of verify\.yml uses is only known when it runs"):
        list(app_key.look(NOTHING, hosted(text), job))
