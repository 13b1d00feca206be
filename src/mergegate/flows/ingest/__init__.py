"""`mergegate ingest`: new files of a source become one pull request a dataset, as DVC would have added them.

`ingesting` is the walk: `targets` says what a dataset is, `gathering` brings what its source has, `arrivals`
tells what of it is new, `validating` whether it may come in, `adding` makes the commit, `rerunning` runs the
stages that read it, `origin` and `proposing` bring it to git's remote and to GitHub.
"""
