"""Posting what was judged: statuses and one comment, and nothing that no longer holds."""
