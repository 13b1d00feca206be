"""Code that stages run and don't declare, and libraries that change."""

from contextlib import suppress

from mergegate import repo
from mergegate.config.policy import Policy
from mergegate.dag.imports import find_undeclared
from mergegate.dag.packages import Packages, Pair, diff_packages
from mergegate.errors import MergegateError
from mergegate.flows.evidence import Reading
from mergegate.flows.surroundings.bundles import is_same, read_manifest
from mergegate.records.surroundings import UndeclaredImport


def find_imports(base: Reading, head: Reading) -> tuple[UndeclaredImport, ...]:
    """The repository's own code that head's stages run and don't declare, what differs from base first."""
    return find_undeclared(head.pipeline, head.files, base.files)


def find_packages(policy: Policy, base: Reading, head: Reading, objects: repo.Objects) -> Packages:
    """The libraries that differ, those that the bundles were made with first."""
    paths = dict.fromkeys(model.bundle for model in policy.models.values() if model.bundle is not None)
    manifests = {path: _versions(base, head, objects, path) for path in paths}
    return diff_packages(base.files, head.files, manifests)


def _versions(base: Reading, head: Reading, objects: repo.Objects, path: str) -> Pair:
    """The versions in a bundle's manifests; none from one that can't be read: its model tells that."""
    found: dict[str, dict[str, str]] = {"base": {}, "head": {}}
    sides = (head,) if is_same(base, head, objects, path) else (base, head)
    for side in sides:
        with suppress(MergegateError):
            found[side.side] = read_manifest(side, objects, path).versions
    if len(sides) == 1 or not (found["base"] and found["head"]):
        # A bundle on one side alone moved no library.
        known = {**found["base"], **found["head"]}
        return known, known
    return found["base"], found["head"]
