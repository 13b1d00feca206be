"""Whether head lost more on some rows than on the others: exact for decisions, by t for losses."""

from mergegate.stats.discordance.contrasts import Contrast, contrast
from mergegate.stats.discordance.exact import lost_beyond
from mergegate.stats.discordance.moments import Moments, summed_over
from mergegate.stats.discordance.values import Values

__all__ = ["Contrast", "Moments", "Values", "contrast", "lost_beyond", "summed_over"]
