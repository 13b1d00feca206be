"""What DVC and a stage's command are started with: the user's environment, less what would mislead them."""

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from mergegate.errors import UsageError

# Which repository git works on, and what an outer run of DVC's says of its own stage.
_REDIRECTING = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_CONFIG_PARAMETERS",
)
_OUTER = ("DVC_ROOT", "DVC_STAGE", "DVC_EXP_")


def find_dvc() -> str:
    """The `dvc` command: the first on PATH, else the one beside this Python. Raises UsageError for none.

    Places relative to the current folder don't count: a branch could put a program there.
    """
    named = os.environ.get("PATH", os.defpath).split(os.pathsep)
    places = [place for place in named if Path(place).is_absolute()]
    beside = Path(sys.executable).parent
    found = shutil.which("dvc", path=os.pathsep.join((*places, str(beside))))
    if found is None:
        raise UsageError("DVC is not installed", hint="run `pip install 'mergegate[dvc]'`")
    return found


def make_environment(site: Path | None = None) -> Mapping[str, str]:
    """The environment to run DVC in; `site` is a site cache of its own."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith((*_REDIRECTING, *_OUTER))
    }
    if site is not None:
        kept["DVC_SITE_CACHE_DIR"] = str(site)
    return kept | {"DVC_NO_ANALYTICS": "1"}
