"""A review starts fast: the statistics need numpy alone."""

import subprocess
import sys


def test_the_statistics_import_nothing_heavy() -> None:
    script = "import sys, mergegate.stats; print(sorted({name.partition('.')[0] for name in sys.modules}))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    assert "'numpy'" in done.stdout
    for heavy in ("scipy", "sklearn", "pandas", "pyarrow"):
        assert f"'{heavy}'" not in done.stdout
