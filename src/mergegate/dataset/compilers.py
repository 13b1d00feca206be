"""Ibis's compilers, each imported when it is asked for.

Ibis imports those of all its twenty engines with the first, and SQLGlot's dialects with these: a tenth of a
second, longer than most of our queries take.
"""

import importlib
import sys
from importlib.util import find_spec, module_from_spec

PACKAGE = "ibis.backends.sql.compilers"


def defer_compilers() -> None:
    """Put the package in place with nothing in it yet; no more where it is there already."""
    spec = None if PACKAGE in sys.modules else find_spec(PACKAGE)
    if spec is None or spec.loader is None:
        return
    package, loader = module_from_spec(spec), spec.loader

    def find(name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        if find_spec(f"{PACKAGE}.{name}") is not None:
            return importlib.import_module(f"{PACKAGE}.{name}")
        # One of the names that the package itself brings together.
        del package.__dict__["__getattr__"]
        loader.exec_module(package)
        return getattr(package, name)

    package.__dict__["__getattr__"] = find
    sys.modules[PACKAGE] = package
