"""Keeps Python's collector of cycles from looking through everything a server keeps, again and
again, and memory that is needed again from going back to the kernel; it frees nothing that is used.
"""

import ctypes
import gc
from typing import Final

YOUNG_OBJECTS_MAX: Final = 20_000
"""After so many new objects that are still there the collector looks at them; it looks after 700 by
default, which a batch of claims makes many times over."""

LOOKS_MAX: Final = 2, 50
"""After so many looks at what is new it looks at what has come since the look before that, which
are answers that are kept; after so many of those at everything. After ten of each, as it is by
default, the middle look took as long as an answer."""

MAPPED_BYTES_MIN: Final = 4 * 1024 * 1024
KEPT_BYTES_MAX: Final = 8 * 1024 * 1024
"""Only what is larger is taken from the kernel by itself and goes back to it at once; so much that
is free at the end of the memory is kept. By default it is as much as the last large value or two,
so that sending every batch of a thousand events took its memory anew, page by page and zeroed."""
ARENAS_MAX: Final = 1
"""Whichever thread works, it takes memory from one place, and what one let go of the next one uses.
By default each has a place of its own, where as much stays as it ever needed; few of these threads
run at a time, as they run Python."""
_M_TRIM_THRESHOLD: Final = -1
_M_MMAP_THRESHOLD: Final = -3
_M_ARENA_MAX: Final = -8
"""What glibc calls them, in malloc.h."""


def settle() -> None:
    """Never look again at what there is: the program itself, made at the start; and look less often
    at what comes. Keep some memory for what comes next.

    To be called when a process is about to begin its work. Looking through all of it took tens of
    milliseconds every few seconds, while everybody waited.
    """
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS_MAX, *LOOKS_MAX)
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:  # musl and macOS have none, and other ways
        mallopt(_M_MMAP_THRESHOLD, MAPPED_BYTES_MIN)
        mallopt(_M_TRIM_THRESHOLD, KEPT_BYTES_MAX)
        mallopt(_M_ARENA_MAX, ARENAS_MAX)
