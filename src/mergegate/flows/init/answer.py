"""The answer's records under the names that init's own modules use."""

from mergegate.records.init import ChosenModel, FirstReview, InitAnswer
from mergegate.records.init import WrittenFile as File

__all__ = ["ChosenModel", "File", "FirstReview", "InitAnswer"]
