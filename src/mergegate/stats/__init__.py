"""Intervals, tests, families and power; numpy only, so that a review starts fast."""
