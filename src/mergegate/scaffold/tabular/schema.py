"""What the ingested data must look like: `dvc repro validate` holds each file against it.

The words are those of checks.py. Bounds are those of the instrument, not of the rows at hand.
"""

import pandera.pandas as pa

from pipeline.checks import number, text, whole

_MOST = {
    "radius": 60.0,
    "texture": 80.0,
    "perimeter": 400.0,
    "area": 10_000.0,
    "smoothness": 1.0,
    "compactness": 3.0,
    "concavity": 3.0,
    "concave_points": 1.0,
    "symmetry": 1.0,
    "fractal_dimension": 1.0,
}
"""What is measured on each nucleus of a sample, and the largest value that can be right."""

tumours = pa.DataFrameSchema(
    {
        "row_id": text(unique=True),
        "tumour": whole(1, 1_000_000, unique=True),
        # Of the nuclei of one sample: their mean, its standard error, the mean of the three largest.
        **{f"mean_{name}": number(0, most) for name, most in _MOST.items()},
        **{f"{name}_error": number(0, most) for name, most in _MOST.items()},
        **{f"worst_{name}": number(0, most) for name, most in _MOST.items()},
        "diagnosis": text(among=("benign", "malignant")),
    },
)
