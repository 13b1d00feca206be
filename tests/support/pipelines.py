"""A small pipeline under git and DVC whose stages take no time: a folder of data, three stages.

raw/ (tracked) → sort → train (params, metrics in git); notes.txt (in git) → count.
"""

import os
from pathlib import Path

from support.projects import Project

TRAIN = """\
import json
import pathlib
import params

words = pathlib.Path("build/sorted.txt").read_text().split()
pathlib.Path("model.txt").write_text("".join(word[: params.LENGTH] for word in words))
pathlib.Path("metrics.json").write_text(json.dumps({"words": len(words)}))
"""

PARAMS = """\
import pathlib

LENGTH = int(pathlib.Path("params.yaml").read_text().split("length:")[1].split()[0])
"""

DVC_YAML = """\
stages:
  sort:
    cmd: cat raw/*.txt | sort > build/sorted.txt
    deps: [raw]
    outs: [build/sorted.txt]
  train:
    cmd: python train.py
    deps: [build/sorted.txt, params.py, train.py]
    params: [length]
    outs: [model.txt]
    metrics:
      - metrics.json: {cache: false}
  count:
    cmd: wc -c < notes.txt > build/count.txt
    deps: [notes.txt]
    outs: [build/count.txt]
"""


def build_pipeline(home: Path) -> Project:
    """The pipeline on `main`, reproduced and pushed to a folder, with the branch `change` checked out."""
    project = Project(home / "project", home)
    project.root.mkdir(parents=True)
    project.git("init", "--quiet", "--initial-branch", "main")
    project.dvc("init", "--quiet")
    (home / "remote").mkdir()
    remote = os.path.relpath(home / "remote", project.root)
    project.dvc("remote", "add", "--quiet", "--default", "store", remote)
    for name, text in (("a", "pear\nfig\n"), ("b", "plum\napple\n")):
        project.write(f"raw/{name}.txt", text)
    project.dvc("add", "--quiet", "raw")
    project.write("build/.gitkeep", "")
    project.write("train.py", TRAIN)
    project.write("params.py", PARAMS)
    project.write("params.yaml", "length: 2\n")
    project.write("notes.txt", "a few words\n")
    project.write("dvc.yaml", DVC_YAML)
    project.dvc("repro", "--quiet")
    project.dvc("push", "--quiet")
    project.commit("Start")
    project.git("checkout", "--quiet", "-b", "change")
    return project
