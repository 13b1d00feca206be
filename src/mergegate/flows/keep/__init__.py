"""What a shared DVC remote must keep, and a second place for it."""
