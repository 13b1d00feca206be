"""Two models in a folder of a larger repository; one templated dvc.yaml makes the stages of both.

DVC lives in the folder, the git repository around it holds other teams' work.
"""

from support.adopters import Shape, overwrite, replace
from support.projects import Project
from support.shapes import rows

FOLDER = "services/scoring"

FIT = """\
import csv
import json
import math
import pathlib
import sys

name, steep, out = sys.argv[1], float(sys.argv[2]), pathlib.Path(sys.argv[3])
with open("data/customers.csv", newline="") as file:
    test = list(csv.DictReader(file))[1::2]
ids = [row["customer"] for row in test]
if name == "churn":
    lean = [steep * (int(row["calls"]) - 6) + 0.02 * (float(row["spend"]) - 47) for row in test]
    chance = [1 / (1 + math.exp(-each)) for each in lean]
    told = {
        "y_true": [row["churned"] for row in test],
        "y_pred": ["yes" if each >= 0.5 else "no" for each in chance],
        "proba_no": [1 - each for each in chance],
        "proba_yes": chance,
    }
else:
    told = {
        "y_true": [float(row["spend"]) for row in test],
        "y_pred": [47 + (float(row["spend"]) - 47) * steep for row in test],
    }
out.mkdir(parents=True, exist_ok=True)
with open(out / "predictions.tsv", "w", newline="") as file:
    writer = csv.writer(file, delimiter="\\t")
    writer.writerow(["row_id", *told])
    writer.writerows(zip(ids, *told.values()))
(out / "weights.json").write_text(json.dumps(steep))
pathlib.Path("metrics").mkdir(exist_ok=True)
pathlib.Path("metrics", f"{name}.json").write_text(json.dumps({"rows": len(ids), "steep": steep}))
"""

DVC_YAML = """\
vars:
  - out: build
stages:
  fit:
    foreach: ${models}
    do:
      cmd: python fit.py ${key} ${item.steep} ${out}/${key}
      deps:
        - fit.py
        - data/customers.csv
      outs:
        - ${out}/${key}
      metrics:
        - metrics/${key}.json:
            cache: false
"""

PARAMS = """\
models:
  churn:
    steep: 0.2
  spend:
    steep: 0.5
"""


def write(project: Project) -> None:
    project.write("../../README.md", "# Everything we run\n")
    project.write("../billing/main.go", "package main\n")
    project.write("fit.py", FIT)
    project.write("params.yaml", PARAMS)
    project.write("dvc.yaml", DVC_YAML)
    project.write("data/customers.csv", rows.table(300))
    project.dvc("add", "--quiet", "data/customers.csv")
    project.dvc("repro", "--quiet")


def change_data(project: Project) -> None:
    overwrite(project, "data/customers.csv", rows.table(360))
    project.dvc("add", "--quiet", "data/customers.csv")
    project.dvc("repro", "--quiet")


def change_params(project: Project) -> None:
    """One of the two models."""
    replace(project, "params.yaml", "steep: 0.2", "steep: 0.6")
    project.dvc("repro", "--quiet")


SHAPE = Shape("monorepo", write, change_data, change_params, folder=FOLDER)
