"""Judging a pull request from evidence alone: git objects, and files that are what their names say."""
