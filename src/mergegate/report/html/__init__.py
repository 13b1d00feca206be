"""Pages for a browser, one file each: `review.render`, `predictions.render_predictions`.

Nothing here is imported by a review in the terminal or a comment.
"""
