"""How claims that were declared the same hang together; it declares and separates nothing."""

from collections.abc import Collection, Iterator, Mapping
from functools import reduce
from typing import Final

import msgspec

from domain.errors import Said

Links = Mapping[str, Collection[str]]
"""Claim -> those that it is declared the same as; both name each other."""
Pair = tuple[str, str]
JOINED_CLAIMS_MAX: Final = 1000
"""So many claims of a group are looked at to tell how two of them are joined."""


def chain(links: Links, first: str, second: str) -> list[Pair]:
    """The fewest declarations that lead from one claim to another, in order; none where none do."""
    came_from = _reached(links, first)
    return list(_back(came_from, second)) if second in came_from else []


def parting(links: Links, first: str, second: str) -> list[Pair]:
    """The fewest declarations whose taking back parts two claims.

    Every way that shares no declaration with another needs one of its own: so many there are, and
    they lie where what can still be reached from the first ends (maximum flow, minimum cut).
    """
    room = {(claim, other): 1 for claim, others in links.items() for other in others}
    while way := chain(_open(room), first, second):
        for one, other in way:
            room[one, other] -= 1
            room[other, one] += 1
    reached = _reached(_open(room), first)
    return sorted((a, b) for a in reached for b in links[a] if b not in reached)


class Joined(msgspec.Struct, frozen=True):
    """How two claims are joined that are not declared the same themselves: `way`, the fewest
    declarations from one to the other; `parted`: those to take back so that nothing joins them,
    any one of them or, where `is_all`, all."""

    way: tuple[Pair, ...]
    parted: tuple[Pair, ...]
    is_all: bool


def joined(links: Links, first: str, second: str) -> Joined | None:
    """How declarations join two claims; None where they do not."""
    way = tuple(chain(links, first, second))
    if not way:
        return None
    cut = parting(links, first, second)
    if len(cut) > 1:
        return Joined(way, tuple(cut), is_all=True)
    alone = (pair for pair in way if not chain(_without(links, pair), first, second))
    return Joined(way, tuple(alone), is_all=False)


def how_joined(links: Links, first: str, second: str) -> Said | None:
    """The same in words, for who would separate the two."""
    found = joined(links, first, second)
    if found is None:
        return None
    pairs = map(_from, found.parted)
    if found.is_all:
        parted = reduce(lambda a, b: Said("{one} and {two}", one=a, two=b), pairs)
    else:
        parted = reduce(lambda a, b: Said("{one} or {two}", one=a, two=b), pairs)
    told = reduce(lambda a, b: Said("{one}, {two}", one=a, two=b), map(_same, found.way))
    return Said(
        "it is declared the same as {other!r} through others alone ({way}); separate {parted}",
        other=second,
        way=told,
        parted=parted,
    )


def _reached(links: Links, first: str) -> dict[str, str]:
    """Every claim that declarations lead to from the first, nearest first, and the one before it on
    the way."""
    came_from: dict[str, str] = {first: first}
    waiting = [first]
    for claim in waiting:
        for other in sorted(links.get(claim, ())):
            if other not in came_from:
                came_from[other] = claim
                waiting.append(other)
    return came_from


def _back(came_from: Mapping[str, str], last: str) -> Iterator[Pair]:
    pairs = []
    while came_from[last] != last:
        pairs.append((came_from[last], last))
        last = came_from[last]
    return reversed(pairs)


def _open(room: Mapping[Pair, int]) -> Links:
    found: dict[str, set[str]] = {}
    for (one, other), left in room.items():
        if left:
            found.setdefault(one, set()).add(other)
    return found


def _without(links: Links, pair: Pair) -> Links:
    one, other = pair
    return {
        **links,
        one: set(links[one]) - {other},
        other: set(links[other]) - {one},
    }


def _same(pair: Pair) -> Said:
    return Said("{one!r} the same as {two!r}", one=pair[0], two=pair[1])


def _from(pair: Pair) -> Said:
    return Said("{one!r} from {two!r}", one=pair[0], two=pair[1])
