"""docs/schema/*.schema.json, from the structs that are written as JSON, and the page that lists them."""

import msgspec

from mergegate.commands.explain import Explained
from mergegate.config.policy import Policy
from mergegate.records.diff import DataDiff, PredictionsDiff
from mergegate.records.doctor import DoctorAnswer
from mergegate.records.golden import GoldenCheck
from mergegate.records.ingest import IngestAnswer
from mergegate.records.init import InitAnswer
from mergegate.records.judgement import Judgement
from mergegate.records.keep import BackupAnswer, KeepAnswer
from mergegate.records.manifest import Manifest
from mergegate.records.plan import Plan
from mergegate.records.reproduce import Reproduction
from mergegate.records.review import Review
from mergegate.records.status import Status
from mergegate.records.suggestion import Suggestions
from mergegate.records.verify import PushAnswer, Verification

INTRODUCTION = """\
<!-- Written by `make docs` from src/mergegate/records: change it there, or in docs/generating/schemas.py. -->
# JSON Schemas

What mergegate writes for machines, and the policy that it reads, each as a JSON Schema (draft 2020-12). A
`schema` in a file is the version of its form: it is raised when a reader of the old one would misread the
new, and a key that is added leaves it as it is. An editor checks and completes `mergegate.yaml` by
[policy.schema.json](../schema/policy.schema.json), as [the policy's page](../policy.md) says.

| written as | holds | schema |
|---|---|---|
"""

KINDS: dict[str, tuple[type[msgspec.Struct], str]] = {
    "policy": (Policy, "mergegate.yaml"),
    "review": (Review, "review.json"),
    "judgement": (Judgement, "judgement.json"),
    "manifest": (Manifest, "manifest.json"),
    "predictions-diff": (PredictionsDiff, "mergegate diff predictions --json"),
    "data-diff": (DataDiff, "mergegate diff data --json"),
    "init": (InitAnswer, "mergegate init --json"),
    "status": (Status, "mergegate status --json"),
    "doctor": (DoctorAnswer, "mergegate doctor --json"),
    "explain": (Explained, "mergegate explain --json"),
    "plan": (Plan, "mergegate plan --json"),
    "verify": (Verification, "mergegate verify --json"),
    "push": (PushAnswer, "mergegate push --json"),
    "reproduce": (Reproduction, "mergegate reproduce --json"),
    "suggestions": (Suggestions, "mergegate gates suggest --json"),
    "golden-check": (GoldenCheck, "mergegate golden check --json"),
    "keep": (KeepAnswer, "mergegate keep --json"),
    "backup": (BackupAnswer, "mergegate backup --json"),
    "ingest": (IngestAnswer, "mergegate ingest --json"),
}
"""Each schema's name: the struct, and what is written so."""


def page() -> str:
    """docs/reference/schemas.md."""
    return INTRODUCTION + "".join(_row(name, kind, title) for name, (kind, title) in KINDS.items())


def _row(name: str, kind: type[msgspec.Struct], title: str) -> str:
    holds = (kind.__doc__ or "").splitlines()[0]
    return f"| `{title}` | {holds} | [{name}.schema.json](../schema/{name}.schema.json) |\n"


def schemas() -> dict[str, str]:
    """Every schema as indented JSON, by its path below docs/."""
    return {f"schema/{name}.schema.json": schema(*kind) for name, kind in KINDS.items()}


def schema(kind: type[msgspec.Struct], title: str) -> str:
    """The JSON Schema of a struct as indented text."""
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        **msgspec.json.schema(kind),
    }
    return msgspec.json.format(msgspec.json.encode(document)).decode() + "\n"
