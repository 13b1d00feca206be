"""Stage profile."""

import base64
import logging
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from pipeline import tables
from pipeline.profile import Profile, profile
from pipeline.stage import StageError

LOG = logging.getLogger("test")
OUT = Path("reports/profile.html")
XML_NAMES = ("http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write_sides(**changes: list[Any]) -> None:
    for side, first in (("train", 0), ("evaluation", 200)):
        columns: dict[str, list[Any]] = {
            "row_id": [f"{first + n}" for n in range(200)],
            "size": [float(n % 17) if n % 5 else None for n in range(200)],
            "rooms": [n % 4 for n in range(200)],
            "town": [("Bonn", "Ulm", None)[n % 3] for n in range(200)],
            "day": [86_400 * (first + n) for n in range(200)],
            "sold": ["yes" if n % 4 == 0 else "no" for n in range(200)],
        }
        table = pa.table(columns | changes)
        day = table["day"].cast(pa.timestamp("s")).cast(pa.date32())
        tables.write(
            table.set_column(table.column_names.index("day"), "day", day),
            Path(f"data/model/{side}/all.parquet"),
        )


def pictures() -> list[str]:
    found = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', OUT.read_text())
    return [base64.b64decode(data).decode() for data in found]


def test_the_profile_is_one_file_that_fetches_nothing_and_runs_nothing() -> None:
    write_sides()

    summary = profile(Profile(label="sold", positive="yes", time="day", slices=("town",)), LOG)

    assert summary == "8 charts of 5 columns, 0.1 MB in reports/profile.html"
    html = OUT.read_text()
    assert len(pictures()) == 8
    for text in (html, *pictures()):
        for name in XML_NAMES:
            text = text.replace(name, "")
        assert not re.search(r"https?:|<script|<link|@import|url\((?!#)", text)


@pytest.mark.needs("browser")
def test_a_browser_draws_every_chart_without_the_network(tmp_path: Path) -> None:
    write_sides()
    profile(Profile(label="sold", positive="yes", time="day", slices=("town",)), LOG)
    count = "[...document.images].filter(image => image.complete && image.naturalWidth > 100).length"
    page = tmp_path / "page.html"
    page.write_text(
        OUT.read_text() + f"<script>onload = () => {{ document.body.dataset.drawn = {count} }}</script>"
    )

    done = subprocess.run(
        [
            next(
                path
                for name in ("chromium", "chromium-browser", "google-chrome")
                if (path := shutil.which(name))
            ),
            *(
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                "--disable-background-networking",
            ),
            *("--disable-component-update", "--disable-sync", "--proxy-server=127.0.0.1:9"),
            f"--user-data-dir={tmp_path / 'browser'}",
            *("--virtual-time-budget=10000", "--dump-dom", page.as_uri()),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )

    assert 'data-drawn="8"' in done.stdout


def test_the_profile_says_what_a_column_holds() -> None:
    write_sides()

    profile(Profile(label="sold", positive="yes", slices=("town",)), LOG)

    html = OUT.read_text()
    assert "<b>25.0% → 25.0%</b><span>yes, training → evaluation</span>" in html
    cells = '<td>number</td><td class="n">17</td><td class="n">20.0%</td><td class="n">20.0%</td>'
    assert f"<tr><td>size</td>{cells}<td>0</td><td>8</td><td>16</td></tr>" in html
    assert "<td>day</td><td>day</td>" in html
    assert "2 of 5 columns lack values in some rows." in html
    assert "The label over time" not in html


def test_the_same_rows_give_the_same_bytes() -> None:
    write_sides()
    params = Profile(label="sold", positive="yes", time="day", slices=("town", "rooms"))

    profile(params, LOG)
    first = OUT.read_bytes()
    profile(params, LOG)

    assert OUT.read_bytes() == first


def test_names_and_values_can_not_break_out_of_the_page() -> None:
    attack = "</td><img src=x onerror=alert(1)>"
    write_sides(**{attack: [attack] * 200})

    profile(Profile(label="sold", positive="yes", slices=(attack,)), LOG)

    assert "<img src=x" not in OUT.read_text()
    assert all("<img" not in picture for picture in pictures())


def test_a_numeric_label_is_shown_by_its_mean() -> None:
    write_sides(price=[float(n) for n in range(200)])

    profile(Profile(label="price", time="day", slices=("town",)), LOG)

    assert "<b>99.5 → 99.5</b><span>mean price, training → evaluation</span>" in OUT.read_text()


def test_a_label_of_several_classes_is_shown_class_by_class() -> None:
    write_sides()

    profile(Profile(label="rooms", slices=("town",)), LOG)

    found = re.findall(r"<b>(.*?)</b><span>(\d), training", OUT.read_text())
    assert found == [("25.0% → 25.0%", str(rooms)) for rooms in range(4)]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (Profile(label="price"), "params.yaml, profile: there is no column price"),
        (Profile(label="sold", slices=("gate",)), "params.yaml, profile: there is no column gate"),
        (Profile(label="sold", time="town"), "params.yaml, profile.time: town is no date"),
        (
            Profile(label="sold", positive="?"),
            "params.yaml, profile.positive: no training row has sold ?",
        ),
    ],
)
def test_params_that_name_what_is_not_there_are_refused(params: Profile, message: str) -> None:
    write_sides()

    with pytest.raises(StageError) as caught:
        profile(params, LOG)

    assert caught.value.message == message
    assert not OUT.exists()


def test_a_column_without_any_value_does_not_stop_the_profile() -> None:
    write_sides(empty=[float("nan")] * 200)

    profile(Profile(label="sold", positive="yes"), LOG)

    assert '<tr><td>empty</td><td>number</td><td class="n">0</td><td class="n">100.0%</td>' in OUT.read_text()
