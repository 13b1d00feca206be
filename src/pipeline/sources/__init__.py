"""Where tables come from: one file per kind of source.

To add a kind, write a file with a struct like FilesSource, whose `tag` is the kind's name in params.yaml, and
add it to `AnySource`.
"""

from pipeline.sources.files import FilesSource
from pipeline.sources.source import Extract, Part, Source

AnySource = FilesSource
"""A source as params.yaml states it: the union of all kinds, told apart by the key `kind`."""

__all__ = ["AnySource", "Extract", "FilesSource", "Part", "Source"]
