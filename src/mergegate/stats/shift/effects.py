"""What size of a shift matters: one bar, said on each distance's own scale."""

import math

PSI_MODERATE = 0.1
"""From here a column has moved enough to be looked at (Siddiqi 2006, Credit Risk Scorecards)."""
PSI_LARGE = 0.25
"""From here a population is another one (Siddiqi 2006)."""

WASSERSTEIN_MODERATE = math.sqrt(PSI_MODERATE)
"""In old standard deviations, 0.316: a normal that moves by δ of them has PSI δ² and distance δ."""
KS_MODERATE = math.erf(WASSERSTEIN_MODERATE / math.sqrt(8))
"""0.126: a normal that moves by δ standard deviations has the distance 2Φ(δ / 2) − 1."""
