"""`mergegate init`: look at a repository, propose, write what is missing, try a first review."""
