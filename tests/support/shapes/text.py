"""The shape of DVC's own get-started project: posts as XML, four scripts, nested params, no predictions file.

What is measured lies in a folder that git holds; the dvc.yaml names the metrics for all its stages.
"""

import random

from support.adopters import Shape, overwrite, replace
from support.projects import Project

PREPARE = """\
import pathlib
import random
import sys
import xml.etree.ElementTree as tree

import params

split, seed = params.of("prepare", "split"), params.of("prepare", "seed")
chance = random.Random(int(seed))
out = pathlib.Path("data/prepared")
out.mkdir(parents=True, exist_ok=True)
lines = {"train": [], "test": []}
for row in tree.parse(sys.argv[1]).getroot():
    label = int("<r>" in row.attrib["Tags"])
    part = "test" if chance.random() < split else "train"
    lines[part].append("\\t".join([row.attrib["Id"], str(label), row.attrib["Title"]]))
for part, found in lines.items():
    (out / f"{part}.tsv").write_text("\\n".join(found) + "\\n")
"""

FEATURIZE = """\
import collections
import pathlib
import pickle
import sys

import params

source, target = map(pathlib.Path, sys.argv[1:])
most = int(params.of("featurize", "max_features"))
target.mkdir(parents=True, exist_ok=True)
posts = {
    part: [line.split("\\t") for line in (source / f"{part}.tsv").read_text().splitlines()]
    for part in ("train", "test")
}
words = collections.Counter(word for _, _, title in posts["train"] for word in title.split())
known = [word for word, _ in sorted(words.items(), key=lambda item: (-item[1], item[0]))[:most]]
for part, found in posts.items():
    rows = [(post, int(label), [title.split().count(word) for word in known]) for post, label, title in found]
    (target / f"{part}.pkl").write_bytes(pickle.dumps(rows, protocol=4))
"""

TRAIN = """\
import pathlib
import pickle
import sys

import params

source, target = map(pathlib.Path, sys.argv[1:])
rounds, seed = int(params.of("train", "n_est")), params.of("train", "seed")
rows = pickle.loads((source / "train.pkl").read_bytes())
weights = [0.0] * len(rows[0][2])
for _ in range(rounds):
    for _, label, counts in rows:
        guess = sum(weight * count for weight, count in zip(weights, counts)) > 0
        if guess != bool(label):
            step = 1 if label else -1
            weights = [weight + step * count for weight, count in zip(weights, counts)]
target.write_bytes(pickle.dumps(weights, protocol=4))
"""

EVALUATE = """\
import json
import pathlib
import pickle
import sys

model, features = map(pathlib.Path, sys.argv[1:])
weights = pickle.loads(model.read_bytes())
live = pathlib.Path("eval/live")
(live / "plots").mkdir(parents=True, exist_ok=True)
metrics = {"accuracy": {}, "positives": {}}
for part in ("train", "test"):
    rows = pickle.loads((features / f"{part}.pkl").read_bytes())
    guesses = [sum(w * c for w, c in zip(weights, counts)) > 0 for _, _, counts in rows]
    right = [guess == bool(label) for guess, (_, label, _) in zip(guesses, rows)]
    metrics["accuracy"][part] = sum(right) / len(right)
    metrics["positives"][part] = sum(guesses)
    points = [{"actual": label, "predicted": int(guess)} for guess, (_, label, _) in zip(guesses, rows)]
    (live / "plots" / f"{part}.json").write_text(json.dumps(points))
(live / "metrics.json").write_text(json.dumps(metrics, indent=4))
"""

READ_PARAMS = """\
import pathlib


def of(section, key):
    block = pathlib.Path("params.yaml").read_text().split(section + ":")[1]
    return float(block.split(key + ":")[1].split()[0])
"""

PARAMS = """\
prepare:
  split: 0.30
  seed: 20170428

featurize:
  max_features: 12
  ngrams: 1

train:
  seed: 20170428
  n_est: 4
  min_split: 0.01
"""

DVC_YAML = """\
artifacts:
  text-classification:
    path: model.pkl
    desc: Detect whether the given stackoverflow question should have R language tag
    type: model
stages:
  prepare:
    cmd: python src/prepare.py data/data.xml
    deps:
    - data/data.xml
    - src/params.py
    - src/prepare.py
    params:
    - prepare.seed
    - prepare.split
    outs:
    - data/prepared
  featurize:
    cmd: python src/featurization.py data/prepared data/features
    deps:
    - data/prepared
    - src/featurization.py
    - src/params.py
    params:
    - featurize.max_features
    - featurize.ngrams
    outs:
    - data/features
  train:
    cmd: python src/train.py data/features model.pkl
    deps:
    - data/features
    - src/params.py
    - src/train.py
    params:
    - train.min_split
    - train.n_est
    - train.seed
    outs:
    - model.pkl
  evaluate:
    cmd: python src/evaluate.py model.pkl data/features
    deps:
    - data/features
    - model.pkl
    - src/evaluate.py
    outs:
    - eval/live:
        cache: false
metrics:
- eval/live/metrics.json
plots:
- Confusion-Matrix:
    template: confusion
    x: actual
    y:
      eval/live/plots/test.json: predicted
"""


def posts(count: int) -> str:
    """So many questions, a third of them on R."""
    lines = ['<?xml version="1.0" encoding="utf-8"?>', "<posts>"]
    of_r = ["ggplot", "dplyr", "data.frame", "vector", "loop"]
    others = ["class", "pointer", "thread", "loop", "vector"]
    for number in range(count):
        chance = random.Random(number)
        asked = number % 3 == 0
        title = " ".join(chance.choices(of_r if asked else others, k=3) + chance.choices(of_r + others, k=2))
        tags = "&lt;r&gt;" if asked else "&lt;java&gt;"
        lines.append(f'<row Id="{number}" Tags="{tags}" Title="{title}" />')
    return "\n".join([*lines, "</posts>", ""])


def write(project: Project) -> None:
    scripts = {"prepare": PREPARE, "featurization": FEATURIZE, "train": TRAIN, "evaluate": EVALUATE}
    for name, text in {**scripts, "params": READ_PARAMS}.items():
        project.write(f"src/{name}.py", text)
    project.write("src/requirements.txt", "dvc[s3]\ndvclive\nscikit-learn==1.5.0\n")
    project.write("params.yaml", PARAMS)
    project.write("dvc.yaml", DVC_YAML)
    project.write("data/data.xml", posts(300))
    project.dvc("add", "--quiet", "data/data.xml")
    project.dvc("repro", "--quiet")


def change_data(project: Project) -> None:
    overwrite(project, "data/data.xml", posts(400))
    project.dvc("add", "--quiet", "data/data.xml")
    project.dvc("repro", "--quiet")


def change_params(project: Project) -> None:
    replace(project, "params.yaml", "max_features: 12", "max_features: 3")
    project.dvc("repro", "--quiet")


SHAPE = Shape("text", write, change_data, change_params)
