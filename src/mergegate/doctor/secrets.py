"""Are keys and passwords of the data remote committed?"""

import posixpath
import re
import shlex
from collections.abc import Iterator

from mergegate.doctor.check import seen
from mergegate.doctor.facts import ConfigText, Facts
from mergegate.records.doctor import Ailment

LOOKS_FOR = "keys, passwords and tokens in .dvc/config, in files that it names, and in their history"
FINDS_HOLES = False

CHECK = "secrets"

SECRET = frozenset(
    {
        "access_key_id",
        "secret_access_key",
        "session_token",
        "sse_customer_key",
        "password",
        "passphrase",
        "token",
        "connection_string",
        "account_key",
        "sas_token",
        "client_secret",
        "oss_key_id",
        "oss_key_secret",
        "gdrive_client_secret",
    }
)
"""Settings of DVC whose value is a credential."""

FILES = frozenset(
    {
        "credentialpath",
        "gdrive_user_credentials_file",
        "gdrive_service_account_json_file_path",
        "keyfile",
        "key_path",
        "kerb_ticket",
    }
)
"""Settings of DVC whose value names a file of credentials."""

MOST_ADDRESSES = 10

_WHY = "whoever can read the repository, or its history, can then write the data that models are made of"
# A hostile line must not make the matching slow.
_IN_URL = re.compile(r"://[^/\s:@]*+:[^/\s]+@")
_KEY_IN_URL = re.compile(
    r"[?&;](?:sig|sas|token|password|accesskey|secret)[^=&\s]{0,40}=[^&\s]", re.IGNORECASE
)
_PLACEHOLDER = re.compile(r"(?:|<.*>|\$\{?\w+\}?|x+|\*+|\.\.\.|none|null)\Z", re.IGNORECASE)


def check(facts: Facts) -> Iterator[Ailment]:
    """Name the setting and the line of each; never its value."""
    committed = seen(facts.settings)
    now: set[tuple[str, str, str]] = set()
    for text in committed.now:
        if text.path.endswith("config.local"):
            yield Ailment(
                check=CHECK,
                level="fault",
                what=f"{text.path} is tracked by git",
                why=f"it is where DVC keeps credentials: {_WHY}",
                mend=f"git rm --cached {shlex.quote(text.path)}, then give out new keys: the old ones stay "
                "in the history",
                where=text.path,
            )
        for number, section, key, what in find_secrets(text, committed.tracked):
            now.add((text.path, section, key))
            yield Ailment(
                check=CHECK,
                level="fault",
                what=f"{text.path} line {number} holds {what} ({section or 'no section'})",
                why=_WHY,
                mend=_mend(section, key),
                where=f"{text.path}:{number}",
            )
    for path, number in committed.addresses[:MOST_ADDRESSES]:
        yield Ailment(
            check=CHECK,
            level="fault",
            what=f"{path} line {number} holds a password or token in an address",
            why="whoever can read the repository, or its history, has it",
            mend="take it out of the address, keep it where that server's client looks for it, such as "
            "~/.netrc, and "
            "give out a new one: the old one stays in the history",
            where=f"{path}:{number}",
        )
    if committed.unseen:
        yield Ailment(
            check=CHECK,
            level="note",
            what=f"older versions of .dvc/config were not read: {committed.unseen}",
            why="a key that was committed once is in every clone",
            mend="git log --all --patch -- .dvc/config",
            where=".dvc/config",
        )
    told = set(now)
    for text in committed.before:
        for _, section, key, what in find_secrets(text, frozenset()):
            if (text.path, section, key) not in told:
                told.add((text.path, section, key))
                yield Ailment(
                    check=CHECK,
                    level="warning",
                    what=f"{text.path} held {what} ({section or 'no section'}) in commit {text.commit[:10]}",
                    why="every clone still has it: what was committed once is public to all who may read",
                    mend="give out new keys and take the old ones back, if that has not been done",
                    where=text.path,
                )


def find_secrets(text: ConfigText, tracked: frozenset[str]) -> Iterator[tuple[int, str, str, str]]:
    """Line, section, key, and what stands there in words."""
    section, folder = "", posixpath.dirname(text.path)
    for number, line in enumerate(text.text.splitlines(), start=1):
        plain = line.strip()
        if plain.startswith(("#", ";")):
            continue
        name, equals, value = (part.strip() for part in plain.partition("="))
        if plain[:1] == "[" and plain[-1:] == "]":
            section = plain.strip("[] '\"").replace('"', "")[:80]
        elif equals:
            key, value = name.lower()[:80], value.partition(" #")[0].strip().strip("'\"")
            if _PLACEHOLDER.match(value):
                continue
            if key in SECRET:
                yield number, section, key, f"the setting `{key}`"
            elif _IN_URL.search(value) or _KEY_IN_URL.search(value):
                yield number, section, key, f"a password or token in the address of `{key}`"
            elif key in FILES and posixpath.normpath(posixpath.join(folder, value)) in tracked:
                yield number, section, key, f"`{key}`, which names a file that git tracks too"


def find_addresses(text: str) -> Iterator[int]:
    """The lines of any of DVC's files on which an address has a password or token in it."""
    for number, line in enumerate(text.splitlines(), start=1):
        if "://" in line and (_IN_URL.search(line) or _KEY_IN_URL.search(line)):
            yield number


def _mend(section: str, key: str) -> str:
    kind, _, name = section.partition(" ")
    setting = shlex.quote(f"{kind}.{name}.{key}" if name else f"{kind}.{key}")
    name, key = shlex.quote(name), shlex.quote(key)
    if kind != "remote":
        return f"dvc config --unset {setting}, then give out a new one: the old one stays in the history"
    return (
        f"dvc remote modify --unset {name} {key}, keep it by `dvc remote modify --local {name} {key} …`, "
        "and give "
        "out a new one: the old one stays in the history"
    )
