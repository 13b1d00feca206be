"""Who may do what at moto's S3: users, roles for a while, and rights that the server enforces."""

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from moto import settings
from moto.iam.models import IAMBackend, iam_backends
from moto.sts.models import sts_backends

from support.s3 import ACCOUNT

REGION = "us-east-1"


@contextmanager
def enforced() -> Iterator[None]:
    """Let every server of this process check signatures and rights until the end of the block."""
    before = settings.INITIAL_NO_AUTH_ACTION_COUNT
    settings.INITIAL_NO_AUTH_ACTION_COUNT = 0
    try:
        yield
    finally:
        settings.INITIAL_NO_AUTH_ACTION_COUNT = before


def add_user(name: str, *rights: tuple[str, str]) -> dict[str, str]:
    """A new person with these (action, resource) rights; credentials, as environment variables."""
    iam, name = _iam(), f"{name}-{secrets.token_hex(8)}"
    iam.create_user(REGION, name)
    iam.put_user_policy(name, "rights", _policy(rights))
    key = iam.create_access_key(name)
    return _credentials(key.access_key_id, key.secret_access_key)


def add_role(name: str, *rights: tuple[str, str]) -> str:
    """A new role with these (action, resource) rights; its name at AWS."""
    iam, name = _iam(), f"{name}-{secrets.token_hex(8)}"
    role = iam.create_role(name, _policy(()), "/", None, "", [], None)
    iam.put_role_policy(name, "rights", _policy(rights))
    return str(role.arn)


def assume(role: str) -> dict[str, str]:
    """New credentials of a role, as environment variables."""
    given = sts_backends[ACCOUNT]["aws"].assume_role(REGION, "job", role, "", 3600, "")
    token = {"AWS_SESSION_TOKEN": given.session_token}
    return _credentials(given.access_key_id, given.secret_access_key) | token


def _iam() -> IAMBackend:
    backend: IAMBackend = iam_backends[ACCOUNT]["aws"]
    return backend


def _policy(rights: tuple[tuple[str, str], ...]) -> str:
    statements: list[Mapping[str, str]] = [
        {"Effect": "Allow", "Action": action, "Resource": resource} for action, resource in rights
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _credentials(key: str, secret: str) -> dict[str, str]:
    return {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret, "AWS_DEFAULT_REGION": REGION}
