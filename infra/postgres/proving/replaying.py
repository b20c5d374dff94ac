"""Replays the log for proofs, some events at a time, with what is current of the claims that they
touch; it holds few claims, however many there are."""

from collections.abc import AsyncIterator, Mapping, Sequence
from itertools import islice
from typing import Final

import msgspec

from domain.events import Recorded
from domain.kinds import ClaimRecorded
from infra.postgres.log.store import EventStore
from projections.histories import REGROUPING, Version, fold_all, touched_by
from projections.spans import Advance, advance

HEADS_MAX: Final = 5_000
"""Of how many claims the current version is held; of others it is folded anew from their events."""
REPLAYED_EVENTS: Final = 2000
"""How many events are replayed at a time: the more, the less often older ones are looked up."""


class Passage(msgspec.Struct, frozen=True):
    """Some events, the last of them at `position`; and the current versions before them of the
    claims that they touch but that were not held."""

    position: int
    events: list[Recorded]
    recalled: list[Version]


async def passages(
    store: EventStore, workspace: str, until: int, current: Mapping[str, Version]
) -> AsyncIterator[Passage]:
    """The events up to a position. `current`: the versions that are held, as they are by then."""
    async for page in store.pages(workspace, until=until, page_events=REPLAYED_EVENTS):
        events = [recorded for some in page.slices() for recorded in some]
        recalled: list[Version] = []
        if lacking := missing(current, events):
            histories = fold_all(await store.about(workspace, lacking, page.first - 1))
            lasts = [history[-1] for history in histories.values()]
            recalled = [version for version in lasts if version.claim.id not in current]
        yield Passage(page.last, events, recalled)


async def advances(
    store: EventStore, workspace: str, until: int
) -> AsyncIterator[tuple[int, Advance]]:
    """What the events up to a position change, some at a time, and how far that is."""
    current: dict[str, Version] = {}
    async for passage in passages(store, workspace, until, current):
        current |= {version.claim.id: version for version in passage.recalled}
        change = advance(current, passage.events)
        for span in change.opened:
            current.pop(span.version.claim.id, None)
            current[span.version.claim.id] = span.version
        yield passage.position, change
        for claim in list(islice(current, max(0, len(current) - HEADS_MAX))):
            del current[claim]


def missing(current: Mapping[str, Version], events: Sequence[Recorded]) -> set[str]:
    """The claims whose current versions these events need beside those that are held."""
    made = {one.event.claim for one in events if isinstance(one.event, ClaimRecorded)}
    found: set[str] = set()
    for recorded in events:
        if isinstance(recorded.event, ClaimRecorded):
            continue
        seen: set[str] = set()
        waiting = list(touched_by(recorded.event))
        while waiting:
            claim = waiting.pop()
            if claim in seen or claim in made:
                continue
            seen.add(claim)
            version = current.get(claim)
            if version is None:
                found.add(claim)
            elif isinstance(recorded.event, REGROUPING):
                waiting += version.same
    return found
