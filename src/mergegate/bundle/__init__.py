"""A model as files that can be judged and shipped: model.onnx, manifest.json, reference.json.

`load`, `verify` and `read` open a bundle; they need `mergegate[serving]` at most. `save` and `prepare` write
one from a fitted scikit-learn estimator and need `mergegate[pipeline]`; they are imported on use only.
"""

import importlib
from typing import TYPE_CHECKING, Any

from mergegate.errors import UsageError

if TYPE_CHECKING:
    from mergegate.bundle.contents import Contents, read
    from mergegate.bundle.export import Saved, save
    from mergegate.bundle.session import Bundle, Predicted, load, verify
    from mergegate.bundle.signature import prepare
    from mergegate.records.manifest import Manifest
    from mergegate.records.reference import Reference

__all__ = [
    "Bundle",
    "Contents",
    "Manifest",
    "Predicted",
    "Reference",
    "Saved",
    "load",
    "prepare",
    "read",
    "save",
    "verify",
]

# Name → (module, the extra that installs what the module needs).
_PLACES = {
    "Contents": ("bundle.contents", ""),
    "read": ("bundle.contents", ""),
    "Manifest": ("records.manifest", ""),
    "Reference": ("records.reference", ""),
    "Bundle": ("bundle.session", "serving"),
    "Predicted": ("bundle.session", "serving"),
    "load": ("bundle.session", "serving"),
    "verify": ("bundle.session", "serving"),
    "Saved": ("bundle.export", "pipeline"),
    "save": ("bundle.export", "pipeline"),
    "prepare": ("bundle.signature", "pipeline"),
}


def __getattr__(name: str) -> Any:
    """Import on use, so that verifying a bundle never needs what exporting one needs."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, extra = _PLACES[name]
    try:
        return getattr(importlib.import_module(f"mergegate.{module}"), name)
    except ModuleNotFoundError as error:
        if not extra or str(error.name).startswith("mergegate"):
            raise
        raise UsageError(
            f"bundle.{name} needs the package {error.name}, which is not installed",
            hint=f"pip install 'mergegate[{extra}]'",
        ) from error
