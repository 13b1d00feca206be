"""The frozen structs that cross rooms; those that reach a file carry a schema version."""
