"""A team's own metric: a Python function, always run as base has it.

A change must not rewrite the metric that it is judged by. The code comes from base's git tree and runs in a
child process that is given neither head's files nor the workspace nor the environment's secrets, on both
sides' predictions and on resamples of their rows.
"""

from mergegate.flows.functions.results import OwnResult, Part, run

__all__ = ["OwnResult", "Part", "run"]
