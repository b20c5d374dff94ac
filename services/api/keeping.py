"""Keeps pages as they were drawn, for who asks for the same again; it never draws one, and never
says how long one is right, which its key does."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Final

import msgspec

PAGE_BYTES: Final = 1024
"""What a page takes besides its bytes, about."""


class Kept(msgspec.Struct, frozen=True):
    """A page as it is sent, and the position it stands for."""

    position: int
    body: bytes


class KeptPages:
    """Pages of one process, up to so many bytes; those asked for last stay longest."""

    def __init__(self, bytes_max: int) -> None:
        self.bytes_max, self.size_bytes = bytes_max, 0
        self._pages: OrderedDict[Hashable, Kept] = OrderedDict()

    def recall(self, key: Hashable) -> Kept | None:
        """The page kept under a key; None where there is none."""
        if key in self._pages:
            self._pages.move_to_end(key)
        return self._pages.get(key)

    def keep(self, key: Hashable, page: Kept) -> None:
        """Keep a page, and let those go that nobody asked for longest."""
        if (held := self._pages.pop(key, None)) is not None:
            self.size_bytes -= _bytes_of(held)
        self._pages[key] = page
        self.size_bytes += _bytes_of(page)
        while self.size_bytes > self.bytes_max:
            self.size_bytes -= _bytes_of(self._pages.popitem(last=False)[1])


def _bytes_of(page: Kept) -> int:
    return PAGE_BYTES + len(page.body)
