"""The addresses that templates write: other pages with the clocks of this one, and this page with
something else chosen; it never decides what lies there."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from services.dashboard.clocks import Clocks, Pairs, address
from services.dashboard.frame import COMPARE_PATH, Frame, Link

NOW: Final = Clocks()
SLIDE_DAYS: Final = 1096
SLIDE_AHEAD_DAYS: Final = 183


def href(
    frame: Frame, path: str, pairs: tuple[tuple[str, str], ...] = (), fragment: str = ""
) -> str:
    """An address of our own host with the clocks of the page."""
    return _address(frame, path, frame.clocks, pairs, fragment)


def link_href(frame: Frame | None, link: Link) -> str:
    """Where a link leads: with the clocks of the page, or with its own when it is pinned or stands
    on a page without a frame."""
    if link.pinned or frame is None:
        return address(link.path, NOW, link.pairs, link.fragment)
    return _address(frame, link.path, frame.clocks, link.pairs, link.fragment)


def event_href(frame: Frame, claim: str | None) -> str:
    """This page with one claim opened, or with none; filters and clocks stay."""
    kept = [pair for pair in frame.pairs if pair[0] != "event"]
    if claim is None:
        return _address(frame, frame.path, frame.clocks, kept)
    return _address(frame, frame.path, frame.clocks, [*kept, ("event", claim)], "evidence")


def with_href(frame: Frame, name: str, value: str, fragment: str = "") -> str:
    """This page with one pair of its query set, or left out where it is empty; a list that is put
    in another order begins anew."""
    dropped = {name} | ({"cursor", "before"} if name == "order" else set())
    kept = [pair for pair in frame.pairs if pair[0] not in dropped]
    return _address(
        frame, frame.path, frame.clocks, [*kept, (name, value)] if value else kept, fragment
    )


def format_href(frame: Frame, form: str, also: Sequence[tuple[str, str]] = ()) -> str:
    """The file that holds what this page lists; `also` says which list, where it has several."""
    kept = [pair for pair in frame.pairs if pair[0] not in ("cursor", "before", "event")]
    return _address(frame, frame.path, frame.clocks, [*kept, *also, ("format", form)])


def at_href(frame: Frame, position: int) -> str:
    """This page as the log held it at a position."""
    return _address(
        frame, frame.path, Clocks(on=frame.clocks.on, known_at=f"seq:{position}"), frame.pairs
    )


def cell_href(frame: Frame, critic: str, target: str) -> str:
    """This page with one cell of the matrix opened, or with none."""
    kept = [pair for pair in frame.pairs if pair[0] not in ("critic", "target")]
    if not critic:
        return _address(frame, frame.path, frame.clocks, kept)
    return _address(
        frame, frame.path, frame.clocks, [*kept, ("critic", critic), ("target", target)], "cell"
    )


def day_href(frame: Frame, day: date) -> str:
    """This page on another day, known as before."""
    on = None if day == frame.today else day
    return _address(frame, frame.path, Clocks(on=on, known_at=frame.clocks.known_at), frame.pairs)


def swap_href(frame: Frame, other: Clocks) -> str:
    """The comparison the other way round: that moment as the page's own, this one beside it."""
    mine = frame.clocks
    on = (mine.on or frame.today).isoformat()
    known = (("vs_known_at", mine.known_at),) if mine.known_at else ()
    return _address(frame, frame.path, other, (("vs_on", on), *known))


def pinned_href(path: str, pairs: tuple[tuple[str, str], ...]) -> str:
    """An address with clocks of its own."""
    return address(path, NOW, pairs)


def compare_href(frame: Frame) -> str:
    """The comparison of this page's moment with one still to be named."""
    return _address(frame, COMPARE_PATH, frame.clocks)


def slide_start(frame: Frame) -> date:
    """Where the slider of the clocks begins: some years back, or further where the page is."""
    return min(frame.today, frame.clocks.on or frame.today) - timedelta(days=SLIDE_DAYS)


def slide_end(frame: Frame) -> date:
    """Where it ends: half a year ahead, so that what is expected can be seen."""
    return max(frame.today, frame.clocks.on or frame.today) + timedelta(days=SLIDE_AHEAD_DAYS)


def now_href(frame: Frame) -> str:
    """This page with both clocks at now."""
    return _address(frame, frame.path, NOW, frame.pairs)


def published_href(frame: Frame) -> str:
    """This page with its numbers by the published weights."""
    return address(frame.path, frame.clocks, frame.pairs)


def _address(frame: Frame, path: str, clocks: Clocks, pairs: Pairs = (), fragment: str = "") -> str:
    """An address with clocks, and with the set of weights that the page carries on."""
    return address(path, clocks, (*pairs, *frame.weighing_pairs), fragment)
