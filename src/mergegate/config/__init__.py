"""The policy's schema and the YAML loader whose errors name file, key path and line."""
