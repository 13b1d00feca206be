"""Comparison of two sets of predictions. Pure, on arrays."""
