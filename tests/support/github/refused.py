"""An act that GitHub refuses, or that can't reach it."""

from collections.abc import Callable

import pytest

from mergegate.errors import ForgeError

SECRET = "ghs_secret"
"""The token of the client under test."""


def refused(act: Callable[[], object]) -> ForgeError:
    """The error of an act, none of whose words is the token."""
    with pytest.raises(ForgeError) as caught:
        act()
    assert SECRET not in caught.value.message + caught.value.hint
    return caught.value
