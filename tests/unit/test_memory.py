"""Large arrays one after the other take the memory that the first one gave up."""

import subprocess
import sys

CODE = """
import resource
import numpy as np
from mergegate import memory

def cleared():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(5):
        np.ones(10_000_000)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

by_default = cleared()
memory.keep_freed()
np.ones(10_000_000)
print(by_default, cleared())
"""


def test_memory_that_was_kept_is_not_cleared_again() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE], check=False, capture_output=True, text=True, timeout=60
    )
    assert done.stderr == ""
    by_default, kept = map(int, done.stdout.split())
    assert kept * 10 < by_default
