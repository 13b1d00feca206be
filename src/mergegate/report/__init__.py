"""Renderers of `review.json`: Markdown, terminal. One file each, and nothing but the review as input."""
