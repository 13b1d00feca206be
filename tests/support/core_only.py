"""What is importable where nothing but the core is installed."""

from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]


def link_core(folder: Path) -> dict[str, str]:
    """A new folder of what requirements/core.txt names, and the environment in which `python -S` sees it."""
    link_packages(folder)
    (folder / "mergegate").symlink_to(REPOSITORY / "src" / "mergegate")
    return {"PYTHONPATH": str(folder)}


def link_packages(folder: Path, lock: str = "core") -> None:
    """Make a folder of what a file of requirements/ names, as links to what is installed here."""
    folder.mkdir()
    pins = (REPOSITORY / "requirements" / f"{lock}.txt").read_text().splitlines()
    names = {pin.split("==")[0].replace("-", "_").lower() for pin in pins if "==" in pin}
    site = Path(pytest.__file__).parent.parent
    for info in site.glob("*.dist-info"):
        if info.name.split("-")[0].lower() in names:
            tops = {Path(line.split(",")[0]).parts[0] for line in (info / "RECORD").read_text().splitlines()}
            for top in tops - {"..", "__pycache__"}:
                target = folder / top
                if not target.exists() and (site / top).exists():
                    target.symlink_to(site / top)
