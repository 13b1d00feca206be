"""`source`: where new files of a dataset come from."""

import pytest

from support.policy_texts import loaded, problems

POLICY = "version: 1\ndatasets:\n  - {path: data, key: id, source: {%s}}\n"
NO_PLACE = "is no place in a storage"


def test_a_source_is_bounded_without_being_asked() -> None:
    source = loaded(POLICY % "command: python fetch.py --all").datasets[0].source
    assert source is not None
    assert (source.command, source.timeout, source.max_size_mb) == ("python fetch.py --all", 900.0, 1000.0)


def test_a_dataset_needs_no_source() -> None:
    assert loaded("version: 1\ndatasets:\n  - {path: data, key: id}\n").datasets[0].source is None


@pytest.mark.parametrize(
    ("entry", "key", "message"),
    [
        ("timeout: 5", "", "a source is one of command, folder, prefix; named here: none"),
        (
            "folder: in, prefix: 's3://b/in'",
            "",
            "a source is one of command, folder, prefix; named here: folder, prefix",
        ),
        ('command: "fetch \'it"', ".command", "can't be split into words: No closing quotation"),
        ("command: ' '", ".command", "names no program"),
        ("folder: ' '", ".folder", "names no folder"),
        ("prefix: bucket/in", ".prefix", NO_PLACE),
        ("prefix: 's3://me:secret@b/in'", ".prefix", NO_PLACE),
        ("prefix: 's3://b/../c'", ".prefix", NO_PLACE),
        ("prefix: 'file:///etc'", ".prefix", NO_PLACE),
        ("command: fetch, timeout: 0", ".timeout", "0 is no number of seconds"),
        ("command: fetch, max_size_mb: -1", ".max_size_mb", "-1 is no size"),
        ("folder: in, env: [KEY]", ".env", "`env` needs a `command`"),
        ("command: fetch, env: [A B]", ".env[0]", '"A B" can\'t be an environment variable'),
        ("command: fetch, env: [github_token]", ".env[0]", "github_token is never given to a command"),
        ("command: fetch, env: [KEY, KEY]", ".env", "a variable stands twice in `env`"),
    ],
)
def test_a_source_that_can_be_none_is_refused(entry: str, key: str, message: str) -> None:
    told = [(where, said) for _, where, said, _ in problems(POLICY % entry)]
    assert told == [(f"datasets[0].source{key}", message)]
