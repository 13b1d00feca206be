"""DVC's configuration as far as reading objects needs it: where the cache is, which remotes are named."""

import configparser
import os
import re
import sys
from pathlib import Path

import msgspec

from mergegate.errors import ConfigError

_REMOTE = re.compile(r"""^['"]?remote\s+["'](?P<name>.+?)["']['"]?$""")

_URL = re.compile(r"\w+://")

LINKS = ("reflink", "copy")
"""How DVC brings files from its cache into a workspace unless told otherwise."""

_VERSIONS = frozenset({"version_aware", "worktree"})
_TRUE = frozenset({"true", "yes", "on", "1"})


class Settings(msgspec.Struct, frozen=True):
    """`cache` is the folder of DVC's cache, `default` the default remote's name or "".

    `remotes` maps name to URL; a folder of this machine is an absolute path. `versioned` are those that keep
    versions of files under their own names, not objects. `links` are the ways in which files come from the
    cache into a workspace, the preferred first.
    """

    cache: Path
    default: str = ""
    remotes: dict[str, str] = msgspec.field(default_factory=dict)
    versioned: frozenset[str] = frozenset()
    links: tuple[str, ...] = LINKS


def read_settings(folder: Path) -> Settings:
    """Read DVC's configuration for its `.dvc` folder, the nearer file winning: system, user, `.dvc/config`,
    `.dvc/config.local`.

    Raises ConfigError for a file that can't be understood.
    """
    cache = folder / "cache"
    default = ""
    remotes: dict[str, str] = {}
    versioned: dict[str, bool] = {}
    links: tuple[str, ...] = LINKS
    for file in (
        _system_folder() / "config",
        _user_folder() / "config",
        folder / "config",
        folder / "config.local",
    ):
        for section, values in _read(file).items():
            if section == "cache" and "dir" in values:
                cache = _resolve(file.parent, values["dir"])
            if section == "cache" and "type" in values:
                links = _read_links(values["type"])
            elif section == "core" and "remote" in values:
                default = values["remote"]
            elif match := _REMOTE.match(section):
                name = match["name"].lower()
                if "url" in values:
                    url = values["url"]
                    remotes[name] = url if _URL.match(url) else str(_resolve(file.parent, url))
                for key in _VERSIONS & values.keys():
                    versioned[name] = values[key].lower() in _TRUE
    return Settings(
        cache=cache,
        default=default.lower(),
        remotes=remotes,
        versioned=frozenset(name for name, is_so in versioned.items() if is_so),
        links=links,
    )


def _read(file: Path) -> dict[str, dict[str, str]]:
    """Sections of one file, keys in lower case; nothing when it is not there."""
    parser = configparser.RawConfigParser(
        strict=False, delimiters=("=",), comment_prefixes=("#",), inline_comment_prefixes=("#",)
    )
    try:
        parser.read_string(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except configparser.MissingSectionHeaderError as error:
        raise ConfigError("a setting stands before any [section]", file=file, line=error.lineno) from error
    except (configparser.Error, UnicodeDecodeError, OSError) as error:
        raise ConfigError(
            f"DVC's configuration can't be read: {str(error)[:200]}",
            file=file,
            hint="look at `dvc config --list`",
        ) from error
    return {
        name.lower(): {k: _unquote(v) for k, v in values.items()} for name, values in parser.items() if values
    }


def _read_links(value: str) -> tuple[str, ...]:
    """The kinds of links that `cache.type` names; what DVC would refuse is left out."""
    named = (_unquote(word.strip()) for word in value.split(","))
    return tuple(word for word in named if word in ("reflink", "hardlink", "symlink", "copy")) or LINKS


def _unquote(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"" else value


def _resolve(folder: Path, value: str) -> Path:
    """A path in a configuration file: `~` is the home, a relative one starts at the file."""
    return Path(os.path.normpath(folder / Path(value).expanduser()))


def _user_folder() -> Path:
    if chosen := os.environ.get("DVC_GLOBAL_CONFIG_DIR"):
        return Path(chosen)
    if sys.platform == "darwin":
        return Path("~/Library/Application Support/dvc").expanduser()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", "~")).expanduser() / "iterative" / "dvc"
    return Path(os.environ.get("XDG_CONFIG_HOME") or "~/.config").expanduser() / "dvc"


def _system_folder() -> Path:
    if chosen := os.environ.get("DVC_SYSTEM_CONFIG_DIR"):
        return Path(chosen)
    if sys.platform == "darwin":
        return Path("/Library/Application Support/dvc")
    if sys.platform == "win32":
        return Path(os.environ.get("PROGRAMDATA", "C:/ProgramData")) / "iterative" / "dvc"
    return Path((os.environ.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(os.pathsep)[0]) / "dvc"
