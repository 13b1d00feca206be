"""What `mergegate init` writes: workflows, lines for git's own files, snippets; texts alone."""
