"""The claims of a log unfolded from its events, those of some recordings at a time: what else was
decided about them is looked up by their tags; no view is read, and the log is never held whole."""

from collections.abc import AsyncIterator
from typing import Final

from domain.events import Recorded
from domain.kinds import ClaimRecorded
from projections.histories import Version, fold_all, touched_by
from services.house import House

CLAIMS_AT_ONCE: Final = 1_000
"""From so many claims on, those read together are folded and let go."""


async def unfolded(
    house: House, workspace: str, until: int
) -> AsyncIterator[tuple[int, dict[str, list[Version]]]]:
    """Every claim that was recorded up to a position, some at a time in the order of recording,
    with its versions up to there; and up to where the log is read. Beside those at hand no more is
    held than what was ever declared the same as any of them. What is at hand of them is not looked
    up again."""
    claims: list[str] = []
    held: list[Recorded] = []
    async for some in house.store.recorded(workspace, until=until):
        claims += [one.event.claim for one in some if isinstance(one.event, ClaimRecorded)]
        held += some
        if len(claims) >= CLAIMS_AT_ONCE or some[-1].position == until:
            end, sought = some[-1].position, set(claims)
            about = [one for one in held if not sought.isdisjoint(touched_by(one.event))]
            events = await house.store.about(workspace, claims, until, held=about, after=end)
            histories = fold_all(events)
            yield end, {claim: histories[claim] for claim in claims}
            claims, held = [], []
