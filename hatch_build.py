"""Builds the distributions: writes into each the commit that it was built from."""

import importlib.util
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PACKAGE = Path("src/mergegate")


class Provenance(BuildHookInterface[Any]):
    """Puts the commit where `mergegate.provenance` looks for it."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the commit's file; an editable installation needs none, git answers there."""
        if version == "editable":
            return
        root = Path(self.root)
        provenance = _provenance(root)
        commit = provenance.recorded(root / PACKAGE)
        if commit is None and provenance.is_clean(root):
            commit = provenance.checked_out(root)
        if commit is None:
            self.app.display_warning("built from no commit: `mergegate.provenance.commit()` will be None")
            return
        self._folder = tempfile.TemporaryDirectory()
        file = Path(self._folder.name, provenance.NAME)
        file.write_text(f"{commit}\n", encoding="utf-8")
        inside = PACKAGE if self.target_name == "sdist" else Path(PACKAGE.name)
        build_data["force_include"][str(file)] = str(inside / provenance.NAME)

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what `initialize` made."""
        if folder := getattr(self, "_folder", None):
            folder.cleanup()


def _provenance(root: Path) -> ModuleType:
    """The module of the package that is being built, which is not installed."""
    spec = importlib.util.spec_from_file_location("provenance", root / PACKAGE / "provenance.py")
    if spec is None or spec.loader is None:
        sys.exit(f"{root / PACKAGE} is not mergegate's source")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
