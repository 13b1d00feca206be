"""What the stand-in answers with."""

import json
from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

DOCUMENTATION = "https://docs.github.com/rest"


class Reply(Struct):
    """One answer; a list is paged, `entries` is then the field that holds it, empty for the whole body."""

    status: int
    data: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    page_of: str | None = None

    def body(self) -> bytes:
        """The bytes that are sent."""
        if isinstance(self.data, bytes):
            return self.data
        return b"" if self.data is None else json.dumps(self.data).encode()


def refuse(
    status: int,
    message: str,
    *,
    errors: list[Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """A refusal in GitHub's form."""
    data: dict[str, Any] = {"message": message}
    if errors is not None:
        data["errors"] = errors
    return Reply(
        status, data | {"documentation_url": DOCUMENTATION, "status": str(status)}, dict(headers or {})
    )


def invalid(resource: str, *, field: str = "", code: str = "custom", message: str = "") -> Reply:
    """422, as GitHub answers what fails its validation."""
    error = {"resource": resource, "code": code}
    error |= {"field": field} if field else {}
    error |= {"message": message} if message else {}
    return refuse(422, "Validation Failed", errors=[error])
