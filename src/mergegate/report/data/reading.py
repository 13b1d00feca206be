"""How to read each number of the page, in words that need no statistics."""

READING: tuple[tuple[str, str], ...] = (
    (
        "Added, removed, changed, the same",
        "A row is found on the other side by its key. Added: its key is only in head. Removed: only "
        "in base. Changed: both have it, and at least one cell differs. A missing cell equals a "
        "missing cell.",
    ),
    (
        "Duplicates",
        "Rows beyond the first with the same key. They can't be told apart, so they are counted by "
        "themselves.",
    ),
    (
        "Shared rows",
        "Rows that both sides have. Only in them a cell or a label can have been edited.",
    ),
    (
        "Edits as a matrix",
        "A row for each label that base had, a column for each that head has instead; the darker, the "
        "more rows. Edits that go one way only are seldom random slips.",
    ),
    (
        "Contradictory labels",
        "Rows whose inputs are all equal to another row's while their labels differ. At least one is "
        "wrong, or the inputs lack what tells them apart.",
    ),
    (
        "AUC, eta²",
        "How well one column alone tells the label. AUC, for two labels: 0.5 is no better than "
        "guessing, 1 is always right. eta², otherwise: the share of the label's variation that the "
        "column explains. A column that alone is nearly always right was often written after the "
        "outcome.",
    ),
    (
        "Old readers still work",
        "Whether code written for base's columns can read head's: a column more is harmless, a column "
        "less, or of another type, is not.",
    ),
    (
        "Emptied, filled",
        "Changed cells that head leaves missing, and those that were missing in base.",
    ),
    (
        "Mean move, largest",
        "How far the changed cells that are numbers on both sides moved, in the column's own unit.",
    ),
    (
        "In common",
        "The one rule that leads from base's value to head's in every changed cell, such as × 1.8 + "
        "32. It is the mark of a change of unit.",
    ),
    (
        "PSI",
        "Population stability index: how far the added rows' distribution is from base's. By custom, "
        "under 0.1 is little, 0.1 to 0.25 is some, over 0.25 is much. The bar is full at 1.",
    ),
    (
        "Wasserstein",
        "How far values would have to be moved to turn one distribution into the other, in base's "
        "standard deviations: 0.1 is little, 1 is a whole standard deviation.",
    ),
    (
        "Jensen–Shannon",
        "A distance between two distributions, 0 if they are alike, 1 if they share nothing.",
    ),
    (
        "KS, chi²",
        "KS, for numbers: the largest gap between the two shares of rows below a value, 0 to 1. Chi², "
        "for categories: grows with the number of rows, so look at the effects beside it.",
    ),
    (
        "p, p corrected",
        "How often chance alone would show as much. Corrected allows for the number of columns: of "
        "twenty columns of noise, one has p under 0.05. With many rows a tiny p may stand beside a "
        "tiny effect.",
    ),
    (
        "Notable",
        "The effect is large enough to matter, and chance alone seldom shows as much.",
    ),
    (
        "Missing, NaN",
        "Missing: the cell holds nothing (null). NaN: it holds the mark of a failed calculation. The "
        "bar is head's share, the line across it base's.",
    ),
    (
        "Distinct, lowest, highest",
        "How many different values the column holds, and its first and last in order. Not shown for "
        "private columns.",
    ),
)
