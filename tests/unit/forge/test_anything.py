"""Whatever an event's file or an answer holds, it is read or refused by a sentence."""

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mergegate.errors import ForgeError, UsageError
from mergegate.forge.event_kinds import Event
from mergegate.forge.events import read_event
from mergegate.forge.github import GitHub, PullRequest
from support.github import payloads
from support.github.server import GitHubServer

SHA = "a" * 40

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The paths of everything inside a JSON value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in inside:
        yield (*path, key)
        yield from places(inner, (*path, key))


def spoil(value: Any, path: tuple[str | int, ...], by: Any) -> Any:
    """A copy with something else at a path; nothing there any more where `by` is Ellipsis."""
    spoilt = copy.deepcopy(value)
    inner = spoilt
    for key in path[:-1]:
        inner = inner[key]
    if by is ...:
        del inner[path[-1]]
    else:
        inner[path[-1]] = by
    return spoilt


def events() -> list[tuple[str, Any]]:
    server = GitHubServer()
    pull, run = server.add_pull(head_sha=SHA), server.add_run(head_sha=SHA, pull_requests=[1])
    ref = f"refs/heads/gh-readonly-queue/main/pr-1-{SHA}"
    return [
        ("pull_request", payloads.pull_request(server, pull)),
        ("workflow_run", payloads.workflow_run(server, run)),
        ("merge_group", payloads.merge_group(server, head_sha=SHA, head_ref=ref, base_sha=SHA)),
        ("push", payloads.push(server, after=SHA)),
        ("workflow_dispatch", payloads.workflow_dispatch(server, {"pr": "1", "sha": SHA})),
    ]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_event(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    name, payload = data.draw(st.sampled_from(events()))
    path = data.draw(st.sampled_from(list(places(payload))))
    spoilt = spoil(payload, path, data.draw(VALUES | st.just(...)))
    file = tmp_path_factory.mktemp("event") / "event.json"
    file.write_text(json.dumps(spoilt))
    readable(lambda: read_event({"GITHUB_EVENT_NAME": name}, file=file), Event, UsageError)


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_any_answer(data: st.DataObject) -> None:
    with GitHubServer() as server, GitHub(server.url, server.repository, "token", patience=0) as github:
        told = server.wire.pull(server.add_pull(head_sha=SHA))
        path = data.draw(st.sampled_from(list(places(told))))
        spoilt = spoil(told, path, data.draw(VALUES | st.just(...)))
        server.fail("GET", "/pulls/1$", 200, body=json.dumps(spoilt).encode())
        readable(lambda: github.pull_request(1), PullRequest, ForgeError)


def readable(read: Callable[[], object], kind: type, error: type[UsageError | ForgeError]) -> None:
    """What is read is of a kind, or is refused on one bounded line with a next step."""
    refusal = None
    try:
        found = read()
    except error as caught:
        refusal = caught
    if refusal is None:
        assert isinstance(found, kind)
    else:
        assert refusal.message.isprintable()
        assert len(refusal.message) < 1000
        assert refusal.hint
