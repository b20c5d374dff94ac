"""What every page offers by itself: its keys, and comparisons worth a look; a table, without any
logic."""

from typing import Final

from services.dashboard.language import word

KEYS: Final = (
    (("/", "Ctrl K"), word("search, or jump to a page, a government or a claim")),
    (("j", "k"), word("the next, the one before: in the queue of Review, and in lists")),
    (("a",), word("Review: accept, then Enter records it")),
    (("r",), word("Review: reject, and say why")),
    (("c",), word("Review: contest, and say why")),
    (("s",), word("Review: the first likely duplicate is the same happening")),
    (("?",), word("these keys")),
    (("Esc",), word("close what is open")),
    (("Esc Esc",), word("leave quickly")),
)
"""Keys and what they do, as the page about them says it."""
COMPARISONS: Final = (
    (word("26 and 27 December 2025"), (("on", "2025-12-27"), ("vs_on", "2025-12-26"))),
    (
        word("the Baltic exits as known then and now"),
        (("on", "2025-12-27"), ("vs_on", "2025-12-27"), ("vs_known_at", "2025-12-05")),
    ),
)
"""Comparisons that the empty page offers, as words and query pairs."""
