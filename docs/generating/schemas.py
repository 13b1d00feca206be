"""docs/schema/*.schema.json, from the structs that are written as JSON, and the page that lists them."""

import msgspec

from mergegate.config.policy import Policy
from mergegate.records.diff import DataDiff, PredictionsDiff
from mergegate.records.ingest import IngestAnswer
from mergegate.records.keep import BackupAnswer, KeepAnswer
from mergegate.records.plan import Plan
from mergegate.records.review import Review
from mergegate.records.verify import PushAnswer, Verification

KINDS: dict[str, tuple[type[msgspec.Struct], str]] = {
    "policy": (Policy, "mergegate.yaml"),
    "review": (Review, "review.json"),
    "predictions-diff": (PredictionsDiff, "mergegate diff predictions --json"),
    "data-diff": (DataDiff, "mergegate diff data --json"),
    "plan": (Plan, "mergegate plan --json"),
    "verify": (Verification, "mergegate verify --json"),
    "push": (PushAnswer, "mergegate push --json"),
    "keep": (KeepAnswer, "mergegate keep --json"),
    "backup": (BackupAnswer, "mergegate backup --json"),
    "ingest": (IngestAnswer, "mergegate ingest --json"),
}
"""Each schema's name: the struct, and what is written so."""


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
