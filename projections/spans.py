"""The ranges of positions and of moments in which each version of a claim was believed; pure, never
any I/O.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise

import msgspec

from domain.events import Recorded
from projections.histories import Version, fold


class Span(msgspec.Struct, frozen=True, gc=False):
    """A version with the ends of its ranges; both None while no later one follows.

    It is believed from `version.position` up to, not including, `position_to`; by the second clock
    from `version.known_from` up to `known_to`, which is an empty range where the next version
    counts as known since the same moment.
    """

    version: Version
    position_to: int | None = None
    known_to: datetime | None = None


class Advance(msgspec.Struct, frozen=True):
    """What some events change: versions that `opened` and earlier ones that now are `closed`."""

    opened: list[Span]
    closed: list[Span]


def spans(history: Sequence[Version]) -> list[Span]:
    """Every version of one claim with the ends that the next one gives it."""
    ends = [Span(one, after.position, after.known_from) for one, after in pairwise(history)]
    return [*ends, Span(history[-1])] if history else []


def advance(heads: Mapping[str, Version], events: Iterable[Recorded]) -> Advance:
    """What `events` change, given the current versions of what they touch (see
    `histories.fold`)."""
    current = dict(heads)
    chains: dict[str, list[Version]] = {}
    for recorded in events:
        for version in fold(current, recorded):
            claim = version.claim.id
            if claim not in chains:
                chains[claim] = [current[claim]] if claim in current else []
            chains[claim].append(version)
            current[claim] = version
    opened: list[Span] = []
    closed: list[Span] = []
    for claim, chain in chains.items():
        made = spans(chain)
        is_known = claim in heads
        closed += made[:is_known]
        opened += made[is_known:]
    return Advance(opened, closed)
