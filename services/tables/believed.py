"""A workspace's claims as believed at a moment, one JSON object a line, read from the events; it
writes no file.

Importing what it gives into an empty workspace makes the same claims with the same statuses,
sameness and standings; into the same workspace, it changes nothing.
"""

from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from typing import Any, Final

import msgspec

from domain.clocks import KnownAt, reached
from domain.events import WORDS, SignatoryWithdrawn, claim_json
from projections.claims import VERDICTS
from projections.histories import Version
from services.house import House
from services.tables.unfolding import unfolded
from services.wiring import ClaimFilter, Cursor

LISTED_CLAIMS: Final = 500
"""So many claims of a list are read at a time."""
REASON_CHARS_MAX: Final = 400
"""What a claim's `status_reason` may hold; a longer one is cut and ends in an ellipsis."""


class _Kept(msgspec.Struct):
    """The version believed of one claim, since when the claim was known, why it has its status,
    and since when each withdrawal of a signatory was known."""

    version: Version
    known_since: datetime
    reason: str | None = None
    withdrawn_since: dict[str, datetime] = {}


async def believed_claims(
    house: House, workspace: str, known_at: KnownAt
) -> AsyncIterator[tuple[int, list[dict[str, Any]]]]:
    """The claims believed at `known_at` as export writes them, in the order in which they were
    recorded, some at a time, each time with how far the log is read; InvalidQuestion when it has
    not reached `known_at`."""
    until = await reach(house, workspace, known_at)
    async for position, histories in unfolded(house, workspace, until):
        claims = Claims(until)
        for history in histories.values():
            for version in history:
                if known_at.moment is None or version.known_from <= known_at.moment:
                    claims.take(version)
        yield position, list(claims.plains())


async def reach(house: House, workspace: str, known_at: KnownAt) -> int:
    """The last position to read for `known_at`; InvalidQuestion when the log has not reached it."""
    return reached(known_at, await house.store.head(workspace))


async def listed_claims(
    house: House, workspace: str, known_at: KnownAt, filter_: ClaimFilter, *, oldest: bool = False
) -> AsyncIterator[tuple[int, list[dict[str, Any]]]]:
    """The claims that a filter lets through as export writes them, in the order of the list, some
    at a time, each time with the position they are all read at; asked of the views."""
    after: Cursor | None = None
    pinned, position = known_at, 0
    while True:
        at, versions, after = await house.views.claims(
            workspace, pinned, filter_, after=after, limit=LISTED_CLAIMS, oldest=oldest
        )
        if not position:
            position = at
            if known_at.position is None and known_at.moment is None:
                pinned = KnownAt(position=at)
        until = position if known_at.position is None else min(position, known_at.position)
        names = [version.claim.id for version in versions]
        claims = Claims(position)
        for version in await house.views.histories_of(workspace, names, until):
            if known_at.moment is None or version.known_from <= known_at.moment:
                claims.take(version)
        yield position, [plain for name in names if (plain := claims.of(name)) is not None]
        if after is None:
            return


class Claims:
    """Claims believed at one position, in the order in which they were recorded."""

    def __init__(self, position: int) -> None:
        self.position = position
        self._kept: dict[str, _Kept] = {}

    def take(self, version: Version) -> None:
        """Believe a version, which follows those of its claim that were taken before."""
        held = self._kept.get(version.claim.id)
        if held is None:
            self._kept[version.claim.id] = _Kept(version, version.known_from)
            return
        held.version = version
        if version.event in VERDICTS:
            held.reason = version.reason
        elif version.event == WORDS[SignatoryWithdrawn]:
            held.withdrawn_since[version.withdrawn[-1].key] = version.known_from

    def plains(self) -> Iterator[dict[str, Any]]:
        """The claims as their submitters send them, with what the desk decided."""
        for kept in self._kept.values():
            yield _plain(kept)

    def lines(self) -> Iterator[bytes]:
        """One line of JSON per claim, each ending in a line feed."""
        for plain in self.plains():
            yield msgspec.json.encode(plain) + b"\n"

    def of(self, claim: str) -> dict[str, Any] | None:
        """One of the claims, None where it is not believed."""
        kept = self._kept.get(claim)
        return None if kept is None else _plain(kept)


def _plain(kept: _Kept) -> dict[str, Any]:
    version = kept.version
    plain = claim_json(version.claim)
    plain["known_since"] = kept.known_since
    if version.status != "accepted":
        plain["status"] = version.status
        if kept.reason:
            plain["status_reason"] = _cut(kept.reason)
    for name, value in (
        ("contested_by", version.contested_by),
        ("status_sources", version.decision_sources),
        ("superseded_by", version.superseded_by),
        ("withdrawn", version.withdrawn),
        ("withdrawn_since", [kept.withdrawn_since[one.key] for one in version.withdrawn]),
    ):
        if value:
            plain[name] = msgspec.to_builtins(value)
    if version.same:
        plain["same_as"] = version.same
    return plain


def _cut(reason: str) -> str:
    if len(reason) <= REASON_CHARS_MAX:
        return reason
    return reason[: REASON_CHARS_MAX - 1] + "…"
