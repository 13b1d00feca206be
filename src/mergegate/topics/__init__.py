"""What mergegate's words mean: a paragraph for each error code, gate, metric, finding, check and outcome.

The texts are Markdown files beside this one, a heading for each name. `mergegate explain` and the pages of
docs/reference are made of them.
"""

from mergegate.topics.lookup import find, nearest, parts
from mergegate.topics.reading import KINDS, Kind, Topic, read, read_all

__all__ = ["KINDS", "Kind", "Topic", "find", "nearest", "parts", "read", "read_all"]
