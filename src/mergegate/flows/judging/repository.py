"""The repository that a change is judged in: bare, freshly fetched, with the evidence as its DVC cache."""

from mergegate.repo.bare import Wanted
from mergegate.repo.bare import open_bare as open_repository

__all__ = ["Wanted", "open_repository"]
