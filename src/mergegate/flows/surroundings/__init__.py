"""What else a change brings with it: undeclared code, libraries, and what became of the model's bundle."""

from mergegate.flows.surroundings.code import find_imports, find_packages
from mergegate.flows.surroundings.models import describe_model
from mergegate.flows.surroundings.reported import without_importances

__all__ = ["describe_model", "find_imports", "find_packages", "without_importances"]
