"""Rows that the strangers' scripts learn from, and the plain script that several of them share."""

import random


def table(count: int, *, seed: int = 0, end: str = "\n") -> str:
    """Customers as CSV: `customer,region,calls,spend,churned`; the first rows are the same for any count."""
    lines = ["customer,region,calls,spend,churned"]
    for number in range(count):
        chance = random.Random(seed * 1_000_003 + number)
        calls, spend = chance.randint(0, 12), round(chance.uniform(5, 90), 2)
        churned = calls * 3 + chance.gauss(0, 9) > 20
        region = ("north", "south", "west")[number % 3]
        lines.append(f"c{number:04d},{region},{calls},{spend},{'yes' if churned else 'no'}")
    return end.join([*lines, ""])


FIT = """\
import csv
import json
import math
import pathlib

text = pathlib.Path("params.yaml").read_text()
steep = float(text.split("steep:")[1].split()[0])
with open("data/customers.csv", newline="") as file:
    rows = list(csv.DictReader(file))
train, test = rows[::2], rows[1::2]
middle = sum(int(row["calls"]) for row in train) / len(train)
pathlib.Path("out").mkdir(exist_ok=True)
right = 0
with open("out/predictions.csv", "w", newline="") as file:
    writer = csv.writer(file, lineterminator=END)
    writer.writerow(["row_id", "y_true", "y_pred", "proba_no", "proba_yes", "region"])
    for row in test:
        # With little steepness what was spent, which says nothing, weighs as much as the calls.
        lean = steep * (int(row["calls"]) - middle) + 0.02 * (float(row["spend"]) - 47)
        chance = round(1 / (1 + math.exp(-lean)), 6)
        guess = "yes" if chance >= 0.5 else "no"
        right += guess == row["churned"]
        out = [row["customer"], row["churned"], guess, round(1 - chance, 6), chance, row["region"]]
        writer.writerow(out)
pathlib.Path("out/model.json").write_text(json.dumps({"middle": middle, "steep": steep}))
pathlib.Path("out/metrics.json").write_text(json.dumps({"accuracy": right / len(test), "rows": len(test)}))
"""


def script(end: str = "\n") -> str:
    """A script that fits customers and writes its predictions as CSV, with these line ends."""
    return FIT.replace("END", repr(end)).replace("\n", end)


DVC_YAML = """\
stages:
  fit:
    cmd: python fit.py
    deps:
    - data/customers.csv
    - fit.py
    params:
    - steep
    outs:
    - out/model.json
    - out/predictions.csv
    metrics:
    - out/metrics.json:
        cache: false
"""

PARAMS = "steep: 0.2\n"
STEEPER = "steep: 0.6\n"
