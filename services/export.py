"""A workspace's claims as believed at a moment, one JSON object a line, read from the events; it
writes no file.

Importing what it gives into an empty workspace makes the same claims with the same statuses,
sameness and standings; into the same workspace, it changes nothing.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

import msgspec

from domain.clocks import KnownAt
from domain.errors import InvalidQuestion
from domain.events import claim_json
from projections.claims import VERDICTS
from projections.histories import Version, fold
from services.wiring import House

REASON_CHARS_MAX: Final = 400
"""What a claim's `status_reason` may hold; a longer one is cut and ends in an ellipsis."""


class _Kept(msgspec.Struct):
    """The version believed of one claim, since when the claim was known, and why it has its
    status."""

    version: Version
    known_since: datetime
    reason: str | None = None


async def believed_claims(house: House, workspace: str, known_at: KnownAt) -> "Claims":
    """The claims believed at `known_at`; InvalidQuestion when the log has not reached it."""
    head = await house.store.head(workspace)
    if known_at.position is not None and known_at.position > head:
        detail = f"the log has reached position {head}"
        raise InvalidQuestion(parameter="known_at", value=str(known_at), detail=detail)
    until = head if known_at.position is None else known_at.position
    current: dict[str, Version] = {}
    claims = Claims(until)
    async for page in house.store.recorded(workspace, until=until):
        for event in page:
            for version in fold(current, event):
                current[version.claim.id] = version
                if known_at.moment is None or version.known_from <= known_at.moment:
                    claims.take(version)
    return claims


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

    def __len__(self) -> int:
        return len(self._kept)

    def lines(self) -> Iterator[bytes]:
        """One line of JSON per claim, each ending in a line feed."""
        for kept in self._kept.values():
            yield msgspec.json.encode(_plain(kept)) + b"\n"


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
    ):
        if value:
            plain[name] = value
    if version.same:
        plain["same_as"] = version.same
    return plain


def _cut(reason: str) -> str:
    if len(reason) <= REASON_CHARS_MAX:
        return reason
    return reason[: REASON_CHARS_MAX - 1] + "…"
