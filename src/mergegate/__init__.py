"""mergegate: git as the way machine learning reaches production."""

__version__ = "0.1.0"
