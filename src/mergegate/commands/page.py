"""Where `--html` may write its page."""

from pathlib import Path

from mergegate.errors import UsageError

_WORKSPACE = "workspace:"


def check_page(page: Path | None, *compared: str | Path) -> None:
    """Raise UsageError where the page would take the place of a file that is compared.

    `compared` are files or folders as the user names them.
    """
    if page is None or not page.exists():
        return
    for name in map(str, compared):
        place = Path(name.removeprefix(_WORKSPACE))
        if not place.exists():
            continue
        inside = place.is_dir() and page.resolve().is_relative_to(place.resolve())
        if inside or page.samefile(place):
            hint = "name another file for the page, such as diff.html"
            raise UsageError(f"--html {page} would overwrite what is compared", hint=hint)
