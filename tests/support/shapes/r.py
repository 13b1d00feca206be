"""A model in R: scripts in R, renv's lock, predictions as R writes CSV.

There is no R on this machine. What the scripts would have written is put there, and DVC records it with
`dvc commit`, as it would have after `dvc repro`; nothing here runs a stage.
"""

import csv
import io
import json
import math

from support.adopters import Shape, overwrite, replace
from support.projects import Project
from support.shapes import rows

FIT = """\
rows <- read.csv("data/customers.csv")
params <- yaml::read_yaml("params.yaml")
train <- rows[seq(1, nrow(rows), 2), ]
test <- rows[seq(2, nrow(rows), 2), ]
train$weight <- params$weight
fit <- glm((churned == "yes") ~ calls + spend, data = train, family = binomial, weights = weight)
saveRDS(fit, "models/fit.rds")
chance <- predict(fit, test, type = "response")
predictions <- data.frame(
  row_id = test$customer, y_true = test$churned, y_pred = ifelse(chance >= 0.5, "yes", "no"),
  proba_no = 1 - chance, proba_yes = chance, region = test$region
)
write.csv(predictions, "reports/predictions.csv", row.names = FALSE)
jsonlite::write_json(list(deviance = deviance(fit)), "reports/metrics.json", auto_unbox = TRUE)
"""

DVC_YAML = """\
stages:
  fit:
    cmd: Rscript R/fit.R
    deps:
      - R/fit.R
      - data/customers.csv
    params:
      - weight
    outs:
      - models/fit.rds
      - reports/predictions.csv
    metrics:
      - reports/metrics.json:
          cache: false
"""

RENV = """\
{
  "R": {"Version": "4.4.1"},
  "Packages": {
    "jsonlite": {"Package": "jsonlite", "Version": "1.8.8", "Source": "Repository"},
    "yaml": {"Package": "yaml", "Version": "2.3.8", "Source": "Repository"}
  }
}
"""


def leave(project: Project, weight: float) -> None:
    """Put what R left there, and have DVC record it."""
    found = list(csv.DictReader(io.StringIO(project.read("data/customers.csv"))))[1::2]
    lines = ['"row_id","y_true","y_pred","proba_no","proba_yes","region"']
    for row in found:
        lean = weight * (int(row["calls"]) - 6) + 0.02 * (float(row["spend"]) - 47)
        chance = round(1 / (1 + math.exp(-lean)), 12)
        guess = "yes" if chance >= 0.5 else "no"
        name, told, region = (f'"{row[key]}"' for key in ("customer", "churned", "region"))
        lines.append(f'{name},{told},"{guess}",{1 - chance:.15g},{chance:.15g},{region}')
    overwrite(project, "models/fit.rds", b"\x1f\x8b\x08\x00R" + repr(weight).encode())
    overwrite(project, "reports/predictions.csv", "\n".join([*lines, ""]))
    project.write("reports/metrics.json", json.dumps({"deviance": round(100 / weight, 3)}))
    project.dvc("commit", "--quiet", "--force", "fit")


def write(project: Project) -> None:
    project.write("R/fit.R", FIT)
    project.write("renv.lock", RENV)
    project.write(".Rprofile", 'source("renv/activate.R")\n')
    project.write("params.yaml", "weight: 0.2\n")
    project.write("dvc.yaml", DVC_YAML)
    project.write("data/customers.csv", rows.table(600))
    project.dvc("add", "--quiet", "data/customers.csv")
    leave(project, 0.2)


def change_data(project: Project) -> None:
    overwrite(project, "data/customers.csv", rows.table(700))
    project.dvc("add", "--quiet", "data/customers.csv")
    leave(project, 0.2)


def change_params(project: Project) -> None:
    replace(project, "params.yaml", "0.2", "0.6")
    leave(project, 0.6)


SHAPE = Shape("r", write, change_data, change_params)
