"""Write docs/benchmarks.md from the results of the last `make bench`."""

import json
from typing import Any

from timing import ROOT

HEAD = """# Benchmarks

`make bench` measures this page's figures: each is a ratio against a peer in the same run, cold processes
taking turns, medians. Absolute seconds depend on the machine; the ratios are what to hold us to.
"""


def main() -> None:
    """Render every result that is there."""
    parts = [HEAD, render_start(load("start")), render_review(load("review"))]
    (ROOT / "docs" / "benchmarks.md").write_text("\n".join(parts))


def load(name: str) -> dict[str, Any]:
    """The kept result of one benchmark."""
    result: dict[str, Any] = json.loads((ROOT / "benchmarks" / "results" / f"{name}.json").read_text())
    return result


def about(result: dict[str, Any]) -> str:
    """When and on what it was measured."""
    return f"Measured {result['date']}, Python {result['python']}, {result['cores']} cores"


def render_start(result: dict[str, Any]) -> str:
    """Start-up against the import of click."""
    lines = [
        "## Start-up",
        "",
        "| command | process time | × `import click` |",
        "|---|---:|---:|",
        *(f"| `{row['name']}` | {row['process']:.3f} s | {row['ratio']:.2f} |" for row in result["rows"]),
        "",
        f"{about(result)}; median of {result['rows'][0]['repeats']}.",
        "",
    ]
    return "\n".join(lines)


def render_review(result: dict[str, Any]) -> str:
    """The review against DVC's three diffs."""
    lines = [
        "## A whole review",
        "",
        "| command | wall time | × as fast as DVC's three diffs |",
        "|---|---:|---:|",
        *(f"| {row['name']} | {row['wall']:.2f} s | {row['ratio']:.1f} |" for row in result["rows"]),
        "",
        f"{about(result)}; {result['size']}; median of {result['rows'][0]['repeats']}.",
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
