"""Write the pages and schemas that follow from the code: `make docs`, or `python -m docs.generate`.

A page has a module in docs/generating, whose docstring says what it is written from.
"""

from pathlib import Path

from docs.generating import commands, policy, schemas, topics

from mergegate import atomic

FOLDER = Path(__file__).parent


def pages() -> dict[str, str]:
    """Every generated file's text by its path below docs/."""
    return {
        "policy.md": policy.page(),
        "reference/cli.md": commands.page(),
        "reference/schemas.md": schemas.page(),
        **schemas.schemas(),
        **topics.pages(),
    }


if __name__ == "__main__":
    for name, text in pages().items():
        atomic.write_text(FOLDER / name, text)
