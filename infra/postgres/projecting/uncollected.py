"""Spares long work the collector's looks at what it makes; it lets nothing go itself."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

PAGES_UNCOLLECTED_MAX: Final = 64
"""After so many pages the collector looks at what came meanwhile."""


@contextmanager
def uncollected() -> Iterator[Callable[[], None]]:
    """Let nobody look for what refers to itself at every few thousand new objects: what folds make
    never does, and up to a seventh of their time went into looking. What this gives is to be called
    after each page."""
    pages = 0

    def look_through() -> None:
        nonlocal pages
        pages += 1
        if pages % PAGES_UNCOLLECTED_MAX == 0:
            gc.collect(0)

    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield look_through
    finally:
        if was_enabled:
            gc.enable()
