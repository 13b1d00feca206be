"""A request to a route of the stand-in."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from support.github.reply import Reply, refuse
from support.github.state import Token

LONGEST_BODY = 65_536


class Asked(Struct):
    """A request to a route: what its path, query and body say, and who asks."""

    parts: tuple[str, ...]
    query: Mapping[str, str]
    body: Mapping[str, Any]
    token: Token


def too_long(body: str) -> Reply | None:
    """The refusal of a text, of a comment and of a pull request alike; None where it is short enough."""
    if len(body) <= LONGEST_BODY:
        return None
    return refuse(
        422,
        "Validation Failed",
        errors=[
            {
                "resource": "IssueComment",
                "code": "unprocessable",
                "field": "data",
                "message": "Body is too long (maximum is 65536 characters)",
            }
        ],
    )
