"""Draw the pictures of docs/reading-a-review.md from the page that `make demo` wrote; needs Chromium.

`make demo && python docs/pictures.py`: run it where the page's looks have changed.
"""

import base64
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from support.tabs import Tab, open_tab  # noqa: E402  (tests are no package)

PAGE = ROOT / ".demo" / "mergegate" / "reports" / "review" / "report.html"
IMAGES = ROOT / "docs" / "images"
WIDTH, TALLEST = 1_240, 640
TALL = {"data": 690}
"""What is worth more of the page."""
SECTIONS = ("gates", "metrics", "curves", "slices", "segments", "confusion", "flips", "data")
"""What has a picture, by its id in the page."""


def main() -> None:
    """Draw the top of the page, then each section that it has, cut where it is long."""
    IMAGES.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as profile,
        open_tab({"/": PAGE.read_text(encoding="utf-8")}, profile=Path(profile)) as tab,
    ):
        tab.visit("/")
        tab.resize(WIDTH)
        draw(tab, "verdict", "document.body", height=460)
        for key in SECTIONS:
            draw(tab, key, f"document.getElementById({key!r})", height=TALL.get(key, TALLEST))


def draw(tab: Tab, name: str, element: str, *, height: int = TALLEST) -> None:
    """One element as docs/images/review-<name>.webp."""
    script = (
        f"(() => {{ const r = {element}.getBoundingClientRect(); return [r.top + scrollY, r.height]; }})()"
    )
    top, tall = tab.evaluate(script)
    clip = {"x": 0, "y": max(0, top), "width": WIDTH, "height": min(tall, height), "scale": 1}
    shot = tab.call(
        "Page.captureScreenshot", format="webp", quality=80, captureBeyondViewport=True, clip=clip
    )
    (IMAGES / f"review-{name}.webp").write_bytes(base64.b64decode(shot["data"]))


if __name__ == "__main__":
    main()
