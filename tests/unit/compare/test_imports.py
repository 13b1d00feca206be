"""What comparing must not import: a review is a cold process."""

import subprocess
import sys
from pathlib import Path

import numpy as np

from mergegate import predictions

SCRIPT = """
import sys
from pathlib import Path
from mergegate import predictions
from mergegate.compare import Ask, Setting, compare

side = predictions.read(Path(sys.argv[1]), task="binary", name="it")
asks = [Ask("accuracy", bars=True, slices=("group",))]
compare(side, side, asks=asks, setting=Setting(weight="weight", cluster="day"))
print(sorted({"pandas", "scipy", "sklearn", "onnxruntime"} & set(sys.modules)))
"""


def test_weights_clusters_and_slices_are_read_without_pandas(tmp_path: Path) -> None:
    rows = np.arange(200)
    file = tmp_path / "predictions.parquet"
    predictions.write(
        file,
        row_id=rows,
        y_true=rows % 2,
        y_pred=rows % 2,
        columns={"day": rows // 4, "weight": rows + 1.0, "group": [f"g{row % 3}" for row in rows]},
    )
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(file)], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


EXPLAINED = """
import sys
from pathlib import Path
import numpy as np
from mergegate import predictions
from mergegate.compare import Paired, find_flips, measure_gaps, search_segments

side = predictions.read(Path(sys.argv[1]), task="binary", name="it")
rows = np.arange(100, 200)
paired = Paired(rows, rows, None, rows // 3)
flips = find_flips(side, side, paired, slices=["group", "share", "moment"])
print(search_segments(side, side, paired, min_rows=10).tried, len(flips.slices))
print(measure_gaps(side, side, paired, "accuracy", "group", min_rows=10).levels)
print(sorted({"pandas", "scipy", "sklearn", "onnxruntime"} & set(sys.modules)))
"""


def test_a_change_is_explained_without_pandas(tmp_path: Path) -> None:
    rows = np.arange(200)
    file = tmp_path / "predictions.parquet"
    columns = {
        "group": [f"g{row % 3}" for row in rows],
        "share": rows / 7,
        "moment": rows.astype("datetime64[h]"),
    }
    predictions.write(file, row_id=rows, y_true=rows % 2, y_pred=rows % 5 % 2, columns=columns)
    done = subprocess.run(
        [sys.executable, "-c", EXPLAINED, str(file)], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[1:] == ["3", "[]"]
