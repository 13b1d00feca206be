"""What counts as equal, and which paths somebody judges by."""

from collections.abc import Iterable, Mapping

import msgspec

from mergegate.bundle.contents import MANIFEST
from mergegate.config.policy import Evaluation, Policy
from mergegate.flows.reproduce.contents import Apart
from mergegate.records.pipeline import Pipeline
from mergegate.records.reproduce import Equality


class Rules(msgspec.Struct, frozen=True):
    """What counts as equal; `evaluations` are the policy's, by the path of their predictions.

    `counted` are the other paths that the policy names: what they hold must be the same too. `metrics` are
    those that base or head calls so. `made` is what the policy names and somebody must have computed.
    """

    equal: Equality
    tolerance: float
    evaluations: Mapping[str, Evaluation] = {}
    counted: frozenset[str] = frozenset()
    bundles: frozenset[str] = frozenset()
    metrics: frozenset[str] = frozenset()
    made: frozenset[str] = frozenset()

    @property
    def by_bytes(self) -> bool:
        """Whether every byte counts: as asked, or because nothing says what else would."""
        return self.equal == "bytes" or (self.equal == "predictions" and not self.evaluations)

    def blocks(self, apart: Apart, path: str) -> bool:
        """Whether a difference of this kind fails the run."""
        if self.by_bytes or self.equal == "verdict":
            return self.by_bytes
        return not apart.within and self.counts(path)

    def counts(self, path: str) -> bool:
        """Whether somebody judges by what this file holds, or by a part of this folder."""
        named = self.counted | self.bundles | self.metrics | self.evaluations.keys()
        return any(overlap(path, each) for each in named)

    def is_manifest(self, path: str) -> bool:
        """Whether a file is the manifest of a model's bundle."""
        return any(path == f"{each}/{MANIFEST}" for each in self.bundles)

    def in_bundle(self, path: str) -> bool:
        """Whether a file is a part of a model's bundle."""
        return any(path.startswith(f"{each}/") for each in self.bundles)


def make_rules(policy: Policy, pipelines: Iterable[Pipeline]) -> Rules:
    """The rules of a policy, for the pipelines of base and head."""
    evaluations = [model.evaluation for model in policy.models.values()]
    named = [(each.inputs, each.training_rows, each.metrics, each.seeds) for each in evaluations]
    counted = {path for paths in named for path in paths if path is not None}
    bundles = frozenset(model.bundle for model in policy.models.values() if model.bundle is not None)
    computed = {path for each in evaluations for path in (each.predictions, each.metrics, each.seeds) if path}
    return Rules(
        policy.reproduce.equal,
        policy.reproduce.tolerance,
        {each.predictions: each for each in evaluations},
        frozenset(counted | {dataset.path for dataset in policy.datasets}),
        bundles,
        frozenset(
            out.path
            for pipeline in pipelines
            for stage in pipeline.stages
            for out in stage.outs
            if out.kind == "metrics"
        ),
        bundles | computed,
    )


def overlap(a: str, b: str) -> bool:
    """Whether two paths are one, or one lies in the other."""
    return a == b or a.startswith(f"{b}/") or b.startswith(f"{a}/")
