"""Builds the distributions: each knows the commit that it was built from, and its readme links to that."""

import importlib.util
import re
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

PACKAGE = Path("src/mergegate")
HOME = "https://github.com/mergegate/mergegate"
RELATIVE = re.compile(r"\]\((?!https?://|#)([^)\s]+)\)")


class Provenance(BuildHookInterface[Any]):
    """Puts the commit where `mergegate.provenance` looks for it."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the commit's file; an editable installation needs none, git answers there."""
        if version == "editable":
            return
        root = Path(self.root)
        commit = find_commit(root)
        if commit is None:
            self.app.display_warning("built from no commit: `mergegate.provenance.commit()` will be None")
            return
        self._folder = tempfile.TemporaryDirectory()
        name = load_provenance(root).NAME
        file = Path(self._folder.name, name)
        file.write_text(f"{commit}\n", encoding="utf-8")
        inside = PACKAGE if self.target_name == "sdist" else Path(PACKAGE.name)
        build_data["force_include"][str(file)] = str(inside / name)

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what `initialize` made."""
        if folder := getattr(self, "_folder", None):
            folder.cleanup()


class Readme(MetadataHookInterface):
    """Makes the readme's links whole: where it is shown there are no files beside it."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Set the readme; without a commit the links stay as they are."""
        root = Path(self.root)
        text = (root / "README.md").read_text(encoding="utf-8")
        if commit := find_commit(root):
            text = RELATIVE.sub(lambda link: f"]({HOME}/blob/{commit}/{link[1]})", text)
        metadata["readme"] = {"content-type": "text/markdown", "text": text}


def find_commit(root: Path) -> str | None:
    """The commit that is built: an archive's own, or a checkout's HEAD where nothing was changed since."""
    provenance = load_provenance(root)
    recorded: str | None = provenance.recorded(root / PACKAGE)
    if recorded is None and provenance.is_clean(root):
        recorded = provenance.checked_out(root)
    return recorded


def load_provenance(root: Path) -> ModuleType:
    """The module of the package that is being built, which is not installed."""
    spec = importlib.util.spec_from_file_location("provenance", root / PACKAGE / "provenance.py")
    if spec is None or spec.loader is None:
        sys.exit(f"{root / PACKAGE} is not mergegate's source")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
