"""Keeps Python's collector of cycles from looking through everything a server keeps, again and
again; it frees nothing that is used."""

import gc
from typing import Final

YOUNG_OBJECTS_MAX: Final = 20_000
"""After so many new objects that are still there the collector looks at them; it looks after 700 by
default, which a batch of claims makes many times over."""

LOOKS_MAX: Final = 2, 50
"""After so many looks at what is new it looks at what has come since the look before that, which
are answers that are kept; after so many of those at everything. After ten of each, as it is by
default, the middle look took as long as an answer."""


def settle() -> None:
    """Never look again at what there is: the program itself, made at the start; and look less often
    at what comes.

    To be called when a process is about to begin its work. Looking through all of it took tens of
    milliseconds every few seconds, while everybody waited.
    """
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS_MAX, *LOOKS_MAX)
