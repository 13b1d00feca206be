"""URLs without the credentials in them: nothing that is printed or recorded may hold one."""

import re

# Up to the last "@" before the host's end: a password may hold one itself.
_CREDENTIALS = re.compile(r"(?<=://)[^/\s]+@")


def hide_credentials(text: str) -> str:
    """A text whose URLs name no user and no password."""
    return _CREDENTIALS.sub("", text)
