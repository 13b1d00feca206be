"""Datasets between two revisions: which files came, went and changed. Row and schema diffs build on this."""
