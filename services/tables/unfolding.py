"""The claims of a log unfolded from its events, those of some recordings at a time: what else was
decided about them is looked up by their tags; no view is read, and the log is never held whole."""

from collections.abc import AsyncIterator, Iterable
from typing import Final

from domain.dcb import DCBQuery, DCBQueryItem
from domain.events import ClaimsDeclaredSame, ClaimsSeparated, Recorded, claim_tag
from domain.kinds import ClaimRecorded
from projections.histories import Version, fold_all
from services.recording import opened
from services.wiring import House

CLAIMS_AT_ONCE: Final = 1_000
"""From so many claims on, those read together are folded and let go."""


async def unfolded(
    house: House, workspace: str, until: int
) -> AsyncIterator[tuple[int, dict[str, list[Version]]]]:
    """Every claim that was recorded up to a position, some at a time in the order of recording,
    with its versions up to there; and up to where the log is read. Beside those at hand no more is
    held than what was ever declared the same as any of them."""
    claims: list[str] = []
    async for some in house.store.recorded(workspace, until=until):
        claims += [one.event.claim for one in some if isinstance(one.event, ClaimRecorded)]
        if len(claims) >= CLAIMS_AT_ONCE or some[-1].position == until:
            histories = fold_all(await _about(house, workspace, claims, until))
            yield some[-1].position, {claim: histories[claim] for claim in claims}
            claims = []


async def _about(house: House, workspace: str, claims: Iterable[str], until: int) -> list[Recorded]:
    """Every event about some claims, and about what was ever declared the same as them, in
    order."""
    found: dict[int, Recorded] = {}
    known, asked = set[str](), set(claims)
    while asked:
        query = DCBQuery([DCBQueryItem(tags=[claim_tag(claim)]) for claim in sorted(asked)])
        batch = await house.store.read(workspace, query)
        known |= asked
        asked = set()
        for stored in batch.events:
            if stored.position > until or stored.position in found:
                continue
            found[stored.position] = one = opened(stored)
            if isinstance(one.event, ClaimsDeclaredSame | ClaimsSeparated):
                asked |= {one.event.claim, one.event.other} - known
    return [found[position] for position in sorted(found)]
