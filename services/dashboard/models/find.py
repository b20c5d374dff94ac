"""The model of the page Find, which the palette shows too: pages, governments and claims that fit
what was typed; pure, it never fetches."""

from collections.abc import Sequence
from typing import Final

import msgspec

from services.dashboard.frame import Frame, Link
from services.dashboard.models.claims import ListedClaim
from services.dashboard.states import GOVERNMENTS, in_order

PAGES_MAX: Final = 8
GOVERNMENTS_MAX: Final = 8


class FindPage(msgspec.Struct, frozen=True, kw_only=True):
    """What fits what was typed, in three lists."""

    frame: Frame
    q: str
    pages: tuple[Link, ...]
    governments: tuple[tuple[str, str], ...]
    claims: tuple[ListedClaim, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing fits."""
        return not (self.pages or self.governments or self.claims)


def fitting_pages(words: str, pages: Sequence[Link]) -> tuple[Link, ...]:
    """Pages with a word that begins as typed; all of them where nothing was."""
    asked = words.casefold().split()
    found = [
        page
        for page in pages
        if all(any(w.startswith(a) for w in page.label.casefold().split()) for a in asked)
    ]
    return tuple(found[:PAGES_MAX])


def fitting_governments(words: str, meant: str | None) -> tuple[tuple[str, str], ...]:
    """Governments by code or by a name that holds what was typed; the one `meant` comes first."""
    asked = words.casefold()
    if not asked:
        return ()
    found = [
        (code, name)
        for code, name in GOVERNMENTS.items()
        if code.casefold() == asked or in_order(asked) in in_order(name)
    ]
    found.sort(
        key=lambda pair: (not in_order(pair[1]).startswith(in_order(asked)), in_order(pair[1]))
    )
    if meant is not None:
        found = [(meant, GOVERNMENTS[meant]), *(pair for pair in found if pair[0] != meant)]
    return tuple(found[:GOVERNMENTS_MAX])
