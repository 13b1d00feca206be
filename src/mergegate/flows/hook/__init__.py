"""The hook that looks before a push: put into a clone, taken away, and what it tells."""
