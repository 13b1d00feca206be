"""Whether a revision is whole and true: its lock, its history, its objects."""
