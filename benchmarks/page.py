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
    parts = [HEAD, render_start(load("start")), render_review(load("review")), render_scale(load("scale"))]
    parts += [render_report(load("report")), render_data(load("data"))]
    parts += [render_merging(load("merging")), render_verify(load("verify"))]
    parts += [render_reproduce(load("reproduce")), render_plan(load("plan"))]
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


def render_scale(result: dict[str, Any]) -> str:
    """Large files compared, against reading them alone."""
    lines = [
        "## Large evaluation sets",
        "",
        "Two Parquet files joined by a text `row_id`, metrics with their paired intervals: one cold process,",
        "from reading to JSON. *Same* has head's rows in base's order, *shuffled* in any. The reader is",
        "`pyarrow.parquet.read_table` of the same five columns of both files, which only decodes.",
        "",
        "| rows | order | what | wall time | peak memory | × the reader's time |",
        "|---:|---|---|---:|---:|---:|",
        *(
            f"| {row['rows']:,} | {row['order']} | {row['name']} | {row['wall']:.2f} s "
            f"| {row['peak'] / 1e9:.2f} GB | {row['ratio']:.1f} |"
            for row in result["rows"]
        ),
        "",
        f"{about(result)}; median of {result['rows'][-1]['repeats']} or more.",
        "",
    ]
    return "\n".join(lines)


def render_report(result: dict[str, Any]) -> str:
    """The page on two files, beside Evidently's."""
    lines = [
        "## The page",
        "",
        "`mergegate diff predictions A B`: the comparison of all metrics alone, then with changed answers,",
        "weak segments, curves and the page; Evidently's classification report on the same frames.",
        "",
        "| rows | what | wall time | peak memory | page |",
        "|---:|---|---:|---:|---:|",
        *(
            f"| {row['rows']:,} | {row['name']} | {row['wall']:.2f} s | {row['peak'] / 1e9:.2f} GB "
            f"| {'' if row['page'] is None else format(row['page'] / 1e6, '.2f') + ' MB'} |"
            for row in result["rows"]
        ),
        "",
        f"{about(result)}; median of {result['rows'][0]['repeats']}, of the largest a single run.",
        "",
    ]
    return "\n".join(lines)


def render_data(result: dict[str, Any]) -> str:
    """Two tables compared, against datacompy; a month added to a hundred."""
    lines = [
        "## Data compared",
        "",
        "Two Parquet tables of 20 columns by one key, 0.5 % of the rows edited: one cold process, from",
        "reading to JSON. `--rows-only` answers what datacompy (pandas) answers, and all agree; the others",
        "profile each column too, and without `--no-shift` look for shift.",
        f"A process may take {result['limit']:.0f} s and {result['memory'] / 1e9:.0f} GB.",
        "",
        "| rows | what | wall time | peak memory | × as fast as datacompy |",
        "|---:|---|---:|---:|---:|",
        *(_data_row(row) for row in result["rows"]),
        "",
        f"A month of {result['months'][0]['rows']:,} rows added to a folder of so many months:",
        "",
        f"| | to {result['months'][0]['months']} | to 1 |",
        "|---|---:|---:|",
        *(f"| {row['name']} | {row['many']:.2f} s | {row['one']:.2f} s |" for row in result["months"]),
        "",
        f"{about(result)}; median of {result['rows'][-1]['repeats']} or more.",
        "",
    ]
    return "\n".join(lines)


def _data_row(row: dict[str, Any]) -> str:
    wall = row["ended"] or f"{row['wall']:.2f} s"
    ratio = "" if row["ratio"] is None else f"{row['ratio']:.1f}"
    return f"| {row['rows']:,} | {row['name']} | {wall} | {row['peak'] / 1e9:.2f} GB | {ratio} |"


def render_merging(result: dict[str, Any]) -> str:
    """The merge driver against the text merge of git and the driver of DVC."""
    named = {
        "lock": f"dvc.lock of {result['stages']:,} stages",
        "folder": f"folder of {result['files']:,} files",
    }
    lines = [
        "## Merges",
        "",
        "What git calls for one file, as one cold process. For the lock git has only its text merge. For a",
        "folder DVC's own driver leaves the merged list in the local cache; ours has also sent it to the",
        "remote, once all its files were seen there.",
        "",
        "| what | merged by | wall time | process time |",
        "|---|---|---:|---:|",
        *(
            f"| {named[row['what']]} | {row['name']} | {row['wall']:.2f} s | {row['process']:.2f} s |"
            for row in result["rows"]
        ),
        "",
        f"{about(result)}; median of {result['repeats']}.",
        "",
    ]
    return "\n".join(lines)


def render_verify(result: dict[str, Any]) -> str:
    """What it takes to know that a remote holds every object, beside the two ways that DVC has."""
    lines = [
        "## Asking a remote for every object",
        "",
        f"One folder of {result['rows'][0]['objects']:,} files on moto's S3, one of them lost. moto sorts",
        "all its objects for every page that it lists, so requests say more than seconds. A command may take",
        "600 s.",
        "",
        "| command | requests | wall time | lost files told, of 1 |",
        "|---|---:|---:|---:|",
        *(
            f"| `{row['name']}` | {row['requests']:,} | "
            + (
                "over 600 s | – |"
                if row["seconds"] is None
                else f"{row['seconds']:.0f} s | {row['told_missing']} |"
            )
            for row in result["rows"]
        ),
        "",
        f"{about(result)}; one run.",
        "",
    ]
    return "\n".join(lines)


def render_plan(result: dict[str, Any]) -> str:
    """What a change must run again, beside what DVC says of it."""
    lines = [
        "## What a change runs again",
        "",
        "The reference repository with a param of `train` moved, and a chain of stages of which the middle",
        "one's script changed. DVC reads the data of the workspace for its answer; the plan reads git,",
        "dvc.lock and the names in the cache. Cold processes; DVC may take 180 s.",
        "",
        "| repository | command | wall time | × as fast as DVC |",
        "|---|---|---:|---:|",
        *(_plan_row(row, result["rows"]) for row in result["rows"]),
        "",
        f"{about(result)}; median of 10, of the chain of 3, DVC there once.",
        "",
    ]
    return "\n".join(lines)


def _plan_row(row: dict[str, Any], rows: list[dict[str, Any]]) -> str:
    cut = {each["size"] for each in rows if not each.get("ended", True)}
    over = "over " if not row.get("ended", True) else ""
    least = "at least " if row["size"] in cut and row["ratio"] != 1 else ""
    ratio = "" if over else f"{least}{row['ratio']:.1f}"
    return f"| {row['size']} | `{row['name']}` | {over}{row['wall']:.2f} s | {ratio} |"


def render_reproduce(result: dict[str, Any]) -> str:
    """What a fresh clone downloads to believe a change, beside DVC, which runs nothing of it."""
    changes = {
        "words": "words in the README",
        "param": "a param of `train`",
        "month": "one more month of data",
    }
    lines = [
        "## Reproducing a change",
        "",
        "This repository in a fresh clone with an empty cache, its data on moto's S3: what is downloaded,",
        "and which stages run again. DVC finds every claim of the lock up to date, and runs none.",
        "",
        "| change | commands | objects | requests | stages run | wall time |",
        "|---|---|---:|---:|---:|---:|",
        *(
            f"| {changes[row['change']]} | `{row['name']}` | {row['objects']:,} | {row['requests']:,} "
            f"| {row['ran']} | {row['wall']:.1f} s |"
            for row in result["rows"]
        ),
        "",
        f"{about(result)}; one run.",
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
