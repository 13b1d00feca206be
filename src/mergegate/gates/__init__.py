"""Gates: policy × comparison → verdict. Pure, one file per kind."""
