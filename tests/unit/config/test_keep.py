"""`keep`: what a shared remote must keep."""

import pytest

from mergegate import config
from mergegate.config import PolicyError

POLICY = "version: 1\ndatasets:\n  - {path: data, key: id}\nkeep:\n  "


def test_nothing_is_said_of_sharers_by_default() -> None:
    keep = config.load((POLICY + "commits: tips\n").encode(), file="mergegate.yaml").keep
    assert (keep.commits, keep.older_than_days, keep.shared_with) == ("tips", 30, None)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("older_than_days: 0", "keep.older_than_days"),
        ("shared_with: [--upload-pack=evil]", '"--upload-pack=evil" is no repository'),
        ("shared_with: ['ext::sh -c evil']", '"ext::sh -c evil" is no repository'),
        ("shared_with: ['']", '"" is no repository'),
        ("commits: newest", "keep.commits"),
    ],
)
def test_a_wrong_value_is_refused(line: str, said: str) -> None:
    with pytest.raises(PolicyError) as caught:
        config.load((POLICY + line + "\n").encode(), file="mergegate.yaml")
    assert said in str(caught.value)
