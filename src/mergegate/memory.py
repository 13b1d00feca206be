"""The memory of large arrays, used again instead of given back."""

import ctypes
from functools import cache

_TRIM_THRESHOLD, _MMAP_MAX, _ARENA_MAX = -1, -4, -8
"""Options of `mallopt`, as glibc's malloc.h numbers them."""
_NEVER = (1 << 31) - 1


@cache
def keep_freed() -> None:
    """Have this process use the memory of freed arrays again rather than give it back to the system.

    glibc gives back every large array at once, and for the next one the system clears as many pages anew: a
    third of the time that ten million rows take, half of what thirty thousand in slices take. Other C
    libraries are left as they are.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return
    # One arena, for what one thread frees is of use to the other.
    for option, value in ((_ARENA_MAX, 1), (_TRIM_THRESHOLD, _NEVER), (_MMAP_MAX, 0)):
        mallopt(option, value)
