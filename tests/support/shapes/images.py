"""As with PyTorch: folders of pictures, a weights file that nobody but its script opens, DVCLive's folder.

The predictions come from a script of their own; no ONNX anywhere.
"""

import random
import struct
import zlib

from support.adopters import Shape, replace
from support.projects import Project

CLASSES = {"cat": 80, "dog": 130}
"""How bright pictures of a class are."""

TRAIN = """\
import io
import json
import pathlib
import zipfile

import pictures

text = pathlib.Path("params.yaml").read_text()
epochs = int(text.split("epochs:")[1].split()[0])
rate = float(text.split("lr:")[1].split()[0])
rows = [row for row in pictures.read() if row[3] == "train"]
bar = 60.0
steps = []
for epoch in range(epochs):
    for _, label, light, _ in rows:
        wrong = (light > bar) - (label == "dog")
        bar += rate * wrong * 10
    loss = sum((light > bar) != (label == "dog") for _, label, light, _ in rows) / len(rows)
    steps.append({"step": epoch, "loss": loss})
with zipfile.ZipFile("model.pt", "w") as file:
    file.writestr(zipfile.ZipInfo("archive/data.pkl"), b"\\x80\\x02}q\\x00.")
    file.writestr(zipfile.ZipInfo("archive/data/0"), json.dumps(bar).encode())
live = pathlib.Path("dvclive")
(live / "plots").mkdir(parents=True, exist_ok=True)
(live / "metrics.json").write_text(json.dumps({"step": epochs - 1, "train": {"loss": steps[-1]["loss"]}}))
lines = ["step\\tloss", *(f"{step['step']}\\t{step['loss']}" for step in steps)]
(live / "plots" / "loss.tsv").write_text("\\n".join([*lines, ""]))
"""

PREDICT = """\
import json
import math
import pathlib
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq

import pictures

bar = json.loads(zipfile.ZipFile("model.pt").read("archive/data/0"))
rows = [row for row in pictures.read() if row[3] == "test"]
chance = [1 / (1 + math.exp((bar - light) / 20)) for _, _, light, _ in rows]
table = pa.table(
    {
        "row_id": [name for name, _, _, _ in rows],
        "y_true": [label for _, label, _, _ in rows],
        "y_pred": ["dog" if p > 0.5 else "cat" for p in chance],
        "proba_cat": [1 - p for p in chance],
        "proba_dog": chance,
    }
)
pathlib.Path("predictions").mkdir(exist_ok=True)
pq.write_table(table, "predictions/test.parquet")
"""

PICTURES = """\
import pathlib
import zlib


def read():
    for file in sorted(pathlib.Path("data/images").glob("*/*.png")):
        raw = file.read_bytes()
        start = raw.index(b"IDAT") + 4
        light = zlib.decompress(raw[start : start + int.from_bytes(raw[start - 8 : start - 4], "big")])[1]
        part = "test" if int(file.stem) % 2 else "train"
        yield f"{file.parent.name}/{file.name}", file.parent.name, light, part
"""

DVC_YAML = """\
stages:
  train:
    cmd: python train.py
    deps:
    - data/images
    - pictures.py
    - train.py
    params:
    - train
    outs:
    - model.pt
    - dvclive/metrics.json
    plots:
    - dvclive/plots:
        x: step
  predict:
    cmd: python predict.py
    deps:
    - data/images
    - model.pt
    - pictures.py
    - predict.py
    outs:
    - predictions
"""

LIVE_YAML = """\
params:
- ../params.yaml
metrics:
- metrics.json
"""


def picture(light: int) -> bytes:
    """A grey PNG of one pixel."""

    def chunk(name: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + check

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes([0, light]))) + chunk(b"IEND", b"")
    )


def draw(project: Project, numbers: range) -> None:
    """Pictures of each class under these numbers."""
    for name, middle in CLASSES.items():
        for number in numbers:
            light = random.Random(f"{name}{number}").gauss(middle, 25)
            place = f"data/images/{name}/{number:04d}.png"
            project.write(place, picture(min(255, max(0, round(light)))))


def write(project: Project) -> None:
    for name, text in {"train": TRAIN, "predict": PREDICT, "pictures": PICTURES}.items():
        project.write(f"{name}.py", text)
    project.write("requirements.txt", "torch==2.4.0\ndvclive\n")
    project.write("params.yaml", "train:\n  epochs: 3\n  optimizer:\n    name: sgd\n    lr: 0.05\n")
    project.write("dvc.yaml", DVC_YAML)
    project.write("dvclive/dvc.yaml", LIVE_YAML)
    draw(project, range(120))
    project.dvc("add", "--quiet", "data/images")
    project.dvc("repro", "--quiet")


def change_data(project: Project) -> None:
    draw(project, range(120, 150))
    project.dvc("add", "--quiet", "data/images")
    project.dvc("repro", "--quiet")


def change_params(project: Project) -> None:
    replace(project, "params.yaml", "lr: 0.05", "lr: 0.5")
    project.dvc("repro", "--quiet")


SHAPE = Shape("images", write, change_data, change_params)
